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
-0.300 0.013
0.700 0.77333
1.700 37.2
2.700 36.36
3.700 0.012
4.700 0.0124
5.700 1.0031
6.700 1.0083
7.700 1.005
8.700 54.652
9.700 54.654
10.700 20.294
END
$d1 << END
1.800 0.72
8.800 300.77
9.800 300.7
10.800 119.63
END
$d2 << END
1.900 0.12
8.900 4.286
9.900 4.268
10.900 2.78
END
$d3 << END
2.000 0.42
9.000 314.26
10.000 314.24
11.000 119.13
END
$d4 << END
2.100 0.2
9.100 53.908
10.100 53.912
11.100 18
END
$d5 << END
1.200 0.24667
2.200 0.48
3.200 0.12
9.200 27.34
10.200 27.34
11.200 10.146
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
