set terminal svg size 1100,520 dynamic noenhanced font "sans-serif,13" background "white"
set output "payers-devices.svg"
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3 samplen 2
set style fill solid 1.0 noborder
set xtics rotate by -30
set title "Who pays for disk and network: guest, columns of the spectrum, control domain"
set ylabel "% of the instructions"
$d0 << END
"PV" 46.89 2.128 2.106 7.989 0 0 29.93 10.95
"PVH" 38.04 0 0 23.79 0 0 27.9 10.27
"PVHVM" 37.98 0 0 23.91 0 0 27.87 10.24
"PV I/O" 33.79 0 14.68 17.93 0 0 24.57 9.021
"HVM" 6.535 0 0.004317 1.411 14.21 24.99 40.45 12.39
END
$d1 << END
"PV" 50.37 1.964 1.931 7.451 0 0 28.09 10.19
"PVH" 41.78 0 0 22.26 0 0 26.35 9.61
"PVHVM" 41.77 0 0 22.32 0 0 26.3 9.61
"PV I/O" 37.31 0 13.85 16.92 0 0 23.41 8.51
"HVM" 6.434 0 0.004319 1.405 14.22 25.03 40.51 12.4
END
$d2 << END
"PV" 35.96 1.015 1.233 7.851 0 0.1299 36.99 16.82
"PVH" 29.21 0 0 22.72 0 0.1136 32.91 15.04
"PVHVM" 29.14 0 0 22.8 0 0.1131 32.99 14.96
"PV I/O" 26.31 0 9.146 12.98 0 0.1098 38.26 13.2
"HVM" 2.962 0 0.008928 3.327 27.03 21.05 35.27 10.35
END
set key at screen 0.5,0.99 center top vertical maxrows 4
set tmargin 7
set style data histogram
set style histogram rowstacked gap 1
set boxwidth 0.8
set yrange [0:100]
set xtics rotate by -90
set bmargin 8
plot newhistogram "read 4k" offset 0,-2.4, $d0 using 2:xtic(1) title "guest itself" lc rgb "#9aa5b1", $d0 using 3:xtic(1) title "Prism: privileged" lc rgb "#c0392b", $d0 using 4:xtic(1) title "Prism: platform" lc rgb "#e67e22", $d0 using 5:xtic(1) title "Prism: interrupts" lc rgb "#8e44ad", $d0 using 6:xtic(1) title "Prism: I/O" lc rgb "#16a085", $d0 using 7:xtic(1) title "control domain: programs" lc rgb "#1a5276", $d0 using 8:xtic(1) title "control domain: kernel" lc rgb "#2471a3", $d0 using 9:xtic(1) title "Prism for control domain" lc rgb "#85c1e9", newhistogram "write 4k" offset 0,-2.4, $d1 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d1 using 3:xtic(1) notitle lc rgb "#c0392b", $d1 using 4:xtic(1) notitle lc rgb "#e67e22", $d1 using 5:xtic(1) notitle lc rgb "#8e44ad", $d1 using 6:xtic(1) notitle lc rgb "#16a085", $d1 using 7:xtic(1) notitle lc rgb "#1a5276", $d1 using 8:xtic(1) notitle lc rgb "#2471a3", $d1 using 9:xtic(1) notitle lc rgb "#85c1e9", newhistogram "net trip" offset 0,-2.4, $d2 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d2 using 3:xtic(1) notitle lc rgb "#c0392b", $d2 using 4:xtic(1) notitle lc rgb "#e67e22", $d2 using 5:xtic(1) notitle lc rgb "#8e44ad", $d2 using 6:xtic(1) notitle lc rgb "#16a085", $d2 using 7:xtic(1) notitle lc rgb "#1a5276", $d2 using 8:xtic(1) notitle lc rgb "#2471a3", $d2 using 9:xtic(1) notitle lc rgb "#85c1e9"
set terminal pngcairo size 1100,520 noenhanced font "sans,11"
set output "payers-devices.png"
replot
set output
