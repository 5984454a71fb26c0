# Redraw with: gnuplot trade-off.gnuplot
set encoding utf8
set datafile separator whitespace
DATA = 'trade-off.dat'
reset
F(pixels) = sprintf('sans-serif,%g', pixels * 1.0)
set terminal svg noenhanced size 960,620 font F(15) background rgb '#FFFFFF' linewidth 1 dashlength 0.5
set output 'trade-off.svg'
set border 3 lw 1 lc rgb '#555555'
set grid back lt 1 lw 1 lc rgb '#DDDDDD' dt solid
set tics nomirror out scale 0.5 textcolor rgb '#222222'
unset key
set palette defined (0 '#F4F8FB', 0.35 '#8CC4E6', 0.7 '#0072B2', 1 '#00304D')
set label 'Alignment methods on emoji: R@1 image → text against time' at screen 0.016667,0.959677 left font F(18) textcolor rgb '#222222' front
set label '' at screen 0.021875,0.045161 point pt 7 ps 0.8 lc rgb '#0072B2' front
set label 'contrastive' at screen 0.035417,0.045161 left font F(15) textcolor rgb '#222222' front
set label '' at screen 0.159193,0.045161 point pt 5 ps 0.8 lc rgb '#E69F00' front
set label 'margin' at screen 0.172734,0.045161 left font F(15) textcolor rgb '#222222' front
set label '' at screen 0.261667,0.045161 point pt 9 ps 0.8 lc rgb '#009E73' front
set label 'no negatives' at screen 0.275208,0.045161 left font F(15) textcolor rgb '#222222' front
set label '' at screen 0.412344,0.045161 point pt 13 ps 0.8 lc rgb '#CC79A7' front
set label 'fusion' at screen 0.425885,0.045161 left font F(15) textcolor rgb '#222222' front
set label 'training and evaluation (s)' at screen 0.52123,0.093548 center font F(15) textcolor rgb '#222222' front
set label 'R@1 image → text (%)' at screen 0.025,0.532016 center rotate by 90 font F(15) textcolor rgb '#222222' front
set label 'CLIP' at screen 0.687767,0.768046 left font F(13) textcolor rgb '#222222' front
set label 'CLIP tutorial' at screen 0.539671,0.727148 left font F(13) textcolor rgb '#222222' front
set label 'CLIP noised, smoothed' at screen 0.742436,0.620813 left font F(13) textcolor rgb '#222222' front
set label 'CLIP noised' at screen 0.636692,0.607181 left font F(13) textcolor rgb '#222222' front
set label 'SigLIP' at screen 0.672908,0.735328 left font F(13) textcolor rgb '#222222' front
set label 'Triplet' at screen 0.739873,0.434045 left font F(13) textcolor rgb '#222222' front
set label 'VSE sum' at screen 0.656189,0.691703 left font F(13) textcolor rgb '#222222' front
set label 'VSE++' at screen 0.667206,0.225465 left font F(13) textcolor rgb '#222222' front
set label 'VSE++ warm-up' at screen 0.601746,0.66342 left font F(13) textcolor rgb '#222222' front
set label 'VICReg' at screen 0.737847,0.660693 left font F(13) textcolor rgb '#222222' front
set label 'MCT' at screen 0.786693,0.368609 left font F(13) textcolor rgb '#222222' front
set label 'FDT' at screen 0.775672,0.759867 left font F(13) textcolor rgb '#222222' front
set label 'GMC' at screen 0.901332,0.484486 left font F(13) textcolor rgb '#222222' front
set label 'Early fusion' at screen 0.164046,0.237735 left font F(13) textcolor rgb '#222222' front
set label 'Intermediate fusion' at screen 0.665928,0.193706 left font F(13) textcolor rgb '#222222' front
set label 'Late fusion' at screen 0.69548,0.250408 left font F(13) textcolor rgb '#222222' front
set label 'Fusion with dropout' at screen 0.777567,0.274346 left font F(13) textcolor rgb '#222222' front
set arrow from screen 0.7684,0.221375 to screen 0.774442,0.274346 nohead lw 0.8 lc rgb '#888888' back
set label 'Gradient-Blending' at screen 0.795843,0.225465 left font F(13) textcolor rgb '#222222' front
set lmargin at screen 0.07401
set rmargin at screen 0.968451
set tmargin at screen 0.905968
set bmargin at screen 0.158065
set logscale x
set xrange [3.664473623809524:168.80227346593333]
set xtics ('5' 5.0, '10' 10.0, '20' 20.0, '50' 50.0, '100' 100.0)
unset logscale y
set yrange [-2.086407270220417:23.669928703715797]
set ytics ('0' -0.0, '5' 5.0, '10' 10.0, '15' 15.0, '20' 20.0)
plot DATA index 0 using 1:2:(0):($3-$2) with vectors heads size screen 0.004,90 lc rgb '#0072B2' lw 1.4, \
  DATA index 2 using 1:2:(0):($3-$2) with vectors heads size screen 0.004,90 lc rgb '#E69F00' lw 1.4, \
  DATA index 4 using 1:2:(0):($3-$2) with vectors heads size screen 0.004,90 lc rgb '#009E73' lw 1.4, \
  DATA index 6 using 1:2:(0):($3-$2) with vectors heads size screen 0.004,90 lc rgb '#CC79A7' lw 1.4, \
  DATA index 1 using 1:2 with points pt 7 ps 0.9 lc rgb '#0072B2', \
  DATA index 3 using 1:2 with points pt 5 ps 0.9 lc rgb '#E69F00', \
  DATA index 5 using 1:2 with points pt 9 ps 0.9 lc rgb '#009E73', \
  DATA index 7 using 1:2 with points pt 13 ps 0.9 lc rgb '#CC79A7'
