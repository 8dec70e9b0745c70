set terminal svg size 1100,560 dynamic noenhanced font "sans-serif,13" background "white"
set output "events-pv-3.svg"
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3
set style fill solid 0.9 noborder
set xtics rotate by -30
set title "Events of an operation: PV, Prism"
set ylabel "events an operation"
$data << END
"vfork exec" 332.9 40.92 96.66 6.1 4.9 0.12 0.28
"pipe trip" 14.0128 2.0036 10.0052 - - - 0.0048
"thread trip" 12.0104 2.004 8.0044 - - - 0.004
"cpuid" - - - - - - -
"tsc read" - - - - - - -
"port read" - 1 2 - - - -
"read 4k" 17.166 4.088 6.018 - - 2.008 2.01
"write 4k" 17.128 4.064 6.028 - - 2.012 2.016
"net trip" 26.5017 4.28167 14.6683 - - 3.77 2.89833
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
set output "events-pv-3.png"
replot
set output
