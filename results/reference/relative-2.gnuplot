set terminal svg size 1100,560 dynamic noenhanced font "sans-serif,13" background "white"
set output "relative-2.svg"
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3
set style fill solid 0.9 noborder
set xtics rotate by -30
set title "Instructions of an operation, the bare machine's being 1"
set ylabel "times the bare machine's"
$data << END
"file fault" 2.11721 2.33536 0.995192 0.996089 0.995192 0.995192 1.00274 0.994706 0.994706 0.994706
"copy on write" 2.10457 2.22588 1.00897 1.01615 1.00879 1.01629 1.00909 1.01353 1.01197 1.02713
"mmap munmap" 1.35223 1.44078 1.00204 1.01896 1.00205 1.00686 1.00244 1.00466 1.00376 1.01464
"mprotect" 4.70839 6.18276 1.00235 1.00706 1.00257 1.00758 1.00195 1.00655 1.00406 1.01636
"fork exit" 2.20561 3.49124 1.00442 1.0076 1.00303 1.01687 1.0028 1.00361 1.0016 1.01089
"fork exec" 2.14532 3.34237 1.06545 1.16348 1.06934 1.17794 1.06654 1.16841 1.06651 1.1761
"vfork exec" 1.9493 2.89091 1.2058 1.50967 1.21084 1.53124 1.21208 1.53105 1.20668 1.54363
"pipe trip" 1.50486 1.81275 1.02039 1.02493 1.02043 1.02533 1.00199 1.00517 1.0043 1.01128
"thread trip" 1.24304 1.53702 1.02026 1.0244 1.02025 1.02478 1.00214 1.00749 1.00229 1.01454
"sleep late" 2.4044 3.1635 3.92085 9.30948 4.46884 9.72957 2.83449 6.92034 5.22047 17.5763
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
set output "relative-2.png"
replot
set output
