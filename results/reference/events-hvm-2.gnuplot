set terminal svg size 1100,560 dynamic noenhanced font "sans-serif,13" background "white"
set output "events-hvm-2.svg"
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3
set style fill solid 0.9 noborder
set xtics rotate by -30
set title "Events of an operation: HVM, Prism"
set ylabel "events an operation"
$data << END
"page fault" 0.0027 - - 0.0008
"file fault" 0.0002 0.0008 0.0006 0.0002
"copy on write" 0.00433333 - - 0.00133333
"mmap munmap" 0.012 - - 0.004
"mprotect" 0.0036 - - 0.0012
"fork exit" 0.746667 - - 0.24
"fork exec" 37.16 - - 0.38
"vfork exec" 36.4 - - 0.128571
"pipe trip" 0.0128 0.0016 0.0012 0.0036
END
set datafile missing '-'
set style data histogram
set style histogram clustered gap 1
set boxwidth 0.9
set logscale y
set format y "%g"
set yrange [0.001:*]
plot $data using 2:xtic(1) title "VM exit and entry" lc rgb "#c0392b", $data using 3:xtic(1) title "SYSCALL and SYSRET" lc rgb "#2471a3", $data using 4:xtic(1) title "CR3 load" lc rgb "#e67e22", $data using 5:xtic(1) title "event or interrupt delivered" lc rgb "#8e44ad"
set terminal pngcairo size 1100,560 noenhanced font "sans,11"
set output "events-hvm-2.png"
replot
set output
