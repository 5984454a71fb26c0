// EXIF's orientation.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// The orientation, 1 to 8, in TIFF data as EXIF has it; 1 where there is none or the data makes no sense.
int32_t ic_exif_orientation(const uint8_t *tiff, size_t count);
