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
"PV" 81.08 18.77 0.06933 0.04228 0 0.02895 0.01274
"PVH" 99.8 0 0 0.1627 0 0.02552 0.01091
"PVHVM" 99.82 0 0 0.1552 0 0.01478 0.007394
"PV I/O" 99.79 0 0.1378 0.04348 0 0.02363 0.008722
"HVM" 99.69 0 0.0122 0.3011 0 0 0
END
$d1 << END
"PV" 77.18 22.68 0.0622 0.0428 0 0.02273 0.009999
"PVH" 93.74 0 6.07 0.1547 0 0.02231 0.01002
"PVHVM" 93.54 0 6.258 0.1571 0 0.03461 0.01083
"PV I/O" 93.55 0 6.354 0.04825 0 0.03298 0.01476
"HVM" 93.52 0 6.175 0.3046 0 0 0
END
$d2 << END
"PV" 69.3 30.34 0.2615 0.03355 0 0.0408 0.01736
"PVH" 83.01 0 16.8 0.1528 0 0.02509 0.01156
"PVHVM" 82.6 0 17.17 0.1674 0 0.04541 0.01589
"PV I/O" 82.57 0 17.25 0.0518 0 0.09778 0.03296
"HVM" 82.71 0 17 0.2854 0 0 0
END
$d3 << END
"PV" 79.24 16.69 4.043 0.02903 0 0 0
"PVH" 99.86 0 0 0.1443 0 0 0
"PVHVM" 99.54 0 0 0.2376 0 0.1626 0.05916
"PV I/O" 99.84 0 0.1198 0.04031 0 0 0
"HVM" 99.66 0 0 0.3203 0 0.01438 0.01005
END
$d4 << END
"PV" 90.52 4.607 4.846 0.02838 0 0 0
"PVH" 99.86 0 0 0.1428 0 0 0
"PVHVM" 99.72 0 0 0.201 0 0.05191 0.02301
"PV I/O" 99.66 0 0.1179 0.067 0.02645 0.08567 0.03914
"HVM" 99.69 0 0 0.3132 0 0 0
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
