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
"PV" 79.6 20.37 0 0.0312 0 0
"PVH" 99.46 0 0 0.2554 0.1993 0.08158
"PVHVM" 99.36 0 0 0.2669 0.2817 0.08821
"PV I/O" 99.51 0 0.1072 0.1051 0.1948 0.08183
"HVM" 99.71 0 0 0.2921 0 0
END
$d1 << END
"PV" 88.11 11.86 0 0.0305 0 0
"PVH" 99.65 0 0 0.2434 0.06667 0.04391
"PVHVM" 99.84 0 0 0.1589 0 0
"PV I/O" 99.82 0 0.1398 0.0433 0 0
"HVM" 99.75 0 0 0.2541 0 0
END
$d2 << END
"PV" 86.48 13.21 0 0.07619 0.1714 0.05802
"PVH" 99.9 0 0 0.09613 0 0
"PVHVM" 99.82 0 0 0.1806 0 0
"PV I/O" 99.89 0 0.07971 0.02995 0 0
"HVM" 99.65 0 0 0.3461 0 0
END
$d3 << END
"PV" 97.42 2.551 0 0.02786 0 0
"PVH" 99.88 0 0 0.1194 0 0
"PVHVM" 99.88 0 0 0.1202 0 0
"PV I/O" 99.83 0 0.1327 0.03236 0 0
"HVM" 99.5 0 0 0.3634 0.09445 0.03973
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
