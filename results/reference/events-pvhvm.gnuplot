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
0.708 0.53333
1.708 36.78
2.708 36.292
3.708 1.0032
4.708 1.006
5.708 1.005
6.708 2.014
7.708 2.034
8.708 2.67
END
$d1 << END
0.825 0.30667
1.825 0.28
2.825 0.19167
6.825 8.036
7.825 8.048
8.825 14.66
END
$d2 << END
0.942 0.06
1.942 0.06
2.942 0.033333
6.942 2.01
7.942 2.008
8.942 2.626
END
$d3 << END
1.058 0.14
2.058 0.12
3.058 0.1
7.058 3.016
8.058 3.022
9.058 8.25
END
$d4 << END
1.175 0.093333
2.175 0.08
3.175 0.066667
7.175 2.008
8.175 2.012
9.175 3.244
END
$d5 << END
1.292 0.29333
2.292 0.42
3.292 0.16667
7.292 2.008
8.292 2.014
9.292 2.634
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
