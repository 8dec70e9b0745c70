set terminal svg size 1100,520 dynamic noenhanced font "sans-serif,13" background "white"
set output "payers-time.svg"
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3 samplen 2
set style fill solid 1.0 noborder
set xtics rotate by -30
set title "Who pays for timers and instructions that may trap: guest, columns of the spectrum, control domain"
set ylabel "% of the instructions"
$d0 << END
"PV" 100 0 0 0 0 0
"PVH" 3.401 96.47 0.1342 0 0 0
"PVHVM" 3.243 96.69 0.06611 0 0 0
"PV I/O" 3.229 96.49 0.01394 0 0.1971 0.06675
"HVM" 3.284 96.47 0.2415 0 0 0
END
$d1 << END
"PV" 100 0 0 0 0 0
"PVH" 100 0 0 0 0 0
"PVHVM" 100 0 0 0 0 0
"PV I/O" 100 0 0 0 0 0
"HVM" 100 0 0 0 0 0
END
$d2 << END
"PVHVM" 1.316 98.55 0.1343 0 0 0
"PV I/O" 1.335 98.37 0.02038 0 0.1869 0.08482
"HVM" 1.256 98.5 0.2448 0 0 0
END
$d3 << END
"PVHVM" 5.464 94.54 0 0 0 0
"PV I/O" 5.613 93.94 0.04678 0 0.2314 0.1653
"HVM" 5.536 94.46 0 0 0 0
END
$d4 << END
"PV" 6.289 0 0 93.71 0 0
"PVH" 100 0 0 0 0 0
"PVHVM" 100 0 0 0 0 0
"PV I/O" 100 0 0 0 0 0
"HVM" 100 0 0 0 0 0
END
set key at screen 0.5,0.99 center top vertical maxrows 4
set tmargin 7
set style data histogram
set style histogram rowstacked gap 1
set boxwidth 0.8
set yrange [0:100]
set xtics rotate by -90
set bmargin 8
plot newhistogram "cpuid" offset 0,-2.4, $d0 using 2:xtic(1) title "guest itself" lc rgb "#9aa5b1", $d0 using 3:xtic(1) title "Prism: platform" lc rgb "#e67e22", $d0 using 4:xtic(1) title "Prism: interrupts" lc rgb "#8e44ad", $d0 using 5:xtic(1) title "Prism: I/O" lc rgb "#16a085", $d0 using 6:xtic(1) title "control domain: kernel" lc rgb "#2471a3", $d0 using 7:xtic(1) title "Prism for control domain" lc rgb "#85c1e9", newhistogram "tsc read" offset 0,-2.4, $d1 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d1 using 3:xtic(1) notitle lc rgb "#e67e22", $d1 using 4:xtic(1) notitle lc rgb "#8e44ad", $d1 using 5:xtic(1) notitle lc rgb "#16a085", $d1 using 6:xtic(1) notitle lc rgb "#2471a3", $d1 using 7:xtic(1) notitle lc rgb "#85c1e9", newhistogram "hpet read" offset 0,-2.4, $d2 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d2 using 3:xtic(1) notitle lc rgb "#e67e22", $d2 using 4:xtic(1) notitle lc rgb "#8e44ad", $d2 using 5:xtic(1) notitle lc rgb "#16a085", $d2 using 6:xtic(1) notitle lc rgb "#2471a3", $d2 using 7:xtic(1) notitle lc rgb "#85c1e9", newhistogram "pm timer read" offset 0,-2.4, $d3 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d3 using 3:xtic(1) notitle lc rgb "#e67e22", $d3 using 4:xtic(1) notitle lc rgb "#8e44ad", $d3 using 5:xtic(1) notitle lc rgb "#16a085", $d3 using 6:xtic(1) notitle lc rgb "#2471a3", $d3 using 7:xtic(1) notitle lc rgb "#85c1e9", newhistogram "port read" offset 0,-2.4, $d4 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d4 using 3:xtic(1) notitle lc rgb "#e67e22", $d4 using 4:xtic(1) notitle lc rgb "#8e44ad", $d4 using 5:xtic(1) notitle lc rgb "#16a085", $d4 using 6:xtic(1) notitle lc rgb "#2471a3", $d4 using 7:xtic(1) notitle lc rgb "#85c1e9"
set terminal pngcairo size 1100,520 noenhanced font "sans,11"
set output "payers-time.png"
replot
set output
