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
-0.291 0.062376
-0.291 0.0092389
-0.291 -0.20893
-0.291 -0.02923
-0.291 0
0.709 0.13069
0.709 -0.21707
0.709 0
0.709 0.0061182
0.709 -0.19388
1.709 -0.22823
1.709 -0.13811
1.709 0
1.709 0.031671
END
$f1 << END
1.709 1.03693 "+1.97%" 9
END
$d2 << END
-0.218 0.076344
-0.218 0
-0.218 -0.037248
-0.218 0.23073
-0.218 -0.18048
0.782 -0.21651
0.782 -0.2119
0.782 0.47491
0.782 0.23323
0.782 0
1.782 -0.62818
1.782 0.2876
1.782 -0.11208
1.782 0.28136
1.782 0
END
$d3 << END
-0.145 0.012726
-0.145 -0.036523
-0.145 0.25211
-0.145 -0.00095191
-0.145 0
0.855 -0.065243
0.855 -0.04355
0.855 0.20467
0.855 0.0041098
0.855 0
1.855 0
1.855 -0.043008
1.855 0.25336
END
$f3 << END
1.855 1.03693 "+2.83%" 9
1.855 -1.03693 "-2.35%" 11
END
$d4 << END
-0.073 -0.005082
-0.073 -0.021188
-0.073 0.038388
-0.073 0.14706
-0.073 0
0.927 0.055238
0.927 -0.27964
0.927 -0.23882
0.927 0
0.927 0.209
1.927 -0.33163
1.927 0
1.927 0.11575
1.927 -0.15637
1.927 0.19471
END
$d5 << END
0.000 0.057082
0.000 -0.27548
0.000 0.040324
0.000 -0.2777
0.000 0
1.000 0.10544
1.000 -0.048928
1.000 -0.27611
1.000 0
1.000 0.074462
2.000 -0.037033
2.000 0
2.000 0.086216
END
$f5 << END
2.000 1.03693 "+3.03%" 9
2.000 -1.03693 "-2.48%" 11
END
$d6 << END
0.073 -0.020704
0.073 0
0.073 0.30214
0.073 -0.00080171
0.073 0.39949
1.073 0.05947
1.073 0
1.073 -0.086707
1.073 0.0075991
1.073 -0.067091
2.073 -0.34564
2.073 0.020832
2.073 -0.071501
2.073 0.20962
2.073 0
END
$d7 << END
0.145 0
0.145 0.21397
0.145 -0.15268
0.145 0.26368
0.145 -0.21311
1.145 0
1.145 0.022006
1.145 -0.094943
1.145 0.21502
1.145 -0.069167
2.145 0.061439
2.145 0.15899
2.145 0
2.145 0.098151
END
$f7 << END
2.145 -1.03693 "-10.2%" 11
END
$d8 << END
0.218 0.52387
0.218 0
0.218 -0.24025
0.218 -0.5883
0.218 0.47053
1.218 -0.29582
1.218 -0.0093095
1.218 0.1355
1.218 0
1.218 0.78413
2.218 -0.13836
2.218 0.14543
2.218 0
2.218 -0.16805
2.218 0.17265
END
$d9 << END
0.291 0.028225
0.291 -0.015762
0.291 0.0032719
0.291 -0.0077908
0.291 0
1.291 0
1.291 -0.0096348
1.291 0.212
1.291 0.065602
1.291 -0.018282
2.291 0.057583
2.291 0.040274
2.291 -0.013764
2.291 -0.038742
2.291 0
END
$d10 << END
0.364 -0.075811
0.364 -0.19463
0.364 0
0.364 0.10298
0.364 0.013579
1.364 0.049163
1.364 0.083086
1.364 0
1.364 -0.026303
1.364 -0.19161
2.364 -0.017264
2.364 -0.016647
2.364 0.10166
2.364 0
2.364 0.038031
END
set xtics ("read 4k" 0, "write 4k" 1, "net trip" 2)
set xrange [-0.6:2.6]
set yrange [-1.11989:1.11989]
set xzeroaxis
plot $d0 using 1:2 with points pt 7 ps 0.8 lc rgb "#4d5656" title "bare machine", $d1 using 1:2 with points pt 7 ps 0.8 lc rgb "#0072b2" title "PV, Prism", $f1 using 1:2:4 with points pt variable ps 1.2 lc rgb "#0072b2" notitle, $f1 using 1:($2*0.8):3 with labels rotate by 90 center font ",10" notitle, $d2 using 1:2 with points pt 6 ps 0.8 lc rgb "#0072b2" title "PV, Xen", $d3 using 1:2 with points pt 7 ps 0.8 lc rgb "#d55e00" title "PVH, Prism", $f3 using 1:2:4 with points pt variable ps 1.2 lc rgb "#d55e00" notitle, $f3 using 1:($2*0.8):3 with labels rotate by 90 center font ",10" notitle, $d4 using 1:2 with points pt 6 ps 0.8 lc rgb "#d55e00" title "PVH, Xen", $d5 using 1:2 with points pt 7 ps 0.8 lc rgb "#009e73" title "PVHVM, Prism", $f5 using 1:2:4 with points pt variable ps 1.2 lc rgb "#009e73" notitle, $f5 using 1:($2*0.8):3 with labels rotate by 90 center font ",10" notitle, $d6 using 1:2 with points pt 6 ps 0.8 lc rgb "#009e73" title "PVHVM, Xen", $d7 using 1:2 with points pt 7 ps 0.8 lc rgb "#c4569b" title "PV I/O, Prism", $f7 using 1:2:4 with points pt variable ps 1.2 lc rgb "#c4569b" notitle, $f7 using 1:($2*0.8):3 with labels rotate by 90 center font ",10" notitle, $d8 using 1:2 with points pt 6 ps 0.8 lc rgb "#c4569b" title "PV I/O, Xen", $d9 using 1:2 with points pt 7 ps 0.8 lc rgb "#d9a400" title "HVM, Prism", $d10 using 1:2 with points pt 6 ps 0.8 lc rgb "#d9a400" title "HVM, Xen"
set terminal pngcairo size 1100,520 noenhanced font "sans,11"
set output "rounds-devices.png"
replot
set output
