set terminal svg size 1100,520 dynamic noenhanced font "sans-serif,13" background "white"
set output "payers-memory.svg"
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3
set style fill solid 1.0 noborder
set xtics rotate by -30
set title "Who pays for memory: guest, columns of the spectrum, control domain"
set ylabel "% of the instructions"
$d0 << END
"PV" 79.14 20.81 0.01361 0.0351 0 0
"PVH" 99.81 0 0 0.1693 0.01506 0.009631
"PVHVM" 99.76 0 0 0.1693 0.05078 0.02138
"PV I/O" 99.85 0 0.1127 0.04215 0 0
"HVM" 99.71 0 0 0.2941 0 0
END
$d1 << END
"PV" 74.24 25.58 0.02002 0.05433 0.072 0.03238
"PVH" 99.95 0 0 0.04984 0 0
"PVHVM" 99.9 0 0 0.1041 0 0
"PV I/O" 99.73 0 0.2128 0.05858 0 0
"HVM" 99.89 0 0 0.02874 0.05538 0.02936
END
$d2 << END
"PV" 65.98 33.87 0.02403 0.05273 0.05331 0.02231
"PVH" 99.85 0 0 0.1452 0 0
"PVHVM" 99.85 0 0 0.1501 0 0
"PV I/O" 99.84 0 0.1248 0.03426 0 0
"HVM" 99.64 0 0 0.3586 0 0
END
$d3 << END
"PV" 84.35 15.42 0.003542 0.06698 0.1148 0.03698
"PVH" 99.87 0 0 0.1343 0 0
"PVHVM" 99.86 0 0 0.138 0 0
"PV I/O" 99.59 0 0.1429 0.07834 0.1411 0.04985
"HVM" 99.71 0 0 0.2949 0 0
END
$d4 << END
"PV" 60.91 39.03 0.01282 0.02803 0.008255 0.004801
"PVH" 99.68 0 0 0.199 0.08663 0.03056
"PVHVM" 99.53 0 0 0.2438 0.1698 0.05799
"PV I/O" 99.55 0 0.09846 0.07164 0.2249 0.05764
"HVM" 99.75 0 0 0.2538 0 0
END
set key at screen 0.5,0.99 center top vertical maxrows 4
set tmargin 7
set style data histogram
set style histogram rowstacked gap 1
set boxwidth 0.8
set yrange [0:100]
set xtics rotate by -90
set bmargin 8
plot newhistogram "page fault" offset 0,-2.4, $d0 using 2:xtic(1) title "guest itself" lc rgb "#9aa5b1", $d0 using 3:xtic(1) title "Prism: privileged" lc rgb "#c0392b", $d0 using 4:xtic(1) title "Prism: platform" lc rgb "#e67e22", $d0 using 5:xtic(1) title "Prism: interrupts" lc rgb "#8e44ad", $d0 using 6:xtic(1) title "control domain" lc rgb "#2471a3", $d0 using 7:xtic(1) title "Prism for control domain" lc rgb "#85c1e9", newhistogram "file fault" offset 0,-2.4, $d1 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d1 using 3:xtic(1) notitle lc rgb "#c0392b", $d1 using 4:xtic(1) notitle lc rgb "#e67e22", $d1 using 5:xtic(1) notitle lc rgb "#8e44ad", $d1 using 6:xtic(1) notitle lc rgb "#2471a3", $d1 using 7:xtic(1) notitle lc rgb "#85c1e9", newhistogram "copy on write" offset 0,-2.4, $d2 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d2 using 3:xtic(1) notitle lc rgb "#c0392b", $d2 using 4:xtic(1) notitle lc rgb "#e67e22", $d2 using 5:xtic(1) notitle lc rgb "#8e44ad", $d2 using 6:xtic(1) notitle lc rgb "#2471a3", $d2 using 7:xtic(1) notitle lc rgb "#85c1e9", newhistogram "mmap munmap" offset 0,-2.4, $d3 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d3 using 3:xtic(1) notitle lc rgb "#c0392b", $d3 using 4:xtic(1) notitle lc rgb "#e67e22", $d3 using 5:xtic(1) notitle lc rgb "#8e44ad", $d3 using 6:xtic(1) notitle lc rgb "#2471a3", $d3 using 7:xtic(1) notitle lc rgb "#85c1e9", newhistogram "mprotect" offset 0,-2.4, $d4 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d4 using 3:xtic(1) notitle lc rgb "#c0392b", $d4 using 4:xtic(1) notitle lc rgb "#e67e22", $d4 using 5:xtic(1) notitle lc rgb "#8e44ad", $d4 using 6:xtic(1) notitle lc rgb "#2471a3", $d4 using 7:xtic(1) notitle lc rgb "#85c1e9"
set terminal pngcairo size 1100,520 noenhanced font "sans,11"
set output "payers-memory.png"
replot
set output
