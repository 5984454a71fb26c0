#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "CImageCodecs.h"
#include "exif.h"

// The library is opened when a picture needs it, so that neither building nor starting does.
typedef int (*get_info)(const uint8_t *, size_t, int *, int *);
typedef uint8_t *(*decode_into)(const uint8_t *, size_t, uint8_t *, size_t, int);

static pthread_once_t once = PTHREAD_ONCE_INIT;
static get_info webp_info;
static decode_into webp_decode;

static void open_library(void) {
  void *library = dlopen("libwebp.so.7", RTLD_NOW | RTLD_LOCAL);
  if (!library) return;
  webp_info = (get_info)dlsym(library, "WebPGetInfo");
  webp_decode = (decode_into)dlsym(library, "WebPDecodeRGBAInto");
}

int32_t ic_webp_is_there(void) {
  pthread_once(&once, open_library);
  return webp_info && webp_decode;
}

/// The orientation in the chunk `EXIF` of a RIFF file; 1 where there is none.
static int32_t orientation(const uint8_t *bytes, size_t count) {
  size_t position = 12;
  while (position + 8 <= count) {
    const uint8_t *chunk = bytes + position;
    size_t size = chunk[4] | (size_t)chunk[5] << 8 | (size_t)chunk[6] << 16 | (size_t)chunk[7] << 24;
    if (size > count - position - 8) return 1;
    if (memcmp(chunk, "EXIF", 4) == 0) {
      size_t skipped = size >= 6 && memcmp(chunk + 8, "Exif\0\0", 6) == 0 ? 6 : 0;
      return ic_exif_orientation(chunk + 8 + skipped, size - skipped);
    }
    position += 8 + size + (size & 1);
  }
  return 1;
}

ic_status ic_webp_header(const uint8_t *bytes, size_t count, ic_header *header, ic_message *message) {
  int width = 0, height = 0;
  message->text[0] = 0;
  if (!ic_webp_is_there() || !webp_info(bytes, count, &width, &height) || width < 1 || height < 1) {
    snprintf(message->text, sizeof message->text, "the header is wrong");
    return ic_damaged;
  }
  header->width = (uint32_t)width;
  header->height = (uint32_t)height;
  header->orientation = orientation(bytes, count);
  return ic_good;
}

ic_status ic_webp_decode(const uint8_t *bytes, size_t count, uint32_t width, uint32_t height, uint8_t *rgb,
                         ic_message *message) {
  message->text[0] = 0;
  size_t pixels = (size_t)width * height;
  uint8_t *rgba = malloc(4 * pixels);
  if (!rgba) return ic_no_memory;
  if (!ic_webp_is_there() || !webp_decode(bytes, count, rgba, 4 * pixels, 4 * (int)width)) {
    free(rgba);
    snprintf(message->text, sizeof message->text, "its data cannot be decoded");
    return ic_damaged;
  }
  for (size_t i = 0; i < pixels; i++) {
    unsigned alpha = rgba[4 * i + 3];
    for (int channel = 0; channel < 3; channel++)
      rgb[3 * i + channel] = (uint8_t)((rgba[4 * i + channel] * alpha + 255 * (255 - alpha) + 127) / 255);
  }
  free(rgba);
  return ic_good;
}
