set terminal svg size 1100,520 dynamic noenhanced font "sans-serif,13" background "white"
set output "payers-time.svg"
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3 samplen 2
set style fill solid 1.0 noborder
set xtics rotate by -30
set title "Who pays for timers and instructions that may trap: guest, columns of the spectrum, control domain"
set ylabel "% of the instructions"
$d0 << END
"PV" 100 0 0 0 0 0 0
"PVH" 3.398 0 96.54 0.06634 0 0 0
"PVHVM" 3.314 0 96.56 0.1304 0 0 0
"PV I/O" 3.28 0 96.46 0.01376 0 0.1866 0.0629
"HVM" 3.293 0 96.54 0.1688 0 0 0
END
$d1 << END
"PV" 100 0 0 0 0 0 0
"PVH" 100 0 0 0 0 0 0
"PVHVM" 100 0 0 0 0 0 0
"PV I/O" 100 0 0 0 0 0 0
"HVM" 100 0 0 0 0 0 0
END
$d2 << END
"PVHVM" 1.289 0 98.64 0.06814 0 0 0
"PV I/O" 1.279 0 98.45 0.01435 0 0.1956 0.06562
"HVM" 1.285 0 98.47 0.2483 0 0 0
END
$d3 << END
"PVHVM" 6.362 0 93.21 0.4241 0 0 0
"PV I/O" 6.053 0 92.36 0.2995 0 0.9582 0.3259
"HVM" 6.356 0 92.68 0.9614 0 0 0
END
$d4 << END
"PV" 7.122 0.02309 0 0.0405 92.81 0 0
"PVH" 100 0 0 0 0 0 0
"PVHVM" 100 0 0 0 0 0 0
"PV I/O" 100 0 0 0 0 0 0
"HVM" 100 0 0 0 0 0 0
END
set key at screen 0.5,0.99 center top vertical maxrows 4
set tmargin 7
set style data histogram
set style histogram rowstacked gap 1
set boxwidth 0.8
set yrange [0:100]
set xtics rotate by -90
set bmargin 8
plot newhistogram "cpuid" offset 0,-2.4, $d0 using 2:xtic(1) title "guest itself" lc rgb "#9aa5b1", $d0 using 3:xtic(1) title "Prism: privileged" lc rgb "#c0392b", $d0 using 4:xtic(1) title "Prism: platform" lc rgb "#e67e22", $d0 using 5:xtic(1) title "Prism: interrupts" lc rgb "#8e44ad", $d0 using 6:xtic(1) title "Prism: I/O" lc rgb "#16a085", $d0 using 7:xtic(1) title "control domain: kernel" lc rgb "#2471a3", $d0 using 8:xtic(1) title "Prism for control domain" lc rgb "#85c1e9", newhistogram "tsc read" offset 0,-2.4, $d1 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d1 using 3:xtic(1) notitle lc rgb "#c0392b", $d1 using 4:xtic(1) notitle lc rgb "#e67e22", $d1 using 5:xtic(1) notitle lc rgb "#8e44ad", $d1 using 6:xtic(1) notitle lc rgb "#16a085", $d1 using 7:xtic(1) notitle lc rgb "#2471a3", $d1 using 8:xtic(1) notitle lc rgb "#85c1e9", newhistogram "hpet read" offset 0,-2.4, $d2 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d2 using 3:xtic(1) notitle lc rgb "#c0392b", $d2 using 4:xtic(1) notitle lc rgb "#e67e22", $d2 using 5:xtic(1) notitle lc rgb "#8e44ad", $d2 using 6:xtic(1) notitle lc rgb "#16a085", $d2 using 7:xtic(1) notitle lc rgb "#2471a3", $d2 using 8:xtic(1) notitle lc rgb "#85c1e9", newhistogram "pm timer read" offset 0,-2.4, $d3 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d3 using 3:xtic(1) notitle lc rgb "#c0392b", $d3 using 4:xtic(1) notitle lc rgb "#e67e22", $d3 using 5:xtic(1) notitle lc rgb "#8e44ad", $d3 using 6:xtic(1) notitle lc rgb "#16a085", $d3 using 7:xtic(1) notitle lc rgb "#2471a3", $d3 using 8:xtic(1) notitle lc rgb "#85c1e9", newhistogram "port read" offset 0,-2.4, $d4 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d4 using 3:xtic(1) notitle lc rgb "#c0392b", $d4 using 4:xtic(1) notitle lc rgb "#e67e22", $d4 using 5:xtic(1) notitle lc rgb "#8e44ad", $d4 using 6:xtic(1) notitle lc rgb "#16a085", $d4 using 7:xtic(1) notitle lc rgb "#2471a3", $d4 using 8:xtic(1) notitle lc rgb "#85c1e9"
set terminal pngcairo size 1100,520 noenhanced font "sans,11"
set output "payers-time.png"
replot
set output
