#include "internal.h"
#include <stdlib.h>

// The places of the random numbers of a view; the crop's attempts take the first forty.
enum {
  CROP_ATTEMPTS = 10,
  FLIP = 40, JITTER, BRIGHTNESS, CONTRAST, SATURATION, HUE, ORDER, GREY = ORDER + 3, BLUR, DEVIATION,
};

struct views {
  const ck_augmentation *options;
  uint64_t key, position;
  const float *images;
  const int32_t *rows;
  const bool *keeps_side;
  float *views;
  // Set by any thread that could not get memory; only ever to true.
  bool short_of_memory;
};

struct numbers {
  uint64_t key, position;
};

struct crop {
  ptrdiff_t top, left, height, width;
};

CK_INLINE float number(const struct numbers *s, int place) {
  return ck_unit(ck_draw(s->key, s->position + 1 + (uint64_t)place));
}

CK_INLINE float between(const struct numbers *s, int place, float low, float high) {
  return low + (high - low) * number(s, place);
}

// A whole number in 0..<bound; rounding may not reach the bound.
CK_INLINE ptrdiff_t below(const struct numbers *s, int place, ptrdiff_t bound) {
  ptrdiff_t value = (ptrdiff_t)(number(s, place) * (float)bound);
  return value < bound ? value : bound - 1;
}

// A part of the image of random area and aspect; where ten attempts do not fit, the largest central one.
static struct crop choose_crop(const ck_augmentation *o, const struct numbers *s) {
  float area = (float)(o->height * o->width);
  for (int attempt = 0; attempt < CROP_ATTEMPTS; attempt++) {
    float wanted = area * between(s, 4 * attempt, o->scale_low, o->scale_high);
    float aspect = expf(between(s, 4 * attempt + 1, logf(o->aspect_low), logf(o->aspect_high)));
    ptrdiff_t width = lrintf(sqrtf(wanted * aspect)), height = lrintf(sqrtf(wanted / aspect));
    if (width < 1 || height < 1 || width > o->width || height > o->height) continue;
    ptrdiff_t top = below(s, 4 * attempt + 2, o->height - height + 1);
    ptrdiff_t left = below(s, 4 * attempt + 3, o->width - width + 1);
    return (struct crop){top, left, height, width};
  }
  float own = (float)o->width / (float)o->height;
  ptrdiff_t width = o->width, height = o->height;
  if (own < o->aspect_low) height = lrintf((float)width / o->aspect_low);
  if (own > o->aspect_high) width = lrintf((float)height * o->aspect_high);
  return (struct crop){(o->height - height) / 2, (o->width - width) / 2, height, width};
}

// Where sample `to` of `count` lies in a part of `length` pixels, and how much of the next pixel it takes.
CK_INLINE float place(ptrdiff_t to, ptrdiff_t count, ptrdiff_t length, ptrdiff_t *first, ptrdiff_t *second) {
  float at = ((float)to + 0.5f) * (float)length / (float)count - 0.5f;
  at = at < 0 ? 0 : at;
  ptrdiff_t low = (ptrdiff_t)at;
  low = low < length ? low : length - 1;
  *first = low;
  *second = low + 1 < length ? low + 1 : low;
  return at - (float)low;
}

// Resizes a part of an image of channels side by side into planes, one a channel.
CK_INLINE void resample(const ck_augmentation *o, const float *image, struct crop crop, bool flipped, float *planes,
                        float *rows) {
  ptrdiff_t height = o->height, width = o->width, channels = o->channels;
  for (ptrdiff_t c = 0; c < channels; c++) {
    float *plane = planes + c * height * width;
    const float *from = image + (crop.top * width + crop.left) * channels + c;
    for (ptrdiff_t x = 0; x < width; x++) {
      ptrdiff_t first, second;
      float share = place(flipped ? width - 1 - x : x, width, crop.width, &first, &second);
      for (ptrdiff_t y = 0; y < crop.height; y++) {
        const float *row = from + y * width * channels;
        rows[y * width + x] = row[first * channels] + share * (row[second * channels] - row[first * channels]);
      }
    }
    for (ptrdiff_t y = 0; y < height; y++) {
      ptrdiff_t first, second;
      float share = place(y, height, crop.height, &first, &second);
      const float *upper = rows + first * width, *lower = rows + second * width;
      float *out = plane + y * width;
      for (ptrdiff_t x = 0; x < width; x++) out[x] = upper[x] + share * (lower[x] - upper[x]);
    }
  }
}

