set terminal svg size 1100,520 dynamic noenhanced font "sans-serif,13" background "white"
set output "events-pvhvm.svg"
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3 samplen 2
set style fill solid 1.0 noborder
set xtics rotate by -30
set title "Events of an operation: PVHVM, Prism"
set ylabel "events an operation"
$d0 << END
-0.292 0.01
0.708 0.52667
1.708 36.8
2.708 36.292
3.708 0.0104
4.708 1.0032
5.708 1.007
6.708 1.006
7.708 2.028
8.708 2.044
9.708 2.666
END
$d1 << END
0.825 0.13333
1.825 0.28
2.825 0.16667
7.825 8.04
8.825 8.048
9.825 14.67
END
$d2 << END
0.942 0.013333
1.942 0.06
2.942 0.033333
7.942 2
8.942 2.008
9.942 2.638
END
$d3 << END
1.058 0.08
2.058 0.12
3.058 0.075
8.058 3.018
9.058 3.026
10.058 8.25
END
$d4 << END
1.175 0.053333
2.175 0.08
3.175 0.05
8.175 2.012
9.175 2.016
10.175 3.24
END
$d5 << END
1.292 0.28
2.292 0.42
3.292 0.16667
8.292 2.01
9.292 2.016
10.292 2.636
END
set xtics ("mmap munmap" 0, "fork exit" 1, "fork exec" 2, "vfork exec" 3, "thread trip" 4, "cpuid" 5, "hpet read" 6, "pm timer read" 7, "read 4k" 8, "write 4k" 9, "net trip" 10)
set xrange [-0.6:10.6]
set logscale y
set format y "%g"
set yrange [0.01:*]
plot $d0 using 1:2 with impulses lw 2 lc rgb "#e09c95" notitle, $d0 using 1:2 with points pt 7 ps 0.9 lc rgb "#c0392b" title "VM exit and entry", $d1 using 1:2 with impulses lw 2 lc rgb "#92b8d1" notitle, $d1 using 1:2 with points pt 7 ps 0.9 lc rgb "#2471a3" title "SYSCALL and SYSRET", $d2 using 1:2 with impulses lw 2 lc rgb "#f2be90" notitle, $d2 using 1:2 with points pt 7 ps 0.9 lc rgb "#e67e22" title "interrupt gate and IRETQ", $d3 using 1:2 with impulses lw 2 lc rgb "#c6a2d6" notitle, $d3 using 1:2 with points pt 7 ps 0.9 lc rgb "#8e44ad" title "CR3 load", $d4 using 1:2 with impulses lw 2 lc rgb "#8ad0c2" notitle, $d4 using 1:2 with points pt 7 ps 0.9 lc rgb "#16a085" title "switch between vCPUs", $d5 using 1:2 with impulses lw 2 lc rgb "#bfc6c6" notitle, $d5 using 1:2 with points pt 7 ps 0.9 lc rgb "#7f8c8d" title "event or interrupt delivered"
set terminal pngcairo size 1100,520 noenhanced font "sans,11"
set output "events-pvhvm.png"
replot
set output
