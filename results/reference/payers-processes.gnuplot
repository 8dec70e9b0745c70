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
"PV" 85.87 14 0.04431 0.03518 0 0.03449 0.01287
"PVH" 99.82 0 0 0.1523 0 0.02289 0.009284
"PVHVM" 99.78 0 0 0.1583 0 0.04716 0.01764
"PV I/O" 99.76 0 0.1351 0.04131 0 0.04389 0.01559
"HVM" 99.69 0 0.01175 0.3007 0 0 0
END
$d1 << END
"PV" 84.05 15.82 0.04129 0.03699 0 0.03169 0.01263
"PVH" 93.75 0 6.075 0.1381 0 0.02349 0.009037
"PVHVM" 93.59 0 6.222 0.1478 0 0.03458 0.009591
"PV I/O" 93.56 0 6.326 0.04422 0 0.05127 0.02098
"HVM" 93.44 0 6.131 0.3125 0.009563 0.08217 0.02246
END
$d2 << END
"PV" 80.11 19.68 0.1824 0.03033 0 0 0
"PVH" 83.04 0 16.7 0.1728 0 0.06023 0.02488
"PVHVM" 82.69 0 17.08 0.158 0 0.0449 0.02018
"PV I/O" 82.75 0 17.22 0.02277 0 0 0
"HVM" 82.81 0 16.93 0.2588 0 0 0
END
$d3 << END
"PV" 84.64 12.56 2.656 0.03738 0 0.08576 0.01789
"PVH" 99.86 0 0 0.1364 0 0 0
"PVHVM" 99.87 0 0 0.135 0 0 0
"PV I/O" 99.84 0 0.1179 0.03778 0 0 0
"HVM" 99.69 0 0 0.3076 0 0 0
END
$d4 << END
"PV" 92.25 4.691 3.035 0.02598 0 0 0
"PVH" 99.72 0 0 0.1832 0 0.06763 0.02963
"PVHVM" 99.86 0 0 0.135 0 0 0
"PV I/O" 99.73 0 0.1161 0.05426 0 0.07826 0.02234
"HVM" 99.69 0 0 0.309 0 0 0
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
