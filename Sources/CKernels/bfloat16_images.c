// Batch normalisation and means of channels-last bfloat16 images. Sums are taken in float32 over blocks of rows and joined
// in double precision in the order of the blocks, so that no bit depends on the threads.
#include "internal.h"

enum { BLOCK_ROWS = CK_IMAGE_BLOCK, FEW_ROWS = 8, STRIP = 64, HALF_STRIP = 32 };

struct normalise {
  const uint16_t *x, *y, *branch, *dy;
  const float *shift, *scale, *offset, *slope;
  uint16_t *out, *branch_out;
  float *sums;
  ptrdiff_t rows, channels;
  bool rectified;
};

// Runs `strip` on every strip of channels of a few rows at a time, which lie together in memory. A width that is known
// keeps its numbers in registers.
#define EACH_STRIP(strip)                                                                                    \
  struct normalise *s = context;                                                                             \
  for (ptrdiff_t block = begin; block < end; block++) {                                                      \
    ptrdiff_t first = block * BLOCK_ROWS, last = first + BLOCK_ROWS < s->rows ? first + BLOCK_ROWS : s->rows; \
    if (s->sums) memset(s->sums + 2 * block * s->channels, 0, 2 * (size_t)s->channels * sizeof(float));      \
    for (ptrdiff_t row = first; row < last; row += FEW_ROWS) {                                               \
      ptrdiff_t rows = last - row < FEW_ROWS ? last - row : FEW_ROWS, at = 0;                                \
      for (; at + STRIP <= s->channels; at += STRIP) strip(s, block, row, rows, at, STRIP);                  \
      for (; at + HALF_STRIP <= s->channels; at += HALF_STRIP) strip(s, block, row, rows, at, HALF_STRIP);   \
      if (at < s->channels) strip(s, block, row, rows, at, s->channels - at);                                \
    }                                                                                                        \
  }

CK_INLINE void add_sums(const struct normalise *s, ptrdiff_t block, ptrdiff_t at, ptrdiff_t n, const float *first,
                        const float *second) {
  float *restrict sums = s->sums + 2 * block * s->channels + at, *restrict others = sums + s->channels;
  for (ptrdiff_t c = 0; c < n; c++) sums[c] += first[c];
  for (ptrdiff_t c = 0; c < n; c++) others[c] += second[c];
}

// Σ (x − shift) and Σ (x − shift)²
CK_INLINE void moments(const struct normalise *s, ptrdiff_t block, ptrdiff_t first, ptrdiff_t rows, ptrdiff_t at,
                       ptrdiff_t n) {
  float total[STRIP] = {0}, squares[STRIP] = {0}, shift[STRIP] = {0};
  for (ptrdiff_t c = 0; c < n; c++) shift[c] = ck_widen(s->x[at + c]);
  const uint16_t *x = s->x + first * s->channels + at;
  for (ptrdiff_t r = 0; r < rows; r++, x += s->channels)
    for (ptrdiff_t c = 0; c < n; c++) {
      float d = ck_widen(x[c]) - shift[c];
      total[c] += d;
      squares[c] += d * d;
    }
  add_sums(s, block, at, n, total, squares);
}

CK_CLONES static void moments_body(void *context, ptrdiff_t begin, ptrdiff_t end) { EACH_STRIP(moments) }

// y = x · scale + offset (+ branch), rectified or not
CK_INLINE void apply(const struct normalise *s, ptrdiff_t block, ptrdiff_t first, ptrdiff_t rows, ptrdiff_t at,
                     ptrdiff_t n) {
  (void)block;
  float scale[STRIP], offset[STRIP];
  for (ptrdiff_t c = 0; c < n; c++) {
    scale[c] = s->scale[at + c];
    offset[c] = s->offset[at + c];
  }
  float least = s->rectified ? 0.0f : -INFINITY;
  for (ptrdiff_t r = 0; r < rows; r++) {
    ptrdiff_t place = (first + r) * s->channels + at;
    const uint16_t *restrict x = s->x + place;
    uint16_t *restrict y = s->out + place;
    if (s->branch) {
      const uint16_t *restrict branch = s->branch + place;
      for (ptrdiff_t c = 0; c < n; c++) {
        float v = ck_widen(x[c]) * scale[c] + offset[c] + ck_widen(branch[c]);
        y[c] = ck_narrow(v < least ? least : v);
      }
    } else {
      for (ptrdiff_t c = 0; c < n; c++) {
        float v = ck_widen(x[c]) * scale[c] + offset[c];
        y[c] = ck_narrow(v < least ? least : v);
      }
    }
  }
}

CK_CLONES static void apply_body(void *context, ptrdiff_t begin, ptrdiff_t end) { EACH_STRIP(apply) }

