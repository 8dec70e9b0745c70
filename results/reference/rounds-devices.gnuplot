set terminal svg size 1100,520 dynamic noenhanced font "sans-serif,13" background "white"
set output "rounds-devices.svg"
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3
set style fill solid 1.0 noborder
set xtics rotate by -30
set title "Rounds of disk and network: how far each round's mean is from the median of all"
set ylabel "% from the median"
$d0 << END
-0.364 -0.028432
-0.364 -0.014483
-0.364 0.041313
-0.364 0
-0.364 0.23973
0.636 0.49479
0.636 0
0.636 -0.0020166
0.636 0.19135
0.636 -0.0017365
END
$d1 << END
-0.291 -0.18344
-0.291 0.07395
-0.291 0.083138
-0.291 0
-0.291 -0.04557
0.709 0.11312
0.709 -0.17798
0.709 0
0.709 -0.22903
0.709 0.0055229
1.709 0
1.709 -0.11299
1.709 0.27001
1.709 -0.010961
END
$f1 << END
1.709 1.32107 "+2.16%"
END
$d2 << END
-0.218 -0.0045951
-0.218 0.6212
-0.218 0
-0.218 -0.12732
-0.218 0.62848
0.782 0
0.782 -0.012253
0.782 0.40509
0.782 -0.018082
0.782 0.078253
1.782 -0.57869
1.782 0.051986
1.782 -0.155
1.782 0
1.782 0.011968
END
$d3 << END
-0.145 -0.23237
-0.145 -0.30101
-0.145 0
-0.145 0.0054618
-0.145 0.0012547
0.855 0
0.855 -0.043987
0.855 -0.017641
0.855 0.010244
0.855 0.1493
1.855 0.44036
1.855 0
1.855 -0.1753
END
$f3 << END
1.855 1.32107 "+1.47%"
1.855 -1.32107 "-3.48%"
END
$d4 << END
-0.073 0
-0.073 -0.18229
-0.073 0.303
-0.073 -0.2022
-0.073 0.17088
0.927 0.19292
0.927 -0.18855
0.927 0.12126
0.927 -0.04579
0.927 0
1.927 -0.28822
1.927 0
1.927 0.06703
1.927 0.024217
1.927 -0.00041693
END
$d5 << END
0.000 0.048544
0.000 0
0.000 -0.0042992
0.000 0.0060188
0.000 -0.30134
1.000 0.23608
1.000 -0.03528
1.000 -0.02684
1.000 0
1.000 0.0081187
2.000 0.3386
2.000 0
2.000 -0.47123
END
$f5 << END
2.000 1.32107 "+1.93%"
2.000 -1.32107 "-3.17%"
END
$d6 << END
0.073 0.10072
0.073 0
0.073 -0.077341
0.073 0.13714
0.073 -0.095911
1.073 -0.16273
1.073 0.023944
1.073 0.32244
1.073 0
1.073 -0.16003
2.073 -0.60601
2.073 0.2185
2.073 -0.035368
2.073 0.050912
2.073 0
END
$d7 << END
0.145 0.020557
0.145 -0.18031
0.145 0
0.145 -0.15667
0.145 0.048444
1.145 -0.20317
1.145 0
1.145 0.010403
1.145 0.03597
1.145 -0.18625
2.145 0.015843
2.145 0.02582
2.145 0
2.145 -0.011361
END
$f7 << END
2.145 -1.32107 "-8.23%"
END
$d8 << END
0.218 0.88691
0.218 -0.023962
0.218 -0.48023
0.218 0
0.218 0.29401
1.218 -0.059384
1.218 -0.0018897
1.218 0
1.218 0.14162
1.218 0.15248
2.218 -0.331
2.218 0
2.218 0.45169
2.218 -0.39413
2.218 0.15688
END
$d9 << END
0.291 0.090075
0.291 -0.021869
0.291 0
0.291 0.0012357
0.291 -0.033693
1.291 0.021583
1.291 -0.036091
1.291 0.053777
1.291 0
1.291 -0.064734
2.291 0.024231
2.291 0
2.291 -0.037583
2.291 0.035154
2.291 -0.040435
END
$d10 << END
0.364 -0.058849
0.364 -0.1535
0.364 0.0301
0.364 0.1265
0.364 0
1.364 0.07311
1.364 0.13609
1.364 0
1.364 -0.025308
1.364 -0.13757
2.364 0
2.364 -0.071992
2.364 0.010334
2.364 0.026334
2.364 -0.066566
END
set xtics ("read 4k" 0, "write 4k" 1, "net trip" 2)
set xrange [-0.6:2.6]
set yrange [-1.42676:1.42676]
set xzeroaxis
plot $d0 using 1:2 with points pt 7 ps 0.8 lc rgb "#4d5656" title "bare machine", $d1 using 1:2 with points pt 7 ps 0.8 lc rgb "#0072b2" title "PV, Prism", $f1 using 1:2 with points pt 9 ps 1.2 lc rgb "#0072b2" notitle, $f1 using 1:($2*0.87):3 with labels rotate by 90 center font ",10" notitle, $d2 using 1:2 with points pt 6 ps 0.8 lc rgb "#0072b2" title "PV, Xen", $d3 using 1:2 with points pt 7 ps 0.8 lc rgb "#d55e00" title "PVH, Prism", $f3 using 1:2 with points pt 9 ps 1.2 lc rgb "#d55e00" notitle, $f3 using 1:($2*0.87):3 with labels rotate by 90 center font ",10" notitle, $d4 using 1:2 with points pt 6 ps 0.8 lc rgb "#d55e00" title "PVH, Xen", $d5 using 1:2 with points pt 7 ps 0.8 lc rgb "#009e73" title "PVHVM, Prism", $f5 using 1:2 with points pt 9 ps 1.2 lc rgb "#009e73" notitle, $f5 using 1:($2*0.87):3 with labels rotate by 90 center font ",10" notitle, $d6 using 1:2 with points pt 6 ps 0.8 lc rgb "#009e73" title "PVHVM, Xen", $d7 using 1:2 with points pt 7 ps 0.8 lc rgb "#c4569b" title "PV I/O, Prism", $f7 using 1:2 with points pt 9 ps 1.2 lc rgb "#c4569b" notitle, $f7 using 1:($2*0.87):3 with labels rotate by 90 center font ",10" notitle, $d8 using 1:2 with points pt 6 ps 0.8 lc rgb "#c4569b" title "PV I/O, Xen", $d9 using 1:2 with points pt 7 ps 0.8 lc rgb "#d9a400" title "HVM, Prism", $d10 using 1:2 with points pt 6 ps 0.8 lc rgb "#d9a400" title "HVM, Xen"
set terminal pngcairo size 1100,520 noenhanced font "sans,11"
set output "rounds-devices.png"
replot
set output
