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
"PV" 96.96 2.933 0.02426 0.04186 0.02803 0.01223
"PVH" 99.82 0 0 0.1459 0.02277 0.008868
"PVHVM" 99.82 0 0 0.1474 0.02165 0.008888
"PV I/O" 99.66 0 0.1305 0.05916 0.1129 0.03423
"HVM" 99.71 0 0 0.294 0 0
END
$d1 << END
"PV" 86.38 13.58 0 0.03629 0 0
"PVH" 99.9 0 0 0.09983 0 0
"PVHVM" 99.67 0 0 0.1969 0.08061 0.05255
"PV I/O" 99.89 0 0.08331 0.03083 0 0
"HVM" 99.79 0 0 0.2093 0 0
END
$d2 << END
"PV" 95.53 4.444 0 0.02801 0 0
"PVH" 99.86 0 0 0.138 0 0
"PVHVM" 99.86 0 0 0.1412 0 0
"PV I/O" 99.84 0 0.1201 0.03491 0 0
"HVM" 99.69 0 0 0.311 0 0
END
$d3 << END
"PV" 85.83 14.14 0 0.03718 0 0
"PVH" 99.89 0 0 0.1145 0 0
"PVHVM" 99.84 0 0 0.1585 0 0
"PV I/O" 100 0 0 0 0 0
"HVM" 100 0 0 0 0 0
END
$d4 << END
"PV" 76.15 23.81 0 0.03489 0 0
"PVH" 99.84 0 0 0.1626 0 0
"PVHVM" 99.84 0 0 0.1641 0 0
"PV I/O" 99.82 0 0.1357 0.04124 0 0
"HVM" 99.76 0 0 0.2437 0 0
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