// Σ g and Σ g (x − mean), where g is the gradient that the rectifier lets through
CK_INLINE void slopes(const struct normalise *s, ptrdiff_t block, ptrdiff_t first, ptrdiff_t rows, ptrdiff_t at,
                      ptrdiff_t n) {
  float total[STRIP] = {0}, along[STRIP] = {0}, mean[STRIP] = {0};
  for (ptrdiff_t c = 0; c < n; c++) mean[c] = s->shift[at + c];
  for (ptrdiff_t r = 0; r < rows; r++) {
    ptrdiff_t place = (first + r) * s->channels + at;
    const uint16_t *x = s->x + place, *dy = s->dy + place;
    if (s->rectified) {
      const uint16_t *y = s->y + place;
      for (ptrdiff_t c = 0; c < n; c++) {
        float g = ck_widen(y[c]) > 0 ? ck_widen(dy[c]) : 0.0f;
        total[c] += g;
        along[c] += g * (ck_widen(x[c]) - mean[c]);
      }
    } else {
      for (ptrdiff_t c = 0; c < n; c++) {
        float g = ck_widen(dy[c]);
        total[c] += g;
        along[c] += g * (ck_widen(x[c]) - mean[c]);
      }
    }
  }
  add_sums(s, block, at, n, total, along);
}

CK_CLONES static void slopes_body(void *context, ptrdiff_t begin, ptrdiff_t end) { EACH_STRIP(slopes) }

// dx = g · scale + x · slope + offset
CK_INLINE void apply_slopes(const struct normalise *s, ptrdiff_t block, ptrdiff_t first, ptrdiff_t rows, ptrdiff_t at,
                            ptrdiff_t n) {
  (void)block;
  float scale[STRIP], offset[STRIP], slope[STRIP];
  for (ptrdiff_t c = 0; c < n; c++) {
    scale[c] = s->scale[at + c];
    offset[c] = s->offset[at + c];
    slope[c] = s->slope[at + c];
  }
  for (ptrdiff_t r = 0; r < rows; r++) {
    ptrdiff_t place = (first + r) * s->channels + at;
    const uint16_t *restrict x = s->x + place, *restrict dy = s->dy + place;
    uint16_t *restrict dx = s->out + place;
    if (!s->rectified) {
      for (ptrdiff_t c = 0; c < n; c++)
        dx[c] = ck_narrow(ck_widen(dy[c]) * scale[c] + (ck_widen(x[c]) * slope[c] + offset[c]));
      continue;
    }
    const uint16_t *restrict y = s->y + place;
    if (s->branch_out) {
      uint16_t *restrict branch = s->branch_out + place;
      for (ptrdiff_t c = 0; c < n; c++) {
        uint16_t g = ck_widen(y[c]) > 0 ? dy[c] : 0;
        branch[c] = g;
        dx[c] = ck_narrow(ck_widen(g) * scale[c] + (ck_widen(x[c]) * slope[c] + offset[c]));
      }
    } else {
      for (ptrdiff_t c = 0; c < n; c++) {
        uint16_t g = ck_widen(y[c]) > 0 ? dy[c] : 0;
        dx[c] = ck_narrow(ck_widen(g) * scale[c] + (ck_widen(x[c]) * slope[c] + offset[c]));
      }
    }
  }
}

CK_CLONES static void apply_slopes_body(void *context, ptrdiff_t begin, ptrdiff_t end) { EACH_STRIP(apply_slopes) }

static ptrdiff_t block_count(ptrdiff_t rows) { return (rows + BLOCK_ROWS - 1) / BLOCK_ROWS; }

static ptrdiff_t block_grain(ptrdiff_t channels) { return ck_row_grain(channels * BLOCK_ROWS); }

static void total_of(const float *sums, ptrdiff_t blocks, ptrdiff_t channels, ptrdiff_t c, double *first,
                     double *second) {
  *first = *second = 0;
  for (ptrdiff_t block = 0; block < blocks; block++) {
    *first += sums[2 * block * channels + c];
    *second += sums[(2 * block + 1) * channels + c];
  }
}

