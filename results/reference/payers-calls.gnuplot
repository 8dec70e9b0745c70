set terminal svg size 1100,520 dynamic noenhanced font "sans-serif,13" background "white"
set output "payers-calls.svg"
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3
set style fill solid 1.0 noborder
set xtics rotate by -30
set title "Who pays for system calls: guest, columns of the spectrum, control domain"
set ylabel "% of the instructions"
$d0 << END
"PV" 79.72 20.24 0 0.0396 0 0
"PVH" 99.48 0 0 0.2834 0.1589 0.07293
"PVHVM" 99.39 0 0 0.2311 0.282 0.09424
"PV I/O" 99.49 0 0.1071 0.1179 0.1985 0.08774
"HVM" 99.71 0 0 0.2863 0 0
END
$d1 << END
"PV" 88.2 11.76 0 0.03953 0 0
"PVH" 99.92 0 0 0.08139 0 0
"PVHVM" 99.83 0 0 0.1699 0 0
"PV I/O" 99.82 0 0.1398 0.03835 0 0
"HVM" 99.82 0 0 0.1788 0 0
END
$d2 << END
"PV" 86.81 13.14 0 0.04167 0 0
"PVH" 99.9 0 0 0.09949 0 0
"PVHVM" 99.03 0 0 0.3255 0.4914 0.1557
"PV I/O" 100 0 0 0 0 0
"HVM" 99.66 0 0 0.3389 0 0
END
$d3 << END
"PV" 97.44 2.525 0 0.03393 0 0
"PVH" 99.59 0 0 0.2224 0.1466 0.04578
"PVHVM" 99.84 0 0 0.1555 0 0
"PV I/O" 99.67 0 0.1695 0.08201 0.05153 0.02598
"HVM" 99.73 0 0 0.2711 0 0
END
set key at screen 0.5,0.99 center top vertical maxrows 4
set tmargin 7
set style data histogram
set style histogram rowstacked gap 1
set boxwidth 0.8
set yrange [0:100]
set xtics rotate by -90
set bmargin 8
plot newhistogram "getppid" offset 0,-2.4, $d0 using 2:xtic(1) title "guest itself" lc rgb "#9aa5b1", $d0 using 3:xtic(1) title "Prism: privileged" lc rgb "#c0392b", $d0 using 4:xtic(1) title "Prism: platform" lc rgb "#e67e22", $d0 using 5:xtic(1) title "Prism: interrupts" lc rgb "#8e44ad", $d0 using 6:xtic(1) title "control domain" lc rgb "#2471a3", $d0 using 7:xtic(1) title "Prism for control domain" lc rgb "#85c1e9", newhistogram "read 1" offset 0,-2.4, $d1 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d1 using 3:xtic(1) notitle lc rgb "#c0392b", $d1 using 4:xtic(1) notitle lc rgb "#e67e22", $d1 using 5:xtic(1) notitle lc rgb "#8e44ad", $d1 using 6:xtic(1) notitle lc rgb "#2471a3", $d1 using 7:xtic(1) notitle lc rgb "#85c1e9", newhistogram "write 1" offset 0,-2.4, $d2 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d2 using 3:xtic(1) notitle lc rgb "#c0392b", $d2 using 4:xtic(1) notitle lc rgb "#e67e22", $d2 using 5:xtic(1) notitle lc rgb "#8e44ad", $d2 using 6:xtic(1) notitle lc rgb "#2471a3", $d2 using 7:xtic(1) notitle lc rgb "#85c1e9", newhistogram "stat" offset 0,-2.4, $d3 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d3 using 3:xtic(1) notitle lc rgb "#c0392b", $d3 using 4:xtic(1) notitle lc rgb "#e67e22", $d3 using 5:xtic(1) notitle lc rgb "#8e44ad", $d3 using 6:xtic(1) notitle lc rgb "#2471a3", $d3 using 7:xtic(1) notitle lc rgb "#85c1e9"
set terminal pngcairo size 1100,520 noenhanced font "sans,11"
set output "payers-calls.png"
replot
set output
