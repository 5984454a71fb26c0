# Redraw with: gnuplot temperature.gnuplot
set encoding utf8
set datafile separator whitespace
DATA = 'temperature.dat'
reset
F(pixels) = sprintf('Sans,%g', pixels * 0.75)
set terminal pngcairo noenhanced size 1920,1240 font F(15) fontscale 2 linewidth 2 pointscale 3.7 dashlength 1 background rgb '#FFFFFF'
set output 'temperature.png'
set border 3 lw 1 lc rgb '#555555'
set grid back lt 1 lw 1 lc rgb '#DDDDDD' dt solid
set tics nomirror out scale 0.5 textcolor rgb '#222222'
unset key
set palette defined (0 '#F4F8FB', 0.35 '#8CC4E6', 0.7 '#0072B2', 1 '#00304D')
set label 'MoCo v2 on emoji: temperature' at screen 0.016667,0.959677 left font F(18) textcolor rgb '#222222' front
set arrow from screen 0.016667,0.045161 to screen 0.0625,0.045161 nohead lw 2.2 dt solid lc rgb '#0072B2' front
set label '' at screen 0.039583,0.045161 point pt 7 ps 0.6 lc rgb '#0072B2' front
set label 'nearest neighbours' at screen 0.070833,0.045161 left font F(15) textcolor rgb '#222222' front
set arrow from screen 0.254089,0.045161 to screen 0.299922,0.045161 nohead lw 2.2 dt (12,5) lc rgb '#E69F00' front
set label '' at screen 0.277005,0.045161 point pt 5 ps 0.6 lc rgb '#E69F00' front
set label 'linear probe' at screen 0.308255,0.045161 left font F(15) textcolor rgb '#222222' front
set label 'method.temperature' at screen 0.522422,0.096774 center font F(15) textcolor rgb '#222222' front
set label 'subgroup (%)' at screen 0.025,0.533629 center rotate by 90 font F(15) textcolor rgb '#222222' front
set lmargin at screen 0.07401
set rmargin at screen 0.970833
set tmargin at screen 0.905968
set bmargin at screen 0.16129
unset logscale x
set xrange [0.07:0.5]
set xtics ('0.1' 0.1, '0.2' 0.2, '0.3' 0.30000000000000004, '0.4' 0.4, '0.5' 0.5)
unset logscale y
set yrange [37.57571887733636:63.36324825881387]
set ytics ('40' 40.0, '45' 45.0, '50' 50.0, '55' 55.0, '60' 60.0)
plot DATA index 1 using 1:2:3 with filledcurves lc rgb '#0072B2' fs transparent solid 0.18 noborder, \
  DATA index 3 using 1:2:3 with filledcurves lc rgb '#E69F00' fs transparent solid 0.18 noborder, \
  DATA index 0 using 1:2 with lines lw 2.2 lc rgb '#0072B2' dt solid, \
  DATA index 0 every 1 using 1:2 with points lc rgb '#0072B2' pt 7 ps 0.6, \
  DATA index 2 using 1:2 with lines lw 2.2 lc rgb '#E69F00' dt (12,5), \
  DATA index 2 every 1 using 1:2 with points lc rgb '#E69F00' pt 5 ps 0.6
set output
