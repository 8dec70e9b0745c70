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
"getppid" 343.421 456.987 952.588 345.115 347.69 344.881 347.734 344.858 346.396 345.912 343.005
"read 1" 670.012 783.012 1280.98 670.012 670.012 677.639 670.012 670.012 670.012 670.012 670.012
"write 1" 588.011 701.011 1198.92 588.011 588.011 588.011 588.011 592.654 588.011 588.011 588.011
"stat" 3534.53 3653.94 4145.51 3538.9 3558.56 3540.95 3555.56 3540.55 3546.63 3546.54 3580.6
"open close" 6121.8 6379.32 7381.25 6143.27 6172.92 6139.9 6168.75 6147.87 6157.44 6132.27 6202.29
"signal install" 564.779 683.839 1181.88 564.779 564.779 564.779 564.779 564.779 564.779 564.779 564.779
"signal deliver" 3916.81 4190.55 5183.77 3923.67 3938.15 3923.73 3937.85 3923.54 3951.11 3929.53 3963.08
"clock gettime" 88.0058 659.476 1154.76 551.873 554.528 545.79 550.015 88.0058 88.0058 88.0058 88.0058
"getcpu" 277.005 390.005 887.412 277.005 277.005 277.005 277.005 277.005 277.005 277.005 277.005
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
"page fault" 3323.76 4883.96 6199.86 3330.86 3345.78 3330.78 3347.46 3323.98 3341.15 3337.04 3372.83
"file fault" 2197.65 3823.45 5150.79 2204.14 2217.07 2204.03 2188.14 2198.41 2213.49 2209.54 2244.14
"copy on write" 4485.88 8313.27 9846.04 4526.52 4554.11 4486.66 4487.57 4525.49 4542.85 4536.96 4494.27
"mmap munmap" 16233.7 20899.7 23498.6 16265.8 16366.4 16297.4 16342.6 16270.8 16329.9 16429.9 16482.1
"mprotect" 5672.21 24643.6 35056.3 5685.13 5712.71 5892.3 5923.25 5682.88 5702.87 5696.74 5764.42
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
"fork exit" 971664 2.0404e+06 3.39801e+06 975776 977486 974161 979544 975004 979549 975043 986864
"fork exec" 1.40648e+06 2.79064e+06 4.71299e+06 1.50152e+06 1.6381e+06 1.50203e+06 1.64895e+06 1.50712e+06 1.64748e+06 1.50743e+06 1.65756e+06
"vfork exec" 448788 754090 1.29905e+06 543689 678902 547476 688401 544676 686688 545463 693244
"pipe trip" 12768.4 17988.6 23151.5 13011.9 13088.1 13027.5 13080.3 12794 12831.6 12799.3 12867.5
"thread trip" 12905.4 15760.6 19831.1 13164.6 13226.9 13163.8 13228.6 12931.8 12976.7 12950.7 13090.6
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
"sleep late" 4186.05 9496.6 13578.7 13407.5 39173.2 13557.4 40887.9 11624 28933.1 21671.5 73998.1
"timer interrupt" 979.5 3219.2 4198.5 7198.95 20802.7 7247.05 21249.2 7016.25 15849 13030.9 47051.2
"cpuid" 12.046 12.046 12.046 2524.06 6210.37 2596.2 6497.85 2588.19 6493.98 2558.13 6555.99
"tsc read" 9.0085 9.0085 9.0085 9.0085 9.0085 9.0085 9.0085 9.0085 9.0085 9.0085 9.0085
"hpet read" 4.095 - - - - 6146.69 18628.6 6135.63 18591.4 6131.61 18746.2
"pm timer read" 4.095 - - - - 1224.16 1612.1 1213.11 1620.13 1206.08 1620.13
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
"read 4k" 14985.5 36915.8 55169.2 39878.2 89476.2 39960.3 92309.4 44994.9 75150.4 800888 1.41543e+06
"write 4k" 17851.9 39831.5 51969.7 42809.9 88592.4 42828.3 91372.7 47796.1 73534.2 800883 1.41561e+06
"net trip" - 60713.4 75466.8 70133.6 115079 70069.1 117973 73675.6 100700 388575 768044
"boot process" 1.7978e+09 3.06132e+09 3.18041e+09 1.48558e+09 1.51874e+09 1.64085e+09 1.72383e+09 1.68154e+09 1.71588e+09 1.77297e+09 1.87159e+09
"boot read" 2.57228e+09 3.56105e+09 3.6996e+09 1.97135e+09 2.01011e+09 2.31221e+09 2.41228e+09 2.35192e+09 2.39284e+09 2.41013e+09 2.52536e+09
END
set datafile missing '-'
plot $data using 2:xtic(1) title "bare machine" fs solid 1.0 border lc rgb "#4d5656" lc rgb "#4d5656", $data using 3:xtic(1) title "PV, Prism" fs solid 1.0 border lc rgb "#0072b2" lc rgb "#0072b2", $data using 4:xtic(1) title "PV, Xen" fs solid 1.0 border lc rgb "#0072b2" lc rgb "#9ec9e2", $data using 5:xtic(1) title "PVH, Prism" fs solid 1.0 border lc rgb "#d55e00" lc rgb "#d55e00", $data using 6:xtic(1) title "PVH, Xen" fs solid 1.0 border lc rgb "#d55e00" lc rgb "#efc29e", $data using 7:xtic(1) title "PVHVM, Prism" fs solid 1.0 border lc rgb "#009e73" lc rgb "#009e73", $data using 8:xtic(1) title "PVHVM, Xen" fs solid 1.0 border lc rgb "#009e73" lc rgb "#9edaca", $data using 9:xtic(1) title "PV I/O, Prism" fs solid 1.0 border lc rgb "#c4569b" lc rgb "#c4569b", $data using 10:xtic(1) title "PV I/O, Xen" fs solid 1.0 border lc rgb "#c4569b" lc rgb "#e9bfd9", $data using 11:xtic(1) title "HVM, Prism" fs solid 1.0 border lc rgb "#d9a400" lc rgb "#d9a400", $data using 12:xtic(1) title "HVM, Xen" fs solid 1.0 border lc rgb "#d9a400" lc rgb "#f1dc9e"
unset multiplot
set output
