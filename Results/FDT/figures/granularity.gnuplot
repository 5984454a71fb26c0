# Redraw with: gnuplot granularity.gnuplot
set encoding utf8
set datafile separator whitespace
DATA = 'granularity.dat'
reset
F(pixels) = sprintf('sans-serif,%g', pixels * 1.0)
set terminal svg noenhanced size 960,620 font F(15) background rgb '#FFFFFF' linewidth 1 dashlength 0.5
set output 'granularity.svg'
set border 3 lw 1 lc rgb '#555555'
set grid back lt 1 lw 1 lc rgb '#DDDDDD' dt solid
set tics nomirror out scale 0.5 textcolor rgb '#222222'
unset key
set palette defined (0 '#F4F8FB', 0.35 '#8CC4E6', 0.7 '#0072B2', 1 '#00304D')
set label 'From coarse to fine: linear probe of image features' at screen 0.016667,0.959677 left font F(18) textcolor rgb '#222222' front
set object rectangle from screen 0.016667,0.033871 to screen 0.04375,0.056452 fs solid 1.0 border lc rgb '#0072B2' fc rgb '#0072B2' front
set label 'fdt/emoji' at screen 0.052083,0.045161 left font F(15) textcolor rgb '#222222' front
set object rectangle from screen 0.153776,0.033871 to screen 0.180859,0.056452 fs solid 0.45 border lc rgb '#E69F00' fc rgb '#E69F00' front
set label 'fdt/clip' at screen 0.189193,0.045161 left font F(15) textcolor rgb '#222222' front
set object rectangle from screen 0.274401,0.033871 to screen 0.301484,0.056452 fs pattern 4 border lc rgb '#009E73' fc rgb '#009E73' front
set label 'fdt/clip-control' at screen 0.309818,0.045161 left font F(15) textcolor rgb '#222222' front
set label 'group' at screen 0.243337,0.098387 center font F(15) textcolor rgb '#222222' front
set label 'subgroup' at screen 0.525547,0.098387 center font F(15) textcolor rgb '#222222' front
set label 'tags mAP' at screen 0.807757,0.098387 center font F(15) textcolor rgb '#222222' front
set label 'score (%)' at screen 0.025,0.513468 center rotate by 90 font F(15) textcolor rgb '#222222' front
set label '75.5' at screen 0.168081,0.872688 center font F(13) textcolor rgb '#222222' front
set label '44.3' at screen 0.450291,0.5695 center font F(13) textcolor rgb '#222222' front
set label '29.2' at screen 0.732501,0.432959 center font F(13) textcolor rgb '#222222' front
set label '74.8' at screen 0.243337,0.872645 center font F(13) textcolor rgb '#222222' front
set label '44.3' at screen 0.525547,0.583411 center font F(13) textcolor rgb '#222222' front
set label '26.5' at screen 0.807757,0.402594 center font F(13) textcolor rgb '#222222' front
set label '74.7' at screen 0.318593,0.877663 center font F(13) textcolor rgb '#222222' front
set label '40.5' at screen 0.600803,0.603146 center font F(13) textcolor rgb '#222222' front
set label '25.1' at screen 0.883013,0.383206 center font F(13) textcolor rgb '#222222' front
set lmargin at screen 0.07401
set rmargin at screen 0.977083
set tmargin at screen 0.905968
set bmargin at screen 0.120968
unset logscale x
set xrange [-0.6:2.6]
unset xtics
unset logscale y
set yrange [0.0:82.05725110633965]
set ytics ('0' -0.0, '20' 20.0, '40' 40.0, '60' 60.0, '80' 80.0)
set grid noxtics ytics
set boxwidth 0.24
set xzeroaxis lt 1 lc rgb '#555555' lw 1
plot DATA index 0 using 1:2 with boxes lc rgb '#0072B2' fs solid 1.0 border lc rgb '#0072B2', \
  DATA index 2 using 1:2 with boxes lc rgb '#E69F00' fs solid 0.45 border lc rgb '#E69F00', \
  DATA index 4 using 1:2 with boxes lc rgb '#009E73' fs pattern 4 border lc rgb '#009E73', \
  DATA index 1 using 1:2:(0):($3-$2) with vectors heads size screen 0.004,90 lc rgb '#222222' lw 1.4, \
  DATA index 3 using 1:2:(0):($3-$2) with vectors heads size screen 0.004,90 lc rgb '#222222' lw 1.4, \
  DATA index 5 using 1:2:(0):($3-$2) with vectors heads size screen 0.004,90 lc rgb '#222222' lw 1.4
