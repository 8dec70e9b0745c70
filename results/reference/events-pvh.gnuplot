set terminal svg size 1100,520 dynamic noenhanced font "sans-serif,13" background "white"
set output "events-pvh.svg"
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3
set style fill solid 1.0 noborder
set xtics rotate by -30
set title "Events of an operation: PVH, Prism"
set ylabel "events an operation"
$d0 << END
-0.292 0.58667
0.708 36.76
1.708 36.267
2.708 1.0024
3.708 2.016
4.708 2.04
5.708 2.844
END
$d1 << END
-0.175 0.38
0.825 0.24
1.825 0.11667
3.825 8.046
4.825 8.066
5.825 14.132
END
$d2 << END
-0.058 0.073333
0.942 0.04
1.942 0.025
3.942 2.018
4.942 2.004
5.942 2.424
END
$d3 << END
0.058 0.18
1.058 0.12
2.058 0.05
4.058 3.02
5.058 3.032
6.058 8.546
END
$d4 << END
0.175 0.12
1.175 0.08
2.175 0.033333
4.175 2.012
5.175 2.02
6.175 3.54
END
$d5 << END
0.292 0.32667
1.292 0.42
2.292 0.15
4.292 2.008
5.292 2.014
6.292 2.778
END
set xtics ("fork exit" 0, "fork exec" 1, "vfork exec" 2, "cpuid" 3, "read 4k" 4, "write 4k" 5, "net trip" 6)
set xrange [-0.6:6.6]
set logscale y
set format y "%g"
set yrange [0.01:*]
plot $d0 using 1:2 with impulses lw 2 lc rgb "#e09c95" notitle, $d0 using 1:2 with points pt 7 ps 0.9 lc rgb "#c0392b" title "VM exit and entry", $d1 using 1:2 with impulses lw 2 lc rgb "#92b8d1" notitle, $d1 using 1:2 with points pt 7 ps 0.9 lc rgb "#2471a3" title "SYSCALL and SYSRET", $d2 using 1:2 with impulses lw 2 lc rgb "#f2be90" notitle, $d2 using 1:2 with points pt 7 ps 0.9 lc rgb "#e67e22" title "interrupt gate and IRETQ", $d3 using 1:2 with impulses lw 2 lc rgb "#c6a2d6" notitle, $d3 using 1:2 with points pt 7 ps 0.9 lc rgb "#8e44ad" title "CR3 load", $d4 using 1:2 with impulses lw 2 lc rgb "#8ad0c2" notitle, $d4 using 1:2 with points pt 7 ps 0.9 lc rgb "#16a085" title "switch between vCPUs", $d5 using 1:2 with impulses lw 2 lc rgb "#bfc6c6" notitle, $d5 using 1:2 with points pt 7 ps 0.9 lc rgb "#7f8c8d" title "event or interrupt delivered"
set terminal pngcairo size 1100,520 noenhanced font "sans,11"
set output "events-pvh.png"
replot
set output
