set terminal svg size 1100,560 dynamic noenhanced font "sans-serif,13" background "white"
set output "events-pvhvm-2.svg"
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3
set style fill solid 0.9 noborder
set xtics rotate by -30
set title "Events of an operation: PVHVM, Prism"
set ylabel "events an operation"
$data << END
"page fault" 0.0018 0.0011 0.0002 0.0006 0.0004 0.001
"file fault" 0.001 - - - - 0.0004
"copy on write" 0.0028 - - - - 0.0012
"mmap munmap" 0.009 - - - - 0.004
"mprotect" 0.0044 0.006 0.0016 0.0024 0.0016 0.0024
"fork exit" 0.506667 0.106667 0.0133333 0.06 0.04 0.266667
"fork exec" 36.82 0.24 0.04 0.12 0.08 0.42
"vfork exec" 36.2667 0.1 0.0166667 0.05 0.0333333 0.15
"pipe trip" 0.0084 0.0048 0.0012 0.0012 0.0008 0.004
END
set datafile missing '-'
set style data histogram
set style histogram clustered gap 1
set boxwidth 0.9
set logscale y
set format y "%g"
set yrange [0.001:*]
plot $data using 2:xtic(1) title "VM exit and entry" lc rgb "#c0392b", $data using 3:xtic(1) title "SYSCALL and SYSRET" lc rgb "#2471a3", $data using 4:xtic(1) title "interrupt gate and IRETQ" lc rgb "#e67e22", $data using 5:xtic(1) title "CR3 load" lc rgb "#8e44ad", $data using 6:xtic(1) title "switch between vCPUs" lc rgb "#16a085", $data using 7:xtic(1) title "event or interrupt delivered" lc rgb "#7f8c8d"
set terminal pngcairo size 1100,560 noenhanced font "sans,11"
set output "events-pvhvm-2.png"
replot
set output
