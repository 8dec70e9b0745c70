set terminal svg size 1100,520 dynamic noenhanced font "sans-serif,13" background "white"
set output "events-pvh.svg"
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3 samplen 2
set style fill solid 1.0 noborder
set xtics rotate by -30
set title "Events of an operation: PVH, Prism"
set ylabel "events an operation"
$d0 << END
-0.292 0.53333
0.708 36.7
1.708 36.3
2.708 1.0024
3.708 2.016
4.708 2.044
5.708 2.672
END
$d1 << END
-0.175 0.16
0.825 0.24
1.825 0.24
3.825 8.028
4.825 8.052
5.825 14.65
END
$d2 << END
-0.058 0.026667
0.942 0.04
1.942 0.04
3.942 2.01
4.942 2.004
5.942 2.628
END
$d3 << END
0.058 0.08
1.058 0.12
2.058 0.12
4.058 3.01
5.058 3.024
6.058 8.27
END
$d4 << END
0.175 0.053333
1.175 0.08
2.175 0.08
4.175 2.004
5.175 2.016
6.175 3.256
END
$d5 << END
0.292 0.28
1.292 0.42
2.292 0.18
4.292 2.008
5.292 2.012
6.292 2.65
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
