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
"PV" 48.29 2.169 1.337 7.547 0 0 30.77 9.885
"PVH" 38.78 0 0 23.59 0 0 28.47 9.164
"PVHVM" 38.71 0 0 23.69 0 0 28.42 9.179
"PV I/O" 34.43 0 14.84 17.63 0 0 25.04 8.057
"HVM" 6.715 0 0.004277 1.397 12.57 25.7 41.62 12
END
$d1 << END
"PV" 51.75 2.001 1.228 6.982 0 0 28.86 9.186
"PVH" 42.55 0 0 22.08 0 0 26.81 8.557
"PVHVM" 42.5 0 0 22.12 0 0 26.8 8.57
"PV I/O" 37.91 0 13.94 16.61 0 0.0384 23.87 7.629
"HVM" 6.62 0 0.00428 1.398 12.58 25.74 41.65 12
END
$d2 << END
"PV" 37.14 1.048 0.7817 7.562 0 0.1341 38.17 15.17
"PVH" 29.92 0 0 21.65 0 0.1171 35.06 13.26
"PVHVM" 29.84 0 0 21.79 0 0.1167 35.04 13.21
"PV I/O" 26.46 0 9.398 12.77 0 0.1136 39.67 11.58
"HVM" 3.044 0 0.008817 3.354 26.12 21.58 36.14 9.755
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
