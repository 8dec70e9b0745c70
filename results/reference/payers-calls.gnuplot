set terminal svg size 1100,520 dynamic noenhanced font "sans-serif,13" background "white"
set output "payers-calls.svg"
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3 samplen 2
set style fill solid 1.0 noborder
set xtics rotate by -30
set title "Who pays for system calls: guest, columns of the spectrum, control domain"
set ylabel "% of the instructions"
$d0 << END
"PV" 79.59 20.37 0 0.03905 0 0 0
"PVH" 99.45 0 0 0.2756 0 0.1902 0.08765
"PVHVM" 99.39 0 0 0.2356 0 0.2813 0.09441
"PV I/O" 99.46 0 0.1214 0.1225 0 0.208 0.09185
"HVM" 99.7 0 0 0.298 0 0 0
END
$d1 << END
"PV" 88.1 11.86 0 0.03717 0 0 0
"PVH" 99.63 0 0 0.2569 0 0.06666 0.04768
"PVHVM" 99.9 0 0 0.09746 0 0 0
"PV I/O" 99.9 0 0.07136 0.02873 0 0 0
"HVM" 99.23 0 0 0.3916 0.04753 0.2527 0.08288
END
$d2 << END
"PV" 86.71 13.25 0 0.04187 0 0 0
"PVH" 99.8 0 0 0.1957 0 0 0
"PVHVM" 99.9 0 0 0.1022 0 0 0
"PV I/O" 99.9 0 0.0813 0.02197 0 0 0
"HVM" 99.66 0 0 0.3443 0 0 0
END
$d3 << END
"PV" 97.41 2.55 0 0.04232 0 0 0
"PVH" 99.61 0 0 0.195 0 0.1469 0.04593
"PVHVM" 99.84 0 0 0.1588 0 0 0
"PV I/O" 99.66 0 0.1341 0.07571 0 0.09492 0.04022
"HVM" 99.66 0 0 0.3439 0 0 0
END
set key at screen 0.5,0.99 center top vertical maxrows 4
set tmargin 7
set style data histogram
set style histogram rowstacked gap 1
set boxwidth 0.8
set yrange [0:100]
set xtics rotate by -90
set bmargin 8
plot newhistogram "getppid" offset 0,-2.4, $d0 using 2:xtic(1) title "guest itself" lc rgb "#9aa5b1", $d0 using 3:xtic(1) title "Prism: privileged" lc rgb "#c0392b", $d0 using 4:xtic(1) title "Prism: platform" lc rgb "#e67e22", $d0 using 5:xtic(1) title "Prism: interrupts" lc rgb "#8e44ad", $d0 using 6:xtic(1) title "control domain: programs" lc rgb "#1a5276", $d0 using 7:xtic(1) title "control domain: kernel" lc rgb "#2471a3", $d0 using 8:xtic(1) title "Prism for control domain" lc rgb "#85c1e9", newhistogram "read 1" offset 0,-2.4, $d1 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d1 using 3:xtic(1) notitle lc rgb "#c0392b", $d1 using 4:xtic(1) notitle lc rgb "#e67e22", $d1 using 5:xtic(1) notitle lc rgb "#8e44ad", $d1 using 6:xtic(1) notitle lc rgb "#1a5276", $d1 using 7:xtic(1) notitle lc rgb "#2471a3", $d1 using 8:xtic(1) notitle lc rgb "#85c1e9", newhistogram "write 1" offset 0,-2.4, $d2 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d2 using 3:xtic(1) notitle lc rgb "#c0392b", $d2 using 4:xtic(1) notitle lc rgb "#e67e22", $d2 using 5:xtic(1) notitle lc rgb "#8e44ad", $d2 using 6:xtic(1) notitle lc rgb "#1a5276", $d2 using 7:xtic(1) notitle lc rgb "#2471a3", $d2 using 8:xtic(1) notitle lc rgb "#85c1e9", newhistogram "stat" offset 0,-2.4, $d3 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d3 using 3:xtic(1) notitle lc rgb "#c0392b", $d3 using 4:xtic(1) notitle lc rgb "#e67e22", $d3 using 5:xtic(1) notitle lc rgb "#8e44ad", $d3 using 6:xtic(1) notitle lc rgb "#1a5276", $d3 using 7:xtic(1) notitle lc rgb "#2471a3", $d3 using 8:xtic(1) notitle lc rgb "#85c1e9"
set terminal pngcairo size 1100,520 noenhanced font "sans,11"
set output "payers-calls.png"
replot
set output
