set terminal svg size 1100,560 dynamic noenhanced font "sans-serif,13" background "white"
set output "relative.svg"
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3
set style fill solid 0.9 noborder
set xtics rotate by -30
set title "Instructions of an operation, the bare machine's being 1"
set ylabel "times the bare machine's"
$data << END
"getppid" 1.32508 2.77371 1.00145 1.00056 0.998792 1.00567 1.00428 1.00915 0.998792 1.00495
"read 1" 1.16567 1.91178 1 1.00114 1 1 1 1.00156 1 1
"write 1" 1.18877 2.03904 1 1 1 1 1 1.00178 1 1
"stat" 1.03161 1.17586 1.00131 1.0051 1.00188 1.0063 1.0035 1.0045 1.00345 1.01319
"open close" 1.04309 1.21077 1.00281 1.00742 1.00394 1.0089 1.00411 1.00561 1.0042 1.01248
"signal install" 1.20726 2.09304 1 1 1 1 1 1 1 1
"signal deliver" 1.06891 1.32354 1.00181 1.00529 1.00184 1.0057 1.00159 1.01026 1.00312 1.01177
"clock gettime" 7.4546 13.1767 6.27035 6.23286 6.20334 6.23352 1 1 1 1
"getcpu" 1.40452 3.20066 1 1.0011 1 1.00114 1 1 1 1
"page fault" 1.72012 1.86925 1.00225 1.00657 1.00207 1.00734 0.999925 1.00545 1.00368 1.01484
END
set datafile missing '-'
set style data histogram
set style histogram clustered gap 1
set boxwidth 0.9
set logscale y 2
set format y "%gx"
set yrange [0.5:*]
set arrow from graph 0,first 1 to graph 1,first 1 nohead lc rgb "#000000" dt 2 front
plot $data using 2:xtic(1) title "PV, Prism" lc rgb "#2471a3", $data using 3:xtic(1) title "PV, Xen" lc rgb "#c0392b", $data using 4:xtic(1) title "PVH, Prism" lc rgb "#16a085", $data using 5:xtic(1) title "PVH, Xen" lc rgb "#e67e22", $data using 6:xtic(1) title "PVHVM, Prism" lc rgb "#8e44ad", $data using 7:xtic(1) title "PVHVM, Xen" lc rgb "#7f8c8d", $data using 8:xtic(1) title "PV I/O, Prism" lc rgb "#d4ac0d", $data using 9:xtic(1) title "PV I/O, Xen" lc rgb "#1b2631", $data using 10:xtic(1) title "HVM, Prism" lc rgb "#d98880", $data using 11:xtic(1) title "HVM, Xen" lc rgb "#a3e4d7"
set terminal pngcairo size 1100,560 noenhanced font "sans,11"
set output "relative.png"
replot
set output
