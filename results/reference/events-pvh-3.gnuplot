set terminal svg size 1100,560 dynamic noenhanced font "sans-serif,13" background "white"
set output "events-pvh-3.svg"
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3
set style fill solid 0.9 noborder
set xtics rotate by -30
set title "Events of an operation: PVH, Prism"
set ylabel "events an operation"
$data << END
"vfork exec" 36.2667 0.116667 0.025 0.05 0.0333333 0.15
"pipe trip" 0.0096 - - - - 0.0032
"thread trip" 0.0088 - - - - 0.0032
"cpuid" 1.0024 - - - - 0.0004
"tsc read" - - - - - -
"port read" - - - - - -
"read 4k" 2.016 8.046 2.018 3.02 2.012 2.008
"write 4k" 2.04 8.066 2.004 3.032 2.02 2.014
"net trip" 2.844 14.132 2.424 8.546 3.54 2.778
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
set output "events-pvh-3.png"
replot
set output
