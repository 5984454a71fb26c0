# Redraw with: gnuplot heat-map.gnuplot
set encoding utf8
set datafile separator whitespace
DATA = 'heat-map.dat'
reset
F(pixels) = sprintf('sans-serif,%g', pixels * 1.0)
set terminal svg noenhanced size 862,819 font F(15) background rgb '#FFFFFF' linewidth 1 dashlength 0.5
set output 'heat-map.svg'
set border 3 lw 1 lc rgb '#555555'
set grid back lt 1 lw 1 lc rgb '#DDDDDD' dt solid
set tics nomirror out scale 0.5 textcolor rgb '#222222'
unset key
set palette defined (0 '#F4F8FB', 0.35 '#8CC4E6', 0.7 '#0072B2', 1 '#00304D')
set label 'Alignment methods on emoji: accuracy by the modalities present' at screen 0.018561,0.969475 left font F(18) textcolor rgb '#222222' front
set label 'complete' at screen 0.303953,0.042735 center font F(15) textcolor rgb '#222222' front
set label 'image' at screen 0.433611,0.042735 center font F(15) textcolor rgb '#222222' front
set label 'caption-en' at screen 0.563269,0.042735 center font F(15) textcolor rgb '#222222' front
set label 'caption-ko' at screen 0.692926,0.042735 center font F(15) textcolor rgb '#222222' front
set label 'worst' at screen 0.822584,0.042735 center font F(15) textcolor rgb '#222222' front
set label 'CLIP' at screen 0.227523,0.918996 right font F(15) textcolor rgb '#222222' front
set label 'CLIP tutorial' at screen 0.227523,0.874936 right font F(15) textcolor rgb '#222222' front
set label 'CLIP noised, smoothed' at screen 0.227523,0.830876 right font F(15) textcolor rgb '#222222' front
set label 'CLIP noised' at screen 0.227523,0.786816 right font F(15) textcolor rgb '#222222' front
set label 'SigLIP' at screen 0.227523,0.742756 right font F(15) textcolor rgb '#222222' front
set label 'Triplet' at screen 0.227523,0.698697 right font F(15) textcolor rgb '#222222' front
set label 'VSE sum' at screen 0.227523,0.654637 right font F(15) textcolor rgb '#222222' front
set label 'VSE++' at screen 0.227523,0.610577 right font F(15) textcolor rgb '#222222' front
set label 'VSE++ warm-up' at screen 0.227523,0.566517 right font F(15) textcolor rgb '#222222' front
set label 'VICReg' at screen 0.227523,0.522457 right font F(15) textcolor rgb '#222222' front
set label 'SimCLR' at screen 0.227523,0.478397 right font F(15) textcolor rgb '#222222' front
set label 'MoCo v2' at screen 0.227523,0.434338 right font F(15) textcolor rgb '#222222' front
set label 'MCT' at screen 0.227523,0.390278 right font F(15) textcolor rgb '#222222' front
set label 'FDT' at screen 0.227523,0.346218 right font F(15) textcolor rgb '#222222' front
set label 'GMC' at screen 0.227523,0.302158 right font F(15) textcolor rgb '#222222' front
set label 'Early fusion' at screen 0.227523,0.258098 right font F(15) textcolor rgb '#222222' front
set label 'Intermediate fusion' at screen 0.227523,0.214038 right font F(15) textcolor rgb '#222222' front
set label 'Late fusion' at screen 0.227523,0.169979 right font F(15) textcolor rgb '#222222' front
set label 'Fusion with dropout' at screen 0.227523,0.125919 right font F(15) textcolor rgb '#222222' front
set label 'Gradient-Blending' at screen 0.227523,0.081859 right font F(15) textcolor rgb '#222222' front
set label '76.3' at screen 0.303953,0.918996 center font F(15) textcolor rgb '#FFFFFF' front
set label '73.9' at screen 0.433611,0.918996 center font F(15) textcolor rgb '#FFFFFF' front
set label '72.1' at screen 0.563269,0.918996 center font F(15) textcolor rgb '#FFFFFF' front
set label '67.7' at screen 0.692926,0.918996 center font F(15) textcolor rgb '#FFFFFF' front
set label '67.7' at screen 0.822584,0.918996 center font F(15) textcolor rgb '#FFFFFF' front
set label '81.0' at screen 0.303953,0.874936 center font F(15) textcolor rgb '#FFFFFF' front
set label '74.5' at screen 0.433611,0.874936 center font F(15) textcolor rgb '#FFFFFF' front
set label '74.0' at screen 0.563269,0.874936 center font F(15) textcolor rgb '#FFFFFF' front
set label '75.5' at screen 0.692926,0.874936 center font F(15) textcolor rgb '#FFFFFF' front
set label '73.9' at screen 0.822584,0.874936 center font F(15) textcolor rgb '#FFFFFF' front
set label '78.5' at screen 0.303953,0.830876 center font F(15) textcolor rgb '#FFFFFF' front
set label '70.8' at screen 0.433611,0.830876 center font F(15) textcolor rgb '#FFFFFF' front
set label '73.7' at screen 0.563269,0.830876 center font F(15) textcolor rgb '#FFFFFF' front
set label '69.7' at screen 0.692926,0.830876 center font F(15) textcolor rgb '#FFFFFF' front
set label '69.7' at screen 0.822584,0.830876 center font F(15) textcolor rgb '#FFFFFF' front
set label '77.9' at screen 0.303953,0.786816 center font F(15) textcolor rgb '#FFFFFF' front
set label '70.0' at screen 0.433611,0.786816 center font F(15) textcolor rgb '#FFFFFF' front
set label '73.1' at screen 0.563269,0.786816 center font F(15) textcolor rgb '#FFFFFF' front
set label '69.5' at screen 0.692926,0.786816 center font F(15) textcolor rgb '#FFFFFF' front
set label '68.8' at screen 0.822584,0.786816 center font F(15) textcolor rgb '#FFFFFF' front
set label '77.6' at screen 0.303953,0.742756 center font F(15) textcolor rgb '#FFFFFF' front
set label '73.6' at screen 0.433611,0.742756 center font F(15) textcolor rgb '#FFFFFF' front
set label '73.1' at screen 0.563269,0.742756 center font F(15) textcolor rgb '#FFFFFF' front
set label '68.5' at screen 0.692926,0.742756 center font F(15) textcolor rgb '#FFFFFF' front
set label '68.5' at screen 0.822584,0.742756 center font F(15) textcolor rgb '#FFFFFF' front
set label '76.0' at screen 0.303953,0.698697 center font F(15) textcolor rgb '#FFFFFF' front
set label '68.5' at screen 0.433611,0.698697 center font F(15) textcolor rgb '#FFFFFF' front
set label '75.6' at screen 0.563269,0.698697 center font F(15) textcolor rgb '#FFFFFF' front
set label '71.2' at screen 0.692926,0.698697 center font F(15) textcolor rgb '#FFFFFF' front
set label '68.5' at screen 0.822584,0.698697 center font F(15) textcolor rgb '#FFFFFF' front
set label '75.7' at screen 0.303953,0.654637 center font F(15) textcolor rgb '#FFFFFF' front
set label '72.8' at screen 0.433611,0.654637 center font F(15) textcolor rgb '#FFFFFF' front
set label '72.7' at screen 0.563269,0.654637 center font F(15) textcolor rgb '#FFFFFF' front
set label '67.7' at screen 0.692926,0.654637 center font F(15) textcolor rgb '#FFFFFF' front
set label '67.7' at screen 0.822584,0.654637 center font F(15) textcolor rgb '#FFFFFF' front
set label '58.0' at screen 0.303953,0.610577 center font F(15) textcolor rgb '#FFFFFF' front
set label '24.1' at screen 0.433611,0.610577 center font F(15) textcolor rgb '#222222' front
set label '52.9' at screen 0.563269,0.610577 center font F(15) textcolor rgb '#FFFFFF' front
set label '51.0' at screen 0.692926,0.610577 center font F(15) textcolor rgb '#FFFFFF' front
set label '17.2' at screen 0.822584,0.610577 center font F(15) textcolor rgb '#222222' front
set label '76.1' at screen 0.303953,0.566517 center font F(15) textcolor rgb '#FFFFFF' front
set label '71.2' at screen 0.433611,0.566517 center font F(15) textcolor rgb '#FFFFFF' front
set label '72.2' at screen 0.563269,0.566517 center font F(15) textcolor rgb '#FFFFFF' front
set label '68.0' at screen 0.692926,0.566517 center font F(15) textcolor rgb '#FFFFFF' front
set label '68.0' at screen 0.822584,0.566517 center font F(15) textcolor rgb '#FFFFFF' front
set label '77.7' at screen 0.303953,0.522457 center font F(15) textcolor rgb '#FFFFFF' front
set label '71.7' at screen 0.433611,0.522457 center font F(15) textcolor rgb '#FFFFFF' front
set label '77.5' at screen 0.563269,0.522457 center font F(15) textcolor rgb '#FFFFFF' front
set label '70.0' at screen 0.692926,0.522457 center font F(15) textcolor rgb '#FFFFFF' front
set label '70.0' at screen 0.822584,0.522457 center font F(15) textcolor rgb '#FFFFFF' front
set label '–' at screen 0.303953,0.478397 center font F(15) textcolor rgb '#222222' front
set label '73.8' at screen 0.433611,0.478397 center font F(15) textcolor rgb '#FFFFFF' front
set label '–' at screen 0.563269,0.478397 center font F(15) textcolor rgb '#222222' front
set label '–' at screen 0.692926,0.478397 center font F(15) textcolor rgb '#222222' front
set label '–' at screen 0.822584,0.478397 center font F(15) textcolor rgb '#222222' front
set label '–' at screen 0.303953,0.434338 center font F(15) textcolor rgb '#222222' front
set label '73.8' at screen 0.433611,0.434338 center font F(15) textcolor rgb '#FFFFFF' front
set label '–' at screen 0.563269,0.434338 center font F(15) textcolor rgb '#222222' front
set label '–' at screen 0.692926,0.434338 center font F(15) textcolor rgb '#222222' front
set label '–' at screen 0.822584,0.434338 center font F(15) textcolor rgb '#222222' front
set label '74.7' at screen 0.303953,0.390278 center font F(15) textcolor rgb '#FFFFFF' front
set label '69.2' at screen 0.433611,0.390278 center font F(15) textcolor rgb '#FFFFFF' front
set label '75.5' at screen 0.563269,0.390278 center font F(15) textcolor rgb '#FFFFFF' front
set label '69.8' at screen 0.692926,0.390278 center font F(15) textcolor rgb '#FFFFFF' front
set label '68.5' at screen 0.822584,0.390278 center font F(15) textcolor rgb '#FFFFFF' front
set label '76.9' at screen 0.303953,0.346218 center font F(15) textcolor rgb '#FFFFFF' front
set label '73.0' at screen 0.433611,0.346218 center font F(15) textcolor rgb '#FFFFFF' front
set label '75.1' at screen 0.563269,0.346218 center font F(15) textcolor rgb '#FFFFFF' front
set label '69.2' at screen 0.692926,0.346218 center font F(15) textcolor rgb '#FFFFFF' front
set label '69.2' at screen 0.822584,0.346218 center font F(15) textcolor rgb '#FFFFFF' front
set label '78.5' at screen 0.303953,0.302158 center font F(15) textcolor rgb '#FFFFFF' front
set label '72.1' at screen 0.433611,0.302158 center font F(15) textcolor rgb '#FFFFFF' front
set label '73.0' at screen 0.563269,0.302158 center font F(15) textcolor rgb '#FFFFFF' front
set label '68.9' at screen 0.692926,0.302158 center font F(15) textcolor rgb '#FFFFFF' front
set label '68.9' at screen 0.822584,0.302158 center font F(15) textcolor rgb '#FFFFFF' front
set label '82.8' at screen 0.303953,0.258098 center font F(15) textcolor rgb '#FFFFFF' front
set label '53.8' at screen 0.433611,0.258098 center font F(15) textcolor rgb '#FFFFFF' front
set label '77.1' at screen 0.563269,0.258098 center font F(15) textcolor rgb '#FFFFFF' front
set label '77.0' at screen 0.692926,0.258098 center font F(15) textcolor rgb '#FFFFFF' front
set label '53.8' at screen 0.822584,0.258098 center font F(15) textcolor rgb '#FFFFFF' front
set label '83.5' at screen 0.303953,0.214038 center font F(15) textcolor rgb '#FFFFFF' front
set label '7.1' at screen 0.433611,0.214038 center font F(15) textcolor rgb '#222222' front
set label '81.4' at screen 0.563269,0.214038 center font F(15) textcolor rgb '#FFFFFF' front
set label '73.9' at screen 0.692926,0.214038 center font F(15) textcolor rgb '#FFFFFF' front
set label '7.1' at screen 0.822584,0.214038 center font F(15) textcolor rgb '#222222' front
set label '82.4' at screen 0.303953,0.169979 center font F(15) textcolor rgb '#FFFFFF' front
set label '16.2' at screen 0.433611,0.169979 center font F(15) textcolor rgb '#222222' front
set label '55.4' at screen 0.563269,0.169979 center font F(15) textcolor rgb '#FFFFFF' front
set label '67.8' at screen 0.692926,0.169979 center font F(15) textcolor rgb '#FFFFFF' front
set label '16.2' at screen 0.822584,0.169979 center font F(15) textcolor rgb '#222222' front
set label '83.9' at screen 0.303953,0.125919 center font F(15) textcolor rgb '#FFFFFF' front
set label '59.7' at screen 0.433611,0.125919 center font F(15) textcolor rgb '#FFFFFF' front
set label '82.1' at screen 0.563269,0.125919 center font F(15) textcolor rgb '#FFFFFF' front
set label '78.4' at screen 0.692926,0.125919 center font F(15) textcolor rgb '#FFFFFF' front
set label '59.7' at screen 0.822584,0.125919 center font F(15) textcolor rgb '#FFFFFF' front
set label '85.1' at screen 0.303953,0.081859 center font F(15) textcolor rgb '#FFFFFF' front
set label '65.1' at screen 0.433611,0.081859 center font F(15) textcolor rgb '#FFFFFF' front
set label '83.6' at screen 0.563269,0.081859 center font F(15) textcolor rgb '#FFFFFF' front
set label '78.4' at screen 0.692926,0.081859 center font F(15) textcolor rgb '#FFFFFF' front
set label '65.1' at screen 0.822584,0.081859 center font F(15) textcolor rgb '#FFFFFF' front
set colorbox user origin screen 0.905974,0.244017 size screen 0.016241,0.512821 noborder
set cbtics nomirror in
set label 'accuracy, group (%)' at screen 0.972158,0.500427 center rotate by 90 font F(15) textcolor rgb '#222222' front
set lmargin at screen 0.239124
set rmargin at screen 0.887413
set tmargin at screen 0.941026
set bmargin at screen 0.059829
unset logscale cb
set cbrange [7.136150234741784:85.11737089201877]
set cbtics ('20' 20.0, '40' 40.0, '60' 60.0, '80' 80.0)
unset grid
set border 0
unset xtics
unset ytics
set xrange [-0.5:4.5]
set yrange [19.5:-0.5]
plot DATA index 0 using 1:2:($1-0.5):($1+0.5):($2-0.5):($2+0.5):3 with boxxyerror lc palette fs solid border lc rgb '#FFFFFF', \
  DATA index 1 using 1:2:($1-0.5):($1+0.5):($2-0.5):($2+0.5) with boxxyerror lc rgb '#EEEEEE' fs solid border lc rgb '#FFFFFF'
