set terminal svg size 1100,520 dynamic noenhanced font "sans-serif,13" background "white"
set output "payers-calls.svg"
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3 samplen 2
set style fill solid 1.0 noborder
set xtics rotate by -30
set title "Who pays for system calls: guest, columns of the spectrum, control domain"
set ylabel "% of the instructions"
$d0 << END
"PV" 79.6 20.37 0 0.0309 0 0
"PVH" 99.25 0 0 0.2557 0.3822 0.1101
"PVHVM" 99.47 0 0 0.2603 0.1923 0.07755
"PV I/O" 99.52 0 0.1069 0.09597 0.1985 0.0776
"HVM" 99.45 0 0 0.4556 0.05908 0.03387
END
$d1 << END
"PV" 88.1 11.87 0 0.02936 0 0
"PVH" 99.84 0 0 0.156 0 0
"PVHVM" 98.7 0 0 0.3887 0.5866 0.325
"PV I/O" 99.82 0 0.1394 0.04264 0 0
"HVM" 99.81 0 0 0.1852 0 0
END
$d2 << END
"PV" 86.37 13.21 0 0.09619 0.2371 0.08945
"PVH" 99.82 0 0 0.1839 0 0
"PVHVM" 99.81 0 0 0.1856 0 0
"PV I/O" 98.84 0 0.2621 0.1486 0.5896 0.1602
"HVM" 99.71 0 0 0.2862 0 0
END
$d3 << END
"PV" 97.26 2.542 0 0.06445 0.09789 0.03648
"PVH" 99.88 0 0 0.1183 0 0
"PVHVM" 99.88 0 0 0.119 0 0
"PV I/O" 99.87 0 0.1059 0.02539 0 0
"HVM" 99.67 0 0 0.3334 0 0
END
set key at screen 0.5,0.99 center top vertical maxrows 4
set tmargin 7
set style data histogram
set style histogram rowstacked gap 1
set boxwidth 0.8
set yrange [0:100]
set xtics rotate by -90
set bmargin 8
plot newhistogram "getppid" offset 0,-2.4, $d0 using 2:xtic(1) title "guest itself" lc rgb "#9aa5b1", $d0 using 3:xtic(1) title "Prism: privileged" lc rgb "#c0392b", $d0 using 4:xtic(1) title "Prism: platform" lc rgb "#e67e22", $d0 using 5:xtic(1) title "Prism: interrupts" lc rgb "#8e44ad", $d0 using 6:xtic(1) title "control domain: kernel" lc rgb "#2471a3", $d0 using 7:xtic(1) title "Prism for control domain" lc rgb "#85c1e9", newhistogram "read 1" offset 0,-2.4, $d1 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d1 using 3:xtic(1) notitle lc rgb "#c0392b", $d1 using 4:xtic(1) notitle lc rgb "#e67e22", $d1 using 5:xtic(1) notitle lc rgb "#8e44ad", $d1 using 6:xtic(1) notitle lc rgb "#2471a3", $d1 using 7:xtic(1) notitle lc rgb "#85c1e9", newhistogram "write 1" offset 0,-2.4, $d2 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d2 using 3:xtic(1) notitle lc rgb "#c0392b", $d2 using 4:xtic(1) notitle lc rgb "#e67e22", $d2 using 5:xtic(1) notitle lc rgb "#8e44ad", $d2 using 6:xtic(1) notitle lc rgb "#2471a3", $d2 using 7:xtic(1) notitle lc rgb "#85c1e9", newhistogram "stat" offset 0,-2.4, $d3 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d3 using 3:xtic(1) notitle lc rgb "#c0392b", $d3 using 4:xtic(1) notitle lc rgb "#e67e22", $d3 using 5:xtic(1) notitle lc rgb "#8e44ad", $d3 using 6:xtic(1) notitle lc rgb "#2471a3", $d3 using 7:xtic(1) notitle lc rgb "#85c1e9"
set terminal pngcairo size 1100,520 noenhanced font "sans,11"
set output "payers-calls.png"
replot
set output
