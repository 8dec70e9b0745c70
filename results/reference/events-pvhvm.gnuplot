set terminal svg size 1100,520 dynamic noenhanced font "sans-serif,13" background "white"
set output "events-pvhvm.svg"
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3
set style fill solid 1.0 noborder
set xtics rotate by -30
set title "Events of an operation: PVHVM, Prism"
set ylabel "events an operation"
$d0 << END
-0.292 0.50667
0.708 36.82
1.708 36.267
2.708 1.0024
3.708 1.008
4.708 1.005
5.708 2.018
6.708 2.024
7.708 2.846
END
$d1 << END
-0.175 0.10667
0.825 0.24
1.825 0.1
5.825 8.05
6.825 8.024
7.825 14.088
END
$d2 << END
-0.058 0.013333
0.942 0.04
1.942 0.016667
5.942 2.026
6.942 2.01
7.942 2.428
END
$d3 << END
0.058 0.06
1.058 0.12
2.058 0.05
6.058 3.024
7.058 3.002
8.058 8.564
END
$d4 << END
0.175 0.04
1.175 0.08
2.175 0.033333
6.175 2.016
7.175 2
8.175 3.552
END
$d5 << END
0.292 0.26667
1.292 0.42
2.292 0.15
6.292 2.008
7.292 2.004
8.292 2.792
END
set xtics ("fork exit" 0, "fork exec" 1, "vfork exec" 2, "cpuid" 3, "hpet read" 4, "pm timer read" 5, "read 4k" 6, "write 4k" 7, "net trip" 8)
set xrange [-0.6:8.6]
set logscale y
set format y "%g"
set yrange [0.01:*]
plot $d0 using 1:2 with impulses lw 2 lc rgb "#e09c95" notitle, $d0 using 1:2 with points pt 7 ps 0.9 lc rgb "#c0392b" title "VM exit and entry", $d1 using 1:2 with impulses lw 2 lc rgb "#92b8d1" notitle, $d1 using 1:2 with points pt 7 ps 0.9 lc rgb "#2471a3" title "SYSCALL and SYSRET", $d2 using 1:2 with impulses lw 2 lc rgb "#f2be90" notitle, $d2 using 1:2 with points pt 7 ps 0.9 lc rgb "#e67e22" title "interrupt gate and IRETQ", $d3 using 1:2 with impulses lw 2 lc rgb "#c6a2d6" notitle, $d3 using 1:2 with points pt 7 ps 0.9 lc rgb "#8e44ad" title "CR3 load", $d4 using 1:2 with impulses lw 2 lc rgb "#8ad0c2" notitle, $d4 using 1:2 with points pt 7 ps 0.9 lc rgb "#16a085" title "switch between vCPUs", $d5 using 1:2 with impulses lw 2 lc rgb "#bfc6c6" notitle, $d5 using 1:2 with points pt 7 ps 0.9 lc rgb "#7f8c8d" title "event or interrupt delivered"
set terminal pngcairo size 1100,520 noenhanced font "sans,11"
set output "events-pvhvm.png"
replot
set output
