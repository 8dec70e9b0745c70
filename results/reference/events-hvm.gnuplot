set terminal svg size 1100,520 dynamic noenhanced font "sans-serif,13" background "white"
set output "events-hvm.svg"
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3 samplen 2
set style fill solid 1.0 noborder
set xtics rotate by -30
set title "Events of an operation: HVM, Prism"
set ylabel "events an operation"
$d0 << END
-0.300 0.012
0.700 0.74
1.700 37.2
2.700 36.389
3.700 0.0128
4.700 0.0112
5.700 1.0028
6.700 1.007
7.700 1.005
8.700 54.642
9.700 54.686
10.700 20.292
END
$d1 << END
1.800 0.28
8.800 300.7
9.800 300.69
10.800 119.62
END
$d2 << END
1.900 0.06
8.900 4.142
9.900 4.156
10.900 2.794
END
$d3 << END
2.000 0.12
9.000 314.18
10.000 314.18
11.000 119.14
END
$d4 << END
2.100 0.08
9.100 53.896
10.100 53.904
11.100 18
END
$d5 << END
1.200 0.24
2.200 0.42
3.200 0.13333
9.200 27.326
10.200 27.32
11.200 10.154
END
$d6 << END
9.300 26
10.300 26
11.300 9
END
set xtics ("mmap munmap" 0, "fork exit" 1, "fork exec" 2, "vfork exec" 3, "pipe trip" 4, "thread trip" 5, "cpuid" 6, "hpet read" 7, "pm timer read" 8, "read 4k" 9, "write 4k" 10, "net trip" 11)
set xrange [-0.6:11.6]
set logscale y
set format y "%g"
set yrange [0.01:*]
plot $d0 using 1:2 with impulses lw 2 lc rgb "#e09c95" notitle, $d0 using 1:2 with points pt 7 ps 0.9 lc rgb "#c0392b" title "VM exit and entry", $d1 using 1:2 with impulses lw 2 lc rgb "#92b8d1" notitle, $d1 using 1:2 with points pt 7 ps 0.9 lc rgb "#2471a3" title "SYSCALL and SYSRET", $d2 using 1:2 with impulses lw 2 lc rgb "#f2be90" notitle, $d2 using 1:2 with points pt 7 ps 0.9 lc rgb "#e67e22" title "interrupt gate and IRETQ", $d3 using 1:2 with impulses lw 2 lc rgb "#c6a2d6" notitle, $d3 using 1:2 with points pt 7 ps 0.9 lc rgb "#8e44ad" title "CR3 load", $d4 using 1:2 with impulses lw 2 lc rgb "#8ad0c2" notitle, $d4 using 1:2 with points pt 7 ps 0.9 lc rgb "#16a085" title "switch between vCPUs", $d5 using 1:2 with impulses lw 2 lc rgb "#bfc6c6" notitle, $d5 using 1:2 with points pt 7 ps 0.9 lc rgb "#7f8c8d" title "event or interrupt delivered", $d6 using 1:2 with impulses lw 2 lc rgb "#ead686" notitle, $d6 using 1:2 with points pt 7 ps 0.9 lc rgb "#d4ac0d" title "request to the device model"
set terminal pngcairo size 1100,520 noenhanced font "sans,11"
set output "events-hvm.png"
replot
set output
