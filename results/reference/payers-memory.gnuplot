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
"PV" 79.08 20.88 0.01359 0.02974 0 0 0
"PVH" 99.82 0 0 0.1548 0 0.01508 0.009649
"PVHVM" 99.74 0 0 0.1925 0 0.05029 0.02141
"PV I/O" 99.76 0 0.1289 0.05944 0 0.0368 0.0131
"HVM" 99.66 0 0 0.3351 0 0 0
END
$d1 << END
"PV" 74.24 25.67 0.01999 0.04457 0 0.01922 0.01375
"PVH" 99.74 0 0 0.2599 0 0 0
"PVHVM" 99.98 0 0 0.01682 0 0 0
"PV I/O" 100 0 0 0 0 0 0
"HVM" 99.49 0 0 0.05683 0.101 0.277 0.07548
END
$d2 << END
"PV" 66 33.91 0.01952 0.03317 0 0.02335 0.008406
"PVH" 99.8 0 0 0.2008 0 0 0
"PVHVM" 99.85 0 0 0.1495 0 0 0
"PV I/O" 99.95 0 0.04261 0.01152 0 0 0
"HVM" 99.85 0 0 0.1548 0 0 0
END
$d3 << END
"PV" 84.48 15.47 0.007087 0.03579 0 0 0
"PVH" 99.54 0 0 0.2921 0 0.1074 0.05624
"PVHVM" 99.86 0 0 0.1407 0 0 0
"PV I/O" 99.85 0 0.1178 0.03182 0 0 0
"HVM" 99.7 0 0 0.3034 0 0 0
END
$d4 << END
"PV" 60.88 39.07 0.01281 0.03145 0 0.008321 0.004805
"PVH" 99.92 0 0 0.0787 0 0 0
"PVHVM" 99.84 0 0 0.1579 0 0 0
"PV I/O" 99.5 0 0.1334 0.08505 0.0677 0.1565 0.05769
"HVM" 99.66 0 0 0.3431 0 0 0
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
