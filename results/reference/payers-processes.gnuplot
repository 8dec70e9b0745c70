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
"PV" 81.66 18.2 0.06764 0.03603 0.02842 0.0118
"PVH" 99.78 0 0 0.1657 0.03447 0.01533
"PVHVM" 99.84 0 0 0.1394 0.0114 0.004827
"PV I/O" 99.81 0 0.1306 0.03276 0.01739 0.005209
"HVM" 99.69 0 0.01189 0.2939 0 0
END
$d1 << END
"PV" 78.14 21.76 0.06145 0.02785 0.01126 0.004673
"PVH" 93.76 0 6.064 0.1444 0.02249 0.009366
"PVHVM" 93.55 0 6.229 0.158 0.04781 0.01874
"PV I/O" 93.52 0 6.329 0.04798 0.07852 0.02754
"HVM" 93.57 0 6.134 0.3002 0 0
END
$d2 << END
"PV" 70.79 28.84 0.2586 0.03526 0.05163 0.0234
"PVH" 83.01 0 16.67 0.1746 0.1111 0.03053
"PVHVM" 82.71 0 17.11 0.1453 0.02673 0.01073
"PV I/O" 82.52 0 17.15 0.07108 0.1933 0.06624
"HVM" 82.77 0 16.97 0.263 0 0
END
$d3 << END
"PV" 80.33 15.63 4.016 0.02241 0 0
"PVH" 99.86 0 0 0.1368 0 0
"PVHVM" 99.86 0 0 0.138 0 0
"PV I/O" 99.84 0 0.1175 0.04026 0 0
"HVM" 99.69 0 0 0.3063 0 0
END
$d4 << END
"PV" 90.62 4.606 4.751 0.02745 0 0
"PVH" 99.49 0 0 0.2471 0.1948 0.07288
"PVHVM" 99.84 0 0 0.1357 0.01667 0.00901
"PV I/O" 99.85 0 0.1162 0.03601 0 0
"HVM" 99.7 0 0 0.3033 0 0
END
set key at screen 0.5,0.99 center top vertical maxrows 4
set tmargin 7
set style data histogram
set style histogram rowstacked gap 1
set boxwidth 0.8
set yrange [0:100]
set xtics rotate by -90
set bmargin 8
plot newhistogram "fork exit" offset 0,-2.4, $d0 using 2:xtic(1) title "guest itself" lc rgb "#9aa5b1", $d0 using 3:xtic(1) title "Prism: privileged" lc rgb "#c0392b", $d0 using 4:xtic(1) title "Prism: platform" lc rgb "#e67e22", $d0 using 5:xtic(1) title "Prism: interrupts" lc rgb "#8e44ad", $d0 using 6:xtic(1) title "control domain: kernel" lc rgb "#2471a3", $d0 using 7:xtic(1) title "Prism for control domain" lc rgb "#85c1e9", newhistogram "fork exec" offset 0,-2.4, $d1 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d1 using 3:xtic(1) notitle lc rgb "#c0392b", $d1 using 4:xtic(1) notitle lc rgb "#e67e22", $d1 using 5:xtic(1) notitle lc rgb "#8e44ad", $d1 using 6:xtic(1) notitle lc rgb "#2471a3", $d1 using 7:xtic(1) notitle lc rgb "#85c1e9", newhistogram "vfork exec" offset 0,-2.4, $d2 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d2 using 3:xtic(1) notitle lc rgb "#c0392b", $d2 using 4:xtic(1) notitle lc rgb "#e67e22", $d2 using 5:xtic(1) notitle lc rgb "#8e44ad", $d2 using 6:xtic(1) notitle lc rgb "#2471a3", $d2 using 7:xtic(1) notitle lc rgb "#85c1e9", newhistogram "pipe trip" offset 0,-2.4, $d3 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d3 using 3:xtic(1) notitle lc rgb "#c0392b", $d3 using 4:xtic(1) notitle lc rgb "#e67e22", $d3 using 5:xtic(1) notitle lc rgb "#8e44ad", $d3 using 6:xtic(1) notitle lc rgb "#2471a3", $d3 using 7:xtic(1) notitle lc rgb "#85c1e9", newhistogram "thread trip" offset 0,-2.4, $d4 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d4 using 3:xtic(1) notitle lc rgb "#c0392b", $d4 using 4:xtic(1) notitle lc rgb "#e67e22", $d4 using 5:xtic(1) notitle lc rgb "#8e44ad", $d4 using 6:xtic(1) notitle lc rgb "#2471a3", $d4 using 7:xtic(1) notitle lc rgb "#85c1e9"
set terminal pngcairo size 1100,520 noenhanced font "sans,11"
set output "payers-processes.png"
replot
set output
