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
-0.292 0.01
0.708 0.56
1.708 36.74
2.708 36.32
3.708 0.0128
4.708 1.0024
5.708 2.018
6.708 2.036
7.708 2.748
END
$d1 << END
0.825 0.21333
1.825 0.24
2.825 0.34
3.825 0.0168
5.825 8.044
6.825 8.052
7.825 14.386
END
$d2 << END
0.942 0.026667
1.942 0.04
2.942 0.1
5.942 2.02
6.942 2.004
7.942 2.532
END
$d3 << END
1.058 0.12
2.058 0.12
3.058 0.12
6.058 3.018
7.058 3.026
8.058 8.392
END
$d4 << END
1.175 0.08
2.175 0.08
3.175 0.08
6.175 2.008
7.175 2.016
8.175 3.384
END
$d5 << END
1.292 0.30667
2.292 0.42
3.292 0.18
6.292 2.014
7.292 2.014
8.292 2.704
END
set xtics ("mmap munmap" 0, "fork exit" 1, "fork exec" 2, "vfork exec" 3, "thread trip" 4, "cpuid" 5, "read 4k" 6, "write 4k" 7, "net trip" 8)
set xrange [-0.6:8.6]
set logscale y
set format y "%g"
set yrange [0.01:*]
plot $d0 using 1:2 with impulses lw 2 lc rgb "#e09c95" notitle, $d0 using 1:2 with points pt 7 ps 0.9 lc rgb "#c0392b" title "VM exit and entry", $d1 using 1:2 with impulses lw 2 lc rgb "#92b8d1" notitle, $d1 using 1:2 with points pt 7 ps 0.9 lc rgb "#2471a3" title "SYSCALL and SYSRET", $d2 using 1:2 with impulses lw 2 lc rgb "#f2be90" notitle, $d2 using 1:2 with points pt 7 ps 0.9 lc rgb "#e67e22" title "interrupt gate and IRETQ", $d3 using 1:2 with impulses lw 2 lc rgb "#c6a2d6" notitle, $d3 using 1:2 with points pt 7 ps 0.9 lc rgb "#8e44ad" title "CR3 load", $d4 using 1:2 with impulses lw 2 lc rgb "#8ad0c2" notitle, $d4 using 1:2 with points pt 7 ps 0.9 lc rgb "#16a085" title "switch between vCPUs", $d5 using 1:2 with impulses lw 2 lc rgb "#bfc6c6" notitle, $d5 using 1:2 with points pt 7 ps 0.9 lc rgb "#7f8c8d" title "event or interrupt delivered"
set terminal pngcairo size 1100,520 noenhanced font "sans,11"
set output "events-pvh.png"
replot
set output
