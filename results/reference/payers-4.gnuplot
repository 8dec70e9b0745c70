set terminal svg size 1100,560 dynamic noenhanced font "sans-serif,13" background "white"
set output "payers-4.svg"
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3
set style fill solid 0.9 noborder
set xtics rotate by -30
set title "Who pays for an operation: guest, columns of the spectrum, control domain"
set ylabel "% of the instructions"
$d0 << END
"PV" 94.5 0 0 0 0 0 0 0 5.496 0
"PVH" 85.38 0 0 0 0 0 0 0 14.62 0
"PVHVM" 85.22 0 0 0 0 0 0 0 14.78 0
"PV I/O" 85.27 0 0 0 0 0 0 0 14.73 0
"HVM" 85.3 0 0 0 0 0 0 0 14.7 0
END
$d1 << END
"PVHVM" 1.334 98.26 0 0.1532 0 0 0 0 0.2492 0
"PV I/O" 1.265 98.41 0.07481 0 0 0 0 0 0.2492 0
"HVM" 1.258 97.93 0 0.2516 0 0.231 0.08071 0 0.2475 0
END
$d2 << END
"PVHVM" 5.426 0 0 0 93.45 0 0 0 1.122 0
"PV I/O" 5.469 0 0 0 93.4 0 0 0 1.127 0
"HVM" 5.497 0 0 0 93.37 0 0 0 1.131 0
END
$d3 << END
"PV" 5.662 0 0 0 93.86 0 0 0 0.477 0
"PVH" 22.43 0 0 0 0 0 0 0 77.57 0
"PVHVM" 22.21 0 0 0 0 0 0 0 77.79 0
"PV I/O" 22.27 0 0 0 0 0 0 0 77.73 0
"HVM" 22.31 0 0 0 0 0 0 0 77.69 0
END
$d4 << END
"PV" 46.9 2.127 2.109 7.999 0 29.91 10.93 0 0.02769 0
"PVH" 38.12 0 0 23.53 0 27.98 10.29 0 0.07626 0
"PVHVM" 38.05 0 0 23.63 0 27.93 10.31 0 0.07707 0
"PV I/O" 33.96 0 14.53 17.78 0 24.64 9.031 0 0.0678 0
"HVM" 6.548 0.004265 0 1.387 14.1 65.56 12.39 0 0.003783 0
END
$d5 << END
"PV" 50.35 1.959 1.93 7.454 0 28.09 10.19 0 0.02572 0
"PVH" 41.89 0 0 22.03 0 26.39 9.617 0 0.07112 0
"PVHVM" 41.95 0 0 22.04 0 26.38 9.566 0 0.07209 0
"PV I/O" 37.48 0 13.73 16.77 0 23.45 8.517 0 0.06391 0
"HVM" 6.449 0.008534 0 1.372 14.11 65.66 12.4 0 0.003785 0
END
$d6 << END
"PV" 36.02 1.009 1.235 7.909 0 36.94 16.86 0 0.0167 0
"PVH" 29.31 0 0 22.47 0 33.11 15.07 0 0.04294 0
"PVHVM" 29.22 0 0 22.69 0 32.97 15.07 0 0.04338 0
"PV I/O" 26.43 0 9.029 12.87 0 38.39 13.25 0 0.04188 0
"HVM" 2.978 26.76 0 3.287 0 56.59 10.38 0 0.007846 0
END
set style data histogram
set style histogram rowstacked gap 1
set boxwidth 0.8
set yrange [0:100]
set xtics rotate by -90
set bmargin 8
plot newhistogram "tsc read" offset 0,-2.4, $d0 using 2:xtic(1) title "guest itself" lc rgb "#9aa5b1", $d0 using 3:xtic(1) title "Prism: privileged" lc rgb "#c0392b", $d0 using 4:xtic(1) title "Prism: platform" lc rgb "#e67e22", $d0 using 5:xtic(1) title "Prism: interrupts" lc rgb "#8e44ad", $d0 using 6:xtic(1) title "Prism: I/O" lc rgb "#16a085", $d0 using 7:xtic(1) title "control domain" lc rgb "#2471a3", $d0 using 8:xtic(1) title "Prism for control domain" lc rgb "#85c1e9", $d0 using 9:xtic(1) title "idle" lc rgb "#ecf0f1", $d0 using 10:xtic(1) title "mark" lc rgb "#f7dc6f", $d0 using 11:xtic(1) title "remainder" lc rgb "#2c3e50", newhistogram "hpet read" offset 0,-2.4, $d1 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d1 using 3:xtic(1) notitle lc rgb "#c0392b", $d1 using 4:xtic(1) notitle lc rgb "#e67e22", $d1 using 5:xtic(1) notitle lc rgb "#8e44ad", $d1 using 6:xtic(1) notitle lc rgb "#16a085", $d1 using 7:xtic(1) notitle lc rgb "#2471a3", $d1 using 8:xtic(1) notitle lc rgb "#85c1e9", $d1 using 9:xtic(1) notitle lc rgb "#ecf0f1", $d1 using 10:xtic(1) notitle lc rgb "#f7dc6f", $d1 using 11:xtic(1) notitle lc rgb "#2c3e50", newhistogram "pm timer read" offset 0,-2.4, $d2 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d2 using 3:xtic(1) notitle lc rgb "#c0392b", $d2 using 4:xtic(1) notitle lc rgb "#e67e22", $d2 using 5:xtic(1) notitle lc rgb "#8e44ad", $d2 using 6:xtic(1) notitle lc rgb "#16a085", $d2 using 7:xtic(1) notitle lc rgb "#2471a3", $d2 using 8:xtic(1) notitle lc rgb "#85c1e9", $d2 using 9:xtic(1) notitle lc rgb "#ecf0f1", $d2 using 10:xtic(1) notitle lc rgb "#f7dc6f", $d2 using 11:xtic(1) notitle lc rgb "#2c3e50", newhistogram "port read" offset 0,-2.4, $d3 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d3 using 3:xtic(1) notitle lc rgb "#c0392b", $d3 using 4:xtic(1) notitle lc rgb "#e67e22", $d3 using 5:xtic(1) notitle lc rgb "#8e44ad", $d3 using 6:xtic(1) notitle lc rgb "#16a085", $d3 using 7:xtic(1) notitle lc rgb "#2471a3", $d3 using 8:xtic(1) notitle lc rgb "#85c1e9", $d3 using 9:xtic(1) notitle lc rgb "#ecf0f1", $d3 using 10:xtic(1) notitle lc rgb "#f7dc6f", $d3 using 11:xtic(1) notitle lc rgb "#2c3e50", newhistogram "read 4k" offset 0,-2.4, $d4 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d4 using 3:xtic(1) notitle lc rgb "#c0392b", $d4 using 4:xtic(1) notitle lc rgb "#e67e22", $d4 using 5:xtic(1) notitle lc rgb "#8e44ad", $d4 using 6:xtic(1) notitle lc rgb "#16a085", $d4 using 7:xtic(1) notitle lc rgb "#2471a3", $d4 using 8:xtic(1) notitle lc rgb "#85c1e9", $d4 using 9:xtic(1) notitle lc rgb "#ecf0f1", $d4 using 10:xtic(1) notitle lc rgb "#f7dc6f", $d4 using 11:xtic(1) notitle lc rgb "#2c3e50", newhistogram "write 4k" offset 0,-2.4, $d5 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d5 using 3:xtic(1) notitle lc rgb "#c0392b", $d5 using 4:xtic(1) notitle lc rgb "#e67e22", $d5 using 5:xtic(1) notitle lc rgb "#8e44ad", $d5 using 6:xtic(1) notitle lc rgb "#16a085", $d5 using 7:xtic(1) notitle lc rgb "#2471a3", $d5 using 8:xtic(1) notitle lc rgb "#85c1e9", $d5 using 9:xtic(1) notitle lc rgb "#ecf0f1", $d5 using 10:xtic(1) notitle lc rgb "#f7dc6f", $d5 using 11:xtic(1) notitle lc rgb "#2c3e50", newhistogram "net trip" offset 0,-2.4, $d6 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d6 using 3:xtic(1) notitle lc rgb "#c0392b", $d6 using 4:xtic(1) notitle lc rgb "#e67e22", $d6 using 5:xtic(1) notitle lc rgb "#8e44ad", $d6 using 6:xtic(1) notitle lc rgb "#16a085", $d6 using 7:xtic(1) notitle lc rgb "#2471a3", $d6 using 8:xtic(1) notitle lc rgb "#85c1e9", $d6 using 9:xtic(1) notitle lc rgb "#ecf0f1", $d6 using 10:xtic(1) notitle lc rgb "#f7dc6f", $d6 using 11:xtic(1) notitle lc rgb "#2c3e50"
set terminal pngcairo size 1100,560 noenhanced font "sans,11"
set output "payers-4.png"
replot
set output
