set terminal svg size 1100,520 dynamic noenhanced font "sans-serif,13" background "white"
set output "events-pvio.svg"
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3 samplen 2
set style fill solid 1.0 noborder
set xtics rotate by -30
set title "Events of an operation: PV I/O, Prism"
set ylabel "events an operation"
$d0 << END
-0.292 0.013
0.708 0.82667
1.708 37.22
2.708 36.4
3.708 0.0116
4.708 0.0124
5.708 1.004
6.708 1.009
7.708 1.005
8.708 4.048
9.708 4.046
10.708 4.0667
END
$d1 << END
0.825 0.28
1.825 0.52
8.825 8.04
9.825 8.082
10.825 17.98
END
$d2 << END
0.942 0.06
1.942 0.08
8.942 2.008
9.942 2.018
10.942 3.9833
END
$d3 << END
1.058 0.12
2.058 0.3
9.058 3.016
10.058 3.046
11.058 7.0183
END
$d4 << END
1.175 0.08
2.175 0.2
9.175 2.008
10.175 2.024
11.175 2.0067
END
$d5 << END
1.292 0.29333
2.292 0.48
3.292 0.14
9.292 2.018
10.292 2.022
11.292 2.03
END
set xtics ("mmap munmap" 0, "fork exit" 1, "fork exec" 2, "vfork exec" 3, "pipe trip" 4, "thread trip" 5, "cpuid" 6, "hpet read" 7, "pm timer read" 8, "read 4k" 9, "write 4k" 10, "net trip" 11)
set xrange [-0.6:11.6]
set logscale y
set format y "%g"
set yrange [0.01:*]
plot $d0 using 1:2 with impulses lw 2 lc rgb "#e09c95" notitle, $d0 using 1:2 with points pt 7 ps 0.9 lc rgb "#c0392b" title "VM exit and entry", $d1 using 1:2 with impulses lw 2 lc rgb "#92b8d1" notitle, $d1 using 1:2 with points pt 7 ps 0.9 lc rgb "#2471a3" title "SYSCALL and SYSRET", $d2 using 1:2 with impulses lw 2 lc rgb "#f2be90" notitle, $d2 using 1:2 with points pt 7 ps 0.9 lc rgb "#e67e22" title "interrupt gate and IRETQ", $d3 using 1:2 with impulses lw 2 lc rgb "#c6a2d6" notitle, $d3 using 1:2 with points pt 7 ps 0.9 lc rgb "#8e44ad" title "CR3 load", $d4 using 1:2 with impulses lw 2 lc rgb "#8ad0c2" notitle, $d4 using 1:2 with points pt 7 ps 0.9 lc rgb "#16a085" title "switch between vCPUs", $d5 using 1:2 with impulses lw 2 lc rgb "#bfc6c6" notitle, $d5 using 1:2 with points pt 7 ps 0.9 lc rgb "#7f8c8d" title "event or interrupt delivered"
set terminal pngcairo size 1100,520 noenhanced font "sans,11"
set output "events-pvio.png"
replot
set output
