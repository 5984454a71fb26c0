# Redraw with: gnuplot sweep.gnuplot
set encoding utf8
set datafile separator whitespace
DATA = 'sweep.dat'
reset
F(pixels) = sprintf('sans-serif,%g', pixels * 1.0)
set terminal svg noenhanced size 960,620 font F(15) background rgb '#FFFFFF' linewidth 1 dashlength 0.5
set output 'sweep.svg'
set border 3 lw 1 lc rgb '#555555'
set grid back lt 1 lw 1 lc rgb '#DDDDDD' dt solid
set tics nomirror out scale 0.5 textcolor rgb '#222222'
unset key
set palette defined (0 '#F4F8FB', 0.35 '#8CC4E6', 0.7 '#0072B2', 1 '#00304D')
set label 'Alignment methods on emoji: modality gap over method.clip.temperature' at screen 0.016667,0.959677 left font F(18) textcolor rgb '#222222' front
set arrow from screen 0.016667,0.045161 to screen 0.0625,0.045161 nohead lw 2.2 dt solid lc rgb '#0072B2' front
set label '' at screen 0.039583,0.045161 point pt 7 ps 0.6 lc rgb '#0072B2' front
set label 'CLIP' at screen 0.070833,0.045161 left font F(15) textcolor rgb '#222222' front
set label 'method.clip.temperature' at screen 0.529961,0.096774 center font F(15) textcolor rgb '#222222' front
set label 'modality gap, image – caption-en' at screen 0.025,0.533629 center rotate by 90 font F(15) textcolor rgb '#222222' front
set lmargin at screen 0.089089
set rmargin at screen 0.970833
set tmargin at screen 0.905968
set bmargin at screen 0.16129
set logscale x
set xrange [0.02857142857142857:0.21000000000000002]
set xtics ('0.05' 0.05, '0.1' 0.1, '0.2' 0.2)
unset logscale y
set yrange [0.26217350584656796:0.47994682078306167]
set ytics ('0.30' 0.30000000000000004, '0.35' 0.35000000000000003, '0.40' 0.4, '0.45' 0.45)
plot DATA index 0 using 1:2 with lines lw 2.2 lc rgb '#0072B2' dt solid, \
  DATA index 0 every 1 using 1:2 with points lc rgb '#0072B2' pt 7 ps 0.6
set output
reset
F(pixels) = sprintf('Sans,%g', pixels * 0.75)
set terminal pngcairo noenhanced size 1920,1240 font F(15) fontscale 2 linewidth 2 pointscale 3.7 dashlength 1 background rgb '#FFFFFF'
set output 'sweep.png'
set border 3 lw 1 lc rgb '#555555'
set grid back lt 1 lw 1 lc rgb '#DDDDDD' dt solid
set tics nomirror out scale 0.5 textcolor rgb '#222222'
unset key
set palette defined (0 '#F4F8FB', 0.35 '#8CC4E6', 0.7 '#0072B2', 1 '#00304D')
set label 'Alignment methods on emoji: modality gap over method.clip.temperature' at screen 0.016667,0.959677 left font F(18) textcolor rgb '#222222' front
set arrow from screen 0.016667,0.045161 to screen 0.0625,0.045161 nohead lw 2.2 dt solid lc rgb '#0072B2' front
set label '' at screen 0.039583,0.045161 point pt 7 ps 0.6 lc rgb '#0072B2' front
set label 'CLIP' at screen 0.070833,0.045161 left font F(15) textcolor rgb '#222222' front
set label 'method.clip.temperature' at screen 0.529961,0.096774 center font F(15) textcolor rgb '#222222' front
set label 'modality gap, image – caption-en' at screen 0.025,0.533629 center rotate by 90 font F(15) textcolor rgb '#222222' front
set lmargin at screen 0.089089
set rmargin at screen 0.970833
set tmargin at screen 0.905968
set bmargin at screen 0.16129
set logscale x
set xrange [0.02857142857142857:0.21000000000000002]
set xtics ('0.05' 0.05, '0.1' 0.1, '0.2' 0.2)
unset logscale y
set yrange [0.26217350584656796:0.47994682078306167]
set ytics ('0.30' 0.30000000000000004, '0.35' 0.35000000000000003, '0.40' 0.4, '0.45' 0.45)
plot DATA index 0 using 1:2 with lines lw 2.2 lc rgb '#0072B2' dt solid, \
  DATA index 0 every 1 using 1:2 with points lc rgb '#0072B2' pt 7 ps 0.6
set output
reset
F(pixels) = sprintf('Sans,%g', pixels * 0.5625)
set terminal pdfcairo noenhanced size 10.0000,6.4583 font F(15) fontscale 1 linewidth 1.33 pointscale 1.5 dashlength 1 background rgb '#FFFFFF'
set output 'sweep.pdf'
set border 3 lw 1 lc rgb '#555555'
set grid back lt 1 lw 1 lc rgb '#DDDDDD' dt solid
set tics nomirror out scale 0.5 textcolor rgb '#222222'
unset key
set palette defined (0 '#F4F8FB', 0.35 '#8CC4E6', 0.7 '#0072B2', 1 '#00304D')
set label 'Alignment methods on emoji: modality gap over method.clip.temperature' at screen 0.016667,0.959677 left font F(18) textcolor rgb '#222222' front
set arrow from screen 0.016667,0.045161 to screen 0.0625,0.045161 nohead lw 2.2 dt solid lc rgb '#0072B2' front
set label '' at screen 0.039583,0.045161 point pt 7 ps 0.6 lc rgb '#0072B2' front
set label 'CLIP' at screen 0.070833,0.045161 left font F(15) textcolor rgb '#222222' front
set label 'method.clip.temperature' at screen 0.529961,0.096774 center font F(15) textcolor rgb '#222222' front
set label 'modality gap, image – caption-en' at screen 0.025,0.533629 center rotate by 90 font F(15) textcolor rgb '#222222' front
set lmargin at screen 0.089089
set rmargin at screen 0.970833
set tmargin at screen 0.905968
set bmargin at screen 0.16129
set logscale x
set xrange [0.02857142857142857:0.21000000000000002]
set xtics ('0.05' 0.05, '0.1' 0.1, '0.2' 0.2)
unset logscale y
set yrange [0.26217350584656796:0.47994682078306167]
set ytics ('0.30' 0.30000000000000004, '0.35' 0.35000000000000003, '0.40' 0.4, '0.45' 0.45)
plot DATA index 0 using 1:2 with lines lw 2.2 lc rgb '#0072B2' dt solid, \
  DATA index 0 every 1 using 1:2 with points lc rgb '#0072B2' pt 7 ps 0.6
set output
