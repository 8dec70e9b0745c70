set terminal svg size 1100,520 dynamic noenhanced font "sans-serif,13" background "white"
set output "relative-calls.svg"
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3 samplen 2
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
"getppid" 1.3308 2.77357 1.00771 0.99879 1.00462 1.01211 1.00466 1.00915 1.00726 1.00123
"read 1" 1.16865 1.9119 1 1 1 1.00236 1 1 1 1
"write 1" 1.19637 2.03874 1 1 1.00761 1 1 1 1 1
"stat" 1.0338 1.17239 1.00125 1.0051 1.00183 1.00595 1.00256 1.00427 1.00341 1.01304
"open close" 1.04301 1.20819 1.00356 1.00782 1.00272 1.01016 1.00423 1.00333 1.00359 1.01301
"signal install" 1.21081 2.0946 1 1 1 1 1 1 1 1
"signal deliver" 1.06989 1.32344 1.00164 1.00529 1.00177 1.00555 1.00155 1.00386 1.00326 1.01197
"clock gettime" 7.47682 13.1543 6.26989 6.29993 6.20181 6.23352 1 1 1 1
"getcpu" 1.41153 3.19926 1 1 1 1 1 1 1 1
END
set datafile missing '-'
plot $data using 2:xtic(1) title "PV, Prism" fs solid 1.0 border lc rgb "#0072b2" lc rgb "#0072b2", $data using 3:xtic(1) title "PV, Xen" fs solid 1.0 border lc rgb "#0072b2" lc rgb "#9ec9e2", $data using 4:xtic(1) title "PVH, Prism" fs solid 1.0 border lc rgb "#d55e00" lc rgb "#d55e00", $data using 5:xtic(1) title "PVH, Xen" fs solid 1.0 border lc rgb "#d55e00" lc rgb "#efc29e", $data using 6:xtic(1) title "PVHVM, Prism" fs solid 1.0 border lc rgb "#009e73" lc rgb "#009e73", $data using 7:xtic(1) title "PVHVM, Xen" fs solid 1.0 border lc rgb "#009e73" lc rgb "#9edaca", $data using 8:xtic(1) title "PV I/O, Prism" fs solid 1.0 border lc rgb "#c4569b" lc rgb "#c4569b", $data using 9:xtic(1) title "PV I/O, Xen" fs solid 1.0 border lc rgb "#c4569b" lc rgb "#e9bfd9", $data using 10:xtic(1) title "HVM, Prism" fs solid 1.0 border lc rgb "#d9a400" lc rgb "#d9a400", $data using 11:xtic(1) title "HVM, Xen" fs solid 1.0 border lc rgb "#d9a400" lc rgb "#f1dc9e"
set terminal pngcairo size 1100,520 noenhanced font "sans,11"
set output "relative-calls.png"
replot
set output
