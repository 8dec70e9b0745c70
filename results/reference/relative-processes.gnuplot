set terminal svg size 1100,520 dynamic noenhanced font "sans-serif,13" background "white"
set output "relative-processes.svg"
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3
set style fill solid 1.0 noborder
set xtics rotate by -30
set title "Cost of processes and switches: instructions, with the bare machine as 1"
set ylabel "times the bare machine's"
set style data histogram
set style histogram clustered gap 1
set boxwidth 0.9
set logscale y 2
set format y "%gx"
set yrange [0.5:*]
set arrow from graph 0,first 1 to graph 1,first 1 nohead lc rgb "#000000" dt 2 front
$data << END
"fork exit" 2.20561 3.49124 1.00442 1.0076 1.00303 1.01687 1.0028 1.00361 1.0016 1.01089
"fork exec" 2.14532 3.34237 1.06545 1.16348 1.06934 1.17794 1.06654 1.16841 1.06651 1.1761
"vfork exec" 1.9493 2.89091 1.20562 1.50907 1.2106 1.53124 1.21208 1.53053 1.20668 1.54363
"pipe trip" 1.50486 1.81275 1.02039 1.02493 1.02043 1.02533 1.00199 1.00517 1.0043 1.00712
"thread trip" 1.24304 1.53702 1.02026 1.0244 1.02025 1.02478 1.00214 1.00749 1.00229 1.01454
END
set datafile missing '-'
plot $data using 2:xtic(1) title "PV, Prism" fs solid 1.0 border lc rgb "#0072b2" lc rgb "#0072b2", $data using 3:xtic(1) title "PV, Xen" fs solid 1.0 border lc rgb "#0072b2" lc rgb "#9ec9e2", $data using 4:xtic(1) title "PVH, Prism" fs solid 1.0 border lc rgb "#d55e00" lc rgb "#d55e00", $data using 5:xtic(1) title "PVH, Xen" fs solid 1.0 border lc rgb "#d55e00" lc rgb "#efc29e", $data using 6:xtic(1) title "PVHVM, Prism" fs solid 1.0 border lc rgb "#009e73" lc rgb "#009e73", $data using 7:xtic(1) title "PVHVM, Xen" fs solid 1.0 border lc rgb "#009e73" lc rgb "#9edaca", $data using 8:xtic(1) title "PV I/O, Prism" fs solid 1.0 border lc rgb "#c4569b" lc rgb "#c4569b", $data using 9:xtic(1) title "PV I/O, Xen" fs solid 1.0 border lc rgb "#c4569b" lc rgb "#e9bfd9", $data using 10:xtic(1) title "HVM, Prism" fs solid 1.0 border lc rgb "#d9a400" lc rgb "#d9a400", $data using 11:xtic(1) title "HVM, Xen" fs solid 1.0 border lc rgb "#d9a400" lc rgb "#f1dc9e"
set terminal pngcairo size 1100,520 noenhanced font "sans,11"
set output "relative-processes.png"
replot
set output
