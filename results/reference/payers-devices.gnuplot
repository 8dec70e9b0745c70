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
"PV" 48.28 2.167 1.332 7.555 0 0 30.77 9.9
"PVH" 38.79 0 0 23.57 0 0 28.47 9.168
"PVHVM" 38.73 0 0 23.7 0 0 28.41 9.165
"PV I/O" 34.44 0 14.83 17.61 0 0 25.04 8.075
"HVM" 6.718 0 0.004276 1.394 12.57 25.71 41.62 11.99
END
$d1 << END
"PV" 51.74 1.997 1.217 7 0 0 28.87 9.173
"PVH" 42.63 0 0 22.01 0 0 26.82 8.545
"PVHVM" 42.52 0 0 22.14 0 0 26.78 8.56
"PV I/O" 38.01 0 13.97 16.59 0 0 23.83 7.609
"HVM" 6.625 0 0.008553 1.396 12.57 25.74 41.65 12
END
$d2 << END
"PV" 37.14 1.046 0.7843 7.58 0 0.1342 38.12 15.19
"PVH" 29.93 0 0 21.67 0 0.1172 35.05 13.23
"PVHVM" 29.85 0 0 21.76 0 0.1168 35.05 13.22
"PV I/O" 26.48 0 9.394 12.77 0 0.1136 39.66 11.59
"HVM" 3.037 0 0.008813 3.352 26.12 21.57 36.15 9.759
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
