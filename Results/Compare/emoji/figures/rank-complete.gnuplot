# Redraw with: gnuplot rank-complete.gnuplot
set encoding utf8
set datafile separator whitespace
DATA = 'rank-complete.dat'
reset
F(pixels) = sprintf('sans-serif,%g', pixels * 1.0)
set terminal svg noenhanced size 960,645 font F(15) background rgb '#FFFFFF' linewidth 1 dashlength 0.5
set output 'rank-complete.svg'
set border 3 lw 1 lc rgb '#555555'
set grid back lt 1 lw 1 lc rgb '#DDDDDD' dt solid
set tics nomirror out scale 0.5 textcolor rgb '#222222'
unset key
set palette defined (0 '#F4F8FB', 0.35 '#8CC4E6', 0.7 '#0072B2', 1 '#00304D')
set label 'Alignment methods on emoji: complete' at screen 0.016667,0.96124 left font F(18) textcolor rgb '#222222' front
set label '' at screen 0.021875,0.043411 point pt 7 ps 0.8 lc rgb '#0072B2' front
set label 'fusion' at screen 0.035417,0.043411 left font F(15) textcolor rgb '#222222' front
set label '' at screen 0.117786,0.043411 point pt 5 ps 0.8 lc rgb '#E69F00' front
set label 'contrastive' at screen 0.131328,0.043411 left font F(15) textcolor rgb '#222222' front
set label '' at screen 0.255104,0.043411 point pt 9 ps 0.8 lc rgb '#009E73' front
set label 'no negatives' at screen 0.268646,0.043411 left font F(15) textcolor rgb '#222222' front
set label '' at screen 0.405781,0.043411 point pt 13 ps 0.8 lc rgb '#CC79A7' front
set label 'margin' at screen 0.419323,0.043411 left font F(15) textcolor rgb '#222222' front
set label 'complete (%)' at screen 0.54901,0.077519 center font F(15) textcolor rgb '#222222' front
set label 'Gradient-Blending' at screen 0.20638,0.903381 right font F(15) textcolor rgb '#222222' front
set label '85.1 ± 0.7' at screen 0.983333,0.903381 right font F(15) textcolor rgb '#222222' front
set label 'Fusion with dropout' at screen 0.20638,0.85991 right font F(15) textcolor rgb '#222222' front
set label '83.9 ± 1.0' at screen 0.983333,0.85991 right font F(15) textcolor rgb '#222222' front
set label 'Intermediate fusion' at screen 0.20638,0.816438 right font F(15) textcolor rgb '#222222' front
set label '83.5 ± 1.7' at screen 0.983333,0.816438 right font F(15) textcolor rgb '#222222' front
set label 'Early fusion' at screen 0.20638,0.772967 right font F(15) textcolor rgb '#222222' front
set label '82.8 ± 2.2' at screen 0.983333,0.772967 right font F(15) textcolor rgb '#222222' front
set label 'Late fusion' at screen 0.20638,0.729496 right font F(15) textcolor rgb '#222222' front
set label '82.4 ± 4.3' at screen 0.983333,0.729496 right font F(15) textcolor rgb '#222222' front
set label 'CLIP tutorial' at screen 0.20638,0.686025 right font F(15) textcolor rgb '#222222' front
set label '81.0 ± 2.1' at screen 0.983333,0.686025 right font F(15) textcolor rgb '#222222' front
set label 'CLIP noised, smoothed' at screen 0.20638,0.642554 right font F(15) textcolor rgb '#222222' front
set label '78.5 ± 3.4' at screen 0.983333,0.642554 right font F(15) textcolor rgb '#222222' front
set label 'GMC' at screen 0.20638,0.599083 right font F(15) textcolor rgb '#222222' front
set label '78.5 ± 3.3' at screen 0.983333,0.599083 right font F(15) textcolor rgb '#222222' front
set label 'CLIP noised' at screen 0.20638,0.555612 right font F(15) textcolor rgb '#222222' front
set label '77.9 ± 5.3' at screen 0.983333,0.555612 right font F(15) textcolor rgb '#222222' front
set label 'VICReg' at screen 0.20638,0.51214 right font F(15) textcolor rgb '#222222' front
set label '77.7 ± 3.2' at screen 0.983333,0.51214 right font F(15) textcolor rgb '#222222' front
set label 'SigLIP' at screen 0.20638,0.468669 right font F(15) textcolor rgb '#222222' front
set label '77.6 ± 2.7' at screen 0.983333,0.468669 right font F(15) textcolor rgb '#222222' front
set label 'FDT' at screen 0.20638,0.425198 right font F(15) textcolor rgb '#222222' front
set label '76.9 ± 1.8' at screen 0.983333,0.425198 right font F(15) textcolor rgb '#222222' front
set label 'CLIP' at screen 0.20638,0.381727 right font F(15) textcolor rgb '#222222' front
set label '76.3 ± 1.5' at screen 0.983333,0.381727 right font F(15) textcolor rgb '#222222' front
set label 'VSE++ warm-up' at screen 0.20638,0.338256 right font F(15) textcolor rgb '#222222' front
set label '76.1 ± 6.3' at screen 0.983333,0.338256 right font F(15) textcolor rgb '#222222' front
set label 'Triplet' at screen 0.20638,0.294785 right font F(15) textcolor rgb '#222222' front
set label '76.0 ± 1.8' at screen 0.983333,0.294785 right font F(15) textcolor rgb '#222222' front
set label 'VSE sum' at screen 0.20638,0.251314 right font F(15) textcolor rgb '#222222' front
set label '75.7 ± 7.1' at screen 0.983333,0.251314 right font F(15) textcolor rgb '#222222' front
set label 'MCT' at screen 0.20638,0.207842 right font F(15) textcolor rgb '#222222' front
set label '74.7 ± 2.4' at screen 0.983333,0.207842 right font F(15) textcolor rgb '#222222' front
set label 'VSE++' at screen 0.20638,0.164371 right font F(15) textcolor rgb '#222222' front
set label '58.0 ± 1.3' at screen 0.983333,0.164371 right font F(15) textcolor rgb '#222222' front
set lmargin at screen 0.216797
set rmargin at screen 0.881224
set tmargin at screen 0.925116
set bmargin at screen 0.142636
unset logscale x
set xrange [55.270309865824565:88.19009990350806]
set xtics ('60' 60.0, '65' 65.0, '70' 70.0, '75' 75.0, '80' 80.0, '85' 85.0)
set yrange [17.5:-0.5]
unset ytics
set border 1
set grid xtics noytics
plot DATA index 0 using 1:3:($2-$1):(0) with vectors heads size screen 0.004,90 lc rgb '#0072B2' lw 1.8, \
  DATA index 1 using 1:2 with points pt 7 ps 0.8 lc rgb '#0072B2', \
  DATA index 2 using 1:3:($2-$1):(0) with vectors heads size screen 0.004,90 lc rgb '#E69F00' lw 1.8, \
  DATA index 3 using 1:2 with points pt 5 ps 0.8 lc rgb '#E69F00', \
  DATA index 4 using 1:3:($2-$1):(0) with vectors heads size screen 0.004,90 lc rgb '#009E73' lw 1.8, \
  DATA index 5 using 1:2 with points pt 9 ps 0.8 lc rgb '#009E73', \
  DATA index 6 using 1:3:($2-$1):(0) with vectors heads size screen 0.004,90 lc rgb '#CC79A7' lw 1.8, \
  DATA index 7 using 1:2 with points pt 13 ps 0.8 lc rgb '#CC79A7'
