set terminal pngcairo size 1250,2400 noenhanced font "sans,11"
set output "bench.png"
set multiplot layout 6,1
reset
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3
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
"getppid" 343.42 455.059 952.549 343.005 343.614 343.005 343.005 344.889 346.564 343.005 343.842
"read 1" 670.012 781.012 1280.92 670.012 670.012 670.012 670.012 670.012 670.012 670.012 670.012
"write 1" 588.011 699.011 1198.98 588.011 588.011 588.011 588.011 588.011 588.011 588.011 588.011
"stat" 3534.53 3646.24 4156.11 3539.15 3552.55 3541.18 3556.79 3546.89 3550.41 3546.73 3581.13
"open close" 6117.77 6381.38 7406.91 6134.94 6163.17 6141.86 6172.22 6142.95 6152.09 6143.48 6194.1
"signal install" 564.779 681.838 1182.11 564.779 564.779 564.779 564.779 564.779 564.779 564.779 564.779
"signal deliver" 3916.81 4186.71 5184.03 3923.91 3937.52 3924.03 3939.14 3923.02 3957 3929.03 3962.92
"clock gettime" 88.0058 656.048 1159.63 551.827 548.527 545.93 548.586 88.0058 88.0058 88.0058 88.0058
"getcpu" 277.005 389.061 886.6 277.005 277.005 277.005 277.005 277.005 277.005 277.005 277.005
END
set datafile missing '-'
plot $data using 2:xtic(1) title "bare machine" fs solid 1.0 border lc rgb "#4d5656" lc rgb "#4d5656", $data using 3:xtic(1) title "PV, Prism" fs solid 1.0 border lc rgb "#0072b2" lc rgb "#0072b2", $data using 4:xtic(1) title "PV, Xen" fs solid 1.0 border lc rgb "#0072b2" lc rgb "#9ec9e2", $data using 5:xtic(1) title "PVH, Prism" fs solid 1.0 border lc rgb "#d55e00" lc rgb "#d55e00", $data using 6:xtic(1) title "PVH, Xen" fs solid 1.0 border lc rgb "#d55e00" lc rgb "#efc29e", $data using 7:xtic(1) title "PVHVM, Prism" fs solid 1.0 border lc rgb "#009e73" lc rgb "#009e73", $data using 8:xtic(1) title "PVHVM, Xen" fs solid 1.0 border lc rgb "#009e73" lc rgb "#9edaca", $data using 9:xtic(1) title "PV I/O, Prism" fs solid 1.0 border lc rgb "#c4569b" lc rgb "#c4569b", $data using 10:xtic(1) title "PV I/O, Xen" fs solid 1.0 border lc rgb "#c4569b" lc rgb "#e9bfd9", $data using 11:xtic(1) title "HVM, Prism" fs solid 1.0 border lc rgb "#d9a400" lc rgb "#d9a400", $data using 12:xtic(1) title "HVM, Xen" fs solid 1.0 border lc rgb "#d9a400" lc rgb "#f1dc9e"
reset
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3
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
"page fault" 3324.3 5718.18 6213.93 3331.76 3346.13 3331.18 3348.69 3324.05 3342.4 3336.54 3373.63
"file fault" 2198.71 4655.14 5134.78 2188.14 2190.11 2188.14 2188.14 2204.75 2187.07 2187.07 2187.07
"copy on write" 4486.29 9372.43 9985.95 4526.54 4558.75 4525.72 4559.36 4527.07 4545.74 4539.48 4608.02
"mmap munmap" 16233.8 21951.9 23389.4 16266.9 16541.6 16267.2 16338.6 16273.5 16309.6 16294.8 16471.5
"mprotect" 5672.21 26707 35069.9 5685.54 5712.27 5686.82 5715.21 5683.27 5709.38 5695.25 5761.8
END
set datafile missing '-'
plot $data using 2:xtic(1) title "bare machine" fs solid 1.0 border lc rgb "#4d5656" lc rgb "#4d5656", $data using 3:xtic(1) title "PV, Prism" fs solid 1.0 border lc rgb "#0072b2" lc rgb "#0072b2", $data using 4:xtic(1) title "PV, Xen" fs solid 1.0 border lc rgb "#0072b2" lc rgb "#9ec9e2", $data using 5:xtic(1) title "PVH, Prism" fs solid 1.0 border lc rgb "#d55e00" lc rgb "#d55e00", $data using 6:xtic(1) title "PVH, Xen" fs solid 1.0 border lc rgb "#d55e00" lc rgb "#efc29e", $data using 7:xtic(1) title "PVHVM, Prism" fs solid 1.0 border lc rgb "#009e73" lc rgb "#009e73", $data using 8:xtic(1) title "PVHVM, Xen" fs solid 1.0 border lc rgb "#009e73" lc rgb "#9edaca", $data using 9:xtic(1) title "PV I/O, Prism" fs solid 1.0 border lc rgb "#c4569b" lc rgb "#c4569b", $data using 10:xtic(1) title "PV I/O, Xen" fs solid 1.0 border lc rgb "#c4569b" lc rgb "#e9bfd9", $data using 11:xtic(1) title "HVM, Prism" fs solid 1.0 border lc rgb "#d9a400" lc rgb "#d9a400", $data using 12:xtic(1) title "HVM, Xen" fs solid 1.0 border lc rgb "#d9a400" lc rgb "#f1dc9e"
reset
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3
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
"fork exit" 973037 2.14614e+06 3.3971e+06 977336 980434 975989 989456 975760 976552 974593 983630
"fork exec" 1.40911e+06 3.023e+06 4.70977e+06 1.50134e+06 1.63947e+06 1.50682e+06 1.65985e+06 1.50287e+06 1.64642e+06 1.50284e+06 1.65726e+06
"vfork exec" 448730 874708 1.29724e+06 540997 677163 543234 687112 543895 686796 541476 692673
"pipe trip" 12769 19215.5 23147 13029.4 13087.4 13029.9 13092.4 12794.4 12835 12823.9 12860
"thread trip" 12902.6 16038.4 19831.6 13164 13217.5 13163.9 13222.2 12930.2 12999.2 12932.1 13090.1
END
set datafile missing '-'
plot $data using 2:xtic(1) title "bare machine" fs solid 1.0 border lc rgb "#4d5656" lc rgb "#4d5656", $data using 3:xtic(1) title "PV, Prism" fs solid 1.0 border lc rgb "#0072b2" lc rgb "#0072b2", $data using 4:xtic(1) title "PV, Xen" fs solid 1.0 border lc rgb "#0072b2" lc rgb "#9ec9e2", $data using 5:xtic(1) title "PVH, Prism" fs solid 1.0 border lc rgb "#d55e00" lc rgb "#d55e00", $data using 6:xtic(1) title "PVH, Xen" fs solid 1.0 border lc rgb "#d55e00" lc rgb "#efc29e", $data using 7:xtic(1) title "PVHVM, Prism" fs solid 1.0 border lc rgb "#009e73" lc rgb "#009e73", $data using 8:xtic(1) title "PVHVM, Xen" fs solid 1.0 border lc rgb "#009e73" lc rgb "#9edaca", $data using 9:xtic(1) title "PV I/O, Prism" fs solid 1.0 border lc rgb "#c4569b" lc rgb "#c4569b", $data using 10:xtic(1) title "PV I/O, Xen" fs solid 1.0 border lc rgb "#c4569b" lc rgb "#e9bfd9", $data using 11:xtic(1) title "HVM, Prism" fs solid 1.0 border lc rgb "#d9a400" lc rgb "#d9a400", $data using 12:xtic(1) title "HVM, Xen" fs solid 1.0 border lc rgb "#d9a400" lc rgb "#f1dc9e"
reset
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3
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
"sleep late" 4186.05 10062.2 13303.8 13815.2 39120 18789.7 40907.9 11911.3 29102.8 21954.2 73915.5
"timer interrupt" 980.8 3528.8 4199.9 7439.25 20828.5 7479.1 21068.1 7193.5 16068.2 13215.4 45164.5
"cpuid" 12.046 12.046 12.046 2476.97 6210.36 2549.11 6496.61 2541.09 6494.15 2511.03 6555.99
"tsc read" 9.0085 9.0085 9.0085 9.0085 9.0085 9.0085 9.0085 9.0085 9.0085 9.0085 9.0085
"hpet read" 4.095 - - - - 6260.25 18613 6249.19 18597.2 6245.18 18746.2
"pm timer read" 4.095 - - - - 1381.95 1612.1 1370.89 1620.13 1363.86 1620.13
"port read" 4.075 1097.08 1503.08 4.075 4.075 4.075 4.075 4.075 4.075 4.075 4.075
END
set datafile missing '-'
plot $data using 2:xtic(1) title "bare machine" fs solid 1.0 border lc rgb "#4d5656" lc rgb "#4d5656", $data using 3:xtic(1) title "PV, Prism" fs solid 1.0 border lc rgb "#0072b2" lc rgb "#0072b2", $data using 4:xtic(1) title "PV, Xen" fs solid 1.0 border lc rgb "#0072b2" lc rgb "#9ec9e2", $data using 5:xtic(1) title "PVH, Prism" fs solid 1.0 border lc rgb "#d55e00" lc rgb "#d55e00", $data using 6:xtic(1) title "PVH, Xen" fs solid 1.0 border lc rgb "#d55e00" lc rgb "#efc29e", $data using 7:xtic(1) title "PVHVM, Prism" fs solid 1.0 border lc rgb "#009e73" lc rgb "#009e73", $data using 8:xtic(1) title "PVHVM, Xen" fs solid 1.0 border lc rgb "#009e73" lc rgb "#9edaca", $data using 9:xtic(1) title "PV I/O, Prism" fs solid 1.0 border lc rgb "#c4569b" lc rgb "#c4569b", $data using 10:xtic(1) title "PV I/O, Xen" fs solid 1.0 border lc rgb "#c4569b" lc rgb "#e9bfd9", $data using 11:xtic(1) title "HVM, Prism" fs solid 1.0 border lc rgb "#d9a400" lc rgb "#d9a400", $data using 12:xtic(1) title "HVM, Xen" fs solid 1.0 border lc rgb "#d9a400" lc rgb "#f1dc9e"
reset
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3
set style fill solid 1.0 noborder
set xtics rotate by -30
set title "disk and network: instructions of one operation (fewer is better)"
set ylabel "instructions"
set style data histogram
set style histogram clustered gap 1
set boxwidth 0.9
set logscale y 10
set format y "%.0s%c"
set yrange [*:*]
$data << END
"read 4k" 14983.3 37985.1 55058.2 40646.2 89571.1 40705.5 92460.5 46115.5 74743.5 824601 1.4264e+06
"write 4k" 17852 40920.4 51985.5 43535.8 88621.5 43480.1 91381 48929.6 73554.9 824244 1.42751e+06
"net trip" - 62587.4 75366.6 72384.4 115127 72495.7 117989 75871.4 100899 397626 772603
END
set datafile missing '-'
plot $data using 2:xtic(1) title "bare machine" fs solid 1.0 border lc rgb "#4d5656" lc rgb "#4d5656", $data using 3:xtic(1) title "PV, Prism" fs solid 1.0 border lc rgb "#0072b2" lc rgb "#0072b2", $data using 4:xtic(1) title "PV, Xen" fs solid 1.0 border lc rgb "#0072b2" lc rgb "#9ec9e2", $data using 5:xtic(1) title "PVH, Prism" fs solid 1.0 border lc rgb "#d55e00" lc rgb "#d55e00", $data using 6:xtic(1) title "PVH, Xen" fs solid 1.0 border lc rgb "#d55e00" lc rgb "#efc29e", $data using 7:xtic(1) title "PVHVM, Prism" fs solid 1.0 border lc rgb "#009e73" lc rgb "#009e73", $data using 8:xtic(1) title "PVHVM, Xen" fs solid 1.0 border lc rgb "#009e73" lc rgb "#9edaca", $data using 9:xtic(1) title "PV I/O, Prism" fs solid 1.0 border lc rgb "#c4569b" lc rgb "#c4569b", $data using 10:xtic(1) title "PV I/O, Xen" fs solid 1.0 border lc rgb "#c4569b" lc rgb "#e9bfd9", $data using 11:xtic(1) title "HVM, Prism" fs solid 1.0 border lc rgb "#d9a400" lc rgb "#d9a400", $data using 12:xtic(1) title "HVM, Xen" fs solid 1.0 border lc rgb "#d9a400" lc rgb "#f1dc9e"
reset
set grid ytics back lt 1 lc rgb "#d5d8dc"
set border 3
set tics nomirror out
set key outside top center horizontal maxrows 3
set style fill solid 1.0 noborder
set xtics rotate by -30
set title "boot: instructions of one operation (fewer is better)"
set ylabel "instructions"
set style data histogram
set style histogram clustered gap 1
set boxwidth 0.9
set logscale y 10
set format y "%.0s%c"
set yrange [*:*]
$data << END
"boot process" 1.77977e+09 3.09243e+09 3.17633e+09 1.48591e+09 1.51987e+09 1.62813e+09 1.71747e+09 1.66457e+09 1.76614e+09 1.75519e+09 1.85779e+09
"boot read" 2.55229e+09 3.60091e+09 3.69533e+09 1.97158e+09 2.01048e+09 2.29625e+09 2.40476e+09 2.33201e+09 2.44085e+09 2.39017e+09 2.50944e+09
END
set datafile missing '-'
plot $data using 2:xtic(1) title "bare machine" fs solid 1.0 border lc rgb "#4d5656" lc rgb "#4d5656", $data using 3:xtic(1) title "PV, Prism" fs solid 1.0 border lc rgb "#0072b2" lc rgb "#0072b2", $data using 4:xtic(1) title "PV, Xen" fs solid 1.0 border lc rgb "#0072b2" lc rgb "#9ec9e2", $data using 5:xtic(1) title "PVH, Prism" fs solid 1.0 border lc rgb "#d55e00" lc rgb "#d55e00", $data using 6:xtic(1) title "PVH, Xen" fs solid 1.0 border lc rgb "#d55e00" lc rgb "#efc29e", $data using 7:xtic(1) title "PVHVM, Prism" fs solid 1.0 border lc rgb "#009e73" lc rgb "#009e73", $data using 8:xtic(1) title "PVHVM, Xen" fs solid 1.0 border lc rgb "#009e73" lc rgb "#9edaca", $data using 9:xtic(1) title "PV I/O, Prism" fs solid 1.0 border lc rgb "#c4569b" lc rgb "#c4569b", $data using 10:xtic(1) title "PV I/O, Xen" fs solid 1.0 border lc rgb "#c4569b" lc rgb "#e9bfd9", $data using 11:xtic(1) title "HVM, Prism" fs solid 1.0 border lc rgb "#d9a400" lc rgb "#d9a400", $data using 12:xtic(1) title "HVM, Xen" fs solid 1.0 border lc rgb "#d9a400" lc rgb "#f1dc9e"
unset multiplot
set output
