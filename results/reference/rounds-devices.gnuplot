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
-0.291 0
-0.291 0.17001
-0.291 -0.054963
-0.291 0.15449
-0.291 -0.046403
0.709 -0.1495
0.709 0
0.709 0.0046948
0.709 -0.19595
0.709 0.047701
1.709 0.062787
1.709 -0.1851
1.709 0
1.709 -0.11042
END
$f1 << END
1.709 1 "+2.17%" 9
END
$d2 << END
-0.218 -0.3059
-0.218 0.14954
-0.218 0
-0.218 -0.14912
-0.218 0.1414
0.782 -0.0068309
0.782 0.86985
0.782 0
0.782 -0.086762
0.782 0.18234
1.782 -0.73313
1.782 0.12631
1.782 -0.3238
1.782 0
1.782 0.034571
END
$d3 << END
-0.145 0
-0.145 -0.026054
-0.145 0.0070966
-0.145 -0.037138
-0.145 0.27459
0.855 0.22964
0.855 -0.14789
0.855 0
0.855 -0.11962
0.855 0.059145
1.855 -0.16814
1.855 0.055323
1.855 0
END
$f3 << END
1.855 1 "+2.35%" 9
1.855 -1 "-2.78%" 11
END
$d4 << END
-0.073 -0.13363
-0.073 -0.011221
-0.073 0.25512
-0.073 0
-0.073 0.11781
0.927 0.064814
0.927 0
0.927 -0.062782
0.927 -0.12618
0.927 0.054294
1.927 -0.3868
1.927 0.018066
1.927 0.085602
1.927 -0.0037105
1.927 0
END
$d5 << END
0.000 -0.011361
0.000 -0.064214
0.000 0.20916
0.000 0
0.000 0.23789
1.000 0
1.000 0.57681
1.000 -0.088866
1.000 0.28122
1.000 -0.027458
2.000 -0.21613
2.000 0
2.000 0.17491
END
$f5 << END
2.000 1 "+2.93%" 9
2.000 -1 "-2.4%" 11
END
$d6 << END
0.073 -0.061045
0.073 0.066472
0.073 -0.17514
0.073 0
0.073 0.059095
1.073 0.27158
1.073 0
1.073 -0.055038
1.073 -0.091658
1.073 0.23035
2.073 -0.3034
2.073 -0.12195
2.073 0
2.073 0.025336
2.073 0.018996
END
$d7 << END
0.145 0.29494
0.145 -0.16317
0.145 0
0.145 0.029137
0.145 -0.1614
1.145 -0.19711
1.145 0
1.145 0.54387
1.145 -0.10764
1.145 0.034877
2.145 -0.32893
2.145 0
2.145 0.058296
2.145 0.078914
END
$f7 << END
2.145 -1 "-10.9%" 11
END
$d8 << END
0.218 0.085921
0.218 0.11518
0.218 -0.34275
0.218 0
0.218 -0.51736
1.218 0.10448
1.218 -0.13065
1.218 0.050425
1.218 -0.042837
1.218 0
2.218 -0.86351
2.218 0.22094
2.218 -0.091986
2.218 0.21642
2.218 0
END
$d9 << END
0.291 0.072566
0.291 0
0.291 -0.020743
0.291 0.04125
0.291 -0.0039906
1.291 -0.01928
1.291 0.066832
1.291 -0.039189
1.291 0.010728
1.291 0
2.291 0
2.291 -0.0089403
2.291 0.02503
2.291 0.093315
2.291 -0.030836
END
$d10 << END
0.364 0.11552
0.364 -0.20629
0.364 0.019111
0.364 0
0.364 -0.073811
1.364 0.043431
1.364 0.084501
1.364 0
1.364 -0.023518
1.364 -0.10551
2.364 -0.011007
2.364 0.044863
2.364 0.055835
2.364 0
2.364 -0.0025741
END
set xtics ("read 4k" 0, "write 4k" 1, "net trip" 2)
set xrange [-0.6:2.6]
set yrange [-1.08:1.08]
set xzeroaxis
plot $d0 using 1:2 with points pt 7 ps 0.8 lc rgb "#4d5656" title "bare machine", $d1 using 1:2 with points pt 7 ps 0.8 lc rgb "#0072b2" title "PV, Prism", $f1 using 1:2:4 with points pt variable ps 1.2 lc rgb "#0072b2" notitle, $f1 using 1:($2*0.8):3 with labels rotate by 90 center font ",10" notitle, $d2 using 1:2 with points pt 6 ps 0.8 lc rgb "#0072b2" title "PV, Xen", $d3 using 1:2 with points pt 7 ps 0.8 lc rgb "#d55e00" title "PVH, Prism", $f3 using 1:2:4 with points pt variable ps 1.2 lc rgb "#d55e00" notitle, $f3 using 1:($2*0.8):3 with labels rotate by 90 center font ",10" notitle, $d4 using 1:2 with points pt 6 ps 0.8 lc rgb "#d55e00" title "PVH, Xen", $d5 using 1:2 with points pt 7 ps 0.8 lc rgb "#009e73" title "PVHVM, Prism", $f5 using 1:2:4 with points pt variable ps 1.2 lc rgb "#009e73" notitle, $f5 using 1:($2*0.8):3 with labels rotate by 90 center font ",10" notitle, $d6 using 1:2 with points pt 6 ps 0.8 lc rgb "#009e73" title "PVHVM, Xen", $d7 using 1:2 with points pt 7 ps 0.8 lc rgb "#c4569b" title "PV I/O, Prism", $f7 using 1:2:4 with points pt variable ps 1.2 lc rgb "#c4569b" notitle, $f7 using 1:($2*0.8):3 with labels rotate by 90 center font ",10" notitle, $d8 using 1:2 with points pt 6 ps 0.8 lc rgb "#c4569b" title "PV I/O, Xen", $d9 using 1:2 with points pt 7 ps 0.8 lc rgb "#d9a400" title "HVM, Prism", $d10 using 1:2 with points pt 6 ps 0.8 lc rgb "#d9a400" title "HVM, Xen"
set terminal pngcairo size 1100,520 noenhanced font "sans,11"
set output "rounds-devices.png"
replot
set output
