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
"getppid" 1.33082 2.77352 1.0051 1.01194 0.998747 1.00059 1.00383 1.00908 0.998747 0.998747
"read 1" 1.16865 1.91195 1.00689 1 1 1 1 1 1.00957 1
"write 1" 1.19217 2.03913 1 1 1 1 1 1 1 1
"stat" 1.03218 1.17434 1.00051 1.00425 1.00107 1.00615 1.00179 1.00427 1.00351 1.01422
"open close" 1.04232 1.2096 1.00423 1.0084 1.00345 1.00862 1.00254 1.00539 1.00388 1.01259
"signal install" 1.21081 2.09429 1 1 1 1 1 1 1 1
"signal deliver" 1.06997 1.32351 1.00613 1.00593 1.00252 1.00557 1.00161 1.00406 1.00335 1.01199
"clock gettime" 7.47755 13.121 6.27081 6.23326 6.20253 6.23493 1 1 1 1
"getcpu" 1.40793 3.2016 1 1 1 1 1 1 1 1
END
set datafile missing '-'
plot $data using 2:xtic(1) title "PV, Prism" fs solid 1.0 border lc rgb "#0072b2" lc rgb "#0072b2", $data using 3:xtic(1) title "PV, Xen" fs solid 1.0 border lc rgb "#0072b2" lc rgb "#9ec9e2", $data using 4:xtic(1) title "PVH, Prism" fs solid 1.0 border lc rgb "#d55e00" lc rgb "#d55e00", $data using 5:xtic(1) title "PVH, Xen" fs solid 1.0 border lc rgb "#d55e00" lc rgb "#efc29e", $data using 6:xtic(1) title "PVHVM, Prism" fs solid 1.0 border lc rgb "#009e73" lc rgb "#009e73", $data using 7:xtic(1) title "PVHVM, Xen" fs solid 1.0 border lc rgb "#009e73" lc rgb "#9edaca", $data using 8:xtic(1) title "PV I/O, Prism" fs solid 1.0 border lc rgb "#c4569b" lc rgb "#c4569b", $data using 9:xtic(1) title "PV I/O, Xen" fs solid 1.0 border lc rgb "#c4569b" lc rgb "#e9bfd9", $data using 10:xtic(1) title "HVM, Prism" fs solid 1.0 border lc rgb "#d9a400" lc rgb "#d9a400", $data using 11:xtic(1) title "HVM, Xen" fs solid 1.0 border lc rgb "#d9a400" lc rgb "#f1dc9e"
set terminal pngcairo size 1100,520 noenhanced font "sans,11"
set output "relative-calls.png"
replot
set output
