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
"getppid" 1.33069 2.77382 1.00493 1.01243 1.00425 1.01256 1.00418 1.00866 1.00725 0.99879
"read 1" 1.16865 1.91187 1 1 1.01138 1 1 1 1 1
"write 1" 1.19217 2.03894 1 1 1 1 1.0079 1 1 1
"stat" 1.03379 1.17286 1.00124 1.0068 1.00182 1.00595 1.0017 1.00343 1.0034 1.01304
"open close" 1.04207 1.20573 1.00351 1.00835 1.00296 1.00767 1.00426 1.00582 1.00171 1.01315
"signal install" 1.21081 2.09264 1 1 1 1 1 1 1 1
"signal deliver" 1.06989 1.32347 1.00175 1.00545 1.00177 1.00537 1.00172 1.00876 1.00325 1.01181
"clock gettime" 7.49356 13.1214 6.27087 6.30104 6.20175 6.24976 1 1 1 1
"getcpu" 1.40793 3.20359 1 1 1 1 1 1 1 1
END
set datafile missing '-'
plot $data using 2:xtic(1) title "PV, Prism" fs solid 1.0 border lc rgb "#0072b2" lc rgb "#0072b2", $data using 3:xtic(1) title "PV, Xen" fs solid 1.0 border lc rgb "#0072b2" lc rgb "#9ec9e2", $data using 4:xtic(1) title "PVH, Prism" fs solid 1.0 border lc rgb "#d55e00" lc rgb "#d55e00", $data using 5:xtic(1) title "PVH, Xen" fs solid 1.0 border lc rgb "#d55e00" lc rgb "#efc29e", $data using 6:xtic(1) title "PVHVM, Prism" fs solid 1.0 border lc rgb "#009e73" lc rgb "#009e73", $data using 7:xtic(1) title "PVHVM, Xen" fs solid 1.0 border lc rgb "#009e73" lc rgb "#9edaca", $data using 8:xtic(1) title "PV I/O, Prism" fs solid 1.0 border lc rgb "#c4569b" lc rgb "#c4569b", $data using 9:xtic(1) title "PV I/O, Xen" fs solid 1.0 border lc rgb "#c4569b" lc rgb "#e9bfd9", $data using 10:xtic(1) title "HVM, Prism" fs solid 1.0 border lc rgb "#d9a400" lc rgb "#d9a400", $data using 11:xtic(1) title "HVM, Xen" fs solid 1.0 border lc rgb "#d9a400" lc rgb "#f1dc9e"
set terminal pngcairo size 1100,520 noenhanced font "sans,11"
set output "relative-calls.png"
replot
set output
