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
"PV" 48.37 2.171 1.333 7.48 0 0 30.8 9.84
"PVH" 38.83 0 0 23.55 0 0 28.5 9.118
"PVHVM" 38.75 0 0 23.64 0 0 28.46 9.142
"PV I/O" 34.77 0 14.39 17.41 0 0 25.31 8.112
"HVM" 6.735 0 0.00429 1.388 12.48 25.79 41.75 11.86
END
$d1 << END
"PV" 51.8 1.999 1.219 6.95 0 0 28.88 9.145
"PVH" 42.65 0 0 21.97 0 0 26.85 8.523
"PVHVM" 42.57 0 0 22.09 0 0 26.82 8.525
"PV I/O" 38.33 0 13.56 16.37 0 0.03832 24.07 7.621
"HVM" 6.641 0 0 1.401 12.5 25.82 41.79 11.86
END
$d2 << END
"PV" 37.17 1.045 0.7829 7.501 0 0.1342 38.27 15.1
"PVH" 29.96 0 0 21.71 0 0.117 35 13.21
"PVHVM" 29.91 0 0 21.71 0 0.1169 35.1 13.16
"PV I/O" 26.95 0 9.028 12.66 0 0.1138 39.68 11.57
"HVM" 3.048 0 0.008842 3.322 26.12 21.65 36.26 9.598
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