CK_INLINE float clipped(float x) { return x < 0 ? 0 : x > 1 ? 1 : x; }

CK_INLINE float luma(float red, float green, float blue) { return 0.299f * red + 0.587f * green + 0.114f * blue; }

CK_INLINE void brighten(float *x, ptrdiff_t count, float factor) {
  for (ptrdiff_t i = 0; i < count; i++) x[i] = clipped(factor * x[i]);
}

// Away from the mean grey of the image, or towards it.
CK_INLINE void contrast(float *x, ptrdiff_t pixels, ptrdiff_t channels, float factor) {
  CK_REASSOCIATE
  float total = 0;
  if (channels == 3)
    for (ptrdiff_t i = 0; i < pixels; i++) total += luma(x[i], x[pixels + i], x[2 * pixels + i]);
  else
    for (ptrdiff_t i = 0; i < pixels; i++) total += x[i];
  float rest = (1 - factor) * total / (float)pixels;
  for (ptrdiff_t i = 0; i < channels * pixels; i++) x[i] = clipped(factor * x[i] + rest);
}

CK_INLINE void saturate(float *x, ptrdiff_t pixels, float factor) {
  float *red = x, *green = x + pixels, *blue = x + 2 * pixels;
  CK_IN_PLACE for (ptrdiff_t i = 0; i < pixels; i++) {
    float rest = (1 - factor) * luma(red[i], green[i], blue[i]);
    red[i] = clipped(factor * red[i] + rest);
    green[i] = clipped(factor * green[i] + rest);
    blue[i] = clipped(factor * blue[i] + rest);
  }
}

// A channel of the colour with hue h (in sixths of the circle), value v and v · saturation = d.
CK_INLINE float channel(float n, float h, float v, float d) {
  float k = n + h;
  k -= 6 * __builtin_floorf(k / 6);
  float rise = k < 4 - k ? k : 4 - k;
  return v - d * clipped(rise);
}

// Turns the hue by a share of the circle.
CK_INLINE void turn(float *x, ptrdiff_t pixels, float share) {
  float *red = x, *green = x + pixels, *blue = x + 2 * pixels;
  CK_IN_PLACE for (ptrdiff_t i = 0; i < pixels; i++) {
    float r = red[i], g = green[i], b = blue[i];
    float high = r > g ? r : g, low = r < g ? r : g;
    high = high > b ? high : b;
    low = low < b ? low : b;
    float d = high - low, inverse = d > 0 ? 1 / d : 0;
    float h = high == r ? (g - b) * inverse : high == g ? 2 + (b - r) * inverse : 4 + (r - g) * inverse;
    h += 6 * share;
    red[i] = channel(5, h, high, d);
    green[i] = channel(3, h, high, d);
    blue[i] = channel(1, h, high, d);
  }
}

// Brightness, contrast, saturation and hue in random order.
CK_INLINE void jitter(const ck_augmentation *o, const struct numbers *s, float *x) {
  ptrdiff_t pixels = o->height * o->width;
  bool is_coloured = o->channels == 3;
  int order[4] = {BRIGHTNESS, CONTRAST, SATURATION, HUE};
  for (int i = 3; i > 0; i--) {
    ptrdiff_t other = below(s, ORDER + 3 - i, i + 1);
    int kept = order[i];
    order[i] = order[other];
    order[other] = kept;
  }
  for (int i = 0; i < 4; i++) {
    float amount = order[i] == BRIGHTNESS ? o->brightness : order[i] == CONTRAST ? o->contrast
        : order[i] == SATURATION ? o->saturation : o->hue;
    if (amount == 0 || (!is_coloured && order[i] >= SATURATION)) continue;
    float low = 1 - amount, factor = between(s, order[i], low > 0 ? low : 0, 1 + amount);
    if (order[i] == BRIGHTNESS) brighten(x, o->channels * pixels, factor);
    if (order[i] == CONTRAST) contrast(x, pixels, o->channels, factor);
    if (order[i] == SATURATION) saturate(x, pixels, factor);
    if (order[i] == HUE) turn(x, pixels, between(s, HUE, -amount, amount));
  }
}

