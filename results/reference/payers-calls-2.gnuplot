set terminal svg size 1100,520 dynamic noenhanced font "sans-serif,13" background "white"
set output "payers-calls-2.svg"
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3 samplen 2
set style fill solid 1.0 noborder
set xtics rotate by -30
set title "Who pays for system calls: guest, columns of the spectrum, control domain"
set ylabel "% of the instructions"
$d0 << END
"PV" 96.96 2.936 0.02427 0.04073 0.02812 0.01202
"PVH" 99.82 0 0 0.1463 0.02265 0.008722
"PVHVM" 99.79 0 0 0.1588 0.04135 0.01472
"PV I/O" 99.67 0 0.1298 0.05337 0.09839 0.05009
"HVM" 99.71 0 0 0.2941 0 0
END
$d1 << END
"PV" 86.39 13.6 0 0.01537 0 0
"PVH" 99.91 0 0 0.09248 0 0
"PVHVM" 99.91 0 0 0.09204 0 0
"PV I/O" 99.9 0 0.08281 0.01985 0 0
"HVM" 99.78 0 0 0.2196 0 0
END
$d2 << END
"PV" 95.53 4.444 0 0.02758 0 0
"PVH" 99.86 0 0 0.1412 0 0
"PVHVM" 99.78 0 0 0.1699 0.03471 0.01489
"PV I/O" 99.85 0 0.1194 0.03493 0 0
"HVM" 99.69 0 0 0.3134 0 0
END
$d3 << END
"PV" 85.59 14.1 0 0.08468 0.1671 0.05873
"PVH" 99.84 0 0 0.1575 0 0
"PVHVM" 99.85 0 0 0.1549 0 0
"PV I/O" 100 0 0 0 0 0
"HVM" 99.47 0 0 0.5336 0 0
END
$d4 << END
"PV" 76.15 23.82 0 0.02333 0 0
"PVH" 99.84 0 0 0.1562 0 0
"PVHVM" 99.84 0 0 0.1632 0 0
"PV I/O" 99.82 0 0.1349 0.04126 0 0
"HVM" 99.7 0 0 0.2982 0 0
END
set key at screen 0.5,0.99 center top vertical maxrows 4
set tmargin 7
set style data histogram
set style histogram rowstacked gap 1
set boxwidth 0.8
set yrange [0:100]
set xtics rotate by -90
set bmargin 8
plot newhistogram "open close" offset 0,-2.4, $d0 using 2:xtic(1) title "guest itself" lc rgb "#9aa5b1", $d0 using 3:xtic(1) title "Prism: privileged" lc rgb "#c0392b", $d0 using 4:xtic(1) title "Prism: platform" lc rgb "#e67e22", $d0 using 5:xtic(1) title "Prism: interrupts" lc rgb "#8e44ad", $d0 using 6:xtic(1) title "control domain: kernel" lc rgb "#2471a3", $d0 using 7:xtic(1) title "Prism for control domain" lc rgb "#85c1e9", newhistogram "signal install" offset 0,-2.4, $d1 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d1 using 3:xtic(1) notitle lc rgb "#c0392b", $d1 using 4:xtic(1) notitle lc rgb "#e67e22", $d1 using 5:xtic(1) notitle lc rgb "#8e44ad", $d1 using 6:xtic(1) notitle lc rgb "#2471a3", $d1 using 7:xtic(1) notitle lc rgb "#85c1e9", newhistogram "signal deliver" offset 0,-2.4, $d2 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d2 using 3:xtic(1) notitle lc rgb "#c0392b", $d2 using 4:xtic(1) notitle lc rgb "#e67e22", $d2 using 5:xtic(1) notitle lc rgb "#8e44ad", $d2 using 6:xtic(1) notitle lc rgb "#2471a3", $d2 using 7:xtic(1) notitle lc rgb "#85c1e9", newhistogram "clock gettime" offset 0,-2.4, $d3 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d3 using 3:xtic(1) notitle lc rgb "#c0392b", $d3 using 4:xtic(1) notitle lc rgb "#e67e22", $d3 using 5:xtic(1) notitle lc rgb "#8e44ad", $d3 using 6:xtic(1) notitle lc rgb "#2471a3", $d3 using 7:xtic(1) notitle lc rgb "#85c1e9", newhistogram "getcpu" offset 0,-2.4, $d4 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d4 using 3:xtic(1) notitle lc rgb "#c0392b", $d4 using 4:xtic(1) notitle lc rgb "#e67e22", $d4 using 5:xtic(1) notitle lc rgb "#8e44ad", $d4 using 6:xtic(1) notitle lc rgb "#2471a3", $d4 using 7:xtic(1) notitle lc rgb "#85c1e9"
set terminal pngcairo size 1100,520 noenhanced font "sans,11"
set output "payers-calls-2.png"
replot
set output
