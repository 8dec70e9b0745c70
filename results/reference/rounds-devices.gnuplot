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
-0.364 -0.053713
-0.364 0.44625
-0.364 0
-0.364 -0.026089
-0.364 0.21812
0.636 0.47301
0.636 0.5214
0.636 -0.0072822
0.636 -0.0064979
0.636 0
END
$d1 << END
-0.291 0
-0.291 -0.20618
-0.291 0.17603
-0.291 -0.10347
-0.291 0.14116
0.709 -0.11224
0.709 0.013307
0.709 0
0.709 -0.12201
0.709 0.050541
1.709 0.9005
1.709 -0.0031557
1.709 -0.11561
1.709 0
END
$f1 << END
1.709 1.41902 "+2.22%" 9
END
$d2 << END
-0.218 0.56262
-0.218 -0.25381
-0.218 0
-0.218 0.19796
-0.218 -0.13972
0.782 0.53965
0.782 -0.11828
0.782 -0.040056
0.782 0.76791
0.782 0
1.782 -0.13767
1.782 -0.076897
1.782 0.14418
1.782 0.06634
1.782 0
END
$d3 << END
-0.145 0.47228
-0.145 -0.015615
-0.145 0.074613
-0.145 -0.025902
-0.145 0
0.855 0.11586
0.855 -0.008488
0.855 0
0.855 -0.27253
0.855 0.10938
1.855 0.3473
1.855 -0.035558
1.855 0
END
$f3 << END
1.855 1.41902 "+1.94%" 9
1.855 -1.41902 "-3.11%" 11
END
$d4 << END
-0.073 -0.19435
-0.073 0.07161
-0.073 0.039459
-0.073 -0.10052
-0.073 0
0.927 0.35212
0.927 -0.17257
0.927 -0.24697
0.927 0
0.927 0.017801
1.927 -0.40673
1.927 -0.026368
1.927 0.1702
1.927 0
1.927 0.16222
END
$d5 << END
0.000 0.033948
0.000 0
0.000 -0.0011774
0.000 0.27254
0.000 -0.01251
1.000 -0.0094594
1.000 -0.042808
1.000 0.27955
1.000 0.26147
1.000 0
2.000 0.3463
2.000 -0.032615
2.000 0
END
$f5 << END
2.000 1.41902 "+2.18%" 9
2.000 -1.41902 "-2.98%" 11
END
$d6 << END
0.073 -0.25361
0.073 0.40638
0.073 0
0.073 -0.16705
0.073 0.20823
1.073 0.12671
1.073 -0.13645
1.073 -0.060471
1.073 0.10517
1.073 0
2.073 -0.31259
2.073 -0.08671
2.073 0.24464
2.073 0.15528
2.073 0
END
$d7 << END
0.145 0
0.145 0.0082669
0.145 0.11915
0.145 -0.015325
0.145 -0.023506
1.145 0
1.145 0.24696
1.145 -0.16432
1.145 0.53688
1.145 -0.14309
2.145 0
2.145 -0.023146
2.145 0.030003
2.145 0.098862
END
$f7 << END
2.145 -1.41902 "-9.3%" 11
END
$d8 << END
0.218 0.49196
0.218 -0.27687
0.218 0
0.218 0.75258
0.218 -0.011256
1.218 0
1.218 -0.27823
1.218 -0.13034
1.218 0.36018
1.218 0.096178
2.218 -0.062789
2.218 -0.11043
2.218 0.66104
2.218 0.28997
2.218 0
END
$d9 << END
0.291 0.068229
0.291 -0.010019
0.291 0.11409
0.291 0
0.291 -0.066721
1.291 -0.047976
1.291 0
1.291 -0.01571
1.291 0.016069
1.291 0.0023756
2.291 0.039614
2.291 -0.010385
2.291 0
2.291 0.048936
2.291 -0.010375
END
$d10 << END
0.364 -0.039008
0.364 -0.18601
0.364 0
0.364 0.092765
0.364 0.27521
1.364 0.025665
1.364 0.083526
1.364 0
1.364 -0.072042
1.364 -0.1702
2.364 -0.0077951
2.364 0
2.364 0.15591
2.364 -0.04405
2.364 0.024018
END
set xtics ("read 4k" 0, "write 4k" 1, "net trip" 2)
set xrange [-0.6:2.6]
set yrange [-1.53254:1.53254]
set xzeroaxis
plot $d0 using 1:2 with points pt 7 ps 0.8 lc rgb "#4d5656" title "bare machine", $d1 using 1:2 with points pt 7 ps 0.8 lc rgb "#0072b2" title "PV, Prism", $f1 using 1:2:4 with points pt variable ps 1.2 lc rgb "#0072b2" notitle, $f1 using 1:($2*0.8):3 with labels rotate by 90 center font ",10" notitle, $d2 using 1:2 with points pt 6 ps 0.8 lc rgb "#0072b2" title "PV, Xen", $d3 using 1:2 with points pt 7 ps 0.8 lc rgb "#d55e00" title "PVH, Prism", $f3 using 1:2:4 with points pt variable ps 1.2 lc rgb "#d55e00" notitle, $f3 using 1:($2*0.8):3 with labels rotate by 90 center font ",10" notitle, $d4 using 1:2 with points pt 6 ps 0.8 lc rgb "#d55e00" title "PVH, Xen", $d5 using 1:2 with points pt 7 ps 0.8 lc rgb "#009e73" title "PVHVM, Prism", $f5 using 1:2:4 with points pt variable ps 1.2 lc rgb "#009e73" notitle, $f5 using 1:($2*0.8):3 with labels rotate by 90 center font ",10" notitle, $d6 using 1:2 with points pt 6 ps 0.8 lc rgb "#009e73" title "PVHVM, Xen", $d7 using 1:2 with points pt 7 ps 0.8 lc rgb "#c4569b" title "PV I/O, Prism", $f7 using 1:2:4 with points pt variable ps 1.2 lc rgb "#c4569b" notitle, $f7 using 1:($2*0.8):3 with labels rotate by 90 center font ",10" notitle, $d8 using 1:2 with points pt 6 ps 0.8 lc rgb "#c4569b" title "PV I/O, Xen", $d9 using 1:2 with points pt 7 ps 0.8 lc rgb "#d9a400" title "HVM, Prism", $d10 using 1:2 with points pt 6 ps 0.8 lc rgb "#d9a400" title "HVM, Xen"
set terminal pngcairo size 1100,520 noenhanced font "sans,11"
set output "rounds-devices.png"
replot
set output
