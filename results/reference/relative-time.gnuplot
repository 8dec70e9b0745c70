set terminal svg size 1100,520 dynamic noenhanced font "sans-serif,13" background "white"
set output "relative-time.svg"
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3
set style fill solid 1.0 noborder
set xtics rotate by -30
set title "Cost of timers and instructions that may trap: instructions, with the bare machine as 1"
set ylabel "times the bare machine's"
set style data histogram
set style histogram clustered gap 1
set boxwidth 0.9
set logscale y 2
set format y "%gx"
set yrange [0.5:*]
set arrow from graph 0,first 1 to graph 1,first 1 nohead lc rgb "#000000" dt 2 front
$data << END
"sleep late" 2.40375 3.17813 3.3003 9.34533 4.48865 9.77245 2.84547 6.95233 5.2446 17.6576
"timer interrupt" 3.59788 4.28212 7.58488 21.2363 7.62551 21.4805 7.33432 16.3828 13.4741 46.0486
"cpuid" 1 1 205.626 515.554 211.615 539.317 210.949 539.112 208.454 544.246
"tsc read" 1 1 1 1 1 1 1 1 1 1
"hpet read" - - - - 1528.75 4545.31 1526.05 4541.44 1525.07 4577.83
"pm timer read" - - - - 337.473 393.674 334.773 395.637 333.055 395.637
"port read" 269.221 368.853 1 1 1 1 1 1 1 1
END
set datafile missing '-'
plot $data using 2:xtic(1) title "PV, Prism" fs solid 1.0 border lc rgb "#0072b2" lc rgb "#0072b2", $data using 3:xtic(1) title "PV, Xen" fs solid 1.0 border lc rgb "#0072b2" lc rgb "#9ec9e2", $data using 4:xtic(1) title "PVH, Prism" fs solid 1.0 border lc rgb "#d55e00" lc rgb "#d55e00", $data using 5:xtic(1) title "PVH, Xen" fs solid 1.0 border lc rgb "#d55e00" lc rgb "#efc29e", $data using 6:xtic(1) title "PVHVM, Prism" fs solid 1.0 border lc rgb "#009e73" lc rgb "#009e73", $data using 7:xtic(1) title "PVHVM, Xen" fs solid 1.0 border lc rgb "#009e73" lc rgb "#9edaca", $data using 8:xtic(1) title "PV I/O, Prism" fs solid 1.0 border lc rgb "#c4569b" lc rgb "#c4569b", $data using 9:xtic(1) title "PV I/O, Xen" fs solid 1.0 border lc rgb "#c4569b" lc rgb "#e9bfd9", $data using 10:xtic(1) title "HVM, Prism" fs solid 1.0 border lc rgb "#d9a400" lc rgb "#d9a400", $data using 11:xtic(1) title "HVM, Xen" fs solid 1.0 border lc rgb "#d9a400" lc rgb "#f1dc9e"
set terminal pngcairo size 1100,520 noenhanced font "sans,11"
set output "relative-time.png"
replot
set output
