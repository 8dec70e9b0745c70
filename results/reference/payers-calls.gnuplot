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
"PV" 79.4 20.32 0 0.08153 0.1458 0.05588
"PVH" 99.12 0 0 0.3445 0.404 0.1317
"PVHVM" 99.49 0 0 0.2445 0.1905 0.07886
"PV I/O" 99.52 0 0.1075 0.09642 0.1994 0.0789
"HVM" 99.46 0 0 0.4499 0.05964 0.03454
END
$d1 << END
"PV" 88.11 11.86 0 0.0317 0 0
"PVH" 99.92 0 0 0.07837 0 0
"PVHVM" 99.84 0 0 0.1641 0 0
"PV I/O" 99.83 0 0.1403 0.03334 0 0
"HVM" 99.82 0 0 0.1765 0 0
END
$d2 << END
"PV" 86.29 13.18 0 0.1167 0.3138 0.09703
"PVH" 99.58 0 0 0.1856 0.1797 0.05791
"PVHVM" 99.57 0 0 0.2839 0.09289 0.05039
"PV I/O" 99.79 0 0.1598 0.04855 0 0
"HVM" 99.71 0 0 0.2869 0 0
END
$d3 << END
"PV" 97.26 2.543 0 0.05832 0.09792 0.0371
"PVH" 99.71 0 0 0.1508 0.1103 0.02392
"PVHVM" 99.87 0 0 0.1281 0 0
"PV I/O" 99.86 0 0.1064 0.02882 0 0
"HVM" 99.73 0 0 0.2676 0 0
END
set key at screen 0.5,0.99 center top vertical maxrows 4
set tmargin 7
set style data histogram
set style histogram rowstacked gap 1
set boxwidth 0.8
set yrange [0:100]
set xtics rotate by -90
set bmargin 8
plot newhistogram "getppid" offset 0,-2.4, $d0 using 2:xtic(1) title "guest itself" lc rgb "#9aa5b1", $d0 using 3:xtic(1) title "Prism: privileged" lc rgb "#c0392b", $d0 using 4:xtic(1) title "Prism: platform" lc rgb "#e67e22", $d0 using 5:xtic(1) title "Prism: interrupts" lc rgb "#8e44ad", $d0 using 6:xtic(1) title "control domain: kernel" lc rgb "#2471a3", $d0 using 7:xtic(1) title "Prism for control domain" lc rgb "#85c1e9", newhistogram "read 1" offset 0,-2.4, $d1 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d1 using 3:xtic(1) notitle lc rgb "#c0392b", $d1 using 4:xtic(1) notitle lc rgb "#e67e22", $d1 using 5:xtic(1) notitle lc rgb "#8e44ad", $d1 using 6:xtic(1) notitle lc rgb "#2471a3", $d1 using 7:xtic(1) notitle lc rgb "#85c1e9", newhistogram "write 1" offset 0,-2.4, $d2 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d2 using 3:xtic(1) notitle lc rgb "#c0392b", $d2 using 4:xtic(1) notitle lc rgb "#e67e22", $d2 using 5:xtic(1) notitle lc rgb "#8e44ad", $d2 using 6:xtic(1) notitle lc rgb "#2471a3", $d2 using 7:xtic(1) notitle lc rgb "#85c1e9", newhistogram "stat" offset 0,-2.4, $d3 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d3 using 3:xtic(1) notitle lc rgb "#c0392b", $d3 using 4:xtic(1) notitle lc rgb "#e67e22", $d3 using 5:xtic(1) notitle lc rgb "#8e44ad", $d3 using 6:xtic(1) notitle lc rgb "#2471a3", $d3 using 7:xtic(1) notitle lc rgb "#85c1e9"
set terminal pngcairo size 1100,520 noenhanced font "sans,11"
set output "payers-calls.png"
replot
set output
