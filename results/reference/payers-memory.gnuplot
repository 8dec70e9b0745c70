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
"PV" 91.61 8.325 0.009786 0.04207 0.009188 0.00597
"PVH" 99.83 0 0 0.1453 0.01508 0.008764
"PVHVM" 99.7 0 0 0.2028 0.06474 0.03358
"PV I/O" 99.85 0 0.1127 0.03259 0 0
"HVM" 99.71 0 0 0.2931 0 0
END
$d1 << END
"PV" 89.15 10.71 0.01249 0.04683 0.06441 0.01965
"PVH" 99.76 0 0 0.2409 0 0
"PVHVM" 99.76 0 0 0.2431 0 0
"PV I/O" 99.8 0 0.08528 0.04498 0.04161 0.02662
"HVM" 99.46 0 0 0.5351 0 0
END
$d2 << END
"PV" 73.95 26 0.01487 0.02703 0 0
"PVH" 99.81 0 0 0.1886 0 0
"PVHVM" 99.91 0 0 0.09381 0 0
"PV I/O" 99.85 0 0.1246 0.02987 0 0
"HVM" 99.65 0 0 0.3486 0 0
END
$d3 << END
"PV" 88.51 11.29 0.006852 0.05579 0.101 0.03683
"PVH" 99.87 0 0 0.131 0 0
"PVHVM" 99.8 0 0 0.1969 0 0
"PV I/O" 99.86 0 0.1151 0.0276 0 0
"HVM" 99.71 0 0 0.288 0 0
END
$d4 << END
"PV" 66.01 33.96 0.008145 0.0218 0 0
"PVH" 99.66 0 0 0.1911 0.09475 0.04961
"PVHVM" 99.7 0 0 0.1876 0.0842 0.02557
"PV I/O" 99.84 0 0.132 0.03165 0 0
"HVM" 99.59 0 0 0.3509 0.03715 0.01791
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
