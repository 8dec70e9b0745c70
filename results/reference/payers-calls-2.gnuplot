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
"PV" 96.95 2.937 0.03904 0.04675 0.02189 0.009492
"PVH" 99.65 0 0 0.1843 0.09027 0.07079
"PVHVM" 99.72 0 0 0.1712 0.08333 0.02796
"PV I/O" 99.76 0 0.1184 0.04941 0.05584 0.02055
"HVM" 99.7 0 0 0.3033 0 0
END
$d1 << END
"PV" 86.37 13.59 0 0.04508 0 0
"PVH" 99.89 0 0 0.1056 0 0
"PVHVM" 99.65 0 0 0.2099 0.08059 0.05676
"PV I/O" 99.79 0 0.169 0.04568 0 0
"HVM" 99.64 0 0 0.3583 0 0
END
$d2 << END
"PV" 95.51 4.445 0 0.04136 0 0
"PVH" 99.56 0 0 0.2413 0.1409 0.05602
"PVHVM" 99.85 0 0 0.1473 0 0
"PV I/O" 99.84 0 0.122 0.03298 0 0
"HVM" 99.52 0 0 0.3475 0.09661 0.03852
END
$d3 << END
"PV" 85.82 14.14 0 0.03545 0 0
"PVH" 99.83 0 0 0.1675 0 0
"PVHVM" 99.87 0 0 0.1267 0 0
"PV I/O" 99.41 0 0.1182 0.111 0.2638 0.09814
"HVM" 100 0 0 0 0 0
END
$d4 << END
"PV" 76.15 23.82 0 0.03112 0 0
"PVH" 99.83 0 0 0.1662 0 0
"PVHVM" 99.83 0 0 0.1677 0 0
"PV I/O" 99.9 0 0.06904 0.0278 0 0
"HVM" 99.71 0 0 0.2925 0 0
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
