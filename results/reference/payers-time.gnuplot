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
"PV" 100 0 0 0
"PVH" 3.354 96.58 0.06663 0
"PVHVM" 3.313 96.54 0.147 0
"PV I/O" 3.289 96.69 0.01726 0
"HVM" 3.302 96.46 0.239 0
END
$d1 << END
"PV" 100 0 0 0
"PVH" 100 0 0 0
"PVHVM" 100 0 0 0
"PV I/O" 100 0 0 0
"HVM" 100 0 0 0
END
$d2 << END
"PVHVM" 1.303 98.63 0.0692 0
"PV I/O" 1.473 98.53 0 0
"HVM" 1.315 98.39 0.2906 0
END
$d3 << END
"PVHVM" 6.179 93.82 0 0
"PV I/O" 6.235 93.76 0 0
"HVM" 6.272 93.73 0 0
END
$d4 << END
"PV" 6.841 0 0 93.16
"PVH" 100 0 0 0
"PVHVM" 100 0 0 0
"PV I/O" 100 0 0 0
"HVM" 100 0 0 0
END
set key at screen 0.5,0.99 center top vertical maxrows 4
set tmargin 7
set style data histogram
set style histogram rowstacked gap 1
set boxwidth 0.8
set yrange [0:100]
set xtics rotate by -90
set bmargin 8
plot newhistogram "cpuid" offset 0,-2.4, $d0 using 2:xtic(1) title "guest itself" lc rgb "#9aa5b1", $d0 using 3:xtic(1) title "Prism: platform" lc rgb "#e67e22", $d0 using 4:xtic(1) title "Prism: interrupts" lc rgb "#8e44ad", $d0 using 5:xtic(1) title "Prism: I/O" lc rgb "#16a085", newhistogram "tsc read" offset 0,-2.4, $d1 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d1 using 3:xtic(1) notitle lc rgb "#e67e22", $d1 using 4:xtic(1) notitle lc rgb "#8e44ad", $d1 using 5:xtic(1) notitle lc rgb "#16a085", newhistogram "hpet read" offset 0,-2.4, $d2 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d2 using 3:xtic(1) notitle lc rgb "#e67e22", $d2 using 4:xtic(1) notitle lc rgb "#8e44ad", $d2 using 5:xtic(1) notitle lc rgb "#16a085", newhistogram "pm timer read" offset 0,-2.4, $d3 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d3 using 3:xtic(1) notitle lc rgb "#e67e22", $d3 using 4:xtic(1) notitle lc rgb "#8e44ad", $d3 using 5:xtic(1) notitle lc rgb "#16a085", newhistogram "port read" offset 0,-2.4, $d4 using 2:xtic(1) notitle lc rgb "#9aa5b1", $d4 using 3:xtic(1) notitle lc rgb "#e67e22", $d4 using 4:xtic(1) notitle lc rgb "#8e44ad", $d4 using 5:xtic(1) notitle lc rgb "#16a085"
set terminal pngcairo size 1100,520 noenhanced font "sans,11"
set output "payers-time.png"
replot
set output
