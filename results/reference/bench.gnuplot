set terminal pngcairo size 1250,2000 noenhanced font "sans,11"
set output "bench.png"
set multiplot layout 5,1
reset
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3 samplen 2
set style fill solid 1.0 noborder
set xtics rotate by -30
set title "system calls: instructions of one operation (fewer is better)"
set ylabel "instructions"
set style data histogram
set style histogram clustered gap 1
set boxwidth 0.9
set logscale y 10
set format y "%.0s%c"
set yrange [*:*]
$data << END
"getppid" 343.421 457.023 952.502 346.07 343.005 345.007 347.581 345.022 346.564 345.914 343.842
"read 1" 670.012 783.012 1281 670.012 670.012 670.012 671.593 670.012 670.012 670.012 670.012
"write 1" 588.011 703.48 1198.8 588.011 588.011 592.485 588.011 588.011 588.011 588.011 588.011
"stat" 3534.53 3653.98 4143.84 3538.93 3552.56 3540.98 3555.57 3543.57 3549.63 3546.57 3580.6
"open close" 6121.8 6385.12 7396.31 6143.6 6169.65 6138.44 6184.02 6147.67 6142.19 6143.75 6201.45
"signal install" 564.779 683.839 1182.98 564.779 564.779 564.779 564.779 564.779 564.779 564.779 564.779
"signal deliver" 3916.81 4190.57 5183.65 3923.24 3937.53 3923.74 3938.56 3922.87 3931.91 3929.56 3963.7
"clock gettime" 88.0058 658.003 1157.65 551.787 554.431 545.795 548.586 88.0058 88.0058 88.0058 88.0058
"getcpu" 277.005 391.003 886.213 277.005 277.005 277.005 277.005 277.005 277.005 277.005 277.005
END
set datafile missing '-'
plot $data using 2:xtic(1) title "bare machine" fs solid 1.0 border lc rgb "#4d5656" lc rgb "#4d5656", $data using 3:xtic(1) title "PV, Prism" fs solid 1.0 border lc rgb "#0072b2" lc rgb "#0072b2", $data using 4:xtic(1) title "PV, Xen" fs solid 1.0 border lc rgb "#0072b2" lc rgb "#9ec9e2", $data using 5:xtic(1) title "PVH, Prism" fs solid 1.0 border lc rgb "#d55e00" lc rgb "#d55e00", $data using 6:xtic(1) title "PVH, Xen" fs solid 1.0 border lc rgb "#d55e00" lc rgb "#efc29e", $data using 7:xtic(1) title "PVHVM, Prism" fs solid 1.0 border lc rgb "#009e73" lc rgb "#009e73", $data using 8:xtic(1) title "PVHVM, Xen" fs solid 1.0 border lc rgb "#009e73" lc rgb "#9edaca", $data using 9:xtic(1) title "PV I/O, Prism" fs solid 1.0 border lc rgb "#c4569b" lc rgb "#c4569b", $data using 10:xtic(1) title "PV I/O, Xen" fs solid 1.0 border lc rgb "#c4569b" lc rgb "#e9bfd9", $data using 11:xtic(1) title "HVM, Prism" fs solid 1.0 border lc rgb "#d9a400" lc rgb "#d9a400", $data using 12:xtic(1) title "HVM, Xen" fs solid 1.0 border lc rgb "#d9a400" lc rgb "#f1dc9e"
reset
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3 samplen 2
set style fill solid 1.0 noborder
set xtics rotate by -30
set title "memory: instructions of one operation (fewer is better)"
set ylabel "instructions"
set style data histogram
set style histogram clustered gap 1
set boxwidth 0.9
set logscale y 10
set format y "%.0s%c"
set yrange [*:*]
$data << END
"page fault" 3323.76 4881.09 6212.26 3322.79 3345.96 3331.46 3364.89 3323.85 3341.15 3336.49 3371.76
"file fault" 2197.65 3820.74 5176.69 2187.07 2191.19 2204.06 2218.19 2198.48 2213.78 2209.73 2244.81
"copy on write" 4485.88 8306.9 9812.35 4526.11 4631.16 4486.55 4561.16 4525.96 4537.6 4541.34 4608.65
"mmap munmap" 16233.7 20860.1 23386.4 16265.9 16355.3 16272.9 16368 16273.1 16310.5 16294.2 16471.1
"mprotect" 5672.21 24643.1 35071 5684.55 5920.19 5651.54 5713.3 5682.94 5701.17 5696.41 5767.37
END
set datafile missing '-'
plot $data using 2:xtic(1) title "bare machine" fs solid 1.0 border lc rgb "#4d5656" lc rgb "#4d5656", $data using 3:xtic(1) title "PV, Prism" fs solid 1.0 border lc rgb "#0072b2" lc rgb "#0072b2", $data using 4:xtic(1) title "PV, Xen" fs solid 1.0 border lc rgb "#0072b2" lc rgb "#9ec9e2", $data using 5:xtic(1) title "PVH, Prism" fs solid 1.0 border lc rgb "#d55e00" lc rgb "#d55e00", $data using 6:xtic(1) title "PVH, Xen" fs solid 1.0 border lc rgb "#d55e00" lc rgb "#efc29e", $data using 7:xtic(1) title "PVHVM, Prism" fs solid 1.0 border lc rgb "#009e73" lc rgb "#009e73", $data using 8:xtic(1) title "PVHVM, Xen" fs solid 1.0 border lc rgb "#009e73" lc rgb "#9edaca", $data using 9:xtic(1) title "PV I/O, Prism" fs solid 1.0 border lc rgb "#c4569b" lc rgb "#c4569b", $data using 10:xtic(1) title "PV I/O, Xen" fs solid 1.0 border lc rgb "#c4569b" lc rgb "#e9bfd9", $data using 11:xtic(1) title "HVM, Prism" fs solid 1.0 border lc rgb "#d9a400" lc rgb "#d9a400", $data using 12:xtic(1) title "HVM, Xen" fs solid 1.0 border lc rgb "#d9a400" lc rgb "#f1dc9e"
reset
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3 samplen 2
set style fill solid 1.0 noborder
set xtics rotate by -30
set title "processes and switches: instructions of one operation (fewer is better)"
set ylabel "instructions"
set style data histogram
set style histogram clustered gap 1
set boxwidth 0.9
set logscale y 10
set format y "%.0s%c"
set yrange [*:*]
$data << END
"fork exit" 971664 2.02737e+06 3.44949e+06 974876 980025 976951 979476 975946 978336 975594 985746
"fork exec" 1.40648e+06 2.7772e+06 4.75799e+06 1.50163e+06 1.63721e+06 1.50546e+06 1.64699e+06 1.50679e+06 1.64765e+06 1.50777e+06 1.65771e+06
"vfork exec" 448788 754997 1.29995e+06 542734 678090 546747 688033 544796 687360 544992 691810
"pipe trip" 12768.4 17997 23150.8 13027.1 13091.9 13027.8 13125.5 12793.5 12841.9 12822.5 12862.2
"thread trip" 12905.4 15759.3 19829.4 13172.4 13155.4 13162.9 13227.3 12930.8 13007.9 12952.6 13087.2
END
set datafile missing '-'
plot $data using 2:xtic(1) title "bare machine" fs solid 1.0 border lc rgb "#4d5656" lc rgb "#4d5656", $data using 3:xtic(1) title "PV, Prism" fs solid 1.0 border lc rgb "#0072b2" lc rgb "#0072b2", $data using 4:xtic(1) title "PV, Xen" fs solid 1.0 border lc rgb "#0072b2" lc rgb "#9ec9e2", $data using 5:xtic(1) title "PVH, Prism" fs solid 1.0 border lc rgb "#d55e00" lc rgb "#d55e00", $data using 6:xtic(1) title "PVH, Xen" fs solid 1.0 border lc rgb "#d55e00" lc rgb "#efc29e", $data using 7:xtic(1) title "PVHVM, Prism" fs solid 1.0 border lc rgb "#009e73" lc rgb "#009e73", $data using 8:xtic(1) title "PVHVM, Xen" fs solid 1.0 border lc rgb "#009e73" lc rgb "#9edaca", $data using 9:xtic(1) title "PV I/O, Prism" fs solid 1.0 border lc rgb "#c4569b" lc rgb "#c4569b", $data using 10:xtic(1) title "PV I/O, Xen" fs solid 1.0 border lc rgb "#c4569b" lc rgb "#e9bfd9", $data using 11:xtic(1) title "HVM, Prism" fs solid 1.0 border lc rgb "#d9a400" lc rgb "#d9a400", $data using 12:xtic(1) title "HVM, Xen" fs solid 1.0 border lc rgb "#d9a400" lc rgb "#f1dc9e"
reset
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3 samplen 2
set style fill solid 1.0 noborder
set xtics rotate by -30
set title "timers and instructions that may trap: instructions of one operation (fewer is better)"
set ylabel "instructions"
set style data histogram
set style histogram clustered gap 1
set boxwidth 0.9
set logscale y 10
set format y "%.0s%c"
set yrange [*:*]
$data << END
"sleep late" 4186.05 9528.6 13243.6 13453 39413.8 18907 40907.9 11591.9 29599.8 21700 73686.1
"timer interrupt" 979.5 3237.35 4216.5 7223.65 20806.7 7276.1 21235.8 7046.2 16033.2 13047.4 45233.9
"cpuid" 12.046 12.046 12.046 2525.06 6210.37 2597.21 6496.61 2589.19 6493.98 2559.13 6555.99
"tsc read" 9.0085 9.0085 9.0085 9.0085 9.0085 9.0085 9.0085 9.0085 9.0085 9.0085 9.0085
"hpet read" 4.095 - - - - 6149.7 18625.8 6138.65 18594 6134.62 18746.2
"pm timer read" 4.095 - - - - 1227.18 1612.1 1216.12 1620.13 1209.09 1620.13
"port read" 4.075 1015.08 1503.08 4.075 4.075 4.075 4.075 4.075 4.075 4.075 4.075
END
set datafile missing '-'
plot $data using 2:xtic(1) title "bare machine" fs solid 1.0 border lc rgb "#4d5656" lc rgb "#4d5656", $data using 3:xtic(1) title "PV, Prism" fs solid 1.0 border lc rgb "#0072b2" lc rgb "#0072b2", $data using 4:xtic(1) title "PV, Xen" fs solid 1.0 border lc rgb "#0072b2" lc rgb "#9ec9e2", $data using 5:xtic(1) title "PVH, Prism" fs solid 1.0 border lc rgb "#d55e00" lc rgb "#d55e00", $data using 6:xtic(1) title "PVH, Xen" fs solid 1.0 border lc rgb "#d55e00" lc rgb "#efc29e", $data using 7:xtic(1) title "PVHVM, Prism" fs solid 1.0 border lc rgb "#009e73" lc rgb "#009e73", $data using 8:xtic(1) title "PVHVM, Xen" fs solid 1.0 border lc rgb "#009e73" lc rgb "#9edaca", $data using 9:xtic(1) title "PV I/O, Prism" fs solid 1.0 border lc rgb "#c4569b" lc rgb "#c4569b", $data using 10:xtic(1) title "PV I/O, Xen" fs solid 1.0 border lc rgb "#c4569b" lc rgb "#e9bfd9", $data using 11:xtic(1) title "HVM, Prism" fs solid 1.0 border lc rgb "#d9a400" lc rgb "#d9a400", $data using 12:xtic(1) title "HVM, Xen" fs solid 1.0 border lc rgb "#d9a400" lc rgb "#f1dc9e"
reset
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3 samplen 2
set style fill solid 1.0 noborder
set xtics rotate by -30
set title "disk and network, boot: instructions of one operation (fewer is better)"
set ylabel "instructions"
set style data histogram
set style histogram clustered gap 1
set boxwidth 0.9
set logscale y 10
set format y "%.0s%c"
set yrange [*:*]
$data << END
"read 4k" 14985.5 37008.3 55197.8 39929.8 89532.4 39981.8 92302.8 45425 74839.2 803594 1.43385e+06
"write 4k" 17851.9 39866.6 52039 42925.9 88616.4 42975.9 91457.8 48279.1 73580.8 803386 1.43539e+06
"net trip" - 60804.9 75358.9 70145.5 115153 70174.5 117942 73652.5 100533 389951 775017
"boot process" 1.7978e+09 3.06153e+09 3.18041e+09 1.48594e+09 1.51873e+09 1.64152e+09 1.72406e+09 1.68169e+09 1.71591e+09 1.77738e+09 1.87192e+09
"boot read" 2.57228e+09 3.56117e+09 3.69959e+09 1.97133e+09 2.0101e+09 2.3122e+09 2.41229e+09 2.35195e+09 2.39282e+09 2.41388e+09 2.52556e+09
END
set datafile missing '-'
plot $data using 2:xtic(1) title "bare machine" fs solid 1.0 border lc rgb "#4d5656" lc rgb "#4d5656", $data using 3:xtic(1) title "PV, Prism" fs solid 1.0 border lc rgb "#0072b2" lc rgb "#0072b2", $data using 4:xtic(1) title "PV, Xen" fs solid 1.0 border lc rgb "#0072b2" lc rgb "#9ec9e2", $data using 5:xtic(1) title "PVH, Prism" fs solid 1.0 border lc rgb "#d55e00" lc rgb "#d55e00", $data using 6:xtic(1) title "PVH, Xen" fs solid 1.0 border lc rgb "#d55e00" lc rgb "#efc29e", $data using 7:xtic(1) title "PVHVM, Prism" fs solid 1.0 border lc rgb "#009e73" lc rgb "#009e73", $data using 8:xtic(1) title "PVHVM, Xen" fs solid 1.0 border lc rgb "#009e73" lc rgb "#9edaca", $data using 9:xtic(1) title "PV I/O, Prism" fs solid 1.0 border lc rgb "#c4569b" lc rgb "#c4569b", $data using 10:xtic(1) title "PV I/O, Xen" fs solid 1.0 border lc rgb "#c4569b" lc rgb "#e9bfd9", $data using 11:xtic(1) title "HVM, Prism" fs solid 1.0 border lc rgb "#d9a400" lc rgb "#d9a400", $data using 12:xtic(1) title "HVM, Xen" fs solid 1.0 border lc rgb "#d9a400" lc rgb "#f1dc9e"
unset multiplot
set output
