set terminal svg size 1100,560 dynamic noenhanced font "sans-serif,13" background "white"
set output "events-hvm-3.svg"
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3
set style fill solid 0.9 noborder
set xtics rotate by -30
set title "Events of an operation: HVM, Prism"
set ylabel "events an operation"
$data << END
"thread trip" 0.012 - - - - 0.0032 -
"cpuid" 1.0028 - - - - 0.0004 -
"tsc read" - - - - - - -
"hpet read" 1.00812 0.00875 0.001875 0.00375 0.0025 0.0025 -
"pm timer read" 1.005 - - - - - -
"port read" - - - - - - -
"read 4k" 54.704 300.694 4.238 314.234 53.912 27.342 26
"write 4k" 54.68 300.722 4.21 314.21 53.892 27.34 26
"net trip" 20.314 119.66 2.758 119.144 18 10.16 9
END
set datafile missing '-'
set style data histogram
set style histogram clustered gap 1
set boxwidth 0.9
set logscale y
set format y "%g"
set yrange [0.001:*]
plot $data using 2:xtic(1) title "VM exit and entry" lc rgb "#c0392b", $data using 3:xtic(1) title "SYSCALL and SYSRET" lc rgb "#2471a3", $data using 4:xtic(1) title "interrupt gate and IRETQ" lc rgb "#e67e22", $data using 5:xtic(1) title "CR3 load" lc rgb "#8e44ad", $data using 6:xtic(1) title "switch between vCPUs" lc rgb "#16a085", $data using 7:xtic(1) title "event or interrupt delivered" lc rgb "#7f8c8d", $data using 8:xtic(1) title "request to the device model" lc rgb "#d4ac0d"
set terminal pngcairo size 1100,560 noenhanced font "sans,11"
set output "events-hvm-3.png"
replot
set output
