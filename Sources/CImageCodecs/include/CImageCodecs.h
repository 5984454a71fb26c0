// PNG by libpng, JPEG by libjpeg, WebP by libwebp and SVG by librsvg from and to memory, with errors as values. Every function
// may be called from any thread; those that return a status write a message of one line where it is not ic_good.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// How a call ended.
typedef enum {
  ic_good = 0,
  /// The bytes are not what they should be.
  ic_damaged = 1,
  /// There is not enough memory.
  ic_no_memory = 2,
  /// A library that is loaded when it is needed is not there.
  ic_missing = 3,
} ic_status;

/// What a picture's header says.
typedef struct {
  uint32_t width, height;
  /// EXIF's orientation, 1 to 8; 1 where there is none.
  int32_t orientation;
} ic_header;

/// A message of one line, ended by 0.
typedef struct {
  char text[200];
} ic_message;

/// Reads the header of a PNG; takes memory for nothing else.
ic_status ic_png_header(const uint8_t *_Nonnull bytes, size_t count, ic_header *_Nonnull header,
                        ic_message *_Nonnull message);

/// Decodes a PNG of any kind into `rgb`, which has 3 · width · height bytes, transparent parts over white.
ic_status ic_png_decode(const uint8_t *_Nonnull bytes, size_t count, uint32_t width, uint32_t height,
                        uint8_t *_Nonnull rgb, ic_message *_Nonnull message);

/// Decodes a PNG of any kind into `rgba`, which has 4 · width · height bytes, colours as they are stored, whatever their
/// opacity, and the high byte of those of 16 bits.
ic_status ic_png_decode_rgba(const uint8_t *_Nonnull bytes, size_t count, uint32_t width, uint32_t height,
                             uint8_t *_Nonnull rgba, ic_message *_Nonnull message);

/// Encodes pixels of 1 (grey) or 3 (RGB) channels as a PNG; the caller frees `*bytes` with `ic_free`.
ic_status ic_png_encode(const uint8_t *_Nonnull pixels, uint32_t width, uint32_t height, uint32_t channels,
                        uint8_t *_Nullable *_Nonnull bytes, size_t *_Nonnull count, ic_message *_Nonnull message);

/// Frees what `ic_png_encode` or `ic_jpeg_encode` made.
void ic_free(uint8_t *_Nullable bytes);

/// Whether libwebp is there; it is opened when a picture needs it.
int32_t ic_webp_is_there(void);

/// Reads the header of a WebP picture; takes memory for nothing else.
ic_status ic_webp_header(const uint8_t *_Nonnull bytes, size_t count, ic_header *_Nonnull header,
                         ic_message *_Nonnull message);

/// Decodes a still WebP picture into `rgb`, which has 3 · width · height bytes, transparent parts over white.
ic_status ic_webp_decode(const uint8_t *_Nonnull bytes, size_t count, uint32_t width, uint32_t height,
                         uint8_t *_Nonnull rgb, ic_message *_Nonnull message);

/// Reads the header of a JPEG; takes memory for nothing else.
ic_status ic_jpeg_header(const uint8_t *_Nonnull bytes, size_t count, ic_header *_Nonnull header,
                         ic_message *_Nonnull message);

/// Decodes a JPEG, `shrink` (1, 2, 4 or 8) times smaller, into `rgb`, which has 3 · ⌈width / shrink⌉ ·
/// ⌈height / shrink⌉ bytes.
ic_status ic_jpeg_decode(const uint8_t *_Nonnull bytes, size_t count, uint32_t width, uint32_t height,
                         uint32_t shrink, uint8_t *_Nonnull rgb, ic_message *_Nonnull message);

/// Encodes RGB pixels as a JPEG of a quality of 1 to 100; the caller frees `*bytes` with `ic_free`.
ic_status ic_jpeg_encode(const uint8_t *_Nonnull rgb, uint32_t width, uint32_t height, int32_t quality,
                         uint8_t *_Nullable *_Nonnull bytes, size_t *_Nonnull count);

/// Whether the libraries that draw SVG are there; loads them the first time.
ic_status ic_svg_library(ic_message *_Nonnull message);

/// Draws an SVG over white into the middle of `rgb`, which has 3 · side · side bytes, its longer side as long as `side`.
ic_status ic_svg_draw(const uint8_t *_Nonnull bytes, size_t count, uint32_t side, uint8_t *_Nonnull rgb,
                      ic_message *_Nonnull message);
