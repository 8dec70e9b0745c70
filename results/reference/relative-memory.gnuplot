set terminal svg size 1100,520 dynamic noenhanced font "sans-serif,13" background "white"
set output "relative-memory.svg"
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3
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
"page fault" 1.72012 1.86925 1.00225 1.00657 1.00207 1.00734 0.999925 1.00545 1.00368 1.01484
"file fault" 2.11721 2.33536 0.995192 0.996089 0.995192 0.995192 1.00274 0.994706 0.994706 0.994706
"copy on write" 2.08913 2.22588 1.00897 1.01615 1.00879 1.01629 1.00909 1.01325 1.01186 1.02713
"mmap munmap" 1.35223 1.44078 1.00204 1.01896 1.00205 1.00645 1.00244 1.00466 1.00376 1.01464
"mprotect" 4.70839 6.18276 1.00235 1.00706 1.00257 1.00758 1.00195 1.00655 1.00406 1.01579
END
set datafile missing '-'
plot $data using 2:xtic(1) title "PV, Prism" fs solid 1.0 border lc rgb "#0072b2" lc rgb "#0072b2", $data using 3:xtic(1) title "PV, Xen" fs solid 1.0 border lc rgb "#0072b2" lc rgb "#9ec9e2", $data using 4:xtic(1) title "PVH, Prism" fs solid 1.0 border lc rgb "#d55e00" lc rgb "#d55e00", $data using 5:xtic(1) title "PVH, Xen" fs solid 1.0 border lc rgb "#d55e00" lc rgb "#efc29e", $data using 6:xtic(1) title "PVHVM, Prism" fs solid 1.0 border lc rgb "#009e73" lc rgb "#009e73", $data using 7:xtic(1) title "PVHVM, Xen" fs solid 1.0 border lc rgb "#009e73" lc rgb "#9edaca", $data using 8:xtic(1) title "PV I/O, Prism" fs solid 1.0 border lc rgb "#c4569b" lc rgb "#c4569b", $data using 9:xtic(1) title "PV I/O, Xen" fs solid 1.0 border lc rgb "#c4569b" lc rgb "#e9bfd9", $data using 10:xtic(1) title "HVM, Prism" fs solid 1.0 border lc rgb "#d9a400" lc rgb "#d9a400", $data using 11:xtic(1) title "HVM, Xen" fs solid 1.0 border lc rgb "#d9a400" lc rgb "#f1dc9e"
set terminal pngcairo size 1100,520 noenhanced font "sans,11"
set output "relative-memory.png"
replot
set output
