set terminal svg size 1100,520 dynamic noenhanced font "sans-serif,13" background "white"
set output "payers-processes.svg"
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3 samplen 2
set style fill solid 1.0 noborder
set xtics rotate by -30
set title "Who pays for processes and switches: guest, columns of the spectrum, control domain"
set ylabel "% of the instructions"
$d0 << END
"PV" 85.91 13.98 0.04467 0.03434 0 0 0.01867 0.00768
"PVH" 99.79 0 0 0.1649 0 0 0.0346 0.01493
"PVHVM" 99.82 0 0 0.1524 0 0 0.02162 0.009544
"PV I/O" 99.83 0 0.1274 0.03122 0 0 0.01133 0.004651
"HVM" 99.52 0 0.0117 0.3101 0.0317 0.02609 0.08668 0.01867
END
$d1 << END
"PV" 84.09 15.8 0.04201 0.03386 0 0 0.02494 0.00978
"PVH" 93.7 0 6.054 0.1546 0 0 0.0731 0.02189
"PVHVM" 93.59 0 6.222 0.1483 0 0 0.03306 0.009601
"PV I/O" 93.56 0 6.311 0.04711 0 0 0.06199 0.02261
"HVM" 93.58 0 6.126 0.298 0 0 0 0
END
$d2 << END
"PV" 80.13 19.65 0.1831 0.02819 0 0 0 0
"PVH" 83.07 0 16.74 0.1382 0 0 0.04393 0.01403
"PVHVM" 82.7 0 17.08 0.1601 0 0 0.03785 0.01625
"PV I/O" 82.74 0 17.18 0.03406 0 0 0.03941 0.01554
"HVM" 82.82 0 16.9 0.2775 0 0 0 0
END
$d3 << END
"PV" 84.64 12.57 2.656 0.03426 0 0 0.08581 0.0179
"PVH" 99.85 0 0 0.1522 0 0 0 0
"PVHVM" 99.87 0 0 0.1338 0 0 0 0
"PV I/O" 99.84 0 0.1177 0.04343 0 0 0 0
"HVM" 99.66 0 0 0.3119 0 0 0.01587 0.009304
END
$d4 << END
"PV" 92.25 4.69 3.035 0.02686 0 0 0 0
"PVH" 99.72 0 0 0.1876 0 0 0.06762 0.02963
"PVHVM" 99.85 0 0 0.1544 0 0 0 0
"PV I/O" 99.64 0 0.1153 0.07092 0 0 0.1314 0.04333
"HVM" 99.67 0 0 0.3315 0 0 0 0
END
set key at screen 0.5,0.99 center top vertical maxrows 4
set tmargin 7
set style data histogram
set style histogram rowstacked gap 1
set boxwidth 0.8
set yrange [0:100]
set xtics rotate by -90
set bmargin 8
plot newhistogram "fork exit" offset 0,-2.4, $d0 using 2:xtic(1) title "guest itself" lc rgb "#9aa5b1", $d0 using 3:xtic(1) title "Prism: privileged" lc rgb "#c0392b", $d0 using 4:xtic(1) title "Prism: platform" lc rgb "#e67e22", $d0 using 5:xtic(1) title "Prism: interrupts" lc rgb "#8e44ad", $d0 using 6:xtic(1) title "Prism: I/O" lc rgb "#16a085", $d0 using 7:xtic(1) title "control domain: programs" lc rgb "#1a5276", $d0 using 8:xtic(1) title "control domain: kernel" lc rgb "#2471a3", $d0 using 9:xtic(1) title "Prism for control domain" lc rgb "#85c1e9", newhistogram "fork exec" offset 0,-2.4, $d1 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d1 using 3:xtic(1) notitle lc rgb "#c0392b", $d1 using 4:xtic(1) notitle lc rgb "#e67e22", $d1 using 5:xtic(1) notitle lc rgb "#8e44ad", $d1 using 6:xtic(1) notitle lc rgb "#16a085", $d1 using 7:xtic(1) notitle lc rgb "#1a5276", $d1 using 8:xtic(1) notitle lc rgb "#2471a3", $d1 using 9:xtic(1) notitle lc rgb "#85c1e9", newhistogram "vfork exec" offset 0,-2.4, $d2 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d2 using 3:xtic(1) notitle lc rgb "#c0392b", $d2 using 4:xtic(1) notitle lc rgb "#e67e22", $d2 using 5:xtic(1) notitle lc rgb "#8e44ad", $d2 using 6:xtic(1) notitle lc rgb "#16a085", $d2 using 7:xtic(1) notitle lc rgb "#1a5276", $d2 using 8:xtic(1) notitle lc rgb "#2471a3", $d2 using 9:xtic(1) notitle lc rgb "#85c1e9", newhistogram "pipe trip" offset 0,-2.4, $d3 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d3 using 3:xtic(1) notitle lc rgb "#c0392b", $d3 using 4:xtic(1) notitle lc rgb "#e67e22", $d3 using 5:xtic(1) notitle lc rgb "#8e44ad", $d3 using 6:xtic(1) notitle lc rgb "#16a085", $d3 using 7:xtic(1) notitle lc rgb "#1a5276", $d3 using 8:xtic(1) notitle lc rgb "#2471a3", $d3 using 9:xtic(1) notitle lc rgb "#85c1e9", newhistogram "thread trip" offset 0,-2.4, $d4 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d4 using 3:xtic(1) notitle lc rgb "#c0392b", $d4 using 4:xtic(1) notitle lc rgb "#e67e22", $d4 using 5:xtic(1) notitle lc rgb "#8e44ad", $d4 using 6:xtic(1) notitle lc rgb "#16a085", $d4 using 7:xtic(1) notitle lc rgb "#1a5276", $d4 using 8:xtic(1) notitle lc rgb "#2471a3", $d4 using 9:xtic(1) notitle lc rgb "#85c1e9"
set terminal pngcairo size 1100,520 noenhanced font "sans,11"
set output "payers-processes.png"
replot
set output
