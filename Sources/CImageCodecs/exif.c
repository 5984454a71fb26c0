#include "exif.h"

static uint32_t number(const uint8_t *bytes, int size, int is_big_endian) {
  uint32_t value = 0;
  for (int i = 0; i < size; i++) value = value << 8 | bytes[is_big_endian ? i : size - 1 - i];
  return value;
}

int32_t ic_exif_orientation(const uint8_t *tiff, size_t count) {
  if (count < 14) return 1;
  int big = tiff[0] == 'M' && tiff[1] == 'M';
  if (!big && !(tiff[0] == 'I' && tiff[1] == 'I')) return 1;
  if (number(tiff + 2, 2, big) != 42) return 1;
  size_t directory = number(tiff + 4, 4, big);
  if (directory > count - 2) return 1;
  size_t entries = number(tiff + directory, 2, big);
  for (size_t i = 0; i < entries; i++) {
    size_t entry = directory + 2 + 12 * i;
    if (entry + 12 > count) return 1;
    if (number(tiff + entry, 2, big) != 0x0112) continue;
    // One SHORT, which stands at the front of the value field.
    if (number(tiff + entry + 2, 2, big) != 3 || number(tiff + entry + 4, 4, big) != 1) return 1;
    uint32_t orientation = number(tiff + entry + 8, 2, big);
    return orientation >= 1 && orientation <= 8 ? (int32_t)orientation : 1;
  }
  return 1;
}
