// JPEGs of every kind that the reader must know, for tests.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// Encodes pixels of 1 (grey), 3 (RGB) or 4 (inks, inverted, as Adobe has them) channels; an orientation of 1 to 8 is
/// written as EXIF, another is not. The caller frees the result with `free`.
uint8_t *_Nonnull sample_jpeg(const uint8_t *_Nonnull pixels, int width, int height, int channels, int is_progressive,
                              int orientation, size_t *_Nonnull count);
