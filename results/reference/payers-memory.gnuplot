set terminal svg size 1100,520 dynamic noenhanced font "sans-serif,13" background "white"
set output "payers-memory.svg"
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3 samplen 2
set style fill solid 1.0 noborder
set xtics rotate by -30
set title "Who pays for memory: guest, columns of the spectrum, control domain"
set ylabel "% of the instructions"
$d0 << END
"PV" 91.6 8.303 0.009791 0.03898 0.03544 0.0139
"PVH" 99.83 0 0 0.1434 0.01508 0.008932
"PVHVM" 99.83 0 0 0.146 0.01533 0.008957
"PV I/O" 99.59 0 0.1324 0.05727 0.1816 0.04337
"HVM" 99.67 0 0 0.3268 0 0
END
$d1 << END
"PV" 89.19 10.67 0.01251 0.04228 0.06484 0.01997
"PVH" 99.76 0 0 0.2381 0 0
"PVHVM" 99.81 0 0 0.1927 0 0
"PV I/O" 99.19 0 0.2288 0.1383 0.3275 0.1139
"HVM" 99.46 0 0 0.5356 0 0
END
$d2 << END
"PV" 74.01 25.95 0.01151 0.02911 0 0
"PVH" 99.81 0 0 0.1892 0 0
"PVHVM" 99.9 0 0 0.09757 0 0
"PV I/O" 99.84 0 0.1252 0.0352 0 0
"HVM" 99.43 0 0.1515 0.4176 0 0
END
$d3 << END
"PV" 88.62 11.28 0.004577 0.04908 0.02944 0.01423
"PVH" 99.87 0 0 0.1291 0 0
"PVHVM" 99.84 0 0 0.1628 0 0
"PV I/O" 99.86 0 0.1157 0.02747 0 0
"HVM" 99.71 0 0 0.2946 0 0
END
$d4 << END
"PV" 66.01 33.96 0.008532 0.02118 0 0
"PVH" 99.8 0 0 0.1517 0.0284 0.02094
"PVHVM" 99.85 0 0 0.1488 0 0
"PV I/O" 99.83 0 0.1326 0.03583 0 0
"HVM" 99.75 0 0 0.2502 0 0
END
set key at screen 0.5,0.99 center top vertical maxrows 4
set tmargin 7
set style data histogram
set style histogram rowstacked gap 1
set boxwidth 0.8
set yrange [0:100]
set xtics rotate by -90
set bmargin 8
plot newhistogram "page fault" offset 0,-2.4, $d0 using 2:xtic(1) title "guest itself" lc rgb "#9aa5b1", $d0 using 3:xtic(1) title "Prism: privileged" lc rgb "#c0392b", $d0 using 4:xtic(1) title "Prism: platform" lc rgb "#e67e22", $d0 using 5:xtic(1) title "Prism: interrupts" lc rgb "#8e44ad", $d0 using 6:xtic(1) title "control domain: kernel" lc rgb "#2471a3", $d0 using 7:xtic(1) title "Prism for control domain" lc rgb "#85c1e9", newhistogram "file fault" offset 0,-2.4, $d1 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d1 using 3:xtic(1) notitle lc rgb "#c0392b", $d1 using 4:xtic(1) notitle lc rgb "#e67e22", $d1 using 5:xtic(1) notitle lc rgb "#8e44ad", $d1 using 6:xtic(1) notitle lc rgb "#2471a3", $d1 using 7:xtic(1) notitle lc rgb "#85c1e9", newhistogram "copy on write" offset 0,-2.4, $d2 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d2 using 3:xtic(1) notitle lc rgb "#c0392b", $d2 using 4:xtic(1) notitle lc rgb "#e67e22", $d2 using 5:xtic(1) notitle lc rgb "#8e44ad", $d2 using 6:xtic(1) notitle lc rgb "#2471a3", $d2 using 7:xtic(1) notitle lc rgb "#85c1e9", newhistogram "mmap munmap" offset 0,-2.4, $d3 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d3 using 3:xtic(1) notitle lc rgb "#c0392b", $d3 using 4:xtic(1) notitle lc rgb "#e67e22", $d3 using 5:xtic(1) notitle lc rgb "#8e44ad", $d3 using 6:xtic(1) notitle lc rgb "#2471a3", $d3 using 7:xtic(1) notitle lc rgb "#85c1e9", newhistogram "mprotect" offset 0,-2.4, $d4 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d4 using 3:xtic(1) notitle lc rgb "#c0392b", $d4 using 4:xtic(1) notitle lc rgb "#e67e22", $d4 using 5:xtic(1) notitle lc rgb "#8e44ad", $d4 using 6:xtic(1) notitle lc rgb "#2471a3", $d4 using 7:xtic(1) notitle lc rgb "#85c1e9"
set terminal pngcairo size 1100,520 noenhanced font "sans,11"
set output "payers-memory.png"
replot
set output
