set terminal svg size 1100,520 dynamic noenhanced font "sans-serif,13" background "white"
set output "relative-memory.svg"
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3 samplen 2
set style fill solid 1.0 noborder
set xtics rotate by -30
set title "Cost of memory: instructions, with the bare machine as 1"
set ylabel "times the bare machine's"
set style data histogram
set style histogram clustered gap 1
set boxwidth 0.9
set logscale y 2
set format y "%gx"
set yrange [0.5:*]
set arrow from graph 0,first 1 to graph 1,first 1 nohead lc rgb "#000000" dt 2 front
$data << END
"page fault" 1.72339 1.86542 1.00193 1.00658 1.00205 1.00673 1.00225 1.0055 1.00346 1.01403
"file fault" 2.12244 2.35005 1.00315 0.996162 0.99478 0.99478 0.99478 0.995266 0.994261 0.99478
"copy on write" 2.08465 2.22588 1.00951 1.01512 1.00936 1.01649 0.999942 1.0127 0.999811 1.0002
"mmap munmap" 1.35297 1.44394 1.00435 1.00792 1.00223 1.01164 1.00194 1.00573 1.00428 1.01575
"mprotect" 4.7117 6.19409 0.996383 1.00986 1.00245 1.00746 1.00259 1.00632 1.00441 1.01602
END
set datafile missing '-'
plot $data using 2:xtic(1) title "PV, Prism" fs solid 1.0 border lc rgb "#0072b2" lc rgb "#0072b2", $data using 3:xtic(1) title "PV, Xen" fs solid 1.0 border lc rgb "#0072b2" lc rgb "#9ec9e2", $data using 4:xtic(1) title "PVH, Prism" fs solid 1.0 border lc rgb "#d55e00" lc rgb "#d55e00", $data using 5:xtic(1) title "PVH, Xen" fs solid 1.0 border lc rgb "#d55e00" lc rgb "#efc29e", $data using 6:xtic(1) title "PVHVM, Prism" fs solid 1.0 border lc rgb "#009e73" lc rgb "#009e73", $data using 7:xtic(1) title "PVHVM, Xen" fs solid 1.0 border lc rgb "#009e73" lc rgb "#9edaca", $data using 8:xtic(1) title "PV I/O, Prism" fs solid 1.0 border lc rgb "#c4569b" lc rgb "#c4569b", $data using 9:xtic(1) title "PV I/O, Xen" fs solid 1.0 border lc rgb "#c4569b" lc rgb "#e9bfd9", $data using 10:xtic(1) title "HVM, Prism" fs solid 1.0 border lc rgb "#d9a400" lc rgb "#d9a400", $data using 11:xtic(1) title "HVM, Xen" fs solid 1.0 border lc rgb "#d9a400" lc rgb "#f1dc9e"
set terminal pngcairo size 1100,520 noenhanced font "sans,11"
set output "relative-memory.png"
replot
set output
