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
"PV" 96.86 2.934 0.0382 0.05363 0 0.08229 0.02987
"PVH" 99.63 0 0 0.1918 0 0.1291 0.04489
"PVHVM" 99.79 0 0 0.1664 0 0.03343 0.01466
"PV I/O" 99.76 0 0.1218 0.04874 0 0.05195 0.02224
"HVM" 99.7 0 0 0.2966 0 0 0
END
$d1 << END
"PV" 85.04 13.36 0.01093 0.1551 0 0.8163 0.6124
"PVH" 99.91 0 0 0.09328 0 0 0
"PVHVM" 99.81 0 0 0.1878 0 0 0
"PV I/O" 99.78 0 0.1657 0.05134 0 0 0
"HVM" 99.78 0 0 0.2219 0 0 0
END
$d2 << END
"PV" 95.35 4.436 0 0.05621 0 0.1164 0.03622
"PVH" 99.86 0 0 0.1423 0 0 0
"PVHVM" 99.6 0 0 0.1986 0.04291 0.1119 0.04444
"PV I/O" 99.84 0 0.1197 0.03865 0 0 0
"HVM" 99.69 0 0 0.3074 0 0 0
END
$d3 << END
"PV" 85.77 14.12 0 0.05617 0 0.03259 0.01796
"PVH" 99.87 0 0 0.1309 0 0 0
"PVHVM" 99.84 0 0 0.1591 0 0 0
"PV I/O" 99.74 0 0.2124 0.05181 0 0 0
"HVM" 100 0 0 0 0 0 0
END
$d4 << END
"PV" 76.14 23.81 0 0.04615 0 0 0
"PVH" 99.84 0 0 0.1631 0 0 0
"PVHVM" 99.84 0 0 0.1589 0 0 0
"PV I/O" 99.48 0 0.1428 0.1049 0 0.1991 0.07233
"HVM" 99.71 0 0 0.2867 0 0 0
END
set key at screen 0.5,0.99 center top vertical maxrows 4
set tmargin 7
set style data histogram
set style histogram rowstacked gap 1
set boxwidth 0.8
set yrange [0:100]
set xtics rotate by -90
set bmargin 8
plot newhistogram "open close" offset 0,-2.4, $d0 using 2:xtic(1) title "guest itself" lc rgb "#9aa5b1", $d0 using 3:xtic(1) title "Prism: privileged" lc rgb "#c0392b", $d0 using 4:xtic(1) title "Prism: platform" lc rgb "#e67e22", $d0 using 5:xtic(1) title "Prism: interrupts" lc rgb "#8e44ad", $d0 using 6:xtic(1) title "control domain: programs" lc rgb "#1a5276", $d0 using 7:xtic(1) title "control domain: kernel" lc rgb "#2471a3", $d0 using 8:xtic(1) title "Prism for control domain" lc rgb "#85c1e9", newhistogram "signal install" offset 0,-2.4, $d1 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d1 using 3:xtic(1) notitle lc rgb "#c0392b", $d1 using 4:xtic(1) notitle lc rgb "#e67e22", $d1 using 5:xtic(1) notitle lc rgb "#8e44ad", $d1 using 6:xtic(1) notitle lc rgb "#1a5276", $d1 using 7:xtic(1) notitle lc rgb "#2471a3", $d1 using 8:xtic(1) notitle lc rgb "#85c1e9", newhistogram "signal deliver" offset 0,-2.4, $d2 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d2 using 3:xtic(1) notitle lc rgb "#c0392b", $d2 using 4:xtic(1) notitle lc rgb "#e67e22", $d2 using 5:xtic(1) notitle lc rgb "#8e44ad", $d2 using 6:xtic(1) notitle lc rgb "#1a5276", $d2 using 7:xtic(1) notitle lc rgb "#2471a3", $d2 using 8:xtic(1) notitle lc rgb "#85c1e9", newhistogram "clock gettime" offset 0,-2.4, $d3 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d3 using 3:xtic(1) notitle lc rgb "#c0392b", $d3 using 4:xtic(1) notitle lc rgb "#e67e22", $d3 using 5:xtic(1) notitle lc rgb "#8e44ad", $d3 using 6:xtic(1) notitle lc rgb "#1a5276", $d3 using 7:xtic(1) notitle lc rgb "#2471a3", $d3 using 8:xtic(1) notitle lc rgb "#85c1e9", newhistogram "getcpu" offset 0,-2.4, $d4 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d4 using 3:xtic(1) notitle lc rgb "#c0392b", $d4 using 4:xtic(1) notitle lc rgb "#e67e22", $d4 using 5:xtic(1) notitle lc rgb "#8e44ad", $d4 using 6:xtic(1) notitle lc rgb "#1a5276", $d4 using 7:xtic(1) notitle lc rgb "#2471a3", $d4 using 8:xtic(1) notitle lc rgb "#85c1e9"
set terminal pngcairo size 1100,520 noenhanced font "sans,11"
set output "payers-calls-2.png"
replot
set output
