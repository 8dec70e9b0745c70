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
"getppid" 343.421 456.98 952.596 344.774 348.255 344.875 343.635 344.857 346.396 343.005 343.005
"read 1" 670.012 783.012 1280.98 674.471 670.012 670.012 671.593 670.012 670.012 670.012 670.012
"write 1" 588.011 701.011 1198.92 588.011 588.011 588.011 588.011 588.011 588.011 588.011 588.011
"stat" 3534.53 3647.98 4143.87 3535.95 3555.4 3547 3555.57 3537.58 3546.63 3546.7 3580.6
"open close" 6121.8 6391.1 7377.15 6150.77 6166.56 6144.86 6155.81 6142.5 6161.6 6139.33 6209.41
"signal install" 564.779 689.942 1182.07 564.779 564.779 564.779 566.361 564.779 564.779 564.779 564.779
"signal deliver" 3916.81 4190.6 5183.69 3923.71 3938.24 3923.3 3937.91 3923.57 3933.15 3928.98 3962.92
"clock gettime" 88.0058 657.996 1156.91 545.789 554.646 545.816 548.862 88.0058 88.0058 88.0058 88.0058
"getcpu" 277.005 390.996 886.199 277.005 277.005 277.005 277.005 277.005 277.005 277.005 277.005
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
"page fault" 3323.76 5655.51 6199.75 3331.19 3345.91 3331.04 3365.72 3330.71 3339.57 3337.01 3372.53
"file fault" 2197.65 4596.05 5152.15 2188.14 2191.19 2204.02 2219.97 2188.14 2187.07 2188.14 2243.58
"copy on write" 4485.88 9265.42 9831.43 4527.99 4484.73 4526.69 4557.68 4527.88 4543.83 4539.84 4608.24
"mmap munmap" 16233.7 21832.3 23386.7 16275 16340.8 16268.5 16354.9 16263.7 16339.3 16325.4 16474.3
"mprotect" 5672.21 26570.6 35066.5 5691.96 5713.2 5685.44 5711.89 5684.79 5699.76 5696.74 5761.77
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
"fork exit" 971664 2.15504e+06 3.39738e+06 976674 979739 973817 981798 975173 975423 975747 989771
"fork exec" 1.40648e+06 3.01142e+06 4.71144e+06 1.50213e+06 1.63943e+06 1.50484e+06 1.65055e+06 1.50656e+06 1.64616e+06 1.50507e+06 1.66187e+06
"vfork exec" 448788 853453 1.29615e+06 548183 677655 545358 688832 548654 687732 544475 690234
"pipe trip" 12768.4 18978.7 23148 13027 13085.4 13029.1 13162.5 12794.1 12838.2 12820.6 12964.4
"thread trip" 12905.4 16043.7 19843.3 13209.5 13216.9 13164 13184.6 12929.2 12996.4 12950.3 13087.9
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
"sleep late" 4186.05 9723.4 13402.4 18428.2 39205.6 18877.8 40882.8 11462.8 29588.8 21870.8 73855.8
"timer interrupt" 979.5 3262.2 4214.25 7244.2 20110.6 7371.1 21300.3 7053.35 15916.9 13153.2 45233.7
"cpuid" 12.046 12.046 12.046 2524.06 6210.37 2596.2 6497.85 2588.19 6493.18 2558.13 6555.99
"tsc read" 9.0085 9.0085 9.0085 9.0085 9.0085 9.0085 9.0085 9.0085 9.0085 9.0085 9.0085
"hpet read" 4.095 - - - - 6219.05 18613 6207.99 18597.3 6203.97 18746.2
"pm timer read" 4.095 - - - - 1246.28 1612.1 1235.22 1620.13 1228.18 1620.13
"port read" 4.075 1033.08 1503.08 4.075 4.075 4.075 4.075 4.075 4.075 4.075 4.075
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
"read 4k" 14985.5 37579.8 55040.5 40255 89478.8 40296.4 92383.7 45462.2 74766.8 805124 1.43344e+06
"write 4k" 17851.9 40388.4 52120.1 43222.6 88546.7 43259.4 91336.3 48336.3 - 804913 1.43554e+06
"net trip" - 61454.4 75246.6 70754.6 115108 70869.9 117999 74467 - 391586 775511
"boot process" 1.7978e+09 3.08102e+09 3.18041e+09 1.48583e+09 1.5185e+09 1.6416e+09 1.72566e+09 1.68219e+09 - 1.773e+09 1.87177e+09
"boot read" 2.57228e+09 3.58809e+09 3.69961e+09 1.97133e+09 2.01012e+09 2.31222e+09 2.41229e+09 2.35194e+09 - 2.40994e+09 2.52555e+09
END
set datafile missing '-'
plot $data using 2:xtic(1) title "bare machine" fs solid 1.0 border lc rgb "#4d5656" lc rgb "#4d5656", $data using 3:xtic(1) title "PV, Prism" fs solid 1.0 border lc rgb "#0072b2" lc rgb "#0072b2", $data using 4:xtic(1) title "PV, Xen" fs solid 1.0 border lc rgb "#0072b2" lc rgb "#9ec9e2", $data using 5:xtic(1) title "PVH, Prism" fs solid 1.0 border lc rgb "#d55e00" lc rgb "#d55e00", $data using 6:xtic(1) title "PVH, Xen" fs solid 1.0 border lc rgb "#d55e00" lc rgb "#efc29e", $data using 7:xtic(1) title "PVHVM, Prism" fs solid 1.0 border lc rgb "#009e73" lc rgb "#009e73", $data using 8:xtic(1) title "PVHVM, Xen" fs solid 1.0 border lc rgb "#009e73" lc rgb "#9edaca", $data using 9:xtic(1) title "PV I/O, Prism" fs solid 1.0 border lc rgb "#c4569b" lc rgb "#c4569b", $data using 10:xtic(1) title "PV I/O, Xen" fs solid 1.0 border lc rgb "#c4569b" lc rgb "#e9bfd9", $data using 11:xtic(1) title "HVM, Prism" fs solid 1.0 border lc rgb "#d9a400" lc rgb "#d9a400", $data using 12:xtic(1) title "HVM, Xen" fs solid 1.0 border lc rgb "#d9a400" lc rgb "#f1dc9e"
unset multiplot
set output
