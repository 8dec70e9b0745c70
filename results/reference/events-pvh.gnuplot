set terminal svg size 1100,560 dynamic noenhanced font "sans-serif,13" background "white"
set output "events-pvh.svg"
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3
set style fill solid 0.9 noborder
set xtics rotate by -30
set title "Events of an operation: PVH, Prism"
set ylabel "events an operation"
$data << END
"getppid" 0.000333333 0.0004 0.0002 0.000166667
"read 1" 0.0002 - - 0.0001
"write 1" 0.0003 - - 0.0001
"stat" 0.0024 0.0028 0.0012 0.0014
"open close" 0.00328 0.00128 0.00072 0.00176
"signal install" 0.0006 - - 0.0002
"signal deliver" 0.0026 - - 0.001
"clock gettime" 0.00028 - - 0.00012
END
set datafile missing '-'
set style data histogram
set style histogram clustered gap 1
set boxwidth 0.9
set logscale y
set format y "%g"
set yrange [0.001:*]
plot $data using 2:xtic(1) title "VM exit and entry" lc rgb "#c0392b", $data using 3:xtic(1) title "SYSCALL and SYSRET" lc rgb "#2471a3", $data using 4:xtic(1) title "CR3 load" lc rgb "#e67e22", $data using 5:xtic(1) title "event or interrupt delivered" lc rgb "#8e44ad"
set terminal pngcairo size 1100,560 noenhanced font "sans,11"
set output "events-pvh.png"
replot
set output