set output
reset
F(pixels) = sprintf('Sans,%g', pixels * 0.75)
set terminal pngcairo noenhanced size 1724,1638 font F(15) fontscale 2 linewidth 2 pointscale 3.7 dashlength 1 background rgb '#FFFFFF'
set output 'heat-map.png'
set border 3 lw 1 lc rgb '#555555'
set grid back lt 1 lw 1 lc rgb '#DDDDDD' dt solid
set tics nomirror out scale 0.5 textcolor rgb '#222222'
unset key
set palette defined (0 '#F4F8FB', 0.35 '#8CC4E6', 0.7 '#0072B2', 1 '#00304D')
set label 'Alignment methods on emoji: accuracy by the modalities present' at screen 0.018561,0.969475 left font F(18) textcolor rgb '#222222' front
set label 'complete' at screen 0.303953,0.042735 center font F(15) textcolor rgb '#222222' front
set label 'image' at screen 0.433611,0.042735 center font F(15) textcolor rgb '#222222' front
set label 'caption-en' at screen 0.563269,0.042735 center font F(15) textcolor rgb '#222222' front
set label 'caption-ko' at screen 0.692926,0.042735 center font F(15) textcolor rgb '#222222' front
set label 'worst' at screen 0.822584,0.042735 center font F(15) textcolor rgb '#222222' front
set label 'CLIP' at screen 0.227523,0.918996 right font F(15) textcolor rgb '#222222' front
set label 'CLIP tutorial' at screen 0.227523,0.874936 right font F(15) textcolor rgb '#222222' front
set label 'CLIP noised, smoothed' at screen 0.227523,0.830876 right font F(15) textcolor rgb '#222222' front
set label 'CLIP noised' at screen 0.227523,0.786816 right font F(15) textcolor rgb '#222222' front
set label 'SigLIP' at screen 0.227523,0.742756 right font F(15) textcolor rgb '#222222' front
set label 'Triplet' at screen 0.227523,0.698697 right font F(15) textcolor rgb '#222222' front
set label 'VSE sum' at screen 0.227523,0.654637 right font F(15) textcolor rgb '#222222' front
set label 'VSE++' at screen 0.227523,0.610577 right font F(15) textcolor rgb '#222222' front
set label 'VSE++ warm-up' at screen 0.227523,0.566517 right font F(15) textcolor rgb '#222222' front
set label 'VICReg' at screen 0.227523,0.522457 right font F(15) textcolor rgb '#222222' front
set label 'SimCLR' at screen 0.227523,0.478397 right font F(15) textcolor rgb '#222222' front
set label 'MoCo v2' at screen 0.227523,0.434338 right font F(15) textcolor rgb '#222222' front
set label 'MCT' at screen 0.227523,0.390278 right font F(15) textcolor rgb '#222222' front
set label 'FDT' at screen 0.227523,0.346218 right font F(15) textcolor rgb '#222222' front
set label 'GMC' at screen 0.227523,0.302158 right font F(15) textcolor rgb '#222222' front
set label 'Early fusion' at screen 0.227523,0.258098 right font F(15) textcolor rgb '#222222' front
set label 'Intermediate fusion' at screen 0.227523,0.214038 right font F(15) textcolor rgb '#222222' front
set label 'Late fusion' at screen 0.227523,0.169979 right font F(15) textcolor rgb '#222222' front
set label 'Fusion with dropout' at screen 0.227523,0.125919 right font F(15) textcolor rgb '#222222' front
set label 'Gradient-Blending' at screen 0.227523,0.081859 right font F(15) textcolor rgb '#222222' front
set label '76.3' at screen 0.303953,0.918996 center font F(15) textcolor rgb '#FFFFFF' front
set label '73.9' at screen 0.433611,0.918996 center font F(15) textcolor rgb '#FFFFFF' front
set label '72.1' at screen 0.563269,0.918996 center font F(15) textcolor rgb '#FFFFFF' front
set label '67.7' at screen 0.692926,0.918996 center font F(15) textcolor rgb '#FFFFFF' front
set label '67.7' at screen 0.822584,0.918996 center font F(15) textcolor rgb '#FFFFFF' front
set label '81.0' at screen 0.303953,0.874936 center font F(15) textcolor rgb '#FFFFFF' front
set label '74.5' at screen 0.433611,0.874936 center font F(15) textcolor rgb '#FFFFFF' front
set label '74.0' at screen 0.563269,0.874936 center font F(15) textcolor rgb '#FFFFFF' front
set label '75.5' at screen 0.692926,0.874936 center font F(15) textcolor rgb '#FFFFFF' front
set label '73.9' at screen 0.822584,0.874936 center font F(15) textcolor rgb '#FFFFFF' front
set label '78.5' at screen 0.303953,0.830876 center font F(15) textcolor rgb '#FFFFFF' front
set label '70.8' at screen 0.433611,0.830876 center font F(15) textcolor rgb '#FFFFFF' front
set label '73.7' at screen 0.563269,0.830876 center font F(15) textcolor rgb '#FFFFFF' front
set label '69.7' at screen 0.692926,0.830876 center font F(15) textcolor rgb '#FFFFFF' front
set label '69.7' at screen 0.822584,0.830876 center font F(15) textcolor rgb '#FFFFFF' front
set label '77.9' at screen 0.303953,0.786816 center font F(15) textcolor rgb '#FFFFFF' front
set label '70.0' at screen 0.433611,0.786816 center font F(15) textcolor rgb '#FFFFFF' front
set label '73.1' at screen 0.563269,0.786816 center font F(15) textcolor rgb '#FFFFFF' front
set label '69.5' at screen 0.692926,0.786816 center font F(15) textcolor rgb '#FFFFFF' front
set label '68.8' at screen 0.822584,0.786816 center font F(15) textcolor rgb '#FFFFFF' front
set label '77.6' at screen 0.303953,0.742756 center font F(15) textcolor rgb '#FFFFFF' front
set label '73.6' at screen 0.433611,0.742756 center font F(15) textcolor rgb '#FFFFFF' front
set label '73.1' at screen 0.563269,0.742756 center font F(15) textcolor rgb '#FFFFFF' front
set label '68.5' at screen 0.692926,0.742756 center font F(15) textcolor rgb '#FFFFFF' front
set label '68.5' at screen 0.822584,0.742756 center font F(15) textcolor rgb '#FFFFFF' front
set label '76.0' at screen 0.303953,0.698697 center font F(15) textcolor rgb '#FFFFFF' front
set label '68.5' at screen 0.433611,0.698697 center font F(15) textcolor rgb '#FFFFFF' front
set label '75.6' at screen 0.563269,0.698697 center font F(15) textcolor rgb '#FFFFFF' front
set label '71.2' at screen 0.692926,0.698697 center font F(15) textcolor rgb '#FFFFFF' front
set label '68.5' at screen 0.822584,0.698697 center font F(15) textcolor rgb '#FFFFFF' front
set label '75.7' at screen 0.303953,0.654637 center font F(15) textcolor rgb '#FFFFFF' front
set label '72.8' at screen 0.433611,0.654637 center font F(15) textcolor rgb '#FFFFFF' front
set label '72.7' at screen 0.563269,0.654637 center font F(15) textcolor rgb '#FFFFFF' front
set label '67.7' at screen 0.692926,0.654637 center font F(15) textcolor rgb '#FFFFFF' front
set label '67.7' at screen 0.822584,0.654637 center font F(15) textcolor rgb '#FFFFFF' front
set label '58.0' at screen 0.303953,0.610577 center font F(15) textcolor rgb '#FFFFFF' front
set label '24.1' at screen 0.433611,0.610577 center font F(15) textcolor rgb '#222222' front
set label '52.9' at screen 0.563269,0.610577 center font F(15) textcolor rgb '#FFFFFF' front
set label '51.0' at screen 0.692926,0.610577 center font F(15) textcolor rgb '#FFFFFF' front
set label '17.2' at screen 0.822584,0.610577 center font F(15) textcolor rgb '#222222' front
set label '76.1' at screen 0.303953,0.566517 center font F(15) textcolor rgb '#FFFFFF' front
set label '71.2' at screen 0.433611,0.566517 center font F(15) textcolor rgb '#FFFFFF' front
set label '72.2' at screen 0.563269,0.566517 center font F(15) textcolor rgb '#FFFFFF' front
set label '68.0' at screen 0.692926,0.566517 center font F(15) textcolor rgb '#FFFFFF' front
set label '68.0' at screen 0.822584,0.566517 center font F(15) textcolor rgb '#FFFFFF' front
set label '77.7' at screen 0.303953,0.522457 center font F(15) textcolor rgb '#FFFFFF' front
set label '71.7' at screen 0.433611,0.522457 center font F(15) textcolor rgb '#FFFFFF' front
set label '77.5' at screen 0.563269,0.522457 center font F(15) textcolor rgb '#FFFFFF' front
set label '70.0' at screen 0.692926,0.522457 center font F(15) textcolor rgb '#FFFFFF' front
set label '70.0' at screen 0.822584,0.522457 center font F(15) textcolor rgb '#FFFFFF' front
set label '–' at screen 0.303953,0.478397 center font F(15) textcolor rgb '#222222' front
set label '73.8' at screen 0.433611,0.478397 center font F(15) textcolor rgb '#FFFFFF' front
set label '–' at screen 0.563269,0.478397 center font F(15) textcolor rgb '#222222' front
set label '–' at screen 0.692926,0.478397 center font F(15) textcolor rgb '#222222' front
set label '–' at screen 0.822584,0.478397 center font F(15) textcolor rgb '#222222' front
set label '–' at screen 0.303953,0.434338 center font F(15) textcolor rgb '#222222' front
set label '73.8' at screen 0.433611,0.434338 center font F(15) textcolor rgb '#FFFFFF' front
set label '–' at screen 0.563269,0.434338 center font F(15) textcolor rgb '#222222' front
set label '–' at screen 0.692926,0.434338 center font F(15) textcolor rgb '#222222' front
set label '–' at screen 0.822584,0.434338 center font F(15) textcolor rgb '#222222' front
set label '74.7' at screen 0.303953,0.390278 center font F(15) textcolor rgb '#FFFFFF' front
set label '69.2' at screen 0.433611,0.390278 center font F(15) textcolor rgb '#FFFFFF' front
set label '75.5' at screen 0.563269,0.390278 center font F(15) textcolor rgb '#FFFFFF' front
set label '69.8' at screen 0.692926,0.390278 center font F(15) textcolor rgb '#FFFFFF' front
set label '68.5' at screen 0.822584,0.390278 center font F(15) textcolor rgb '#FFFFFF' front
set label '76.9' at screen 0.303953,0.346218 center font F(15) textcolor rgb '#FFFFFF' front
set label '73.0' at screen 0.433611,0.346218 center font F(15) textcolor rgb '#FFFFFF' front
set label '75.1' at screen 0.563269,0.346218 center font F(15) textcolor rgb '#FFFFFF' front
set label '69.2' at screen 0.692926,0.346218 center font F(15) textcolor rgb '#FFFFFF' front
set label '69.2' at screen 0.822584,0.346218 center font F(15) textcolor rgb '#FFFFFF' front
set label '78.5' at screen 0.303953,0.302158 center font F(15) textcolor rgb '#FFFFFF' front
set label '72.1' at screen 0.433611,0.302158 center font F(15) textcolor rgb '#FFFFFF' front
set label '73.0' at screen 0.563269,0.302158 center font F(15) textcolor rgb '#FFFFFF' front
set label '68.9' at screen 0.692926,0.302158 center font F(15) textcolor rgb '#FFFFFF' front
set label '68.9' at screen 0.822584,0.302158 center font F(15) textcolor rgb '#FFFFFF' front
set label '82.8' at screen 0.303953,0.258098 center font F(15) textcolor rgb '#FFFFFF' front
set label '53.8' at screen 0.433611,0.258098 center font F(15) textcolor rgb '#FFFFFF' front
set label '77.1' at screen 0.563269,0.258098 center font F(15) textcolor rgb '#FFFFFF' front
set label '77.0' at screen 0.692926,0.258098 center font F(15) textcolor rgb '#FFFFFF' front
set label '53.8' at screen 0.822584,0.258098 center font F(15) textcolor rgb '#FFFFFF' front
set label '83.5' at screen 0.303953,0.214038 center font F(15) textcolor rgb '#FFFFFF' front
set label '7.1' at screen 0.433611,0.214038 center font F(15) textcolor rgb '#222222' front
set label '81.4' at screen 0.563269,0.214038 center font F(15) textcolor rgb '#FFFFFF' front
set label '73.9' at screen 0.692926,0.214038 center font F(15) textcolor rgb '#FFFFFF' front
set label '7.1' at screen 0.822584,0.214038 center font F(15) textcolor rgb '#222222' front
set label '82.4' at screen 0.303953,0.169979 center font F(15) textcolor rgb '#FFFFFF' front
set label '16.2' at screen 0.433611,0.169979 center font F(15) textcolor rgb '#222222' front
set label '55.4' at screen 0.563269,0.169979 center font F(15) textcolor rgb '#FFFFFF' front
set label '67.8' at screen 0.692926,0.169979 center font F(15) textcolor rgb '#FFFFFF' front
set label '16.2' at screen 0.822584,0.169979 center font F(15) textcolor rgb '#222222' front
set label '83.9' at screen 0.303953,0.125919 center font F(15) textcolor rgb '#FFFFFF' front
set label '59.7' at screen 0.433611,0.125919 center font F(15) textcolor rgb '#FFFFFF' front
set label '82.1' at screen 0.563269,0.125919 center font F(15) textcolor rgb '#FFFFFF' front
set label '78.4' at screen 0.692926,0.125919 center font F(15) textcolor rgb '#FFFFFF' front
set label '59.7' at screen 0.822584,0.125919 center font F(15) textcolor rgb '#FFFFFF' front
set label '85.1' at screen 0.303953,0.081859 center font F(15) textcolor rgb '#FFFFFF' front
set label '65.1' at screen 0.433611,0.081859 center font F(15) textcolor rgb '#FFFFFF' front
set label '83.6' at screen 0.563269,0.081859 center font F(15) textcolor rgb '#FFFFFF' front
set label '78.4' at screen 0.692926,0.081859 center font F(15) textcolor rgb '#FFFFFF' front
set label '65.1' at screen 0.822584,0.081859 center font F(15) textcolor rgb '#FFFFFF' front
set colorbox user origin screen 0.905974,0.244017 size screen 0.016241,0.512821 noborder
set cbtics nomirror in
set label 'accuracy, group (%)' at screen 0.972158,0.500427 center rotate by 90 font F(15) textcolor rgb '#222222' front
set lmargin at screen 0.239124
set rmargin at screen 0.887413
set tmargin at screen 0.941026
set bmargin at screen 0.059829
unset logscale cb
set cbrange [7.136150234741784:85.11737089201877]
set cbtics ('20' 20.0, '40' 40.0, '60' 60.0, '80' 80.0)
unset grid
set border 0
unset xtics
unset ytics
set xrange [-0.5:4.5]
set yrange [19.5:-0.5]
plot DATA index 0 using 1:2:($1-0.5):($1+0.5):($2-0.5):($2+0.5):3 with boxxyerror lc palette fs solid border lc rgb '#FFFFFF', \
  DATA index 1 using 1:2:($1-0.5):($1+0.5):($2-0.5):($2+0.5) with boxxyerror lc rgb '#EEEEEE' fs solid border lc rgb '#FFFFFF'
