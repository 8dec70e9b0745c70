set terminal svg size 1100,560 dynamic noenhanced font "sans-serif,13" background "white"
set output "events-pvhvm.svg"
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3
set style fill solid 0.9 noborder
set xtics rotate by -30
set title "Events of an operation: PVHVM, Prism"
set ylabel "events an operation"
$data << END
"getppid" 0.00024 0.00056 0.00016
"read 1" 0.0005 - 0.0002
"write 1" 0.0005 0.00158333 0.000416667
"stat" 0.002 - 0.001
"open close" 0.0036 0.00192 0.00184
"signal install" 0.0006 - 0.0002
"signal deliver" 0.0026 - 0.001
"clock gettime" 0.00036 - 0.00012
"getcpu" 0.00012 - 4e-05
END
set datafile missing '-'
set style data histogram
set style histogram clustered gap 1
set boxwidth 0.9
set logscale y
set format y "%g"
set yrange [0.001:*]
plot $data using 2:xtic(1) title "VM exit and entry" lc rgb "#c0392b", $data using 3:xtic(1) title "SYSCALL and SYSRET" lc rgb "#2471a3", $data using 4:xtic(1) title "event or interrupt delivered" lc rgb "#e67e22"
set terminal pngcairo size 1100,560 noenhanced font "sans,11"
set output "events-pvhvm.png"
replot
set output
