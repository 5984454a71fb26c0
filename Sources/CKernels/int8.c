// Rows and weights as 8-bit integers, and what becomes of their products. Numbers are rounded to the nearest, ties to even.
#include "internal.h"

enum { lanes = 16 };

struct quantised {
  const float *x, *row_scales, *column_scales;
  const uint8_t *a;
  const int8_t *b;
  const int32_t *sums, *row_zeros, *column_sums;
  uint8_t *codes;
  int8_t *weights;
  float *scales, *y;
  int32_t *zeros, *result;
  ptrdiff_t columns, pitch, inner;
};

struct extent {
  float low, high;
  bool finite;
};

// The least and the greatest of a row and 0.
CK_INLINE struct extent extent_of(const float *x, ptrdiff_t n) {
  float low[lanes] = {0}, high[lanes] = {0}, odd[lanes] = {0};
  ptrdiff_t c = 0;
  for (; c + lanes <= n; c += lanes) {
    for (int l = 0; l < lanes; l++) {
      float value = x[c + l];
      low[l] = value < low[l] ? value : low[l];
      high[l] = value > high[l] ? value : high[l];
      odd[l] += value * 0;
    }
  }
  for (int l = 0; c < n; c++, l++) {
    low[l] = x[c] < low[l] ? x[c] : low[l];
    high[l] = x[c] > high[l] ? x[c] : high[l];
    odd[l] += x[c] * 0;
  }
  struct extent found = {0, 0, true};
  for (int l = 0; l < lanes; l++) {
    found.low = low[l] < found.low ? low[l] : found.low;
    found.high = high[l] > found.high ? high[l] : found.high;
    if (odd[l] != 0) found.finite = false;
  }
  found.finite = found.finite && found.high - found.low <= 3.4028234e38f;
  return found;
}

CK_INLINE float within(float value, float low, float high) {
  value = value < low ? low : value;
  return value > high ? high : value;
}

// No integer stands for what is none: the whole row becomes NaN, as its product would.
CK_INLINE void leave_out(struct quantised *s, ptrdiff_t r, void *codes) {
  memset(codes, 0, (size_t)s->columns);
  s->scales[r] = NAN;
  s->zeros[r] = 0;
}

CK_CLONES static void quantise_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  struct quantised *s = context;
  for (ptrdiff_t r = begin; r < end; r++) {
    const float *restrict x = s->x + r * s->pitch;
    uint8_t *restrict codes = s->codes + r * s->columns;
    struct extent extent = extent_of(x, s->columns);
    if (!extent.finite) {
      leave_out(s, r, codes);
      continue;
    }
    float scale = (extent.high - extent.low) / 255;
    if (!(scale > 0)) scale = 1;
    float zero = within(__builtin_rintf(0 - extent.low / scale), 0, 255);
    for (ptrdiff_t c = 0; c < s->columns; c++) {
      codes[c] = (uint8_t)(int32_t)within(__builtin_rintf(x[c] / scale) + zero, 0, 255);
    }
    s->scales[r] = scale;
    s->zeros[r] = (int32_t)zero;
  }
}

void ck_quantise_rows(const float *x, ptrdiff_t pitch, uint8_t *codes, float *scales, int32_t *zeros, ptrdiff_t rows,
                      ptrdiff_t columns) {
  struct quantised s = {.x = x, .pitch = pitch, .codes = codes, .scales = scales, .zeros = zeros, .columns = columns};
  ck_parallel(rows, ck_row_grain(columns), quantise_body, &s);
}

CK_CLONES static void quantise_weights_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  struct quantised *s = context;
  for (ptrdiff_t r = begin; r < end; r++) {
    const float *restrict x = s->x + r * s->columns;
    int8_t *restrict weights = s->weights + r * s->columns;
    struct extent extent = extent_of(x, s->columns);
    if (!extent.finite) {
      leave_out(s, r, weights);
      continue;
    }
    float greatest = extent.high > -extent.low ? extent.high : -extent.low;
    float scale = (float)((double)greatest / 127);
    if (!(scale > 0)) scale = 1;
    int32_t sum = 0;
    for (ptrdiff_t c = 0; c < s->columns; c++) {
      int32_t code = (int32_t)within(__builtin_rintf(x[c] / scale), -127, 127);
      weights[c] = (int8_t)code;
      sum += code;
    }
    s->scales[r] = scale;
    s->zeros[r] = sum;
  }
}

void ck_quantise_weights(const float *w, int8_t *codes, float *scales, int32_t *sums, ptrdiff_t rows,
                         ptrdiff_t columns) {
  struct quantised s = {.x = w, .weights = codes, .scales = scales, .zeros = sums, .columns = columns};
  ck_parallel(rows, ck_row_grain(columns), quantise_weights_body, &s);
}

CK_CLONES static void multiply_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  struct quantised *s = context;
  for (ptrdiff_t r = begin; r < end; r++) {
    const uint8_t *restrict a = s->a + r * s->inner;
    for (ptrdiff_t c = 0; c < s->columns; c++) {
      const int8_t *restrict b = s->b + c * s->inner;
      int32_t sum = 0;
      for (ptrdiff_t k = 0; k < s->inner; k++) sum += (int32_t)a[k] * (int32_t)b[k];
      s->result[r * s->columns + c] = sum;
    }
  }
}

void ck_multiply_int8(const uint8_t *a, const int8_t *b, int32_t *result, ptrdiff_t rows, ptrdiff_t columns,
                      ptrdiff_t inner) {
  struct quantised s = {.a = a, .b = b, .result = result, .columns = columns, .inner = inner};
  ck_parallel(rows, ck_row_grain(columns * inner), multiply_body, &s);
}

CK_CLONES static void dequantise_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  struct quantised *s = context;
  const float *restrict scales = s->column_scales;
  const int32_t *restrict column_sums = s->column_sums;
  for (ptrdiff_t r = begin; r < end; r++) {
    const int32_t *restrict sums = s->sums + r * s->columns;
    float *restrict y = s->y + r * s->pitch;
    int32_t zero = s->row_zeros[r];
    float scale = s->row_scales[r];
    for (ptrdiff_t c = 0; c < s->columns; c++) {
      y[c] = (float)(sums[c] - zero * column_sums[c]) * (scale * scales[c]);
    }
  }
}

void ck_dequantise(const int32_t *sums, const float *row_scales, const int32_t *row_zeros, const float *column_scales,
                   const int32_t *column_sums, float *y, ptrdiff_t pitch, ptrdiff_t rows, ptrdiff_t columns) {
  struct quantised s = {.sums = sums,
                        .row_scales = row_scales,
                        .row_zeros = row_zeros,
                        .column_scales = column_scales,
                        .column_sums = column_sums,
                        .y = y,
                        .pitch = pitch,
                        .columns = columns};
  ck_parallel(rows, ck_row_grain(columns), dequantise_body, &s);
}