void ck_batch_norm_bfloat16(const uint16_t *x, const float *gain, const float *bias, const uint16_t *branch,
                            float *mean, float *variance, uint16_t *y, float *room, ptrdiff_t rows, ptrdiff_t channels,
                            float epsilon, bool rectified) {
  if (rows <= 0 || channels <= 0) return;
  ptrdiff_t blocks = block_count(rows);
  float *scale = room, *offset = room + channels;
  struct normalise s = {.x = x, .branch = branch, .scale = scale, .offset = offset, .out = y,
                        .sums = room + 2 * channels, .rows = rows, .channels = channels, .rectified = rectified};
  ck_parallel(blocks, block_grain(channels), moments_body, &s);
  for (ptrdiff_t c = 0; c < channels; c++) {
    double total, squares;
    total_of(s.sums, blocks, channels, c, &total, &squares);
    double from_shift = total / (double)rows, spread = squares / (double)rows - from_shift * from_shift;
    double centre = (double)ck_widen(x[c]) + from_shift;
    spread = spread < 0 ? 0 : spread;
    double factor = (double)gain[c] / __builtin_sqrt(spread + (double)epsilon);
    mean[c] = (float)centre;
    variance[c] = (float)spread;
    scale[c] = (float)factor;
    offset[c] = (float)((double)bias[c] - centre * factor);
  }
  s.sums = NULL;
  ck_parallel(blocks, block_grain(channels), apply_body, &s);
}

void ck_batch_norm_backward_bfloat16(const uint16_t *x, const uint16_t *y, const float *gain, const float *mean,
                                     const float *variance, const uint16_t *dy, uint16_t *dx, uint16_t *d_branch,
                                     float *d_gain, float *d_bias, float *room, ptrdiff_t rows, ptrdiff_t channels,
                                     float epsilon) {
  if (rows <= 0 || channels <= 0) return;
  ptrdiff_t blocks = block_count(rows);
  float *scale = room, *offset = room + channels, *slope = room + 2 * channels;
  struct normalise s = {.x = x, .y = y, .dy = dy, .shift = mean, .scale = scale, .offset = offset, .slope = slope,
                        .out = dx, .branch_out = d_branch, .sums = room + 3 * channels, .rows = rows,
                        .channels = channels, .rectified = y != NULL};
  ck_parallel(blocks, block_grain(channels), slopes_body, &s);
  for (ptrdiff_t c = 0; c < channels; c++) {
    double total, along;
    total_of(s.sums, blocks, channels, c, &total, &along);
    double inverse = 1 / __builtin_sqrt((double)variance[c] + (double)epsilon), factor = (double)gain[c] * inverse;
    double tilt = -factor * inverse * inverse * along / (double)rows;
    d_bias[c] = (float)total;
    d_gain[c] = (float)(along * inverse);
    scale[c] = (float)factor;
    slope[c] = (float)tilt;
    offset[c] = (float)(-factor * total / (double)rows - tilt * (double)mean[c]);
  }
  s.sums = NULL;
  ck_parallel(blocks, block_grain(channels), apply_slopes_body, &s);
}

struct mean {
  const uint16_t *x;
  const float *dy;
  float *y;
  uint16_t *dx;
  ptrdiff_t count, channels;
};

CK_INLINE void mean_strip(const uint16_t *x, float *y, ptrdiff_t count, ptrdiff_t channels, ptrdiff_t n) {
  float total[STRIP] = {0};
  for (ptrdiff_t r = 0; r < count; r++, x += channels)
    for (ptrdiff_t c = 0; c < n; c++) total[c] += ck_widen(x[c]);
  for (ptrdiff_t c = 0; c < n; c++) y[c] = total[c] / (float)count;
}

CK_CLONES static void mean_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  struct mean *s = context;
  for (ptrdiff_t b = begin; b < end; b++) {
    const uint16_t *x = s->x + b * s->count * s->channels;
    float *y = s->y + b * s->channels;
    ptrdiff_t at = 0;
    for (; at + STRIP <= s->channels; at += STRIP) mean_strip(x + at, y + at, s->count, s->channels, STRIP);
    if (at < s->channels) mean_strip(x + at, y + at, s->count, s->channels, s->channels - at);
  }
}

void ck_image_means_bfloat16(const uint16_t *x, float *y, ptrdiff_t images, ptrdiff_t count, ptrdiff_t channels) {
  struct mean s = {.x = x, .y = y, .count = count, .channels = channels};
  ck_parallel(images, ck_row_grain(count * channels), mean_body, &s);
}

CK_CLONES static void mean_backward_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  struct mean *s = context;
  for (ptrdiff_t b = begin; b < end; b++) {
    const float *restrict dy = s->dy + b * s->channels;
    uint16_t *first = s->dx + b * s->count * s->channels;
    for (ptrdiff_t c = 0; c < s->channels; c++) first[c] = ck_narrow(dy[c] / (float)s->count);
    for (ptrdiff_t r = 1; r < s->count; r++)
      memcpy(first + r * s->channels, first, (size_t)s->channels * sizeof *first);
  }
}

void ck_image_means_backward_bfloat16(const float *dy, uint16_t *dx, ptrdiff_t images, ptrdiff_t count,
                                      ptrdiff_t channels) {
  struct mean s = {.dy = dy, .dx = dx, .count = count, .channels = channels};
  ck_parallel(images, ck_row_grain(count * channels), mean_backward_body, &s);
}
