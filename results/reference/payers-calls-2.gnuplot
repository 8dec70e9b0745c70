set terminal svg size 1100,520 dynamic noenhanced font "sans-serif,13" background "white"
set output "payers-calls-2.svg"
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3
set style fill solid 1.0 noborder
set xtics rotate by -30
set title "Who pays for system calls: guest, columns of the spectrum, control domain"
set ylabel "% of the instructions"
$d0 << END
"PV" 96.84 2.903 0.03949 0.05934 0.0896 0.06916
"PVH" 99.8 0 0 0.1594 0.03022 0.01406
"PVHVM" 99.77 0 0 0.1627 0.04981 0.01932
"PV I/O" 99.66 0 0.1244 0.06435 0.1156 0.03954
"HVM" 99.68 0 0 0.3151 0 0
END
$d1 << END
"PV" 86.48 13.48 0 0.04527 0 0
"PVH" 99.79 0 0 0.2068 0 0
"PVHVM" 99.79 0 0 0.2086 0 0
"PV I/O" 99.79 0 0.1657 0.04547 0 0
"HVM" 99.79 0 0 0.2121 0 0
END
$d2 << END
"PV" 95.43 4.393 0 0.05878 0.09523 0.02344
"PVH" 99.85 0 0 0.1453 0 0
"PVHVM" 99.85 0 0 0.1465 0 0
"PV I/O" 99.84 0 0.1196 0.03928 0 0
"HVM" 99.69 0 0 0.312 0 0
END
$d3 << END
"PV" 85.93 14.02 0.004742 0.03781 0 0
"PVH" 99.88 0 0 0.1218 0 0
"PVHVM" 99.87 0 0 0.1301 0 0
"PV I/O" 99.73 0 0.2124 0.05828 0 0
"HVM" 100 0 0 0 0 0
END
$d4 << END
"PV" 76.27 23.67 0 0.05752 0 0
"PVH" 99.92 0 0 0.0845 0 0
"PVHVM" 99.91 0 0 0.08522 0 0
"PV I/O" 99.83 0 0.1352 0.0371 0 0
"HVM" 99.67 0 0 0.3263 0 0
END
set key at screen 0.5,0.99 center top vertical maxrows 4
set tmargin 7
set style data histogram
set style histogram rowstacked gap 1
set boxwidth 0.8
set yrange [0:100]
set xtics rotate by -90
set bmargin 8
plot newhistogram "open close" offset 0,-2.4, $d0 using 2:xtic(1) title "guest itself" lc rgb "#9aa5b1", $d0 using 3:xtic(1) title "Prism: privileged" lc rgb "#c0392b", $d0 using 4:xtic(1) title "Prism: platform" lc rgb "#e67e22", $d0 using 5:xtic(1) title "Prism: interrupts" lc rgb "#8e44ad", $d0 using 6:xtic(1) title "control domain" lc rgb "#2471a3", $d0 using 7:xtic(1) title "Prism for control domain" lc rgb "#85c1e9", newhistogram "signal install" offset 0,-2.4, $d1 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d1 using 3:xtic(1) notitle lc rgb "#c0392b", $d1 using 4:xtic(1) notitle lc rgb "#e67e22", $d1 using 5:xtic(1) notitle lc rgb "#8e44ad", $d1 using 6:xtic(1) notitle lc rgb "#2471a3", $d1 using 7:xtic(1) notitle lc rgb "#85c1e9", newhistogram "signal deliver" offset 0,-2.4, $d2 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d2 using 3:xtic(1) notitle lc rgb "#c0392b", $d2 using 4:xtic(1) notitle lc rgb "#e67e22", $d2 using 5:xtic(1) notitle lc rgb "#8e44ad", $d2 using 6:xtic(1) notitle lc rgb "#2471a3", $d2 using 7:xtic(1) notitle lc rgb "#85c1e9", newhistogram "clock gettime" offset 0,-2.4, $d3 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d3 using 3:xtic(1) notitle lc rgb "#c0392b", $d3 using 4:xtic(1) notitle lc rgb "#e67e22", $d3 using 5:xtic(1) notitle lc rgb "#8e44ad", $d3 using 6:xtic(1) notitle lc rgb "#2471a3", $d3 using 7:xtic(1) notitle lc rgb "#85c1e9", newhistogram "getcpu" offset 0,-2.4, $d4 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d4 using 3:xtic(1) notitle lc rgb "#c0392b", $d4 using 4:xtic(1) notitle lc rgb "#e67e22", $d4 using 5:xtic(1) notitle lc rgb "#8e44ad", $d4 using 6:xtic(1) notitle lc rgb "#2471a3", $d4 using 7:xtic(1) notitle lc rgb "#85c1e9"
set terminal pngcairo size 1100,520 noenhanced font "sans,11"
set output "payers-calls-2.png"
replot
set output
