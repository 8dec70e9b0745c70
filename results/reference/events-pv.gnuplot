set terminal svg size 1100,520 dynamic noenhanced font "sans-serif,13" background "white"
set output "events-pv.svg"
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3 samplen 2
set style fill solid 1.0 noborder
set xtics rotate by -30
set title "Events of an operation: PV, Prism"
set ylabel "events an operation"
$d0 << END
-0.300 2.0007
0.700 2.0004
1.700 2.0018
2.700 2.004
3.700 4.0174
4.700 2.0014
5.700 4.0044
6.700 2.0004
7.700 2.0003
8.700 2.0134
9.700 2.0156
END
$d1 << END
8.800 1.0032
9.800 1.0036
END
$d2 << END
-0.100 2.0004
0.900 2.0002
1.900 2.001
2.900 2.002
3.900 4.0023
4.900 2.0012
5.900 4.003
6.900 2.0003
7.900 2.0002
8.900 2.0016
9.900 2.0016
END
set xtics ("getppid" 0, "read 1" 1, "write 1" 2, "stat" 3, "open close" 4, "signal install" 5, "signal deliver" 6, "clock gettime" 7, "getcpu" 8, "page fault" 9, "file fault" 10)
set xrange [-0.6:10.6]
set logscale y
set format y "%g"
set yrange [0.01:*]
plot $d0 using 1:2 with impulses lw 2 lc rgb "#e09c95" notitle, $d0 using 1:2 with points pt 7 ps 0.9 lc rgb "#c0392b" title "SYSCALL and SYSRET", $d1 using 1:2 with impulses lw 2 lc rgb "#92b8d1" notitle, $d1 using 1:2 with points pt 7 ps 0.9 lc rgb "#2471a3" title "interrupt gate and IRETQ", $d2 using 1:2 with impulses lw 2 lc rgb "#f2be90" notitle, $d2 using 1:2 with points pt 7 ps 0.9 lc rgb "#e67e22" title "CR3 load"
set terminal pngcairo size 1100,520 noenhanced font "sans,11"
set output "events-pv.png"
replot
set output