set output
reset
F(pixels) = sprintf('Sans,%g', pixels * 0.75)
set terminal pngcairo noenhanced size 1920,1240 font F(15) fontscale 2 linewidth 2 pointscale 3.7 dashlength 1 background rgb '#FFFFFF'
set output 'trade-off.png'
set border 3 lw 1 lc rgb '#555555'
set grid back lt 1 lw 1 lc rgb '#DDDDDD' dt solid
set tics nomirror out scale 0.5 textcolor rgb '#222222'
unset key
set palette defined (0 '#F4F8FB', 0.35 '#8CC4E6', 0.7 '#0072B2', 1 '#00304D')
set label 'Alignment methods on emoji: R@1 image → text against time' at screen 0.016667,0.959677 left font F(18) textcolor rgb '#222222' front
set label '' at screen 0.021875,0.045161 point pt 7 ps 0.8 lc rgb '#0072B2' front
set label 'contrastive' at screen 0.035417,0.045161 left font F(15) textcolor rgb '#222222' front
set label '' at screen 0.159193,0.045161 point pt 5 ps 0.8 lc rgb '#E69F00' front
set label 'margin' at screen 0.172734,0.045161 left font F(15) textcolor rgb '#222222' front
set label '' at screen 0.261667,0.045161 point pt 9 ps 0.8 lc rgb '#009E73' front
set label 'no negatives' at screen 0.275208,0.045161 left font F(15) textcolor rgb '#222222' front
set label '' at screen 0.412344,0.045161 point pt 13 ps 0.8 lc rgb '#CC79A7' front
set label 'fusion' at screen 0.425885,0.045161 left font F(15) textcolor rgb '#222222' front
set label 'training and evaluation (s)' at screen 0.52123,0.093548 center font F(15) textcolor rgb '#222222' front
set label 'R@1 image → text (%)' at screen 0.025,0.532016 center rotate by 90 font F(15) textcolor rgb '#222222' front
set label 'CLIP' at screen 0.687767,0.768046 left font F(13) textcolor rgb '#222222' front
set label 'CLIP tutorial' at screen 0.539671,0.727148 left font F(13) textcolor rgb '#222222' front
set label 'CLIP noised, smoothed' at screen 0.742436,0.620813 left font F(13) textcolor rgb '#222222' front
set label 'CLIP noised' at screen 0.636692,0.607181 left font F(13) textcolor rgb '#222222' front
set label 'SigLIP' at screen 0.672908,0.735328 left font F(13) textcolor rgb '#222222' front
set label 'Triplet' at screen 0.739873,0.434045 left font F(13) textcolor rgb '#222222' front
set label 'VSE sum' at screen 0.656189,0.691703 left font F(13) textcolor rgb '#222222' front
set label 'VSE++' at screen 0.667206,0.225465 left font F(13) textcolor rgb '#222222' front
set label 'VSE++ warm-up' at screen 0.601746,0.66342 left font F(13) textcolor rgb '#222222' front
set label 'VICReg' at screen 0.737847,0.660693 left font F(13) textcolor rgb '#222222' front
set label 'MCT' at screen 0.786693,0.368609 left font F(13) textcolor rgb '#222222' front
set label 'FDT' at screen 0.775672,0.759867 left font F(13) textcolor rgb '#222222' front
set label 'GMC' at screen 0.901332,0.484486 left font F(13) textcolor rgb '#222222' front
set label 'Early fusion' at screen 0.164046,0.237735 left font F(13) textcolor rgb '#222222' front
set label 'Intermediate fusion' at screen 0.665928,0.193706 left font F(13) textcolor rgb '#222222' front
set label 'Late fusion' at screen 0.69548,0.250408 left font F(13) textcolor rgb '#222222' front
set label 'Fusion with dropout' at screen 0.777567,0.274346 left font F(13) textcolor rgb '#222222' front
set arrow from screen 0.7684,0.221375 to screen 0.774442,0.274346 nohead lw 0.8 lc rgb '#888888' back
set label 'Gradient-Blending' at screen 0.795843,0.225465 left font F(13) textcolor rgb '#222222' front
set lmargin at screen 0.07401
set rmargin at screen 0.968451
set tmargin at screen 0.905968
set bmargin at screen 0.158065
set logscale x
set xrange [3.664473623809524:168.80227346593333]
set xtics ('5' 5.0, '10' 10.0, '20' 20.0, '50' 50.0, '100' 100.0)
unset logscale y
set yrange [-2.086407270220417:23.669928703715797]
set ytics ('0' -0.0, '5' 5.0, '10' 10.0, '15' 15.0, '20' 20.0)
plot DATA index 0 using 1:2:(0):($3-$2) with vectors heads size screen 0.004,90 lc rgb '#0072B2' lw 1.4, \
  DATA index 2 using 1:2:(0):($3-$2) with vectors heads size screen 0.004,90 lc rgb '#E69F00' lw 1.4, \
  DATA index 4 using 1:2:(0):($3-$2) with vectors heads size screen 0.004,90 lc rgb '#009E73' lw 1.4, \
  DATA index 6 using 1:2:(0):($3-$2) with vectors heads size screen 0.004,90 lc rgb '#CC79A7' lw 1.4, \
  DATA index 1 using 1:2 with points pt 7 ps 0.9 lc rgb '#0072B2', \
  DATA index 3 using 1:2 with points pt 5 ps 0.9 lc rgb '#E69F00', \
  DATA index 5 using 1:2 with points pt 9 ps 0.9 lc rgb '#009E73', \
  DATA index 7 using 1:2 with points pt 13 ps 0.9 lc rgb '#CC79A7'