set output
reset
F(pixels) = sprintf('Sans,%g', pixels * 0.75)
set terminal pngcairo noenhanced size 1920,1290 font F(15) fontscale 2 linewidth 2 pointscale 3.7 dashlength 1 background rgb '#FFFFFF'
set output 'rank-complete.png'
set border 3 lw 1 lc rgb '#555555'
set grid back lt 1 lw 1 lc rgb '#DDDDDD' dt solid
set tics nomirror out scale 0.5 textcolor rgb '#222222'
unset key
set palette defined (0 '#F4F8FB', 0.35 '#8CC4E6', 0.7 '#0072B2', 1 '#00304D')
set label 'Alignment methods on emoji: complete' at screen 0.016667,0.96124 left font F(18) textcolor rgb '#222222' front
set label '' at screen 0.021875,0.043411 point pt 7 ps 0.8 lc rgb '#0072B2' front
set label 'fusion' at screen 0.035417,0.043411 left font F(15) textcolor rgb '#222222' front
set label '' at screen 0.117786,0.043411 point pt 5 ps 0.8 lc rgb '#E69F00' front
set label 'contrastive' at screen 0.131328,0.043411 left font F(15) textcolor rgb '#222222' front
set label '' at screen 0.255104,0.043411 point pt 9 ps 0.8 lc rgb '#009E73' front
set label 'no negatives' at screen 0.268646,0.043411 left font F(15) textcolor rgb '#222222' front
set label '' at screen 0.405781,0.043411 point pt 13 ps 0.8 lc rgb '#CC79A7' front
set label 'margin' at screen 0.419323,0.043411 left font F(15) textcolor rgb '#222222' front
set label 'complete (%)' at screen 0.54901,0.077519 center font F(15) textcolor rgb '#222222' front
set label 'Gradient-Blending' at screen 0.20638,0.903381 right font F(15) textcolor rgb '#222222' front
set label '85.1 ± 0.7' at screen 0.983333,0.903381 right font F(15) textcolor rgb '#222222' front
set label 'Fusion with dropout' at screen 0.20638,0.85991 right font F(15) textcolor rgb '#222222' front
set label '83.9 ± 1.0' at screen 0.983333,0.85991 right font F(15) textcolor rgb '#222222' front
set label 'Intermediate fusion' at screen 0.20638,0.816438 right font F(15) textcolor rgb '#222222' front
set label '83.5 ± 1.7' at screen 0.983333,0.816438 right font F(15) textcolor rgb '#222222' front
set label 'Early fusion' at screen 0.20638,0.772967 right font F(15) textcolor rgb '#222222' front
set label '82.8 ± 2.2' at screen 0.983333,0.772967 right font F(15) textcolor rgb '#222222' front
set label 'Late fusion' at screen 0.20638,0.729496 right font F(15) textcolor rgb '#222222' front
set label '82.4 ± 4.3' at screen 0.983333,0.729496 right font F(15) textcolor rgb '#222222' front
set label 'CLIP tutorial' at screen 0.20638,0.686025 right font F(15) textcolor rgb '#222222' front
set label '81.0 ± 2.1' at screen 0.983333,0.686025 right font F(15) textcolor rgb '#222222' front
set label 'CLIP noised, smoothed' at screen 0.20638,0.642554 right font F(15) textcolor rgb '#222222' front
set label '78.5 ± 3.4' at screen 0.983333,0.642554 right font F(15) textcolor rgb '#222222' front
set label 'GMC' at screen 0.20638,0.599083 right font F(15) textcolor rgb '#222222' front
set label '78.5 ± 3.3' at screen 0.983333,0.599083 right font F(15) textcolor rgb '#222222' front
set label 'CLIP noised' at screen 0.20638,0.555612 right font F(15) textcolor rgb '#222222' front
set label '77.9 ± 5.3' at screen 0.983333,0.555612 right font F(15) textcolor rgb '#222222' front
set label 'VICReg' at screen 0.20638,0.51214 right font F(15) textcolor rgb '#222222' front
set label '77.7 ± 3.2' at screen 0.983333,0.51214 right font F(15) textcolor rgb '#222222' front
set label 'SigLIP' at screen 0.20638,0.468669 right font F(15) textcolor rgb '#222222' front
set label '77.6 ± 2.7' at screen 0.983333,0.468669 right font F(15) textcolor rgb '#222222' front
set label 'FDT' at screen 0.20638,0.425198 right font F(15) textcolor rgb '#222222' front
set label '76.9 ± 1.8' at screen 0.983333,0.425198 right font F(15) textcolor rgb '#222222' front
set label 'CLIP' at screen 0.20638,0.381727 right font F(15) textcolor rgb '#222222' front
set label '76.3 ± 1.5' at screen 0.983333,0.381727 right font F(15) textcolor rgb '#222222' front
set label 'VSE++ warm-up' at screen 0.20638,0.338256 right font F(15) textcolor rgb '#222222' front
set label '76.1 ± 6.3' at screen 0.983333,0.338256 right font F(15) textcolor rgb '#222222' front
set label 'Triplet' at screen 0.20638,0.294785 right font F(15) textcolor rgb '#222222' front
set label '76.0 ± 1.8' at screen 0.983333,0.294785 right font F(15) textcolor rgb '#222222' front
set label 'VSE sum' at screen 0.20638,0.251314 right font F(15) textcolor rgb '#222222' front
set label '75.7 ± 7.1' at screen 0.983333,0.251314 right font F(15) textcolor rgb '#222222' front
set label 'MCT' at screen 0.20638,0.207842 right font F(15) textcolor rgb '#222222' front
set label '74.7 ± 2.4' at screen 0.983333,0.207842 right font F(15) textcolor rgb '#222222' front
set label 'VSE++' at screen 0.20638,0.164371 right font F(15) textcolor rgb '#222222' front
set label '58.0 ± 1.3' at screen 0.983333,0.164371 right font F(15) textcolor rgb '#222222' front
set lmargin at screen 0.216797
set rmargin at screen 0.881224
set tmargin at screen 0.925116
set bmargin at screen 0.142636
unset logscale x
set xrange [55.270309865824565:88.19009990350806]
set xtics ('60' 60.0, '65' 65.0, '70' 70.0, '75' 75.0, '80' 80.0, '85' 85.0)
set yrange [17.5:-0.5]
unset ytics
set border 1
set grid xtics noytics
plot DATA index 0 using 1:3:($2-$1):(0) with vectors heads size screen 0.004,90 lc rgb '#0072B2' lw 1.8, \
  DATA index 1 using 1:2 with points pt 7 ps 0.8 lc rgb '#0072B2', \
  DATA index 2 using 1:3:($2-$1):(0) with vectors heads size screen 0.004,90 lc rgb '#E69F00' lw 1.8, \
  DATA index 3 using 1:2 with points pt 5 ps 0.8 lc rgb '#E69F00', \
  DATA index 4 using 1:3:($2-$1):(0) with vectors heads size screen 0.004,90 lc rgb '#009E73' lw 1.8, \
  DATA index 5 using 1:2 with points pt 9 ps 0.8 lc rgb '#009E73', \
  DATA index 6 using 1:3:($2-$1):(0) with vectors heads size screen 0.004,90 lc rgb '#CC79A7' lw 1.8, \
  DATA index 7 using 1:2 with points pt 13 ps 0.8 lc rgb '#CC79A7'