set output
reset
F(pixels) = sprintf('Sans,%g', pixels * 0.5625)
set terminal pdfcairo noenhanced size 8.9792,8.5312 font F(15) fontscale 1 linewidth 1.33 pointscale 1.5 dashlength 1 background rgb '#FFFFFF'
set output 'heat-map.pdf'
set border 3 lw 1 lc rgb '#555555'
set grid back lt 1 lw 1 lc rgb '#DDDDDD' dt solid
set tics nomirror out scale 0.5 textcolor rgb '#222222'
unset key
set palette defined (0 '#F4F8FB', 0.35 '#8CC4E6', 0.7 '#0072B2', 1 '#00304D')
set label 'Alignment methods on emoji: accuracy by the modalities present' at screen 0.018561,0.969475 left font F(18) textcolor rgb '#222222' front
set label 'complete' at screen 0.303953,0.042735 center font F(15) textcolor rgb '#222222' front
set label 'image' at screen 0.433611,0.042735 center font F(15) textcolor rgb '#222222' front
set label 'caption-en' at screen 0.563269,0.042735 center font F(15) textcolor rgb '#222222' front
set label 'caption-ko' at screen 0.692926,0.042735 center font F(15) textcolor rgb '#222222' front
set label 'worst' at screen 0.822584,0.042735 center font F(15) textcolor rgb '#222222' front
set label 'CLIP' at screen 0.227523,0.918996 right font F(15) textcolor rgb '#222222' front
set label 'CLIP tutorial' at screen 0.227523,0.874936 right font F(15) textcolor rgb '#222222' front
set label 'CLIP noised, smoothed' at screen 0.227523,0.830876 right font F(15) textcolor rgb '#222222' front
set label 'CLIP noised' at screen 0.227523,0.786816 right font F(15) textcolor rgb '#222222' front
set label 'SigLIP' at screen 0.227523,0.742756 right font F(15) textcolor rgb '#222222' front
set label 'Triplet' at screen 0.227523,0.698697 right font F(15) textcolor rgb '#222222' front
set label 'VSE sum' at screen 0.227523,0.654637 right font F(15) textcolor rgb '#222222' front
set label 'VSE++' at screen 0.227523,0.610577 right font F(15) textcolor rgb '#222222' front
set label 'VSE++ warm-up' at screen 0.227523,0.566517 right font F(15) textcolor rgb '#222222' front
set label 'VICReg' at screen 0.227523,0.522457 right font F(15) textcolor rgb '#222222' front
set label 'SimCLR' at screen 0.227523,0.478397 right font F(15) textcolor rgb '#222222' front
set label 'MoCo v2' at screen 0.227523,0.434338 right font F(15) textcolor rgb '#222222' front
set label 'MCT' at screen 0.227523,0.390278 right font F(15) textcolor rgb '#222222' front
set label 'FDT' at screen 0.227523,0.346218 right font F(15) textcolor rgb '#222222' front
set label 'GMC' at screen 0.227523,0.302158 right font F(15) textcolor rgb '#222222' front
set label 'Early fusion' at screen 0.227523,0.258098 right font F(15) textcolor rgb '#222222' front
set label 'Intermediate fusion' at screen 0.227523,0.214038 right font F(15) textcolor rgb '#222222' front
set label 'Late fusion' at screen 0.227523,0.169979 right font F(15) textcolor rgb '#222222' front
set label 'Fusion with dropout' at screen 0.227523,0.125919 right font F(15) textcolor rgb '#222222' front
set label 'Gradient-Blending' at screen 0.227523,0.081859 right font F(15) textcolor rgb '#222222' front
set label '76.3' at screen 0.303953,0.918996 center font F(15) textcolor rgb '#FFFFFF' front
set label '73.9' at screen 0.433611,0.918996 center font F(15) textcolor rgb '#FFFFFF' front
set label '72.1' at screen 0.563269,0.918996 center font F(15) textcolor rgb '#FFFFFF' front
set label '67.7' at screen 0.692926,0.918996 center font F(15) textcolor rgb '#FFFFFF' front
set label '67.7' at screen 0.822584,0.918996 center font F(15) textcolor rgb '#FFFFFF' front
set label '81.0' at screen 0.303953,0.874936 center font F(15) textcolor rgb '#FFFFFF' front
set label '74.5' at screen 0.433611,0.874936 center font F(15) textcolor rgb '#FFFFFF' front
set label '74.0' at screen 0.563269,0.874936 center font F(15) textcolor rgb '#FFFFFF' front
set label '75.5' at screen 0.692926,0.874936 center font F(15) textcolor rgb '#FFFFFF' front
set label '73.9' at screen 0.822584,0.874936 center font F(15) textcolor rgb '#FFFFFF' front
set label '78.5' at screen 0.303953,0.830876 center font F(15) textcolor rgb '#FFFFFF' front
set label '70.8' at screen 0.433611,0.830876 center font F(15) textcolor rgb '#FFFFFF' front
set label '73.7' at screen 0.563269,0.830876 center font F(15) textcolor rgb '#FFFFFF' front
set label '69.7' at screen 0.692926,0.830876 center font F(15) textcolor rgb '#FFFFFF' front
set label '69.7' at screen 0.822584,0.830876 center font F(15) textcolor rgb '#FFFFFF' front
set label '77.9' at screen 0.303953,0.786816 center font F(15) textcolor rgb '#FFFFFF' front
set label '70.0' at screen 0.433611,0.786816 center font F(15) textcolor rgb '#FFFFFF' front
set label '73.1' at screen 0.563269,0.786816 center font F(15) textcolor rgb '#FFFFFF' front
set label '69.5' at screen 0.692926,0.786816 center font F(15) textcolor rgb '#FFFFFF' front
set label '68.8' at screen 0.822584,0.786816 center font F(15) textcolor rgb '#FFFFFF' front
set label '77.6' at screen 0.303953,0.742756 center font F(15) textcolor rgb '#FFFFFF' front
set label '73.6' at screen 0.433611,0.742756 center font F(15) textcolor rgb '#FFFFFF' front
set label '73.1' at screen 0.563269,0.742756 center font F(15) textcolor rgb '#FFFFFF' front
set label '68.5' at screen 0.692926,0.742756 center font F(15) textcolor rgb '#FFFFFF' front
set label '68.5' at screen 0.822584,0.742756 center font F(15) textcolor rgb '#FFFFFF' front
set label '76.0' at screen 0.303953,0.698697 center font F(15) textcolor rgb '#FFFFFF' front
set label '68.5' at screen 0.433611,0.698697 center font F(15) textcolor rgb '#FFFFFF' front
set label '75.6' at screen 0.563269,0.698697 center font F(15) textcolor rgb '#FFFFFF' front
set label '71.2' at screen 0.692926,0.698697 center font F(15) textcolor rgb '#FFFFFF' front
set label '68.5' at screen 0.822584,0.698697 center font F(15) textcolor rgb '#FFFFFF' front
set label '75.7' at screen 0.303953,0.654637 center font F(15) textcolor rgb '#FFFFFF' front
set label '72.8' at screen 0.433611,0.654637 center font F(15) textcolor rgb '#FFFFFF' front
set label '72.7' at screen 0.563269,0.654637 center font F(15) textcolor rgb '#FFFFFF' front
set label '67.7' at screen 0.692926,0.654637 center font F(15) textcolor rgb '#FFFFFF' front
set label '67.7' at screen 0.822584,0.654637 center font F(15) textcolor rgb '#FFFFFF' front
set label '58.0' at screen 0.303953,0.610577 center font F(15) textcolor rgb '#FFFFFF' front
set label '24.1' at screen 0.433611,0.610577 center font F(15) textcolor rgb '#222222' front
set label '52.9' at screen 0.563269,0.610577 center font F(15) textcolor rgb '#FFFFFF' front
set label '51.0' at screen 0.692926,0.610577 center font F(15) textcolor rgb '#FFFFFF' front
set label '17.2' at screen 0.822584,0.610577 center font F(15) textcolor rgb '#222222' front
set label '76.1' at screen 0.303953,0.566517 center font F(15) textcolor rgb '#FFFFFF' front
set label '71.2' at screen 0.433611,0.566517 center font F(15) textcolor rgb '#FFFFFF' front
set label '72.2' at screen 0.563269,0.566517 center font F(15) textcolor rgb '#FFFFFF' front
set label '68.0' at screen 0.692926,0.566517 center font F(15) textcolor rgb '#FFFFFF' front
set label '68.0' at screen 0.822584,0.566517 center font F(15) textcolor rgb '#FFFFFF' front
set label '77.7' at screen 0.303953,0.522457 center font F(15) textcolor rgb '#FFFFFF' front
set label '71.7' at screen 0.433611,0.522457 center font F(15) textcolor rgb '#FFFFFF' front
set label '77.5' at screen 0.563269,0.522457 center font F(15) textcolor rgb '#FFFFFF' front
set label '70.0' at screen 0.692926,0.522457 center font F(15) textcolor rgb '#FFFFFF' front
set label '70.0' at screen 0.822584,0.522457 center font F(15) textcolor rgb '#FFFFFF' front
set label '–' at screen 0.303953,0.478397 center font F(15) textcolor rgb '#222222' front
set label '73.8' at screen 0.433611,0.478397 center font F(15) textcolor rgb '#FFFFFF' front
set label '–' at screen 0.563269,0.478397 center font F(15) textcolor rgb '#222222' front
set label '–' at screen 0.692926,0.478397 center font F(15) textcolor rgb '#222222' front
set label '–' at screen 0.822584,0.478397 center font F(15) textcolor rgb '#222222' front
set label '–' at screen 0.303953,0.434338 center font F(15) textcolor rgb '#222222' front
set label '73.8' at screen 0.433611,0.434338 center font F(15) textcolor rgb '#FFFFFF' front
set label '–' at screen 0.563269,0.434338 center font F(15) textcolor rgb '#222222' front
set label '–' at screen 0.692926,0.434338 center font F(15) textcolor rgb '#222222' front
set label '–' at screen 0.822584,0.434338 center font F(15) textcolor rgb '#222222' front
set label '74.7' at screen 0.303953,0.390278 center font F(15) textcolor rgb '#FFFFFF' front
set label '69.2' at screen 0.433611,0.390278 center font F(15) textcolor rgb '#FFFFFF' front
set label '75.5' at screen 0.563269,0.390278 center font F(15) textcolor rgb '#FFFFFF' front
set label '69.8' at screen 0.692926,0.390278 center font F(15) textcolor rgb '#FFFFFF' front
set label '68.5' at screen 0.822584,0.390278 center font F(15) textcolor rgb '#FFFFFF' front
set label '76.9' at screen 0.303953,0.346218 center font F(15) textcolor rgb '#FFFFFF' front
set label '73.0' at screen 0.433611,0.346218 center font F(15) textcolor rgb '#FFFFFF' front
set label '75.1' at screen 0.563269,0.346218 center font F(15) textcolor rgb '#FFFFFF' front
set label '69.2' at screen 0.692926,0.346218 center font F(15) textcolor rgb '#FFFFFF' front
set label '69.2' at screen 0.822584,0.346218 center font F(15) textcolor rgb '#FFFFFF' front
set label '78.5' at screen 0.303953,0.302158 center font F(15) textcolor rgb '#FFFFFF' front
set label '72.1' at screen 0.433611,0.302158 center font F(15) textcolor rgb '#FFFFFF' front
set label '73.0' at screen 0.563269,0.302158 center font F(15) textcolor rgb '#FFFFFF' front
set label '68.9' at screen 0.692926,0.302158 center font F(15) textcolor rgb '#FFFFFF' front
set label '68.9' at screen 0.822584,0.302158 center font F(15) textcolor rgb '#FFFFFF' front
set label '82.8' at screen 0.303953,0.258098 center font F(15) textcolor rgb '#FFFFFF' front
set label '53.8' at screen 0.433611,0.258098 center font F(15) textcolor rgb '#FFFFFF' front
set label '77.1' at screen 0.563269,0.258098 center font F(15) textcolor rgb '#FFFFFF' front
set label '77.0' at screen 0.692926,0.258098 center font F(15) textcolor rgb '#FFFFFF' front
set label '53.8' at screen 0.822584,0.258098 center font F(15) textcolor rgb '#FFFFFF' front
set label '83.5' at screen 0.303953,0.214038 center font F(15) textcolor rgb '#FFFFFF' front
set label '7.1' at screen 0.433611,0.214038 center font F(15) textcolor rgb '#222222' front
set label '81.4' at screen 0.563269,0.214038 center font F(15) textcolor rgb '#FFFFFF' front
set label '73.9' at screen 0.692926,0.214038 center font F(15) textcolor rgb '#FFFFFF' front
set label '7.1' at screen 0.822584,0.214038 center font F(15) textcolor rgb '#222222' front
set label '82.4' at screen 0.303953,0.169979 center font F(15) textcolor rgb '#FFFFFF' front
set label '16.2' at screen 0.433611,0.169979 center font F(15) textcolor rgb '#222222' front
set label '55.4' at screen 0.563269,0.169979 center font F(15) textcolor rgb '#FFFFFF' front
set label '67.8' at screen 0.692926,0.169979 center font F(15) textcolor rgb '#FFFFFF' front
set label '16.2' at screen 0.822584,0.169979 center font F(15) textcolor rgb '#222222' front
set label '83.9' at screen 0.303953,0.125919 center font F(15) textcolor rgb '#FFFFFF' front
set label '59.7' at screen 0.433611,0.125919 center font F(15) textcolor rgb '#FFFFFF' front
set label '82.1' at screen 0.563269,0.125919 center font F(15) textcolor rgb '#FFFFFF' front
set label '78.4' at screen 0.692926,0.125919 center font F(15) textcolor rgb '#FFFFFF' front
set label '59.7' at screen 0.822584,0.125919 center font F(15) textcolor rgb '#FFFFFF' front
set label '85.1' at screen 0.303953,0.081859 center font F(15) textcolor rgb '#FFFFFF' front
set label '65.1' at screen 0.433611,0.081859 center font F(15) textcolor rgb '#FFFFFF' front
set label '83.6' at screen 0.563269,0.081859 center font F(15) textcolor rgb '#FFFFFF' front
set label '78.4' at screen 0.692926,0.081859 center font F(15) textcolor rgb '#FFFFFF' front
set label '65.1' at screen 0.822584,0.081859 center font F(15) textcolor rgb '#FFFFFF' front
set colorbox user origin screen 0.905974,0.244017 size screen 0.016241,0.512821 noborder
set cbtics nomirror in
set label 'accuracy, group (%)' at screen 0.972158,0.500427 center rotate by 90 font F(15) textcolor rgb '#222222' front
set lmargin at screen 0.239124
set rmargin at screen 0.887413
set tmargin at screen 0.941026
set bmargin at screen 0.059829
unset logscale cb
set cbrange [7.136150234741784:85.11737089201877]
set cbtics ('20' 20.0, '40' 40.0, '60' 60.0, '80' 80.0)
unset grid
set border 0
unset xtics
unset ytics
set xrange [-0.5:4.5]
set yrange [19.5:-0.5]
plot DATA index 0 using 1:2:($1-0.5):($1+0.5):($2-0.5):($2+0.5):3 with boxxyerror lc palette fs solid border lc rgb '#FFFFFF', \
  DATA index 1 using 1:2:($1-0.5):($1+0.5):($2-0.5):($2+0.5) with boxxyerror lc rgb '#EEEEEE' fs solid border lc rgb '#FFFFFF'
set output
