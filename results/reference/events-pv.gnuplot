set terminal svg size 1100,560 dynamic noenhanced font "sans-serif,13" background "white"
set output "events-pv.svg"
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3
set style fill solid 0.9 noborder
set xtics rotate by -30
set title "Events of an operation: PV, Prism"
set ylabel "events an operation"
$data << END
"getppid" 2.00024 0.00012 2.00024 0.00012
"read 1" 2.0004 0.0002 2.0002 0.0002
"write 1" 2.0004 0.0002 2.0003 0.0002
"stat" 2.0016 0.0008 2.0008 0.0008
"open close" 4.022 0.00872 4.00464 0.00216
"signal install" 2.0014 0.0002 2.0012 0.0002
"signal deliver" 4.0066 0.002 4.0042 0.0014
"clock gettime" 2.00048 0.00024 2.0002 0.00016
END
set datafile missing '-'
set style data histogram
set style histogram clustered gap 1
set boxwidth 0.9
set logscale y
set format y "%g"
set yrange [0.001:*]
plot $data using 2:xtic(1) title "SYSCALL and SYSRET" lc rgb "#c0392b", $data using 3:xtic(1) title "interrupt gate and IRETQ" lc rgb "#2471a3", $data using 4:xtic(1) title "CR3 load" lc rgb "#e67e22", $data using 5:xtic(1) title "event or interrupt delivered" lc rgb "#8e44ad"
set terminal pngcairo size 1100,560 noenhanced font "sans,11"
set output "events-pv.png"
replot
set output
