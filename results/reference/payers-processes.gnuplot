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
"PV" 85.82 14.07 0.04427 0.03274 0 0.01854 0.007495
"PVH" 99.76 0 0 0.1637 0 0.05585 0.01997
"PVHVM" 99.81 0 0 0.1498 0.006597 0.02665 0.009591
"PV I/O" 99.82 0 0.1301 0.03253 0 0.01133 0.004574
"HVM" 99.7 0 0.01175 0.291 0 0 0
END
$d1 << END
"PV" 84.02 15.86 0.04214 0.03708 0 0.02865 0.01166
"PVH" 93.76 0 6.071 0.1378 0 0.02401 0.008893
"PVHVM" 93.58 0 6.238 0.1377 0 0.03037 0.009467
"PV I/O" 93.58 0 6.321 0.03969 0 0.04554 0.01727
"HVM" 93.52 0 6.132 0.3062 0 0.03252 0.009448
END
$d2 << END
"PV" 80.11 19.68 0.1813 0.02708 0 0 0
"PVH" 83.09 0 16.72 0.1336 0 0.04384 0.0138
"PVHVM" 82.66 0 17.11 0.1429 0 0.0622 0.02305
"PV I/O" 82.77 0 17.2 0.02875 0 0 0
"HVM" 82.82 0 16.9 0.2841 0 0 0
END
$d3 << END
"PV" 84.63 12.57 2.658 0.0352 0 0.08824 0.01765
"PVH" 99.87 0 0 0.1333 0 0 0
"PVHVM" 99.86 0 0 0.1357 0 0 0
"PV I/O" 99.85 0 0.1172 0.03585 0 0 0
"HVM" 99.69 0 0 0.3107 0 0 0
END
$d4 << END
"PV" 92.21 4.689 3.032 0.03308 0 0.03076 0.009539
"PVH" 99.72 0 0 0.1847 0 0.06732 0.02912
"PVHVM" 99.74 0 0 0.1863 0 0.05024 0.02032
"PV I/O" 99.73 0 0.1154 0.05407 0 0.07822 0.02199
"HVM" 99.7 0 0 0.3 0 0 0
END
set key at screen 0.5,0.99 center top vertical maxrows 4
set tmargin 7
set style data histogram
set style histogram rowstacked gap 1
set boxwidth 0.8
set yrange [0:100]
set xtics rotate by -90
set bmargin 8
plot newhistogram "fork exit" offset 0,-2.4, $d0 using 2:xtic(1) title "guest itself" lc rgb "#9aa5b1", $d0 using 3:xtic(1) title "Prism: privileged" lc rgb "#c0392b", $d0 using 4:xtic(1) title "Prism: platform" lc rgb "#e67e22", $d0 using 5:xtic(1) title "Prism: interrupts" lc rgb "#8e44ad", $d0 using 6:xtic(1) title "control domain: programs" lc rgb "#1a5276", $d0 using 7:xtic(1) title "control domain: kernel" lc rgb "#2471a3", $d0 using 8:xtic(1) title "Prism for control domain" lc rgb "#85c1e9", newhistogram "fork exec" offset 0,-2.4, $d1 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d1 using 3:xtic(1) notitle lc rgb "#c0392b", $d1 using 4:xtic(1) notitle lc rgb "#e67e22", $d1 using 5:xtic(1) notitle lc rgb "#8e44ad", $d1 using 6:xtic(1) notitle lc rgb "#1a5276", $d1 using 7:xtic(1) notitle lc rgb "#2471a3", $d1 using 8:xtic(1) notitle lc rgb "#85c1e9", newhistogram "vfork exec" offset 0,-2.4, $d2 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d2 using 3:xtic(1) notitle lc rgb "#c0392b", $d2 using 4:xtic(1) notitle lc rgb "#e67e22", $d2 using 5:xtic(1) notitle lc rgb "#8e44ad", $d2 using 6:xtic(1) notitle lc rgb "#1a5276", $d2 using 7:xtic(1) notitle lc rgb "#2471a3", $d2 using 8:xtic(1) notitle lc rgb "#85c1e9", newhistogram "pipe trip" offset 0,-2.4, $d3 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d3 using 3:xtic(1) notitle lc rgb "#c0392b", $d3 using 4:xtic(1) notitle lc rgb "#e67e22", $d3 using 5:xtic(1) notitle lc rgb "#8e44ad", $d3 using 6:xtic(1) notitle lc rgb "#1a5276", $d3 using 7:xtic(1) notitle lc rgb "#2471a3", $d3 using 8:xtic(1) notitle lc rgb "#85c1e9", newhistogram "thread trip" offset 0,-2.4, $d4 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d4 using 3:xtic(1) notitle lc rgb "#c0392b", $d4 using 4:xtic(1) notitle lc rgb "#e67e22", $d4 using 5:xtic(1) notitle lc rgb "#8e44ad", $d4 using 6:xtic(1) notitle lc rgb "#1a5276", $d4 using 7:xtic(1) notitle lc rgb "#2471a3", $d4 using 8:xtic(1) notitle lc rgb "#85c1e9"
set terminal pngcairo size 1100,520 noenhanced font "sans,11"
set output "payers-processes.png"
replot
set output