set output
reset
F(pixels) = sprintf('Sans,%g', pixels * 0.5625)
set terminal pdfcairo noenhanced size 10.0000,6.7188 font F(15) fontscale 1 linewidth 1.33 pointscale 1.5 dashlength 1 background rgb '#FFFFFF'
set output 'rank-complete.pdf'
set border 3 lw 1 lc rgb '#555555'
set grid back lt 1 lw 1 lc rgb '#DDDDDD' dt solid
set tics nomirror out scale 0.5 textcolor rgb '#222222'
unset key
set palette defined (0 '#F4F8FB', 0.35 '#8CC4E6', 0.7 '#0072B2', 1 '#00304D')
set label 'Alignment methods on emoji: complete' at screen 0.016667,0.96124 left font F(18) textcolor rgb '#222222' front
set label '' at screen 0.021875,0.043411 point pt 7 ps 0.8 lc rgb '#0072B2' front
set label 'fusion' at screen 0.035417,0.043411 left font F(15) textcolor rgb '#222222' front
set label '' at screen 0.117786,0.043411 point pt 5 ps 0.8 lc rgb '#E69F00' front
set label 'contrastive' at screen 0.131328,0.043411 left font F(15) textcolor rgb '#222222' front
set label '' at screen 0.255104,0.043411 point pt 9 ps 0.8 lc rgb '#009E73' front
set label 'no negatives' at screen 0.268646,0.043411 left font F(15) textcolor rgb '#222222' front
set label '' at screen 0.405781,0.043411 point pt 13 ps 0.8 lc rgb '#CC79A7' front
set label 'margin' at screen 0.419323,0.043411 left font F(15) textcolor rgb '#222222' front
set label 'complete (%)' at screen 0.54901,0.077519 center font F(15) textcolor rgb '#222222' front
set label 'Gradient-Blending' at screen 0.20638,0.903381 right font F(15) textcolor rgb '#222222' front
set label '85.1 ± 0.7' at screen 0.983333,0.903381 right font F(15) textcolor rgb '#222222' front
set label 'Fusion with dropout' at screen 0.20638,0.85991 right font F(15) textcolor rgb '#222222' front
set label '83.9 ± 1.0' at screen 0.983333,0.85991 right font F(15) textcolor rgb '#222222' front
set label 'Intermediate fusion' at screen 0.20638,0.816438 right font F(15) textcolor rgb '#222222' front
set label '83.5 ± 1.7' at screen 0.983333,0.816438 right font F(15) textcolor rgb '#222222' front
set label 'Early fusion' at screen 0.20638,0.772967 right font F(15) textcolor rgb '#222222' front
set label '82.8 ± 2.2' at screen 0.983333,0.772967 right font F(15) textcolor rgb '#222222' front
set label 'Late fusion' at screen 0.20638,0.729496 right font F(15) textcolor rgb '#222222' front
set label '82.4 ± 4.3' at screen 0.983333,0.729496 right font F(15) textcolor rgb '#222222' front
set label 'CLIP tutorial' at screen 0.20638,0.686025 right font F(15) textcolor rgb '#222222' front
set label '81.0 ± 2.1' at screen 0.983333,0.686025 right font F(15) textcolor rgb '#222222' front
set label 'CLIP noised, smoothed' at screen 0.20638,0.642554 right font F(15) textcolor rgb '#222222' front
set label '78.5 ± 3.4' at screen 0.983333,0.642554 right font F(15) textcolor rgb '#222222' front
set label 'GMC' at screen 0.20638,0.599083 right font F(15) textcolor rgb '#222222' front
set label '78.5 ± 3.3' at screen 0.983333,0.599083 right font F(15) textcolor rgb '#222222' front
set label 'CLIP noised' at screen 0.20638,0.555612 right font F(15) textcolor rgb '#222222' front
set label '77.9 ± 5.3' at screen 0.983333,0.555612 right font F(15) textcolor rgb '#222222' front
set label 'VICReg' at screen 0.20638,0.51214 right font F(15) textcolor rgb '#222222' front
set label '77.7 ± 3.2' at screen 0.983333,0.51214 right font F(15) textcolor rgb '#222222' front
set label 'SigLIP' at screen 0.20638,0.468669 right font F(15) textcolor rgb '#222222' front
set label '77.6 ± 2.7' at screen 0.983333,0.468669 right font F(15) textcolor rgb '#222222' front
set label 'FDT' at screen 0.20638,0.425198 right font F(15) textcolor rgb '#222222' front
set label '76.9 ± 1.8' at screen 0.983333,0.425198 right font F(15) textcolor rgb '#222222' front
set label 'CLIP' at screen 0.20638,0.381727 right font F(15) textcolor rgb '#222222' front
set label '76.3 ± 1.5' at screen 0.983333,0.381727 right font F(15) textcolor rgb '#222222' front
set label 'VSE++ warm-up' at screen 0.20638,0.338256 right font F(15) textcolor rgb '#222222' front
set label '76.1 ± 6.3' at screen 0.983333,0.338256 right font F(15) textcolor rgb '#222222' front
set label 'Triplet' at screen 0.20638,0.294785 right font F(15) textcolor rgb '#222222' front
set label '76.0 ± 1.8' at screen 0.983333,0.294785 right font F(15) textcolor rgb '#222222' front
set label 'VSE sum' at screen 0.20638,0.251314 right font F(15) textcolor rgb '#222222' front
set label '75.7 ± 7.1' at screen 0.983333,0.251314 right font F(15) textcolor rgb '#222222' front
set label 'MCT' at screen 0.20638,0.207842 right font F(15) textcolor rgb '#222222' front
set label '74.7 ± 2.4' at screen 0.983333,0.207842 right font F(15) textcolor rgb '#222222' front
set label 'VSE++' at screen 0.20638,0.164371 right font F(15) textcolor rgb '#222222' front
set label '58.0 ± 1.3' at screen 0.983333,0.164371 right font F(15) textcolor rgb '#222222' front
set lmargin at screen 0.216797
set rmargin at screen 0.881224
set tmargin at screen 0.925116
set bmargin at screen 0.142636
unset logscale x
set xrange [55.270309865824565:88.19009990350806]
set xtics ('60' 60.0, '65' 65.0, '70' 70.0, '75' 75.0, '80' 80.0, '85' 85.0)
set yrange [17.5:-0.5]
unset ytics
set border 1
set grid xtics noytics
plot DATA index 0 using 1:3:($2-$1):(0) with vectors heads size screen 0.004,90 lc rgb '#0072B2' lw 1.8, \
  DATA index 1 using 1:2 with points pt 7 ps 0.8 lc rgb '#0072B2', \
  DATA index 2 using 1:3:($2-$1):(0) with vectors heads size screen 0.004,90 lc rgb '#E69F00' lw 1.8, \
  DATA index 3 using 1:2 with points pt 5 ps 0.8 lc rgb '#E69F00', \
  DATA index 4 using 1:3:($2-$1):(0) with vectors heads size screen 0.004,90 lc rgb '#009E73' lw 1.8, \
  DATA index 5 using 1:2 with points pt 9 ps 0.8 lc rgb '#009E73', \
  DATA index 6 using 1:3:($2-$1):(0) with vectors heads size screen 0.004,90 lc rgb '#CC79A7' lw 1.8, \
  DATA index 7 using 1:2 with points pt 13 ps 0.8 lc rgb '#CC79A7'
set output
