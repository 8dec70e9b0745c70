set terminal svg size 1100,560 dynamic noenhanced font "sans-serif,13" background "white"
set output "relative-3.svg"
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3
set style fill solid 0.9 noborder
set xtics rotate by -30
set title "Instructions of an operation, the bare machine's being 1"
set ylabel "times the bare machine's"
$data << END
"timer interrupt" 3.59834 4.28987 7.58488 21.2442 7.62551 21.8513 7.33498 16.3828 13.4741 47.0101
"cpuid" 1 1 205.626 515.554 211.615 539.317 210.949 539.112 208.454 544.246
"tsc read" 1 1 1 1 1 1 1 1 1 1
"hpet read" - - - - 1528.75 4545.31 1526.05 4541.44 1532.1 4577.83
"pm timer read" - - - - 337.473 393.674 334.773 395.637 333.055 395.637
"port read" 269.221 368.853 1 1 1 1 1 1 1 1
"read 4k" 2.53516 3.67463 2.71276 5.97805 2.71672 6.17089 3.07779 4.98844 55.0345 95.1993
"write 4k" 2.2922 2.91202 2.4387 4.96422 2.43558 5.1188 2.74084 4.12025 46.1708 79.9636
"boot process" 1.73755 1.78469 0.834891 0.853971 0.914797 0.964994 0.935271 0.992341 0.986193 1.04384
"boot read" 1.41085 1.44785 0.772476 0.787717 0.899684 0.942198 0.913691 0.956337 0.936479 0.983209
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
set output "relative-3.png"
replot
set output