set output
reset
F(pixels) = sprintf('Sans,%g', pixels * 0.75)
set terminal pngcairo noenhanced size 1920,1240 font F(15) fontscale 2 linewidth 2 pointscale 3.7 dashlength 1 background rgb '#FFFFFF'
set output 'granularity.png'
set border 3 lw 1 lc rgb '#555555'
set grid back lt 1 lw 1 lc rgb '#DDDDDD' dt solid
set tics nomirror out scale 0.5 textcolor rgb '#222222'
unset key
set palette defined (0 '#F4F8FB', 0.35 '#8CC4E6', 0.7 '#0072B2', 1 '#00304D')
set label 'From coarse to fine: linear probe of image features' at screen 0.016667,0.959677 left font F(18) textcolor rgb '#222222' front
set object rectangle from screen 0.016667,0.033871 to screen 0.04375,0.056452 fs solid 1.0 border lc rgb '#0072B2' fc rgb '#0072B2' front
set label 'fdt/emoji' at screen 0.052083,0.045161 left font F(15) textcolor rgb '#222222' front
set object rectangle from screen 0.153776,0.033871 to screen 0.180859,0.056452 fs solid 0.45 border lc rgb '#E69F00' fc rgb '#E69F00' front
set label 'fdt/clip' at screen 0.189193,0.045161 left font F(15) textcolor rgb '#222222' front
set object rectangle from screen 0.274401,0.033871 to screen 0.301484,0.056452 fs pattern 4 border lc rgb '#009E73' fc rgb '#009E73' front
set label 'fdt/clip-control' at screen 0.309818,0.045161 left font F(15) textcolor rgb '#222222' front
set label 'group' at screen 0.243337,0.098387 center font F(15) textcolor rgb '#222222' front
set label 'subgroup' at screen 0.525547,0.098387 center font F(15) textcolor rgb '#222222' front
set label 'tags mAP' at screen 0.807757,0.098387 center font F(15) textcolor rgb '#222222' front
set label 'score (%)' at screen 0.025,0.513468 center rotate by 90 font F(15) textcolor rgb '#222222' front
set label '75.5' at screen 0.168081,0.872688 center font F(13) textcolor rgb '#222222' front
set label '44.3' at screen 0.450291,0.5695 center font F(13) textcolor rgb '#222222' front
set label '29.2' at screen 0.732501,0.432959 center font F(13) textcolor rgb '#222222' front
set label '74.8' at screen 0.243337,0.872645 center font F(13) textcolor rgb '#222222' front
set label '44.3' at screen 0.525547,0.583411 center font F(13) textcolor rgb '#222222' front
set label '26.5' at screen 0.807757,0.402594 center font F(13) textcolor rgb '#222222' front
set label '74.7' at screen 0.318593,0.877663 center font F(13) textcolor rgb '#222222' front
set label '40.5' at screen 0.600803,0.603146 center font F(13) textcolor rgb '#222222' front
set label '25.1' at screen 0.883013,0.383206 center font F(13) textcolor rgb '#222222' front
set lmargin at screen 0.07401
set rmargin at screen 0.977083
set tmargin at screen 0.905968
set bmargin at screen 0.120968
unset logscale x
set xrange [-0.6:2.6]
unset xtics
unset logscale y
set yrange [0.0:82.05725110633965]
set ytics ('0' -0.0, '20' 20.0, '40' 40.0, '60' 60.0, '80' 80.0)
set grid noxtics ytics
set boxwidth 0.24
set xzeroaxis lt 1 lc rgb '#555555' lw 1
plot DATA index 0 using 1:2 with boxes lc rgb '#0072B2' fs solid 1.0 border lc rgb '#0072B2', \
  DATA index 2 using 1:2 with boxes lc rgb '#E69F00' fs solid 0.45 border lc rgb '#E69F00', \
  DATA index 4 using 1:2 with boxes lc rgb '#009E73' fs pattern 4 border lc rgb '#009E73', \
  DATA index 1 using 1:2:(0):($3-$2) with vectors heads size screen 0.004,90 lc rgb '#222222' lw 1.4, \
  DATA index 3 using 1:2:(0):($3-$2) with vectors heads size screen 0.004,90 lc rgb '#222222' lw 1.4, \
  DATA index 5 using 1:2:(0):($3-$2) with vectors heads size screen 0.004,90 lc rgb '#222222' lw 1.4
set output
