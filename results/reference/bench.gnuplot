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
"getppid" 343.436 457.05 952.527 345.187 347.538 343.005 343.638 344.752 346.553 343.005 343.005
"read 1" 670.012 783.012 1281.03 674.629 670.012 670.012 670.012 670.012 670.012 676.423 670.012
"write 1" 588.011 701.011 1199.03 588.011 588.011 588.011 588.011 588.011 588.011 588.011 588.011
"stat" 3534.53 3648.26 4150.72 3536.32 3549.55 3538.29 3556.26 3540.84 3549.63 3546.92 3584.78
"open close" 6118.38 6377.31 7400.82 6144.28 6169.77 6139.47 6171.14 6133.94 6151.39 6142.1 6195.4
"signal install" 564.779 683.839 1182.81 564.779 564.779 564.779 564.779 564.779 564.779 564.779 564.779
"signal deliver" 3916.81 4190.88 5183.93 3940.8 3940.04 3926.69 3938.61 3923.12 3932.7 3929.92 3963.76
"clock gettime" 88.0058 658.068 1154.72 551.868 548.563 545.858 548.71 88.0058 88.0058 88.0058 88.0058
"getcpu" 277.005 390.005 886.861 277.005 277.005 277.005 277.005 277.005 277.005 277.005 277.005
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
"page fault" 3324.26 5729.01 6201.15 3330.67 3346.13 3331.07 3346.63 3331.72 3342.54 3335.77 3370.89
"file fault" 2198.55 4666.29 5166.7 2205.47 2190.11 2187.07 2187.07 2187.07 2188.14 2185.93 2187.07
"copy on write" 4486.81 9353.41 9987.11 4529.5 4554.65 4528.83 4560.78 4486.55 4543.78 4485.97 4487.7
"mmap munmap" 16233.8 21963.9 23440.7 16304.4 16362.4 16270.1 16422.7 16265.4 16326.8 16303.3 16489.5
"mprotect" 5672.06 26725 35133.2 5651.54 5727.97 5685.94 5714.38 5686.75 5707.92 5697.04 5762.92
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
"fork exit" 973107 2.14704e+06 3.39638e+06 981901 978470 974086 979358 975404 984714 974498 992132
"fork exec" 1.40911e+06 3.02702e+06 4.70893e+06 1.5096e+06 1.63671e+06 1.50772e+06 1.64658e+06 1.50963e+06 1.65509e+06 1.50381e+06 1.66363e+06
"vfork exec" 448350 871860 1.2999e+06 542677 677818 549512 688479 547143 685130 543821 692450
"pipe trip" 12768.3 19239.9 23150.1 13030.4 13083.6 13043.8 13087.1 12795.2 12815.8 12824.7 12865
"thread trip" 12905.5 16060.3 19832 13166.3 13224.5 13165.9 13227.9 12930.6 12974.2 12952.2 13085.7
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
"sleep late" 4185.95 10081 13321.5 13946.5 39167.4 14028.5 40304.1 11739 28421.2 22215.8 73995.6
"timer interrupt" 979.5 3538.35 4200.15 7588.35 20110.8 7589.65 21881.2 7292.1 16065.5 13392.5 45233
"cpuid" 12.046 12.046 12.046 2539.09 6209.19 2611.23 6497.85 2603.22 6493.98 2573.16 6557.6
"tsc read" 9.0085 9.0085 9.0085 9.0085 9.0085 9.0085 9.0085 9.0085 9.0085 9.0085 9.0085
"hpet read" 4.095 - - - - 6360.75 18619 6349.69 18597.2 6345.68 18746.2
"pm timer read" 4.095 - - - - 1387.98 1612.1 1376.92 1620.13 1369.89 1620.13
"port read" 4.075 1104.08 1503.08 4.075 4.075 4.075 4.075 4.075 4.075 4.075 4.075
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
"read 4k" 14987.2 38050 55147.2 40730.4 89484.5 40768 92429.9 46329.2 74541.2 826311 1.41501e+06
"write 4k" 17851.8 40956.9 52002 43708.9 88533.6 43660.1 91431.8 49128.5 73260.3 826310 1.41678e+06
"net trip" - 62744.2 75308.6 72416.8 115140 72573.9 117887 76126.1 100288 399602 768304
"boot process" 1.7794e+09 3.093e+09 3.17626e+09 1.48677e+09 1.52007e+09 1.62891e+09 1.69956e+09 1.66485e+09 1.71413e+09 1.7593e+09 1.8495e+09
"boot read" 2.55228e+09 3.60087e+09 3.69556e+09 1.97191e+09 2.01031e+09 2.29626e+09 2.38429e+09 2.33201e+09 2.38882e+09 2.39441e+09 2.49739e+09
END
set datafile missing '-'
plot $data using 2:xtic(1) title "bare machine" fs solid 1.0 border lc rgb "#4d5656" lc rgb "#4d5656", $data using 3:xtic(1) title "PV, Prism" fs solid 1.0 border lc rgb "#0072b2" lc rgb "#0072b2", $data using 4:xtic(1) title "PV, Xen" fs solid 1.0 border lc rgb "#0072b2" lc rgb "#9ec9e2", $data using 5:xtic(1) title "PVH, Prism" fs solid 1.0 border lc rgb "#d55e00" lc rgb "#d55e00", $data using 6:xtic(1) title "PVH, Xen" fs solid 1.0 border lc rgb "#d55e00" lc rgb "#efc29e", $data using 7:xtic(1) title "PVHVM, Prism" fs solid 1.0 border lc rgb "#009e73" lc rgb "#009e73", $data using 8:xtic(1) title "PVHVM, Xen" fs solid 1.0 border lc rgb "#009e73" lc rgb "#9edaca", $data using 9:xtic(1) title "PV I/O, Prism" fs solid 1.0 border lc rgb "#c4569b" lc rgb "#c4569b", $data using 10:xtic(1) title "PV I/O, Xen" fs solid 1.0 border lc rgb "#c4569b" lc rgb "#e9bfd9", $data using 11:xtic(1) title "HVM, Prism" fs solid 1.0 border lc rgb "#d9a400" lc rgb "#d9a400", $data using 12:xtic(1) title "HVM, Xen" fs solid 1.0 border lc rgb "#d9a400" lc rgb "#f1dc9e"
unset multiplot
set output
