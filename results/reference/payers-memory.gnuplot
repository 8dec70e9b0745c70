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
"PV" 80.11 19.85 0.01347 0.02452 0 0 0
"PVH" 99.81 0 0 0.1632 0 0.01507 0.008879
"PVHVM" 99.65 0 0 0.1993 0 0.1046 0.04234
"PV I/O" 99.84 0 0.1268 0.03474 0 0 0
"HVM" 99.64 0 0 0.3344 0 0.0154 0.008891
END
$d1 << END
"PV" 75.42 24.51 0.01657 0.02457 0 0.01952 0.01286
"PVH" 100 0 0 0 0 0 0
"PVHVM" 99.8 0 0 0.1971 0 0 0
"PV I/O" 100 0 0 0 0 0 0
"HVM" 99.89 0 0 0.1093 0 0 0
END
$d2 << END
"PV" 67.04 32.84 0.02044 0.03319 0 0.05086 0.0192
"PVH" 99.86 0 0 0.1404 0 0 0
"PVHVM" 99.85 0 0 0.1485 0 0 0
"PV I/O" 99.84 0 0.1249 0.03045 0 0 0
"HVM" 99.62 0 0 0.3775 0 0 0
END
$d3 << END
"PV" 84.92 14.86 0.006979 0.05552 0 0.1155 0.03482
"PVH" 99.75 0 0 0.1672 0 0.05821 0.02745
"PVHVM" 99.83 0 0 0.166 0 0 0
"PV I/O" 99.86 0 0.1155 0.02816 0 0 0
"HVM" 99.52 0 0 0.3261 0 0.1154 0.04324
END
$d4 << END
"PV" 61.22 38.73 0.01147 0.02624 0 0.008216 0.00445
"PVH" 99.42 0 0 0.2713 0 0.2294 0.08051
"PVHVM" 99.54 0 0 0.2843 0 0.1193 0.05888
"PV I/O" 99.52 0 0.1308 0.07119 0.06772 0.1569 0.05357
"HVM" 99.65 0 0 0.3492 0 0 0
END
set key at screen 0.5,0.99 center top vertical maxrows 4
set tmargin 7
set style data histogram
set style histogram rowstacked gap 1
set boxwidth 0.8
set yrange [0:100]
set xtics rotate by -90
set bmargin 8
plot newhistogram "page fault" offset 0,-2.4, $d0 using 2:xtic(1) title "guest itself" lc rgb "#9aa5b1", $d0 using 3:xtic(1) title "Prism: privileged" lc rgb "#c0392b", $d0 using 4:xtic(1) title "Prism: platform" lc rgb "#e67e22", $d0 using 5:xtic(1) title "Prism: interrupts" lc rgb "#8e44ad", $d0 using 6:xtic(1) title "control domain: programs" lc rgb "#1a5276", $d0 using 7:xtic(1) title "control domain: kernel" lc rgb "#2471a3", $d0 using 8:xtic(1) title "Prism for control domain" lc rgb "#85c1e9", newhistogram "file fault" offset 0,-2.4, $d1 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d1 using 3:xtic(1) notitle lc rgb "#c0392b", $d1 using 4:xtic(1) notitle lc rgb "#e67e22", $d1 using 5:xtic(1) notitle lc rgb "#8e44ad", $d1 using 6:xtic(1) notitle lc rgb "#1a5276", $d1 using 7:xtic(1) notitle lc rgb "#2471a3", $d1 using 8:xtic(1) notitle lc rgb "#85c1e9", newhistogram "copy on write" offset 0,-2.4, $d2 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d2 using 3:xtic(1) notitle lc rgb "#c0392b", $d2 using 4:xtic(1) notitle lc rgb "#e67e22", $d2 using 5:xtic(1) notitle lc rgb "#8e44ad", $d2 using 6:xtic(1) notitle lc rgb "#1a5276", $d2 using 7:xtic(1) notitle lc rgb "#2471a3", $d2 using 8:xtic(1) notitle lc rgb "#85c1e9", newhistogram "mmap munmap" offset 0,-2.4, $d3 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d3 using 3:xtic(1) notitle lc rgb "#c0392b", $d3 using 4:xtic(1) notitle lc rgb "#e67e22", $d3 using 5:xtic(1) notitle lc rgb "#8e44ad", $d3 using 6:xtic(1) notitle lc rgb "#1a5276", $d3 using 7:xtic(1) notitle lc rgb "#2471a3", $d3 using 8:xtic(1) notitle lc rgb "#85c1e9", newhistogram "mprotect" offset 0,-2.4, $d4 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d4 using 3:xtic(1) notitle lc rgb "#c0392b", $d4 using 4:xtic(1) notitle lc rgb "#e67e22", $d4 using 5:xtic(1) notitle lc rgb "#8e44ad", $d4 using 6:xtic(1) notitle lc rgb "#1a5276", $d4 using 7:xtic(1) notitle lc rgb "#2471a3", $d4 using 8:xtic(1) notitle lc rgb "#85c1e9"
set terminal pngcairo size 1100,520 noenhanced font "sans,11"
set output "payers-memory.png"
replot
set output
