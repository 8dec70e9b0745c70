set terminal svg size 1100,560 dynamic noenhanced font "sans-serif,13" background "white"
set output "events-hvm.svg"
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3
set style fill solid 0.9 noborder
set xtics rotate by -30
set title "Events of an operation: HVM, Prism"
set ylabel "events an operation"
$data << END
"getppid" 0.00028 8e-05
"read 1" 0.0003 0.0001
"write 1" 0.0005 0.000166667
"stat" 0.0024 0.0008
"open close" 0.00504 0.0016
"signal install" 0.0003 0.0001
"signal deliver" 0.0034 0.001
"clock gettime" - -
"getcpu" 0.000272727 7.27273e-05
END
set datafile missing '-'
set style data histogram
set style histogram clustered gap 1
set boxwidth 0.9
set logscale y
set format y "%g"
set yrange [0.001:*]
plot $data using 2:xtic(1) title "VM exit and entry" lc rgb "#c0392b", $data using 3:xtic(1) title "event or interrupt delivered" lc rgb "#2471a3"
set terminal pngcairo size 1100,560 noenhanced font "sans,11"
set output "events-hvm.png"
replot
set output
