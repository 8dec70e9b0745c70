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
-0.292 0.011
0.708 0.5
1.708 36.78
2.708 36.283
3.708 1.0028
4.708 1.006
5.708 1.007
6.708 2.01
7.708 2.032
8.708 2.738
END
$d1 << END
0.825 0.08
1.825 0.48
2.825 0.1
6.825 8.024
7.825 8.038
8.825 14.434
END
$d2 << END
0.942 0.013333
1.942 0.08
2.942 0.016667
6.942 2.03
7.942 2.008
8.942 2.546
END
$d3 << END
1.058 0.04
2.058 0.24
3.058 0.05
7.058 3.01
8.058 3.02
9.058 8.38
END
$d4 << END
1.175 0.026667
2.175 0.16
3.175 0.033333
7.175 2
8.175 2.012
9.175 3.372
END
$d5 << END
1.292 0.25333
2.292 0.46
3.292 0.15
7.292 2.01
8.292 2.012
9.292 2.698
END
set xtics ("mmap munmap" 0, "fork exit" 1, "fork exec" 2, "vfork exec" 3, "cpuid" 4, "hpet read" 5, "pm timer read" 6, "read 4k" 7, "write 4k" 8, "net trip" 9)
set xrange [-0.6:9.6]
set logscale y
set format y "%g"
set yrange [0.01:*]
plot $d0 using 1:2 with impulses lw 2 lc rgb "#e09c95" notitle, $d0 using 1:2 with points pt 7 ps 0.9 lc rgb "#c0392b" title "VM exit and entry", $d1 using 1:2 with impulses lw 2 lc rgb "#92b8d1" notitle, $d1 using 1:2 with points pt 7 ps 0.9 lc rgb "#2471a3" title "SYSCALL and SYSRET", $d2 using 1:2 with impulses lw 2 lc rgb "#f2be90" notitle, $d2 using 1:2 with points pt 7 ps 0.9 lc rgb "#e67e22" title "interrupt gate and IRETQ", $d3 using 1:2 with impulses lw 2 lc rgb "#c6a2d6" notitle, $d3 using 1:2 with points pt 7 ps 0.9 lc rgb "#8e44ad" title "CR3 load", $d4 using 1:2 with impulses lw 2 lc rgb "#8ad0c2" notitle, $d4 using 1:2 with points pt 7 ps 0.9 lc rgb "#16a085" title "switch between vCPUs", $d5 using 1:2 with impulses lw 2 lc rgb "#bfc6c6" notitle, $d5 using 1:2 with points pt 7 ps 0.9 lc rgb "#7f8c8d" title "event or interrupt delivered"
set terminal pngcairo size 1100,520 noenhanced font "sans,11"
set output "events-pvhvm.png"
replot
set output
