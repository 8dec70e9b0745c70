set terminal pngcairo size 3894,600 font "sans,11"
set output "bench.png"
set title "Instructions per operation (fewer is better)"
set style data histogram
set style histogram clustered gap 1
set style fill solid 0.85 border -1
set logscale y
set format y "%'.0f"
set grid ytics
set key outside top center horizontal
set decimal locale
set datafile missing "-"
set boxwidth 0.9
set xtics rotate by -40
plot "bench.dat" using 2:xtic(1) title columnheader, "bench.dat" using 3:xtic(1) title columnheader, "bench.dat" using 4:xtic(1) title columnheader, "bench.dat" using 5:xtic(1) title columnheader, "bench.dat" using 6:xtic(1) title columnheader, "bench.dat" using 7:xtic(1) title columnheader, "bench.dat" using 8:xtic(1) title columnheader, "bench.dat" using 9:xtic(1) title columnheader, "bench.dat" using 10:xtic(1) title columnheader, "bench.dat" using 11:xtic(1) title columnheader, "bench.dat" using 12:xtic(1) title columnheader
