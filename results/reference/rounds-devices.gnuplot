set terminal svg size 1100,520 dynamic noenhanced font "sans-serif,13" background "white"
set output "rounds-devices.svg"
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3 samplen 2
set style fill solid 1.0 noborder
set xtics rotate by -30
set title "Rounds of disk and network: how far each round's mean is from the median of all"
set ylabel "% from the median"
$d0 << END
-0.364 -0.028027
-0.364 -0.028361
-0.364 0.013146
-0.364 0
-0.364 0.23062
0.636 0.42332
0.636 0.027
0.636 -0.00061618
0.636 -0.0084024
0.636 0
END
$d1 << END
-0.291 -0.1115
-0.291 0.10617
-0.291 0.1202
-0.291 0
-0.291 -0.1616
0.709 -0.020823
0.709 0.22858
0.709 -0.010944
0.709 0.24554
0.709 0
1.709 -0.11109
1.709 -0.078123
1.709 0.13618
1.709 0
END
$f1 << END
1.709 1.17285 "+2.47%" 9
END
$d2 << END
-0.218 0.47939
-0.218 -0.048528
-0.218 0.56686
-0.218 0
-0.218 -0.066369
0.782 0.17327
0.782 -0.21355
0.782 -0.2546
0.782 0
0.782 0.4141
1.782 -0.050873
1.782 0
1.782 0.39033
1.782 -0.0097812
1.782 0.27112
END
$d3 << END
-0.145 -0.041312
-0.145 -0.054304
-0.145 0.24318
-0.145 0
-0.145 0.22144
0.855 0.037781
0.855 -0.23173
0.855 -0.061542
0.855 0
0.855 0.021933
1.855 -0.07615
1.855 0.047785
1.855 0
END
$f3 << END
1.855 1.17285 "+2.57%" 9
1.855 -1.17285 "-2.56%" 11
END
$d4 << END
-0.073 0.11304
-0.073 -0.091452
-0.073 0
-0.073 -0.16452
-0.073 0.063199
0.927 -0.081968
0.927 0.018668
0.927 0.038714
0.927 -0.0282
0.927 0
1.927 -0.42761
1.927 0
1.927 0.067936
1.927 -0.037495
1.927 0.10561
END
$d5 << END
0.000 0.0085368
0.000 -0.0096038
0.000 0.034395
0.000 -0.0012408
0.000 0
1.000 -0.19815
1.000 0
1.000 -0.2193
1.000 0.55819
1.000 0.24316
2.000 0.31792
2.000 0
2.000 -0.0030055
END
$f5 << END
2.000 1.17285 "+2.54%" 9
2.000 -1.17285 "-2.32%" 11
END
$d6 << END
0.073 -0.085459
0.073 0.063312
0.073 -0.15176
0.073 0
0.073 0.037496
1.073 0.08068
1.073 0.32698
1.073 0
1.073 -0.23019
1.073 -0.077768
2.073 -0.39095
2.073 0.051551
2.073 0
2.073 -0.028678
2.073 0.077755
END
$d7 << END
0.145 -0.25859
0.145 0.12028
0.145 -0.23195
0.145 0.074523
0.145 0
1.145 0.0087305
1.145 -0.39027
1.145 0
1.145 -0.21673
1.145 0.034032
2.145 -0.21436
2.145 0.056844
2.145 0
2.145 0.083715
END
$f7 << END
2.145 -1.17285 "-10.5%" 11
END
$d8 << END
0.218 0.11953
0.218 0
0.218 -0.54603
0.218 -0.26801
0.218 0.65256
END
$d9 << END
0.291 0.044182
0.291 -0.020181
0.291 0
0.291 0.038337
0.291 -0.032737
1.291 -0.0025332
1.291 0.013
1.291 0
1.291 0.024907
1.291 -0.0085811
2.291 -0.010953
2.291 0
2.291 -0.032831
2.291 0.047269
2.291 0.027578
END
$d10 << END
0.364 -0.032515
0.364 -0.089835
0.364 0.07804
0.364 0.16733
0.364 0
1.364 0.069334
1.364 0.13492
1.364 0
1.364 -0.066119
1.364 -0.1392
2.364 -0.062379
2.364 0.010197
2.364 0
2.364 -0.056394
2.364 0.011444
END
set xtics ("read 4k" 0, "write 4k" 1, "net trip" 2)
set xrange [-0.6:2.6]
set yrange [-1.26668:1.26668]
set xzeroaxis
plot $d0 using 1:2 with points pt 7 ps 0.8 lc rgb "#4d5656" title "bare machine", $d1 using 1:2 with points pt 7 ps 0.8 lc rgb "#0072b2" title "PV, Prism", $f1 using 1:2:4 with points pt variable ps 1.2 lc rgb "#0072b2" notitle, $f1 using 1:($2*0.8):3 with labels rotate by 90 center font ",10" notitle, $d2 using 1:2 with points pt 6 ps 0.8 lc rgb "#0072b2" title "PV, Xen", $d3 using 1:2 with points pt 7 ps 0.8 lc rgb "#d55e00" title "PVH, Prism", $f3 using 1:2:4 with points pt variable ps 1.2 lc rgb "#d55e00" notitle, $f3 using 1:($2*0.8):3 with labels rotate by 90 center font ",10" notitle, $d4 using 1:2 with points pt 6 ps 0.8 lc rgb "#d55e00" title "PVH, Xen", $d5 using 1:2 with points pt 7 ps 0.8 lc rgb "#009e73" title "PVHVM, Prism", $f5 using 1:2:4 with points pt variable ps 1.2 lc rgb "#009e73" notitle, $f5 using 1:($2*0.8):3 with labels rotate by 90 center font ",10" notitle, $d6 using 1:2 with points pt 6 ps 0.8 lc rgb "#009e73" title "PVHVM, Xen", $d7 using 1:2 with points pt 7 ps 0.8 lc rgb "#c4569b" title "PV I/O, Prism", $f7 using 1:2:4 with points pt variable ps 1.2 lc rgb "#c4569b" notitle, $f7 using 1:($2*0.8):3 with labels rotate by 90 center font ",10" notitle, $d8 using 1:2 with points pt 6 ps 0.8 lc rgb "#c4569b" title "PV I/O, Xen", $d9 using 1:2 with points pt 7 ps 0.8 lc rgb "#d9a400" title "HVM, Prism", $d10 using 1:2 with points pt 6 ps 0.8 lc rgb "#d9a400" title "HVM, Xen"
set terminal pngcairo size 1100,520 noenhanced font "sans,11"
set output "rounds-devices.png"
replot
set output