CK_INLINE void desaturate(float *x, ptrdiff_t pixels) {
  CK_IN_PLACE for (ptrdiff_t i = 0; i < pixels; i++)
    x[i] = x[pixels + i] = x[2 * pixels + i] = luma(x[i], x[pixels + i], x[2 * pixels + i]);
}

static ptrdiff_t reach(float deviation) { return (ptrdiff_t)ceilf(3 * deviation); }

// A Gaussian along rows, then along columns; the image goes on as its border is. `line` has width + 2 · reach numbers,
// `taps` 2 · reach + 1.
CK_INLINE void blur(const ck_augmentation *o, float deviation, float *planes, float *other, float *line, float *taps) {
  ptrdiff_t height = o->height, width = o->width, radius = reach(deviation);
  float total = 0;
  for (ptrdiff_t t = -radius; t <= radius; t++) {
    float distance = (float)t / deviation;
    total += taps[t + radius] = expf(-0.5f * distance * distance);
  }
  for (ptrdiff_t t = 0; t <= 2 * radius; t++) taps[t] /= total;
  for (ptrdiff_t c = 0; c < o->channels; c++) {
    float *plane = planes + c * height * width;
    for (ptrdiff_t y = 0; y < height; y++) {
      float *row = plane + y * width, *out = other + y * width;
      for (ptrdiff_t t = 0; t < radius; t++) {
        line[t] = row[0];
        line[radius + width + t] = row[width - 1];
      }
      memcpy(line + radius, row, (size_t)width * sizeof *row);
      memset(out, 0, (size_t)width * sizeof *out);
      for (ptrdiff_t t = 0; t <= 2 * radius; t++)
        for (ptrdiff_t x = 0; x < width; x++) out[x] += taps[t] * line[x + t];
    }
    for (ptrdiff_t y = 0; y < height; y++) {
      float *out = plane + y * width;
      memset(out, 0, (size_t)width * sizeof *out);
      for (ptrdiff_t t = -radius; t <= radius; t++) {
        ptrdiff_t from = y + t < 0 ? 0 : y + t < height ? y + t : height - 1;
        const float *row = other + from * width;
        for (ptrdiff_t x = 0; x < width; x++) out[x] += taps[t + radius] * row[x];
      }
    }
  }
}

CK_CLONES static void augment_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  struct views *s = context;
  const ck_augmentation *o = s->options;
  ptrdiff_t pixels = o->height * o->width, size = pixels * o->channels, radius = reach(o->deviation_high);
  float *planes = malloc((size_t)(size + pixels + o->width + 4 * radius + 1) * sizeof *planes);
  if (!planes) {
    s->short_of_memory = true;
    return;
  }
  float *other = planes + size, *line = other + pixels, *taps = line + o->width + 2 * radius;
  for (ptrdiff_t i = begin; i < end; i++) {
    struct numbers numbers = {s->key, s->position + (uint64_t)i * CK_AUGMENT_DRAWS};
    bool flipped = number(&numbers, FLIP) < o->flip && !(s->keeps_side && s->keeps_side[i]);
    resample(o, s->images + (ptrdiff_t)s->rows[i] * size, choose_crop(o, &numbers), flipped, planes, other);
    if (number(&numbers, JITTER) < o->jitter) jitter(o, &numbers, planes);
    if (number(&numbers, GREY) < o->grey && o->channels == 3) desaturate(planes, pixels);
    if (number(&numbers, BLUR) < o->blur) {
      float deviation = between(&numbers, DEVIATION, o->deviation_low, o->deviation_high);
      blur(o, deviation, planes, other, line, taps);
    }
    float *view = s->views + i * size;
    for (ptrdiff_t c = 0; c < o->channels; c++)
      for (ptrdiff_t p = 0; p < pixels; p++) view[p * o->channels + c] = planes[c * pixels + p];
  }
  free(planes);
}

bool ck_augment_images(const ck_augmentation *options, uint64_t key, uint64_t position, const float *images,
                       const int32_t *rows, const bool *keeps_side, float *views, ptrdiff_t count) {
  struct views s = {options, key, position, images, rows, keeps_side, views, false};
  ck_parallel(count, 4, augment_body, &s);
  return !s.short_of_memory;
}
