set terminal svg size 1100,520 dynamic noenhanced font "sans-serif,13" background "white"
set output "relative-calls.svg"
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3
set style fill solid 1.0 noborder
set xtics rotate by -30
set title "Cost of system calls: instructions, with the bare machine as 1"
set ylabel "times the bare machine's"
set style data histogram
set style histogram clustered gap 1
set boxwidth 0.9
set logscale y 2
set format y "%gx"
set yrange [0.5:*]
set arrow from graph 0,first 1 to graph 1,first 1 nohead lc rgb "#000000" dt 2 front
$data << END
"getppid" 1.32508 2.77371 0.998792 1.00056 0.998792 0.998792 1.00428 1.00915 0.998792 1.00123
"read 1" 1.16567 1.91178 1 1 1 1 1 1 1 1
"write 1" 1.18877 2.03904 1 1 1 1 1 1 1 1
"stat" 1.03161 1.17586 1.00131 1.0051 1.00188 1.0063 1.0035 1.0045 1.00345 1.01319
"open close" 1.04309 1.21072 1.00281 1.00742 1.00394 1.0089 1.00411 1.00561 1.0042 1.01248
"signal install" 1.20726 2.09304 1 1 1 1 1 1 1 1
"signal deliver" 1.06891 1.32354 1.00181 1.00529 1.00184 1.0057 1.00159 1.01026 1.00312 1.01177
"clock gettime" 7.4546 13.1767 6.27035 6.23286 6.20334 6.23352 1 1 1 1
"getcpu" 1.40452 3.20066 1 1 1 1 1 1 1 1
END
set datafile missing '-'
plot $data using 2:xtic(1) title "PV, Prism" fs solid 1.0 border lc rgb "#0072b2" lc rgb "#0072b2", $data using 3:xtic(1) title "PV, Xen" fs solid 1.0 border lc rgb "#0072b2" lc rgb "#9ec9e2", $data using 4:xtic(1) title "PVH, Prism" fs solid 1.0 border lc rgb "#d55e00" lc rgb "#d55e00", $data using 5:xtic(1) title "PVH, Xen" fs solid 1.0 border lc rgb "#d55e00" lc rgb "#efc29e", $data using 6:xtic(1) title "PVHVM, Prism" fs solid 1.0 border lc rgb "#009e73" lc rgb "#009e73", $data using 7:xtic(1) title "PVHVM, Xen" fs solid 1.0 border lc rgb "#009e73" lc rgb "#9edaca", $data using 8:xtic(1) title "PV I/O, Prism" fs solid 1.0 border lc rgb "#c4569b" lc rgb "#c4569b", $data using 9:xtic(1) title "PV I/O, Xen" fs solid 1.0 border lc rgb "#c4569b" lc rgb "#e9bfd9", $data using 10:xtic(1) title "HVM, Prism" fs solid 1.0 border lc rgb "#d9a400" lc rgb "#d9a400", $data using 11:xtic(1) title "HVM, Xen" fs solid 1.0 border lc rgb "#d9a400" lc rgb "#f1dc9e"
set terminal pngcairo size 1100,520 noenhanced font "sans,11"
set output "relative-calls.png"
replot
set output
