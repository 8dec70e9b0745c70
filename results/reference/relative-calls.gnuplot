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
"getppid" 1.33067 2.77384 1.00394 1.01407 1.00424 1.00062 1.00418 1.00866 0.99879 0.99879
"read 1" 1.16865 1.91187 1.00665 1 1 1.00236 1 1 1 1
"write 1" 1.19217 2.03894 1 1 1 1 1 1 1 1
"stat" 1.0321 1.1724 1.0004 1.00591 1.00353 1.00595 1.00086 1.00342 1.00344 1.01304
"open close" 1.04399 1.20506 1.00473 1.00731 1.00377 1.00556 1.00338 1.0065 1.00286 1.01431
"signal install" 1.22161 2.09298 1 1 1 1.0028 1 1 1 1
"signal deliver" 1.0699 1.32345 1.00176 1.00547 1.00166 1.00539 1.00173 1.00417 1.00311 1.01177
"clock gettime" 7.47674 13.1458 6.20174 6.30238 6.20204 6.23666 1 1 1 1
"getcpu" 1.41151 3.19921 1 1 1 1 1 1 1 1
END
set datafile missing '-'
plot $data using 2:xtic(1) title "PV, Prism" fs solid 1.0 border lc rgb "#0072b2" lc rgb "#0072b2", $data using 3:xtic(1) title "PV, Xen" fs solid 1.0 border lc rgb "#0072b2" lc rgb "#9ec9e2", $data using 4:xtic(1) title "PVH, Prism" fs solid 1.0 border lc rgb "#d55e00" lc rgb "#d55e00", $data using 5:xtic(1) title "PVH, Xen" fs solid 1.0 border lc rgb "#d55e00" lc rgb "#efc29e", $data using 6:xtic(1) title "PVHVM, Prism" fs solid 1.0 border lc rgb "#009e73" lc rgb "#009e73", $data using 7:xtic(1) title "PVHVM, Xen" fs solid 1.0 border lc rgb "#009e73" lc rgb "#9edaca", $data using 8:xtic(1) title "PV I/O, Prism" fs solid 1.0 border lc rgb "#c4569b" lc rgb "#c4569b", $data using 9:xtic(1) title "PV I/O, Xen" fs solid 1.0 border lc rgb "#c4569b" lc rgb "#e9bfd9", $data using 10:xtic(1) title "HVM, Prism" fs solid 1.0 border lc rgb "#d9a400" lc rgb "#d9a400", $data using 11:xtic(1) title "HVM, Xen" fs solid 1.0 border lc rgb "#d9a400" lc rgb "#f1dc9e"
set terminal pngcairo size 1100,520 noenhanced font "sans,11"
set output "relative-calls.png"
replot
set output
