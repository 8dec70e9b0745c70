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
"PV" 100 0 0 0 0
"PVH" 3.436 0 96.41 0.1496 0
"PVHVM" 3.317 0 96.54 0.147 0
"PV I/O" 3.292 0 96.71 0 0
"HVM" 3.295 0 96.54 0.1676 0
END
$d1 << END
"PV" 100 0 0 0 0
"PVH" 100 0 0 0 0
"PVHVM" 100 0 0 0 0
"PV I/O" 100 0 0 0 0
"HVM" 100 0 0 0 0
END
$d2 << END
"PVHVM" 1.424 0 98.49 0.08599 0
"PV I/O" 1.5 0 98.5 0 0
"HVM" 1.278 0 98.55 0.1746 0
END
$d3 << END
"PVHVM" 7.142 0 92.51 0.3428 0
"PV I/O" 6.251 0 93.75 0 0
"HVM" 7.182 0 91.86 0.9621 0
END
$d4 << END
"PV" 7.253 0.02467 0 0.1241 92.6
"PVH" 100 0 0 0 0
"PVHVM" 100 0 0 0 0
"PV I/O" 100 0 0 0 0
"HVM" 100 0 0 0 0
END
set key at screen 0.5,0.99 center top vertical maxrows 4
set tmargin 7
set style data histogram
set style histogram rowstacked gap 1
set boxwidth 0.8
set yrange [0:100]
set xtics rotate by -90
set bmargin 8
plot newhistogram "cpuid" offset 0,-2.4, $d0 using 2:xtic(1) title "guest itself" lc rgb "#9aa5b1", $d0 using 3:xtic(1) title "Prism: privileged" lc rgb "#c0392b", $d0 using 4:xtic(1) title "Prism: platform" lc rgb "#e67e22", $d0 using 5:xtic(1) title "Prism: interrupts" lc rgb "#8e44ad", $d0 using 6:xtic(1) title "Prism: I/O" lc rgb "#16a085", newhistogram "tsc read" offset 0,-2.4, $d1 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d1 using 3:xtic(1) notitle lc rgb "#c0392b", $d1 using 4:xtic(1) notitle lc rgb "#e67e22", $d1 using 5:xtic(1) notitle lc rgb "#8e44ad", $d1 using 6:xtic(1) notitle lc rgb "#16a085", newhistogram "hpet read" offset 0,-2.4, $d2 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d2 using 3:xtic(1) notitle lc rgb "#c0392b", $d2 using 4:xtic(1) notitle lc rgb "#e67e22", $d2 using 5:xtic(1) notitle lc rgb "#8e44ad", $d2 using 6:xtic(1) notitle lc rgb "#16a085", newhistogram "pm timer read" offset 0,-2.4, $d3 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d3 using 3:xtic(1) notitle lc rgb "#c0392b", $d3 using 4:xtic(1) notitle lc rgb "#e67e22", $d3 using 5:xtic(1) notitle lc rgb "#8e44ad", $d3 using 6:xtic(1) notitle lc rgb "#16a085", newhistogram "port read" offset 0,-2.4, $d4 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d4 using 3:xtic(1) notitle lc rgb "#c0392b", $d4 using 4:xtic(1) notitle lc rgb "#e67e22", $d4 using 5:xtic(1) notitle lc rgb "#8e44ad", $d4 using 6:xtic(1) notitle lc rgb "#16a085"
set terminal pngcairo size 1100,520 noenhanced font "sans,11"
set output "payers-time.png"
replot
set output
