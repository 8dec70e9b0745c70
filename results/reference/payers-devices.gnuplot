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
"PV" 47.56 2.135 2.091 7.449 0 0 30.25 10.52
"PVH" 38.46 0 0 23.43 0 0 28.26 9.848
"PVHVM" 38.47 0 0 23.47 0 0 28.21 9.851
"PV I/O" 34.48 0 14.35 17.41 0 0 25.05 8.709
"HVM" 6.704 0 0.004327 1.394 12.73 25.65 41.53 11.98
END
$d1 << END
"PV" 50.99 1.97 1.913 6.933 0 0 28.42 9.768
"PVH" 42.26 0 0 21.93 0 0 26.62 9.188
"PVHVM" 42.23 0 0 22.03 0 0 26.56 9.185
"PV I/O" 37.95 0 13.49 16.39 0 0 23.89 8.273
"HVM" 6.61 0 0 1.417 12.72 25.69 41.57 11.99
END
$d2 << END
"PV" 36.75 1.032 1.232 7.513 0 0.1325 37.6 15.74
"PVH" 29.75 0 0 22.02 0 0.1159 34.2 13.91
"PVHVM" 29.66 0 0 22.12 0 0.1159 34.22 13.89
"PV I/O" 26.65 0 8.982 12.62 0 0.1125 39.25 12.39
"HVM" 3.029 0 0.008896 3.335 26.26 21.48 35.99 9.898
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
