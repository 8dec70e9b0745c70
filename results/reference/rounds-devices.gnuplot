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
-0.291 -0.16842
-0.291 0.013754
-0.291 -0.24962
-0.291 0.001243
-0.291 0
0.709 0.025987
0.709 -0.22116
0.709 0
0.709 0.026814
0.709 -0.18369
1.709 0.0031083
1.709 -0.11405
1.709 0
1.709 -0.16423
END
$f1 << END
1.709 1.19847 "+1.94%" 9
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
-0.145 -0.010318
-0.145 0
-0.145 -0.0037315
-0.145 0.27744
-0.145 0.049512
0.855 -0.2673
0.855 0.36234
0.855 -0.28743
0.855 0
0.855 0.065997
1.855 0.075643
1.855 0
1.855 -0.34654
END
$f3 << END
1.855 1.19847 "+2.31%" 9
1.855 -1.19847 "-2.71%" 11
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
0.000 0.26582
0.000 0
0.000 0.30099
0.000 -0.019109
0.000 -0.0071032
1.000 -0.26292
1.000 0
1.000 -0.024153
1.000 0.019034
1.000 0.015032
2.000 -0.038376
2.000 0
2.000 0.04067
END
$f5 << END
2.000 1.19847 "+3.26%" 9
2.000 -1.19847 "-2.52%" 11
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
0.145 0.12238
0.145 -0.060583
0.145 0.18259
0.145 -0.025537
1.145 0.012448
1.145 0.66451
1.145 -0.0052611
1.145 0
1.145 -0.016363
2.145 0.22121
2.145 0
2.145 0.12989
2.145 0.16949
END
$f7 << END
2.145 -1.19847 "-10.3%" 11
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
0.291 0.059173
0.291 -0.021766
0.291 0
0.291 -0.01644
0.291 0.13516
1.291 -0.032807
1.291 0
1.291 -0.046323
1.291 0.019277
1.291 0.030249
2.291 -0.041415
2.291 -0.056761
2.291 0
2.291 0.0017695
2.291 0.086798
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
set yrange [-1.29435:1.29435]
set xzeroaxis
plot $d0 using 1:2 with points pt 7 ps 0.8 lc rgb "#4d5656" title "bare machine", $d1 using 1:2 with points pt 7 ps 0.8 lc rgb "#0072b2" title "PV, Prism", $f1 using 1:2:4 with points pt variable ps 1.2 lc rgb "#0072b2" notitle, $f1 using 1:($2*0.8):3 with labels rotate by 90 center font ",10" notitle, $d2 using 1:2 with points pt 6 ps 0.8 lc rgb "#0072b2" title "PV, Xen", $d3 using 1:2 with points pt 7 ps 0.8 lc rgb "#d55e00" title "PVH, Prism", $f3 using 1:2:4 with points pt variable ps 1.2 lc rgb "#d55e00" notitle, $f3 using 1:($2*0.8):3 with labels rotate by 90 center font ",10" notitle, $d4 using 1:2 with points pt 6 ps 0.8 lc rgb "#d55e00" title "PVH, Xen", $d5 using 1:2 with points pt 7 ps 0.8 lc rgb "#009e73" title "PVHVM, Prism", $f5 using 1:2:4 with points pt variable ps 1.2 lc rgb "#009e73" notitle, $f5 using 1:($2*0.8):3 with labels rotate by 90 center font ",10" notitle, $d6 using 1:2 with points pt 6 ps 0.8 lc rgb "#009e73" title "PVHVM, Xen", $d7 using 1:2 with points pt 7 ps 0.8 lc rgb "#c4569b" title "PV I/O, Prism", $f7 using 1:2:4 with points pt variable ps 1.2 lc rgb "#c4569b" notitle, $f7 using 1:($2*0.8):3 with labels rotate by 90 center font ",10" notitle, $d8 using 1:2 with points pt 6 ps 0.8 lc rgb "#c4569b" title "PV I/O, Xen", $d9 using 1:2 with points pt 7 ps 0.8 lc rgb "#d9a400" title "HVM, Prism", $d10 using 1:2 with points pt 6 ps 0.8 lc rgb "#d9a400" title "HVM, Xen"
set terminal pngcairo size 1100,520 noenhanced font "sans,11"
set output "rounds-devices.png"
replot
set output
