#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "CImageCodecs.h"
#include "exif.h"

// Text and colour profiles are not used; a chunk that claims to be larger is not worth its memory.
enum { largest_chunk = 8 << 20 };

struct source {
  const uint8_t *bytes;
  size_t count, position;
};

static void fail(png_structp png, png_const_charp text) {
  ic_message *message = png_get_error_ptr(png);
  strncpy(message->text, text, sizeof message->text - 1);
  message->text[sizeof message->text - 1] = 0;
  png_longjmp(png, 1);
}

static void ignore(png_structp png, png_const_charp text) {
  (void)png;
  (void)text;
}

static void read_bytes(png_structp png, png_bytep target, size_t count) {
  struct source *source = png_get_io_ptr(png);
  if (count > source->count - source->position) png_error(png, "the file is cut short");
  memcpy(target, source->bytes + source->position, count);
  source->position += count;
}

static png_structp begin(struct source *source, png_infop *info, ic_message *message) {
  message->text[0] = 0;
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, message, fail, ignore);
  if (!png) return NULL;
  *info = png_create_info_struct(png);
  if (!*info) {
    png_destroy_read_struct(&png, NULL, NULL);
    return NULL;
  }
  png_set_read_fn(png, source, read_bytes);
  png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
  png_set_chunk_malloc_max(png, largest_chunk);
  png_set_chunk_cache_max(png, 128);
  return png;
}

ic_status ic_png_header(const uint8_t *bytes, size_t count, ic_header *header, ic_message *message) {
  struct source source = {bytes, count, 0};
  png_infop info = NULL;
  png_structp png = begin(&source, &info, message);
  if (!png) return ic_no_memory;
  if (setjmp(png_jmpbuf(png))) {
    png_destroy_read_struct(&png, &info, NULL);
    return ic_damaged;
  }
  png_read_info(png, info);
  header->width = png_get_image_width(png, info);
  header->height = png_get_image_height(png, info);
  header->orientation = 1;
#ifdef PNG_eXIf_SUPPORTED
  png_uint_32 size = 0;
  png_bytep exif = NULL;
  if (png_get_eXIf_1(png, info, &size, &exif)) header->orientation = ic_exif_orientation(exif, size);
#endif
  png_destroy_read_struct(&png, &info, NULL);
  return ic_good;
}

/// Puts a row with alpha over white, in the values as they are stored, as browsers do.
static void over_white(const uint8_t *rgba, uint8_t *rgb, size_t width) {
  for (size_t x = 0; x < width; x++) {
    unsigned alpha = rgba[4 * x + 3];
    for (int channel = 0; channel < 3; channel++)
      rgb[3 * x + channel] = (uint8_t)((rgba[4 * x + channel] * alpha + 255 * (255 - alpha) + 127) / 255);
  }
}

/// Decodes into `rgb` over white, or, where that is NULL, into `rgba`, of 16 bits the high byte.
static ic_status decode(const uint8_t *bytes, size_t count, uint32_t width, uint32_t height, uint8_t *rgb,
                        uint8_t *rgba, ic_message *message) {
  struct source source = {bytes, count, 0};
  png_infop info = NULL;
  png_structp png = begin(&source, &info, message);
  if (!png) return ic_no_memory;
  uint8_t *volatile rows = NULL;
  if (setjmp(png_jmpbuf(png))) {
    png_destroy_read_struct(&png, &info, NULL);
    free(rows);
    return ic_damaged;
  }
  png_read_info(png, info);
  if (png_get_image_width(png, info) != width || png_get_image_height(png, info) != height)
    png_error(png, "the size is not the header's");
  png_set_expand(png);
  if (rgba)
    png_set_strip_16(png);
  else
    png_set_scale_16(png);
  png_set_gray_to_rgb(png);
  png_set_add_alpha(png, 0xff, PNG_FILLER_AFTER);
  int passes = png_set_interlace_handling(png);
  png_read_update_info(png, info);
  size_t stride = 4 * (size_t)width;
  if (png_get_rowbytes(png, info) != stride) png_error(png, "pixels of an unknown form");
  // Only an interlaced picture is needed whole, since later passes fill in rows of earlier ones.
  if (!rgba) rows = calloc(passes > 1 ? height : 1, stride);
  if (!rgba && !rows) {
    png_destroy_read_struct(&png, &info, NULL);
    return ic_no_memory;
  }
  for (int pass = 0; pass < passes; pass++) {
    for (uint32_t y = 0; y < height; y++) {
      uint8_t *row = rgba ? rgba + y * stride : rows + (passes > 1 ? y * stride : 0);
      png_read_row(png, row, NULL);
      if (!rgba && pass == passes - 1) over_white(row, rgb + 3 * (size_t)width * y, width);
    }
  }
  png_read_end(png, NULL);
  png_destroy_read_struct(&png, &info, NULL);
  free(rows);
  return ic_good;
}

ic_status ic_png_decode(const uint8_t *bytes, size_t count, uint32_t width, uint32_t height, uint8_t *rgb,
                        ic_message *message) {
  return decode(bytes, count, width, height, rgb, NULL, message);
}

ic_status ic_png_decode_rgba(const uint8_t *bytes, size_t count, uint32_t width, uint32_t height, uint8_t *rgba,
                             ic_message *message) {
  return decode(bytes, count, width, height, NULL, rgba, message);
}

struct sink {
  uint8_t *bytes;
  size_t count, capacity;
};

static void write_bytes(png_structp png, png_bytep bytes, size_t count) {
  struct sink *sink = png_get_io_ptr(png);
  if (count > sink->capacity - sink->count) {
    size_t capacity = 2 * sink->capacity + count + 4096;
    uint8_t *larger = realloc(sink->bytes, capacity);
    if (!larger) png_error(png, "not enough memory");
    sink->bytes = larger;
    sink->capacity = capacity;
  }
  memcpy(sink->bytes + sink->count, bytes, count);
  sink->count += count;
}

static void flush(png_structp png) { (void)png; }

ic_status ic_png_encode(const uint8_t *pixels, uint32_t width, uint32_t height, uint32_t channels, uint8_t **bytes,
                        size_t *count, ic_message *message) {
  message->text[0] = 0;
  struct sink sink = {NULL, 0, 0};
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, message, fail, ignore);
  if (!png) return ic_no_memory;
  png_infop info = png_create_info_struct(png);
  if (!info) {
    png_destroy_write_struct(&png, NULL);
    return ic_no_memory;
  }
  if (setjmp(png_jmpbuf(png))) {
    png_destroy_write_struct(&png, &info);
    free(sink.bytes);
    return ic_damaged;
  }
  png_set_write_fn(png, &sink, write_bytes, flush);
  int type = channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB;
  png_set_IHDR(png, info, width, height, 8, type, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_BASE, PNG_FILTER_TYPE_BASE);
  png_write_info(png, info);
  for (uint32_t y = 0; y < height; y++) png_write_row(png, pixels + (size_t)channels * width * y);
  png_write_end(png, NULL);
  png_destroy_write_struct(&png, &info);
  *bytes = sink.bytes;
  *count = sink.count;
  return ic_good;
}

void ic_free(uint8_t *bytes) { free(bytes); }
