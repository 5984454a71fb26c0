# Redraw with: gnuplot codebook-size.gnuplot
set encoding utf8
set datafile separator whitespace
DATA = 'codebook-size.dat'
reset
F(pixels) = sprintf('sans-serif,%g', pixels * 1.0)
set terminal svg noenhanced size 960,620 font F(15) background rgb '#FFFFFF' linewidth 1 dashlength 0.5
set output 'codebook-size.svg'
set border 3 lw 1 lc rgb '#555555'
set grid back lt 1 lw 1 lc rgb '#DDDDDD' dt solid
set tics nomirror out scale 0.5 textcolor rgb '#222222'
unset key
set palette defined (0 '#F4F8FB', 0.35 '#8CC4E6', 0.7 '#0072B2', 1 '#00304D')
set label 'FDT on emoji: retrieval against codebook size' at screen 0.016667,0.959677 left font F(18) textcolor rgb '#222222' front
set arrow from screen 0.016667,0.045161 to screen 0.0625,0.045161 nohead lw 2.2 dt solid lc rgb '#0072B2' front
set label '' at screen 0.039583,0.045161 point pt 7 ps 0.6 lc rgb '#0072B2' front
set label 'image – caption-en' at screen 0.070833,0.045161 left font F(15) textcolor rgb '#222222' front
set arrow from screen 0.253464,0.045161 to screen 0.299297,0.045161 nohead lw 2.2 dt (12,5) lc rgb '#E69F00' front
set label '' at screen 0.27638,0.045161 point pt 5 ps 0.6 lc rgb '#E69F00' front
set label 'image – caption-ko' at screen 0.30763,0.045161 left font F(15) textcolor rgb '#222222' front
set label 'method.codes' at screen 0.526191,0.096774 center font F(15) textcolor rgb '#222222' front
set label 'rsum' at screen 0.025,0.533629 center rotate by 90 font F(15) textcolor rgb '#222222' front
set lmargin at screen 0.083932
set rmargin at screen 0.968451
set tmargin at screen 0.905968
set bmargin at screen 0.16129
set logscale x
set xrange [60.95238095238095:17203.2]
set xtics ('100' 100.0, '1000' 1000.0, '1e4' 10000.0)
unset logscale y
set yrange [39.1985217230575:306.25430734682465]
set ytics ('50' 50.0, '100' 100.0, '150' 150.0, '200' 200.0, '250' 250.0, '300' 300.0)
plot DATA index 1 using 1:2:3 with filledcurves lc rgb '#0072B2' fs transparent solid 0.18 noborder, \
  DATA index 3 using 1:2:3 with filledcurves lc rgb '#E69F00' fs transparent solid 0.18 noborder, \
  DATA index 0 using 1:2 with lines lw 2.2 lc rgb '#0072B2' dt solid, \
  DATA index 0 every 1 using 1:2 with points lc rgb '#0072B2' pt 7 ps 0.6, \
  DATA index 2 using 1:2 with lines lw 2.2 lc rgb '#E69F00' dt (12,5), \
  DATA index 2 every 1 using 1:2 with points lc rgb '#E69F00' pt 5 ps 0.6
set output
