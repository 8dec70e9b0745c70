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
"PV" 91.56 8.346 0.009787 0.03356 0.03464 0.0139
"PVH" 99.75 0 0 0.1743 0.05119 0.02038
"PVHVM" 99.76 0 0 0.1659 0.05092 0.02042
"PV I/O" 99.85 0 0.1134 0.03257 0 0
"HVM" 99.68 0 0 0.3218 0 0
END
$d1 << END
"PV" 89.14 10.71 0.0125 0.0474 0.06481 0.01996
"PVH" 99.95 0 0 0.04801 0 0
"PVHVM" 99.76 0 0 0.2444 0 0
"PV I/O" 99.8 0 0.08581 0.04511 0.04161 0.02713
"HVM" 99.46 0 0 0.5364 0 0
END
$d2 << END
"PV" 73.99 25.98 0.01151 0.02129 0 0
"PVH" 99.86 0 0 0.1398 0 0
"PVHVM" 99.9 0 0 0.09777 0 0
"PV I/O" 99.84 0 0.1253 0.03532 0 0
"HVM" 99.58 0 0 0.4185 0 0
END
$d3 << END
"PV" 88.67 11.3 0.004579 0.02759 0 0
"PVH" 99.87 0 0 0.1293 0 0
"PVHVM" 99.84 0 0 0.1631 0 0
"PV I/O" 99.85 0 0.1158 0.03135 0 0
"HVM" 99.71 0 0 0.2948 0 0
END
$d4 << END
"PV" 65.99 33.93 0.008912 0.03287 0.02751 0.01282
"PVH" 99.65 0 0 0.1917 0.1153 0.04776
"PVHVM" 99.77 0 0 0.1406 0.06441 0.02936
"PV I/O" 99.83 0 0.1323 0.03596 0 0
"HVM" 99.67 0 0 0.2733 0.0372 0.01821
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
