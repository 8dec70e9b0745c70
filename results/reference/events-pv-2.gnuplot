set terminal svg size 1100,520 dynamic noenhanced font "sans-serif,13" background "white"
set output "events-pv-2.svg"
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3 samplen 2
set style fill solid 1.0 noborder
set xtics rotate by -30
set title "Events of an operation: PV, Prism"
set ylabel "events an operation"
$d0 << END
-0.300 3.016
0.700 7.02
1.700 19.039
2.700 151.27
3.700 501.26
4.700 332.34
5.700 14.02
6.700 12.012
8.700 17.18
9.700 17.116
10.700 26.552
END
$d1 << END
-0.200 2.0076
0.800 2.008
1.800 0.014
2.800 22.32
3.800 60.42
4.800 40.78
5.800 2.006
6.800 2.0036
7.800 1
8.800 4.09
9.800 4.052
10.800 4.315
END
$d2 << END
-0.100 2.0032
0.900 6.006
1.900 2.0092
2.900 29.733
3.900 121.14
4.900 96.44
5.900 10.007
6.900 8.004
7.900 2
8.900 6.024
9.900 6.022
10.900 14.63
END
$d3 << END
0.000 1.0012
1.000 1
2.000 16
3.000 5
4.000 11.12
5.000 6.08
END
$d4 << END
3.100 5
4.100 9.88
5.100 4.92
END
$d5 << END
3.200 0.14667
4.200 0.2
9.200 2.012
10.200 2.012
11.200 3.7467
END
$d6 << END
3.300 0.58667
4.300 0.82
5.300 0.2
9.300 2.012
10.300 2.01
11.300 2.8833
END
set xtics ("copy on write" 0, "mmap munmap" 1, "mprotect" 2, "fork exit" 3, "fork exec" 4, "vfork exec" 5, "pipe trip" 6, "thread trip" 7, "port read" 8, "read 4k" 9, "write 4k" 10, "net trip" 11)
set xrange [-0.6:11.6]
set logscale y
set format y "%g"
set yrange [0.01:*]
plot $d0 using 1:2 with impulses lw 2 lc rgb "#e09c95" notitle, $d0 using 1:2 with points pt 7 ps 0.9 lc rgb "#c0392b" title "SYSCALL and SYSRET", $d1 using 1:2 with impulses lw 2 lc rgb "#92b8d1" notitle, $d1 using 1:2 with points pt 7 ps 0.9 lc rgb "#2471a3" title "interrupt gate and IRETQ", $d2 using 1:2 with impulses lw 2 lc rgb "#f2be90" notitle, $d2 using 1:2 with points pt 7 ps 0.9 lc rgb "#e67e22" title "CR3 load", $d3 using 1:2 with impulses lw 2 lc rgb "#c6a2d6" notitle, $d3 using 1:2 with points pt 7 ps 0.9 lc rgb "#8e44ad" title "one-page TLB flush", $d4 using 1:2 with impulses lw 2 lc rgb "#8ad0c2" notitle, $d4 using 1:2 with points pt 7 ps 0.9 lc rgb "#16a085" title "TLB flush", $d5 using 1:2 with impulses lw 2 lc rgb "#bfc6c6" notitle, $d5 using 1:2 with points pt 7 ps 0.9 lc rgb "#7f8c8d" title "switch between vCPUs", $d6 using 1:2 with impulses lw 2 lc rgb "#ead686" notitle, $d6 using 1:2 with points pt 7 ps 0.9 lc rgb "#d4ac0d" title "event or interrupt delivered"
set terminal pngcairo size 1100,520 noenhanced font "sans,11"
set output "events-pv-2.png"
replot
set output
