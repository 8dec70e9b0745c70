set terminal svg size 1100,560 dynamic noenhanced font "sans-serif,13" background "white"
set output "payers.svg"
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3
set style fill solid 0.9 noborder
set xtics rotate by -30
set title "Who pays for an operation: guest, columns of the spectrum, control domain"
set ylabel "% of the instructions"
$d0 << END
"PV" 79.69 20.23 0 0.03959 0 0 0 0 0.04625 0
"PVH" 99.31 0 0 0.2829 0 0.1586 0.0728 0 0.1792 0
"PVHVM" 99.17 0 0 0.2306 0 0.2813 0.09403 0 0.2193 0
"PV I/O" 99.31 0 0.1069 0.1177 0 0.1981 0.08759 0 0.1809 0
"HVM" 99.53 0 0 0.2858 0 0 0 0 0.1809 0
END
$d1 << END
"PV" 88.14 11.75 0 0.0395 0 0 0 0 0.0672 0
"PVH" 99.69 0 0 0.0812 0 0 0 0 0.2304 0
"PVHVM" 99.6 0 0 0.1695 0 0 0 0 0.2329 0
"PV I/O" 99.59 0 0.1394 0.03826 0 0 0 0 0.2322 0
"HVM" 99.59 0 0 0.1784 0 0 0 0 0.2318 0
END
$d2 << END
"PV" 86.75 13.13 0 0.04164 0 0 0 0 0.07506 0
"PVH" 99.64 0 0 0.09923 0 0 0 0 0.2624 0
"PVHVM" 98.77 0 0 0.3246 0 0.4901 0.1553 0 0.263 0
"PV I/O" 99.73 0 0 0 0 0 0 0 0.2652 0
"HVM" 99.4 0 0 0.338 0 0 0 0 0.2635 0
END
$d3 << END
"PV" 97.41 2.524 0 0.03392 0 0 0 0 0.02885 0
"PVH" 99.5 0 0 0.2222 0 0.1465 0.04574 0 0.08726 0
"PVHVM" 99.76 0 0 0.1554 0 0 0 0 0.08849 0
"PV I/O" 99.58 0 0.1694 0.08194 0 0.05148 0.02596 0 0.08795 0
"HVM" 99.64 0 0 0.2709 0 0 0 0 0.08796 0
END
$d4 << END
"PV" 96.83 2.903 0.03949 0.05934 0 0.08959 0.06915 0 0.006592 0
"PVH" 99.78 0 0 0.1594 0 0.03022 0.01405 0 0.02024 0
"PVHVM" 99.75 0 0 0.1627 0 0.0498 0.01932 0 0.02047 0
"PV I/O" 99.64 0 0.1243 0.06434 0 0.1156 0.03953 0 0.0204 0
"HVM" 99.66 0 0 0.315 0 0 0 0 0.0203 0
END
$d5 << END
"PV" 86.41 13.47 0 0.04524 0 0 0 0 0.07696 0
"PVH" 99.52 0 0 0.2062 0 0 0 0 0.2727 0
"PVHVM" 99.52 0 0 0.208 0 0 0 0 0.2761 0
"PV I/O" 99.51 0 0.1653 0.04534 0 0 0 0 0.2752 0
"HVM" 99.51 0 0 0.2115 0 0 0 0 0.2747 0
END
set style data histogram
set style histogram rowstacked gap 1
set boxwidth 0.8
set yrange [0:100]
set xtics rotate by -90
set bmargin 8
plot newhistogram "getppid" offset 0,-2.4, $d0 using 2:xtic(1) title "guest itself" lc rgb "#9aa5b1", $d0 using 3:xtic(1) title "Prism: privileged" lc rgb "#c0392b", $d0 using 4:xtic(1) title "Prism: platform" lc rgb "#e67e22", $d0 using 5:xtic(1) title "Prism: interrupts" lc rgb "#8e44ad", $d0 using 6:xtic(1) title "Prism: I/O" lc rgb "#16a085", $d0 using 7:xtic(1) title "control domain" lc rgb "#2471a3", $d0 using 8:xtic(1) title "Prism for control domain" lc rgb "#85c1e9", $d0 using 9:xtic(1) title "idle" lc rgb "#ecf0f1", $d0 using 10:xtic(1) title "mark" lc rgb "#f7dc6f", $d0 using 11:xtic(1) title "remainder" lc rgb "#2c3e50", newhistogram "read 1" offset 0,-2.4, $d1 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d1 using 3:xtic(1) notitle lc rgb "#c0392b", $d1 using 4:xtic(1) notitle lc rgb "#e67e22", $d1 using 5:xtic(1) notitle lc rgb "#8e44ad", $d1 using 6:xtic(1) notitle lc rgb "#16a085", $d1 using 7:xtic(1) notitle lc rgb "#2471a3", $d1 using 8:xtic(1) notitle lc rgb "#85c1e9", $d1 using 9:xtic(1) notitle lc rgb "#ecf0f1", $d1 using 10:xtic(1) notitle lc rgb "#f7dc6f", $d1 using 11:xtic(1) notitle lc rgb "#2c3e50", newhistogram "write 1" offset 0,-2.4, $d2 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d2 using 3:xtic(1) notitle lc rgb "#c0392b", $d2 using 4:xtic(1) notitle lc rgb "#e67e22", $d2 using 5:xtic(1) notitle lc rgb "#8e44ad", $d2 using 6:xtic(1) notitle lc rgb "#16a085", $d2 using 7:xtic(1) notitle lc rgb "#2471a3", $d2 using 8:xtic(1) notitle lc rgb "#85c1e9", $d2 using 9:xtic(1) notitle lc rgb "#ecf0f1", $d2 using 10:xtic(1) notitle lc rgb "#f7dc6f", $d2 using 11:xtic(1) notitle lc rgb "#2c3e50", newhistogram "stat" offset 0,-2.4, $d3 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d3 using 3:xtic(1) notitle lc rgb "#c0392b", $d3 using 4:xtic(1) notitle lc rgb "#e67e22", $d3 using 5:xtic(1) notitle lc rgb "#8e44ad", $d3 using 6:xtic(1) notitle lc rgb "#16a085", $d3 using 7:xtic(1) notitle lc rgb "#2471a3", $d3 using 8:xtic(1) notitle lc rgb "#85c1e9", $d3 using 9:xtic(1) notitle lc rgb "#ecf0f1", $d3 using 10:xtic(1) notitle lc rgb "#f7dc6f", $d3 using 11:xtic(1) notitle lc rgb "#2c3e50", newhistogram "open close" offset 0,-2.4, $d4 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d4 using 3:xtic(1) notitle lc rgb "#c0392b", $d4 using 4:xtic(1) notitle lc rgb "#e67e22", $d4 using 5:xtic(1) notitle lc rgb "#8e44ad", $d4 using 6:xtic(1) notitle lc rgb "#16a085", $d4 using 7:xtic(1) notitle lc rgb "#2471a3", $d4 using 8:xtic(1) notitle lc rgb "#85c1e9", $d4 using 9:xtic(1) notitle lc rgb "#ecf0f1", $d4 using 10:xtic(1) notitle lc rgb "#f7dc6f", $d4 using 11:xtic(1) notitle lc rgb "#2c3e50", newhistogram "signal install" offset 0,-2.4, $d5 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d5 using 3:xtic(1) notitle lc rgb "#c0392b", $d5 using 4:xtic(1) notitle lc rgb "#e67e22", $d5 using 5:xtic(1) notitle lc rgb "#8e44ad", $d5 using 6:xtic(1) notitle lc rgb "#16a085", $d5 using 7:xtic(1) notitle lc rgb "#2471a3", $d5 using 8:xtic(1) notitle lc rgb "#85c1e9", $d5 using 9:xtic(1) notitle lc rgb "#ecf0f1", $d5 using 10:xtic(1) notitle lc rgb "#f7dc6f", $d5 using 11:xtic(1) notitle lc rgb "#2c3e50"
set terminal pngcairo size 1100,560 noenhanced font "sans,11"
set output "payers.png"
replot
set output