set output
reset
F(pixels) = sprintf('Sans,%g', pixels * 0.5625)
set terminal pdfcairo noenhanced size 10.0000,6.4583 font F(15) fontscale 1 linewidth 1.33 pointscale 1.5 dashlength 1 background rgb '#FFFFFF'
set output 'trade-off.pdf'
set border 3 lw 1 lc rgb '#555555'
set grid back lt 1 lw 1 lc rgb '#DDDDDD' dt solid
set tics nomirror out scale 0.5 textcolor rgb '#222222'
unset key
set palette defined (0 '#F4F8FB', 0.35 '#8CC4E6', 0.7 '#0072B2', 1 '#00304D')
set label 'Alignment methods on emoji: R@1 image → text against time' at screen 0.016667,0.959677 left font F(18) textcolor rgb '#222222' front
set label '' at screen 0.021875,0.045161 point pt 7 ps 0.8 lc rgb '#0072B2' front
set label 'contrastive' at screen 0.035417,0.045161 left font F(15) textcolor rgb '#222222' front
set label '' at screen 0.159193,0.045161 point pt 5 ps 0.8 lc rgb '#E69F00' front
set label 'margin' at screen 0.172734,0.045161 left font F(15) textcolor rgb '#222222' front
set label '' at screen 0.261667,0.045161 point pt 9 ps 0.8 lc rgb '#009E73' front
set label 'no negatives' at screen 0.275208,0.045161 left font F(15) textcolor rgb '#222222' front
set label '' at screen 0.412344,0.045161 point pt 13 ps 0.8 lc rgb '#CC79A7' front
set label 'fusion' at screen 0.425885,0.045161 left font F(15) textcolor rgb '#222222' front
set label 'training and evaluation (s)' at screen 0.52123,0.093548 center font F(15) textcolor rgb '#222222' front
set label 'R@1 image → text (%)' at screen 0.025,0.532016 center rotate by 90 font F(15) textcolor rgb '#222222' front
set label 'CLIP' at screen 0.687767,0.768046 left font F(13) textcolor rgb '#222222' front
set label 'CLIP tutorial' at screen 0.539671,0.727148 left font F(13) textcolor rgb '#222222' front
set label 'CLIP noised, smoothed' at screen 0.742436,0.620813 left font F(13) textcolor rgb '#222222' front
set label 'CLIP noised' at screen 0.636692,0.607181 left font F(13) textcolor rgb '#222222' front
set label 'SigLIP' at screen 0.672908,0.735328 left font F(13) textcolor rgb '#222222' front
set label 'Triplet' at screen 0.739873,0.434045 left font F(13) textcolor rgb '#222222' front
set label 'VSE sum' at screen 0.656189,0.691703 left font F(13) textcolor rgb '#222222' front
set label 'VSE++' at screen 0.667206,0.225465 left font F(13) textcolor rgb '#222222' front
set label 'VSE++ warm-up' at screen 0.601746,0.66342 left font F(13) textcolor rgb '#222222' front
set label 'VICReg' at screen 0.737847,0.660693 left font F(13) textcolor rgb '#222222' front
set label 'MCT' at screen 0.786693,0.368609 left font F(13) textcolor rgb '#222222' front
set label 'FDT' at screen 0.775672,0.759867 left font F(13) textcolor rgb '#222222' front
set label 'GMC' at screen 0.901332,0.484486 left font F(13) textcolor rgb '#222222' front
set label 'Early fusion' at screen 0.164046,0.237735 left font F(13) textcolor rgb '#222222' front
set label 'Intermediate fusion' at screen 0.665928,0.193706 left font F(13) textcolor rgb '#222222' front
set label 'Late fusion' at screen 0.69548,0.250408 left font F(13) textcolor rgb '#222222' front
set label 'Fusion with dropout' at screen 0.777567,0.274346 left font F(13) textcolor rgb '#222222' front
set arrow from screen 0.7684,0.221375 to screen 0.774442,0.274346 nohead lw 0.8 lc rgb '#888888' back
set label 'Gradient-Blending' at screen 0.795843,0.225465 left font F(13) textcolor rgb '#222222' front
set lmargin at screen 0.07401
set rmargin at screen 0.968451
set tmargin at screen 0.905968
set bmargin at screen 0.158065
set logscale x
set xrange [3.664473623809524:168.80227346593333]
set xtics ('5' 5.0, '10' 10.0, '20' 20.0, '50' 50.0, '100' 100.0)
unset logscale y
set yrange [-2.086407270220417:23.669928703715797]
set ytics ('0' -0.0, '5' 5.0, '10' 10.0, '15' 15.0, '20' 20.0)
plot DATA index 0 using 1:2:(0):($3-$2) with vectors heads size screen 0.004,90 lc rgb '#0072B2' lw 1.4, \
  DATA index 2 using 1:2:(0):($3-$2) with vectors heads size screen 0.004,90 lc rgb '#E69F00' lw 1.4, \
  DATA index 4 using 1:2:(0):($3-$2) with vectors heads size screen 0.004,90 lc rgb '#009E73' lw 1.4, \
  DATA index 6 using 1:2:(0):($3-$2) with vectors heads size screen 0.004,90 lc rgb '#CC79A7' lw 1.4, \
  DATA index 1 using 1:2 with points pt 7 ps 0.9 lc rgb '#0072B2', \
  DATA index 3 using 1:2 with points pt 5 ps 0.9 lc rgb '#E69F00', \
  DATA index 5 using 1:2 with points pt 9 ps 0.9 lc rgb '#009E73', \
  DATA index 7 using 1:2 with points pt 13 ps 0.9 lc rgb '#CC79A7'
set output
