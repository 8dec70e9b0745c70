set terminal svg size 1100,520 dynamic noenhanced font "sans-serif,13" background "white"
set output "payers-devices.svg"
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3
set style fill solid 1.0 noborder
set xtics rotate by -30
set title "Who pays for disk and network: guest, columns of the spectrum, control domain"
set ylabel "% of the instructions"
$d0 << END
"PV" 46.91 2.128 2.11 8.001 0 29.92 10.93
"PVH" 38.15 0 0 23.55 0 28 10.3
"PVHVM" 38.08 0 0 23.64 0 27.95 10.32
"PV I/O" 33.98 0 14.54 17.79 0 24.66 9.037
"HVM" 6.548 0.004265 0 1.387 14.11 65.56 12.39
END
$d1 << END
"PV" 50.36 1.96 1.931 7.456 0 28.1 10.19
"PVH" 41.92 0 0 22.04 0 26.41 9.624
"PVHVM" 41.98 0 0 22.05 0 26.39 9.573
"PV I/O" 37.5 0 13.74 16.78 0 23.46 8.522
"HVM" 6.45 0.008535 0 1.372 14.11 65.66 12.4
END
$d2 << END
"PV" 36.03 1.009 1.235 7.91 0 36.95 16.87
"PVH" 29.32 0 0 22.48 0 33.12 15.07
"PVHVM" 29.24 0 0 22.7 0 32.98 15.08
"PV I/O" 26.44 0 9.033 12.87 0 38.4 13.25
"HVM" 2.978 26.77 0 3.287 0 56.59 10.38
END
set key at screen 0.5,0.99 center top vertical maxrows 4
set tmargin 7
set style data histogram
set style histogram rowstacked gap 1
set boxwidth 0.8
set yrange [0:100]
set xtics rotate by -90
set bmargin 8
plot newhistogram "read 4k" offset 0,-2.4, $d0 using 2:xtic(1) title "guest itself" lc rgb "#9aa5b1", $d0 using 3:xtic(1) title "Prism: privileged" lc rgb "#c0392b", $d0 using 4:xtic(1) title "Prism: platform" lc rgb "#e67e22", $d0 using 5:xtic(1) title "Prism: interrupts" lc rgb "#8e44ad", $d0 using 6:xtic(1) title "Prism: I/O" lc rgb "#16a085", $d0 using 7:xtic(1) title "control domain" lc rgb "#2471a3", $d0 using 8:xtic(1) title "Prism for control domain" lc rgb "#85c1e9", newhistogram "write 4k" offset 0,-2.4, $d1 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d1 using 3:xtic(1) notitle lc rgb "#c0392b", $d1 using 4:xtic(1) notitle lc rgb "#e67e22", $d1 using 5:xtic(1) notitle lc rgb "#8e44ad", $d1 using 6:xtic(1) notitle lc rgb "#16a085", $d1 using 7:xtic(1) notitle lc rgb "#2471a3", $d1 using 8:xtic(1) notitle lc rgb "#85c1e9", newhistogram "net trip" offset 0,-2.4, $d2 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d2 using 3:xtic(1) notitle lc rgb "#c0392b", $d2 using 4:xtic(1) notitle lc rgb "#e67e22", $d2 using 5:xtic(1) notitle lc rgb "#8e44ad", $d2 using 6:xtic(1) notitle lc rgb "#16a085", $d2 using 7:xtic(1) notitle lc rgb "#2471a3", $d2 using 8:xtic(1) notitle lc rgb "#85c1e9"
set terminal pngcairo size 1100,520 noenhanced font "sans,11"
set output "payers-devices.png"
replot
set output
