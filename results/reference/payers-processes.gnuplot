set terminal svg size 1100,520 dynamic noenhanced font "sans-serif,13" background "white"
set output "payers-processes.svg"
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3
set style fill solid 1.0 noborder
set xtics rotate by -30
set title "Who pays for processes and switches: guest, columns of the spectrum, control domain"
set ylabel "% of the instructions"
$d0 << END
"PV" 81.07 18.76 0.06971 0.04398 0.04209 0.01732
"PVH" 99.73 0 0 0.1811 0.06394 0.02653
"PVHVM" 99.82 0 0 0.1504 0.01771 0.008327
"PV I/O" 99.77 0.01202 0.123 0.04215 0.04002 0.01286
"HVM" 99.69 0.01202 0 0.296 0 0
END
$d1 << END
"PV" 77.21 22.68 0.06126 0.03596 0.01121 0.004997
"PVH" 93.86 0 5.955 0.1496 0.02248 0.01005
"PVHVM" 93.7 0 6.113 0.1548 0.02275 0.01005
"PV I/O" 93.68 0 6.215 0.04633 0.04116 0.02023
"HVM" 93.66 0 6.032 0.3045 0 0
END
$d2 << END
"PV" 69.36 30.27 0.2601 0.04055 0.05036 0.02463
"PVH" 83.35 0 16.45 0.1434 0.03613 0.01245
"PVHVM" 82.97 0 16.85 0.1466 0.02622 0.01154
"PV I/O" 83.05 0 16.92 0.02584 0 0
"HVM" 83.06 0 16.65 0.2852 0 0
END
$d3 << END
"PV" 79.27 16.65 4.048 0.03005 0 0
"PVH" 99.86 0 0 0.144 0 0
"PVHVM" 99.75 0 0 0.1588 0.06406 0.02219
"PV I/O" 99.78 0.05503 0.1174 0.04409 0 0
"HVM" 99.65 0 0 0.3232 0.02 0.01003
END
$d4 << END
"PV" 90.56 4.558 4.851 0.03552 0 0
"PVH" 99.86 0 0 0.1401 0 0
"PVHVM" 99.86 0 0 0.1401 0 0
"PV I/O" 99.85 0 0.1162 0.03777 0 0
"HVM" 99.69 0 0 0.3086 0 0
END
set key at screen 0.5,0.99 center top vertical maxrows 4
set tmargin 7
set style data histogram
set style histogram rowstacked gap 1
set boxwidth 0.8
set yrange [0:100]
set xtics rotate by -90
set bmargin 8
plot newhistogram "fork exit" offset 0,-2.4, $d0 using 2:xtic(1) title "guest itself" lc rgb "#9aa5b1", $d0 using 3:xtic(1) title "Prism: privileged" lc rgb "#c0392b", $d0 using 4:xtic(1) title "Prism: platform" lc rgb "#e67e22", $d0 using 5:xtic(1) title "Prism: interrupts" lc rgb "#8e44ad", $d0 using 6:xtic(1) title "control domain" lc rgb "#2471a3", $d0 using 7:xtic(1) title "Prism for control domain" lc rgb "#85c1e9", newhistogram "fork exec" offset 0,-2.4, $d1 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d1 using 3:xtic(1) notitle lc rgb "#c0392b", $d1 using 4:xtic(1) notitle lc rgb "#e67e22", $d1 using 5:xtic(1) notitle lc rgb "#8e44ad", $d1 using 6:xtic(1) notitle lc rgb "#2471a3", $d1 using 7:xtic(1) notitle lc rgb "#85c1e9", newhistogram "vfork exec" offset 0,-2.4, $d2 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d2 using 3:xtic(1) notitle lc rgb "#c0392b", $d2 using 4:xtic(1) notitle lc rgb "#e67e22", $d2 using 5:xtic(1) notitle lc rgb "#8e44ad", $d2 using 6:xtic(1) notitle lc rgb "#2471a3", $d2 using 7:xtic(1) notitle lc rgb "#85c1e9", newhistogram "pipe trip" offset 0,-2.4, $d3 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d3 using 3:xtic(1) notitle lc rgb "#c0392b", $d3 using 4:xtic(1) notitle lc rgb "#e67e22", $d3 using 5:xtic(1) notitle lc rgb "#8e44ad", $d3 using 6:xtic(1) notitle lc rgb "#2471a3", $d3 using 7:xtic(1) notitle lc rgb "#85c1e9", newhistogram "thread trip" offset 0,-2.4, $d4 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d4 using 3:xtic(1) notitle lc rgb "#c0392b", $d4 using 4:xtic(1) notitle lc rgb "#e67e22", $d4 using 5:xtic(1) notitle lc rgb "#8e44ad", $d4 using 6:xtic(1) notitle lc rgb "#2471a3", $d4 using 7:xtic(1) notitle lc rgb "#85c1e9"
set terminal pngcairo size 1100,520 noenhanced font "sans,11"
set output "payers-processes.png"
replot
set output
