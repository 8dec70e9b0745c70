set terminal svg size 1100,560 dynamic noenhanced font "sans-serif,13" background "white"
set output "payers-3.svg"
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3
set style fill solid 0.9 noborder
set xtics rotate by -30
set title "Who pays for an operation: guest, columns of the spectrum, control domain"
set ylabel "% of the instructions"
$d0 << END
"PV" 60.91 39.03 0.01282 0.02803 0 0.008254 0.004801 0 0.007877 0
"PVH" 99.58 0 0 0.1988 0 0.08654 0.03053 0 0.1088 0
"PVHVM" 99.42 0 0 0.2436 0 0.1696 0.05793 0 0.11 0
"PV I/O" 99.44 0 0.09835 0.07156 0 0.2247 0.05758 0 0.1098 0
"HVM" 99.64 0 0 0.2535 0 0 0 0 0.1098 0
END
$d1 << END
"PV" 81.07 18.76 0.06971 0.04398 0 0.04209 0.01732 0 0.001634 0
"PVH" 99.72 0 0 0.181 0 0.06394 0.02653 0 0.01057 0
"PVHVM" 99.81 0 0 0.1503 0 0.0177 0.008327 0 0.01071 0
"PV I/O" 99.76 0.01202 0.123 0.04215 0 0.04001 0.01285 0 0.01068 0
"HVM" 99.68 0.01202 0 0.296 0 0 0 0 0.01066 0
END
$d2 << END
"PV" 77.2 22.68 0.06125 0.03596 0 0.01121 0.004996 0 0.00348 0
"PVH" 93.84 0 5.953 0.1496 0 0.02247 0.01005 0 0.02062 0
"PVHVM" 93.68 0 6.112 0.1547 0 0.02274 0.01005 0 0.02084 0
"PV I/O" 93.66 0 6.214 0.04632 0 0.04115 0.02022 0 0.02079 0
"HVM" 93.64 0 6.031 0.3044 0 0 0 0 0.02076 0
END
$d3 << END
"PV" 69.35 30.26 0.2601 0.04054 0 0.05035 0.02463 0 0.01204 0
"PVH" 83.31 0 16.44 0.1433 0 0.03611 0.01244 0 0.05696 0
"PVHVM" 82.92 0 16.84 0.1465 0 0.02621 0.01154 0 0.05741 0
"PV I/O" 83.01 0 16.91 0.02583 0 0 0 0 0.05727 0
"HVM" 83.02 0 16.64 0.2851 0 0 0 0 0.05727 0
END
$d4 << END
"PV" 79.26 16.65 4.048 0.03005 0 0 0 0 0.01095 0
"PVH" 99.81 0 0 0.1439 0 0 0 0 0.04757 0
"PVHVM" 99.71 0 0 0.1587 0 0.06403 0.02218 0 0.04811 0
"PV I/O" 99.73 0.055 0.1174 0.04407 0 0 0 0 0.04886 0
"HVM" 99.6 0 0 0.323 0 0.01999 0.01003 0 0.04866 0
END
$d5 << END
"PV" 90.54 4.557 4.85 0.03551 0 0 0 0 0.01312 0
"PVH" 99.81 0 0 0.14 0 0 0 0 0.04708 0
"PVHVM" 99.81 0 0 0.14 0 0 0 0 0.04767 0
"PV I/O" 99.8 0 0.1162 0.03775 0 0 0 0 0.04837 0
"HVM" 99.64 0 0 0.3085 0 0 0 0 0.0482 0
END
$d6 << END
"PV" 85.28 0 0 0 0 0 0 0 14.72 0
"PVH" 3.41 0 96.27 0.06693 0 0 0 0 0.2492 0
"PVHVM" 3.314 0 96.37 0.06582 0 0 0 0 0.2453 0
"PV I/O" 3.342 0 96.41 0 0 0 0 0 0.2449 0
"HVM" 3.34 0 96.24 0.1701 0 0 0 0 0.2473 0
END
set style data histogram
set style histogram rowstacked gap 1
set boxwidth 0.8
set yrange [0:100]
set xtics rotate by -90
set bmargin 8
plot newhistogram "mprotect" offset 0,-2.4, $d0 using 2:xtic(1) title "guest itself" lc rgb "#9aa5b1", $d0 using 3:xtic(1) title "Prism: privileged" lc rgb "#c0392b", $d0 using 4:xtic(1) title "Prism: platform" lc rgb "#e67e22", $d0 using 5:xtic(1) title "Prism: interrupts" lc rgb "#8e44ad", $d0 using 6:xtic(1) title "Prism: I/O" lc rgb "#16a085", $d0 using 7:xtic(1) title "control domain" lc rgb "#2471a3", $d0 using 8:xtic(1) title "Prism for control domain" lc rgb "#85c1e9", $d0 using 9:xtic(1) title "idle" lc rgb "#ecf0f1", $d0 using 10:xtic(1) title "mark" lc rgb "#f7dc6f", $d0 using 11:xtic(1) title "remainder" lc rgb "#2c3e50", newhistogram "fork exit" offset 0,-2.4, $d1 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d1 using 3:xtic(1) notitle lc rgb "#c0392b", $d1 using 4:xtic(1) notitle lc rgb "#e67e22", $d1 using 5:xtic(1) notitle lc rgb "#8e44ad", $d1 using 6:xtic(1) notitle lc rgb "#16a085", $d1 using 7:xtic(1) notitle lc rgb "#2471a3", $d1 using 8:xtic(1) notitle lc rgb "#85c1e9", $d1 using 9:xtic(1) notitle lc rgb "#ecf0f1", $d1 using 10:xtic(1) notitle lc rgb "#f7dc6f", $d1 using 11:xtic(1) notitle lc rgb "#2c3e50", newhistogram "fork exec" offset 0,-2.4, $d2 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d2 using 3:xtic(1) notitle lc rgb "#c0392b", $d2 using 4:xtic(1) notitle lc rgb "#e67e22", $d2 using 5:xtic(1) notitle lc rgb "#8e44ad", $d2 using 6:xtic(1) notitle lc rgb "#16a085", $d2 using 7:xtic(1) notitle lc rgb "#2471a3", $d2 using 8:xtic(1) notitle lc rgb "#85c1e9", $d2 using 9:xtic(1) notitle lc rgb "#ecf0f1", $d2 using 10:xtic(1) notitle lc rgb "#f7dc6f", $d2 using 11:xtic(1) notitle lc rgb "#2c3e50", newhistogram "vfork exec" offset 0,-2.4, $d3 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d3 using 3:xtic(1) notitle lc rgb "#c0392b", $d3 using 4:xtic(1) notitle lc rgb "#e67e22", $d3 using 5:xtic(1) notitle lc rgb "#8e44ad", $d3 using 6:xtic(1) notitle lc rgb "#16a085", $d3 using 7:xtic(1) notitle lc rgb "#2471a3", $d3 using 8:xtic(1) notitle lc rgb "#85c1e9", $d3 using 9:xtic(1) notitle lc rgb "#ecf0f1", $d3 using 10:xtic(1) notitle lc rgb "#f7dc6f", $d3 using 11:xtic(1) notitle lc rgb "#2c3e50", newhistogram "pipe trip" offset 0,-2.4, $d4 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d4 using 3:xtic(1) notitle lc rgb "#c0392b", $d4 using 4:xtic(1) notitle lc rgb "#e67e22", $d4 using 5:xtic(1) notitle lc rgb "#8e44ad", $d4 using 6:xtic(1) notitle lc rgb "#16a085", $d4 using 7:xtic(1) notitle lc rgb "#2471a3", $d4 using 8:xtic(1) notitle lc rgb "#85c1e9", $d4 using 9:xtic(1) notitle lc rgb "#ecf0f1", $d4 using 10:xtic(1) notitle lc rgb "#f7dc6f", $d4 using 11:xtic(1) notitle lc rgb "#2c3e50", newhistogram "thread trip" offset 0,-2.4, $d5 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d5 using 3:xtic(1) notitle lc rgb "#c0392b", $d5 using 4:xtic(1) notitle lc rgb "#e67e22", $d5 using 5:xtic(1) notitle lc rgb "#8e44ad", $d5 using 6:xtic(1) notitle lc rgb "#16a085", $d5 using 7:xtic(1) notitle lc rgb "#2471a3", $d5 using 8:xtic(1) notitle lc rgb "#85c1e9", $d5 using 9:xtic(1) notitle lc rgb "#ecf0f1", $d5 using 10:xtic(1) notitle lc rgb "#f7dc6f", $d5 using 11:xtic(1) notitle lc rgb "#2c3e50", newhistogram "cpuid" offset 0,-2.4, $d6 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d6 using 3:xtic(1) notitle lc rgb "#c0392b", $d6 using 4:xtic(1) notitle lc rgb "#e67e22", $d6 using 5:xtic(1) notitle lc rgb "#8e44ad", $d6 using 6:xtic(1) notitle lc rgb "#16a085", $d6 using 7:xtic(1) notitle lc rgb "#2471a3", $d6 using 8:xtic(1) notitle lc rgb "#85c1e9", $d6 using 9:xtic(1) notitle lc rgb "#ecf0f1", $d6 using 10:xtic(1) notitle lc rgb "#f7dc6f", $d6 using 11:xtic(1) notitle lc rgb "#2c3e50"
set terminal pngcairo size 1100,560 noenhanced font "sans,11"
set output "payers-3.png"
replot
set output
