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
-0.292 0.56
0.708 36.78
1.708 36.28
2.708 0.0104
3.708 1.0032
4.708 2.016
5.708 2.03
6.708 2.688
END
$d1 << END
-0.175 0.21333
0.825 0.64
1.825 0.16
4.825 8.028
5.825 8.024
6.825 14.636
END
$d2 << END
-0.058 0.026667
0.942 0.16
1.942 0.04
4.942 2.014
5.942 2.01
6.942 2.618
END
$d3 << END
0.058 0.12
1.058 0.24
2.058 0.06
5.058 3.01
6.058 3.006
7.058 8.254
END
$d4 << END
0.175 0.08
1.175 0.16
2.175 0.04
5.175 2.004
6.175 2.004
7.175 3.248
END
$d5 << END
0.292 0.30667
1.292 0.46
2.292 0.14
5.292 2.006
6.292 2.004
7.292 2.64
END
set xtics ("fork exit" 0, "fork exec" 1, "vfork exec" 2, "thread trip" 3, "cpuid" 4, "read 4k" 5, "write 4k" 6, "net trip" 7)
set xrange [-0.6:7.6]
set logscale y
set format y "%g"
set yrange [0.01:*]
plot $d0 using 1:2 with impulses lw 2 lc rgb "#e09c95" notitle, $d0 using 1:2 with points pt 7 ps 0.9 lc rgb "#c0392b" title "VM exit and entry", $d1 using 1:2 with impulses lw 2 lc rgb "#92b8d1" notitle, $d1 using 1:2 with points pt 7 ps 0.9 lc rgb "#2471a3" title "SYSCALL and SYSRET", $d2 using 1:2 with impulses lw 2 lc rgb "#f2be90" notitle, $d2 using 1:2 with points pt 7 ps 0.9 lc rgb "#e67e22" title "interrupt gate and IRETQ", $d3 using 1:2 with impulses lw 2 lc rgb "#c6a2d6" notitle, $d3 using 1:2 with points pt 7 ps 0.9 lc rgb "#8e44ad" title "CR3 load", $d4 using 1:2 with impulses lw 2 lc rgb "#8ad0c2" notitle, $d4 using 1:2 with points pt 7 ps 0.9 lc rgb "#16a085" title "switch between vCPUs", $d5 using 1:2 with impulses lw 2 lc rgb "#bfc6c6" notitle, $d5 using 1:2 with points pt 7 ps 0.9 lc rgb "#7f8c8d" title "event or interrupt delivered"
set terminal pngcairo size 1100,520 noenhanced font "sans,11"
set output "events-pvh.png"
replot
set output
