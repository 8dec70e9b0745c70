set terminal svg size 1100,560 dynamic noenhanced font "sans-serif,13" background "white"
set output "events-pv-2.svg"
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3
set style fill solid 0.9 noborder
set xtics rotate by -30
set title "Events of an operation: PV, Prism"
set ylabel "events an operation"
$data << END
"getcpu" 2.00024 0.00016 2.0002 - - - 0.00012
"page fault" 2.0132 1.0033 2.0014 - - - 0.0014
"file fault" 2.018 1.004 2.0048 - - 0.0008 0.0016
"copy on write" 3.08133 2.02283 2.0285 1.00433 - 0.001 0.00316667
"mmap munmap" 7.03 2.012 6.012 1 - 0.004 0.008
"mprotect" 19.0372 0.012 2.008 16 - 0.0008 0.0072
"fork exit" 150.6 22.46 29.8267 5 5 0.186667 0.64
"fork exec" 499.84 60.24 120.9 11.08 9.92 0.08 0.78
END
set datafile missing '-'
set style data histogram
set style histogram clustered gap 1
set boxwidth 0.9
set logscale y
set format y "%g"
set yrange [0.001:*]
plot $data using 2:xtic(1) title "SYSCALL and SYSRET" lc rgb "#c0392b", $data using 3:xtic(1) title "interrupt gate and IRETQ" lc rgb "#2471a3", $data using 4:xtic(1) title "CR3 load" lc rgb "#e67e22", $data using 5:xtic(1) title "one-page TLB flush" lc rgb "#8e44ad", $data using 6:xtic(1) title "TLB flush" lc rgb "#16a085", $data using 7:xtic(1) title "switch between vCPUs" lc rgb "#7f8c8d", $data using 8:xtic(1) title "event or interrupt delivered" lc rgb "#d4ac0d"
set terminal pngcairo size 1100,560 noenhanced font "sans,11"
set output "events-pv-2.png"
replot
set output
