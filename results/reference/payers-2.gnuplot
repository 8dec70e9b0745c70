set terminal svg size 1100,560 dynamic noenhanced font "sans-serif,13" background "white"
set output "payers-2.svg"
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3
set style fill solid 0.9 noborder
set xtics rotate by -30
set title "Who pays for an operation: guest, columns of the spectrum, control domain"
set ylabel "% of the instructions"
$d0 << END
"PV" 95.41 4.391 0 0.05876 0 0.09521 0.02344 0 0.02508 0
"PVH" 99.78 0 0 0.1452 0 0 0 0 0.07891 0
"PVHVM" 99.77 0 0 0.1464 0 0 0 0 0.0799 0
"PV I/O" 99.76 0 0.1195 0.03925 0 0 0 0 0.07963 0
"HVM" 99.61 0 0 0.3117 0 0 0 0 0.07934 0
END
$d1 << END
"PV" 85.91 14.02 0.004741 0.0378 0 0 0 0 0.03205 0
"PVH" 99.77 0 0 0.1217 0 0 0 0 0.1123 0
"PVHVM" 99.76 0 0 0.1299 0 0 0 0 0.115 0
"PV I/O" 99.03 0 0.2109 0.05787 0 0 0 0 0.7025 0
"HVM" 99.3 0 0 0 0 0 0 0 0.7039 0
END
$d2 << END
"PV" 76.23 23.66 0 0.05748 0 0 0 0 0.05409 0
"PVH" 99.69 0 0 0.08431 0 0 0 0 0.2229 0
"PVHVM" 99.69 0 0 0.08502 0 0 0 0 0.2257 0
"PV I/O" 99.6 0 0.1349 0.03701 0 0 0 0 0.2247 0
"HVM" 99.45 0 0 0.3255 0 0 0 0 0.2238 0
END
$d3 << END
"PV" 79.13 20.81 0.01361 0.03509 0 0 0 0 0.009202 0
"PVH" 99.76 0 0 0.1693 0 0.01505 0.009626 0 0.04652 0
"PVHVM" 99.71 0 0 0.1693 0 0.05076 0.02137 0 0.04709 0
"PV I/O" 99.8 0 0.1126 0.04213 0 0 0 0 0.04698 0
"HVM" 99.66 0 0 0.294 0 0 0 0 0.04682 0
END
$d4 << END
"PV" 74.22 25.58 0.02002 0.05432 0 0.07199 0.03237 0 0.02255 0
"PVH" 99.81 0 0 0.04977 0 0 0 0 0.1412 0
"PVHVM" 99.75 0 0 0.1039 0 0 0 0 0.1428 0
"PV I/O" 99.59 0 0.2125 0.0585 0 0 0 0 0.1416 0
"HVM" 99.74 0 0 0.02869 0 0.0553 0.02931 0 0.1423 0
END
$d5 << END
"PV" 65.96 33.86 0.02403 0.05271 0 0.0533 0.0223 0 0.02228 0
"PVH" 99.72 0 0 0.145 0 0 0 0 0.1372 0
"PVHVM" 99.71 0 0 0.1499 0 0 0 0 0.1389 0
"PV I/O" 99.7 0 0.1247 0.03421 0 0 0 0 0.1384 0
"HVM" 99.5 0 0 0.3581 0 0 0 0 0.1378 0
END
$d6 << END
"PV" 84.33 15.42 0.003541 0.06697 0 0.1148 0.03697 0 0.02394 0
"PVH" 99.77 0 0 0.1342 0 0 0 0 0.09517 0
"PVHVM" 99.77 0 0 0.1378 0 0 0 0 0.09636 0
"PV I/O" 99.49 0 0.1427 0.07826 0 0.1409 0.0498 0 0.09569 0
"HVM" 99.61 0 0 0.2946 0 0 0 0 0.09568 0
END
set style data histogram
set style histogram rowstacked gap 1
set boxwidth 0.8
set yrange [0:100]
set xtics rotate by -90
set bmargin 8
plot newhistogram "signal deliver" offset 0,-2.4, $d0 using 2:xtic(1) title "guest itself" lc rgb "#9aa5b1", $d0 using 3:xtic(1) title "Prism: privileged" lc rgb "#c0392b", $d0 using 4:xtic(1) title "Prism: platform" lc rgb "#e67e22", $d0 using 5:xtic(1) title "Prism: interrupts" lc rgb "#8e44ad", $d0 using 6:xtic(1) title "Prism: I/O" lc rgb "#16a085", $d0 using 7:xtic(1) title "control domain" lc rgb "#2471a3", $d0 using 8:xtic(1) title "Prism for control domain" lc rgb "#85c1e9", $d0 using 9:xtic(1) title "idle" lc rgb "#ecf0f1", $d0 using 10:xtic(1) title "mark" lc rgb "#f7dc6f", $d0 using 11:xtic(1) title "remainder" lc rgb "#2c3e50", newhistogram "clock gettime" offset 0,-2.4, $d1 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d1 using 3:xtic(1) notitle lc rgb "#c0392b", $d1 using 4:xtic(1) notitle lc rgb "#e67e22", $d1 using 5:xtic(1) notitle lc rgb "#8e44ad", $d1 using 6:xtic(1) notitle lc rgb "#16a085", $d1 using 7:xtic(1) notitle lc rgb "#2471a3", $d1 using 8:xtic(1) notitle lc rgb "#85c1e9", $d1 using 9:xtic(1) notitle lc rgb "#ecf0f1", $d1 using 10:xtic(1) notitle lc rgb "#f7dc6f", $d1 using 11:xtic(1) notitle lc rgb "#2c3e50", newhistogram "getcpu" offset 0,-2.4, $d2 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d2 using 3:xtic(1) notitle lc rgb "#c0392b", $d2 using 4:xtic(1) notitle lc rgb "#e67e22", $d2 using 5:xtic(1) notitle lc rgb "#8e44ad", $d2 using 6:xtic(1) notitle lc rgb "#16a085", $d2 using 7:xtic(1) notitle lc rgb "#2471a3", $d2 using 8:xtic(1) notitle lc rgb "#85c1e9", $d2 using 9:xtic(1) notitle lc rgb "#ecf0f1", $d2 using 10:xtic(1) notitle lc rgb "#f7dc6f", $d2 using 11:xtic(1) notitle lc rgb "#2c3e50", newhistogram "page fault" offset 0,-2.4, $d3 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d3 using 3:xtic(1) notitle lc rgb "#c0392b", $d3 using 4:xtic(1) notitle lc rgb "#e67e22", $d3 using 5:xtic(1) notitle lc rgb "#8e44ad", $d3 using 6:xtic(1) notitle lc rgb "#16a085", $d3 using 7:xtic(1) notitle lc rgb "#2471a3", $d3 using 8:xtic(1) notitle lc rgb "#85c1e9", $d3 using 9:xtic(1) notitle lc rgb "#ecf0f1", $d3 using 10:xtic(1) notitle lc rgb "#f7dc6f", $d3 using 11:xtic(1) notitle lc rgb "#2c3e50", newhistogram "file fault" offset 0,-2.4, $d4 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d4 using 3:xtic(1) notitle lc rgb "#c0392b", $d4 using 4:xtic(1) notitle lc rgb "#e67e22", $d4 using 5:xtic(1) notitle lc rgb "#8e44ad", $d4 using 6:xtic(1) notitle lc rgb "#16a085", $d4 using 7:xtic(1) notitle lc rgb "#2471a3", $d4 using 8:xtic(1) notitle lc rgb "#85c1e9", $d4 using 9:xtic(1) notitle lc rgb "#ecf0f1", $d4 using 10:xtic(1) notitle lc rgb "#f7dc6f", $d4 using 11:xtic(1) notitle lc rgb "#2c3e50", newhistogram "copy on write" offset 0,-2.4, $d5 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d5 using 3:xtic(1) notitle lc rgb "#c0392b", $d5 using 4:xtic(1) notitle lc rgb "#e67e22", $d5 using 5:xtic(1) notitle lc rgb "#8e44ad", $d5 using 6:xtic(1) notitle lc rgb "#16a085", $d5 using 7:xtic(1) notitle lc rgb "#2471a3", $d5 using 8:xtic(1) notitle lc rgb "#85c1e9", $d5 using 9:xtic(1) notitle lc rgb "#ecf0f1", $d5 using 10:xtic(1) notitle lc rgb "#f7dc6f", $d5 using 11:xtic(1) notitle lc rgb "#2c3e50", newhistogram "mmap munmap" offset 0,-2.4, $d6 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d6 using 3:xtic(1) notitle lc rgb "#c0392b", $d6 using 4:xtic(1) notitle lc rgb "#e67e22", $d6 using 5:xtic(1) notitle lc rgb "#8e44ad", $d6 using 6:xtic(1) notitle lc rgb "#16a085", $d6 using 7:xtic(1) notitle lc rgb "#2471a3", $d6 using 8:xtic(1) notitle lc rgb "#85c1e9", $d6 using 9:xtic(1) notitle lc rgb "#ecf0f1", $d6 using 10:xtic(1) notitle lc rgb "#f7dc6f", $d6 using 11:xtic(1) notitle lc rgb "#2c3e50"
set terminal pngcairo size 1100,560 noenhanced font "sans,11"
set output "payers-2.png"
replot
set output
