// Loops between float32 and bfloat16, the upper half of a float32. Numbers are rounded to the nearest, ties to even, in
// integer arithmetic, so that every processor gives the same bits.
#include "internal.h"

struct narrow {
  ck_unary_operation operation;
  const float *x, *bias;
  const uint16_t *half, *other;
  float *out;
  uint16_t *rounded, *kept;
  ptrdiff_t columns, pitch;
  float scale;
};

CK_CLONES static void round_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  struct narrow *a = context;
  const float *restrict x = a->x;
  uint16_t *restrict y = a->rounded;
  for (ptrdiff_t i = begin; i < end; i++) y[i] = ck_narrow(x[i]);
}

CK_CLONES static void round_rows_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  struct narrow *a = context;
  for (ptrdiff_t r = begin; r < end; r++) {
    const float *restrict x = a->x + r * a->pitch;
    uint16_t *restrict y = a->rounded + r * a->columns;
    for (ptrdiff_t c = 0; c < a->columns; c++) y[c] = ck_narrow(x[c]);
  }
}

void ck_round_bfloat16(const float *x, ptrdiff_t pitch, uint16_t *y, ptrdiff_t rows, ptrdiff_t columns) {
  if (pitch == columns) {
    ck_parallel(rows * columns, 2 * CK_GRAIN, round_body, &(struct narrow){.x = x, .rounded = y});
  } else {
    struct narrow a = {.x = x, .rounded = y, .columns = columns, .pitch = pitch};
    ck_parallel(rows, ck_row_grain(columns / 2), round_rows_body, &a);
  }
}

CK_CLONES static void widen_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  struct narrow *a = context;
  const uint16_t *restrict x = a->half;
  float *restrict y = a->out;
  for (ptrdiff_t i = begin; i < end; i++) y[i] = ck_widen(x[i]);
}

void ck_widen_bfloat16(const uint16_t *x, float *y, ptrdiff_t count) {
  ck_parallel(count, 2 * CK_GRAIN, widen_body, &(struct narrow){.half = x, .out = y});
}

CK_CLONES static void add_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  struct narrow *a = context;
  const uint16_t *restrict x = a->half, *restrict other = a->other;
  uint16_t *restrict y = a->rounded;
  for (ptrdiff_t i = begin; i < end; i++) y[i] = ck_narrow(ck_widen(x[i]) + ck_widen(other[i]));
}

void ck_add_bfloat16(const uint16_t *a, const uint16_t *b, uint16_t *y, ptrdiff_t count) {
  ck_parallel(count, 2 * CK_GRAIN, add_body, &(struct narrow){.half = a, .other = b, .rounded = y});
}

CK_CLONES static void bias_round_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  struct narrow *a = context;
  for (ptrdiff_t r = begin; r < end; r++) {
    const float *restrict x = a->x + r * a->columns, *restrict bias = a->bias;
    uint16_t *restrict y = a->rounded + r * a->columns;
    for (ptrdiff_t c = 0; c < a->columns; c++) y[c] = ck_narrow(x[c] + bias[c]);
  }
}

void ck_bias_round_bfloat16(const float *x, const float *bias, uint16_t *y, ptrdiff_t rows, ptrdiff_t columns) {
  struct narrow a = {.x = x, .bias = bias, .rounded = y, .columns = columns};
  ck_parallel(rows, ck_row_grain(columns), bias_round_body, &a);
}

// The function's value is of the rounded sum, which is what its gradient will know. Without a place for the sum a loop of
// its own: a condition within would keep the compiler from vectors.
#define EACH_ROUNDED(expression)                    \
  if (pre) {                                        \
    for (ptrdiff_t c = 0; c < n; c++) {             \
      uint16_t half = ck_narrow(x[c] + bias[c]);    \
      float v = ck_widen(half);                     \
      pre[c] = half;                                \
      y[c] = ck_narrow(expression);                 \
    }                                               \
  } else {                                          \
    for (ptrdiff_t c = 0; c < n; c++) {             \
      float v = ck_widen(ck_narrow(x[c] + bias[c])); \
      y[c] = ck_narrow(expression);                 \
    }                                               \
  }                                                 \
  break;

CK_CLONES static void bias_unary_round_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  struct narrow *a = context;
  ptrdiff_t n = a->columns;
  float density;
  for (ptrdiff_t r = begin; r < end; r++) {
    const float *restrict x = a->x + r * n, *restrict bias = a->bias;
    uint16_t *restrict y = a->rounded + r * n;
    uint16_t *restrict pre = a->kept ? a->kept + r * n : NULL;
    switch (a->operation) {
      case CK_RELU: EACH_ROUNDED(v > 0 ? v : (v != v ? v : 0.0f))
      case CK_GELU: EACH_ROUNDED(v * ck_normal_distribution(v, &density))
      case CK_QUICK_GELU: EACH_ROUNDED(v * ck_sigmoidf(1.702f * v))
      default: EACH_ROUNDED(v * ck_sigmoidf(v))
    }
  }
}

void ck_bias_unary_bfloat16(ck_unary_operation operation, const float *x, const float *bias, uint16_t *pre, uint16_t *y,
                            ptrdiff_t rows, ptrdiff_t columns) {
  struct narrow a = {.operation = operation, .x = x, .bias = bias, .rounded = y, .kept = pre, .columns = columns};
  ck_parallel(rows, ck_row_grain(columns), bias_unary_round_body, &a);
}

#define EACH_ROUNDED_SLOPE(value, slope)                      \
  for (ptrdiff_t i = begin; i < end; i++) {                   \
    float v = ck_widen(half[i]), d = dy[i] * (slope);            \
    if (y) y[i] = ck_narrow(value);                   \
    dy[i] = d;                                                \
    dx[i] = ck_narrow(d);                             \
  }                                                           \
  break;

CK_CLONES static void unary_slope_round_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  struct narrow *a = context;
  const uint16_t *restrict half = a->half;
  float *restrict dy = a->out;
  uint16_t *restrict dx = a->rounded, *restrict y = a->kept;
  float density = 0, distribution = 0, s = 0;
  switch (a->operation) {
    case CK_RELU: EACH_ROUNDED_SLOPE(v > 0 ? v : (v != v ? v : 0.0f), (v > 0 ? 1.0f : 0.0f))
    case CK_GELU:
      EACH_ROUNDED_SLOPE(v * distribution, (distribution = ck_normal_distribution(v, &density), distribution + v * density))
    case CK_QUICK_GELU:
      EACH_ROUNDED_SLOPE(v * s, (s = ck_sigmoidf(1.702f * v), s * (1.0f + 1.702f * v * (1.0f - s))))
    default: EACH_ROUNDED_SLOPE(v * s, (s = ck_sigmoidf(v), s * (1.0f + v * (1.0f - s))))
  }
}

void ck_unary_backward_bfloat16(ck_unary_operation operation, const uint16_t *pre, float *dy, uint16_t *dx, uint16_t *y,
                                ptrdiff_t count) {
  struct narrow a = {.operation = operation, .half = pre, .out = dy, .rounded = dx, .kept = y};
  ck_parallel(count, CK_GRAIN, unary_slope_round_body, &a);
}

CK_CLONES static void softmax_round_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  CK_REASSOCIATE
  struct narrow *a = context;
  ptrdiff_t n = a->columns;
  for (ptrdiff_t r = begin; r < end; r++) {
    float *restrict x = a->out + r * n, scale = a->scale, total = 0, shift = ck_greatest(x, n);
    uint16_t *restrict y = a->rounded + r * n;
    if (shift == -INFINITY) {  // nothing is allowed: no weight anywhere
      memset(y, 0, (size_t)n * sizeof *y);
      continue;
    }
    for (ptrdiff_t c = 0; c < n; c++) {
      float e = ck_expf(scale * (x[c] - shift));
      x[c] = e;
      total += e;
    }
    float factor = 1.0f / total;
    for (ptrdiff_t c = 0; c < n; c++) y[c] = ck_narrow(x[c] * factor);
  }
}

void ck_softmax_bfloat16(float *x, uint16_t *y, ptrdiff_t rows, ptrdiff_t columns, float scale) {
  struct narrow a = {.out = x, .rounded = y, .columns = columns, .scale = scale};
  ck_parallel(rows, ck_row_grain(4 * columns), softmax_round_body, &a);
}

CK_CLONES static void softmax_backward_round_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  CK_REASSOCIATE
  struct narrow *a = context;
  ptrdiff_t n = a->columns;
  for (ptrdiff_t r = begin; r < end; r++) {
    const uint16_t *restrict y = a->half + r * n;
    const float *restrict dy = a->x + r * n;
    uint16_t *restrict dx = a->rounded + r * n;
    float total = 0;
    for (ptrdiff_t c = 0; c < n; c++) total += dy[c] * ck_widen(y[c]);
    for (ptrdiff_t c = 0; c < n; c++) dx[c] = ck_narrow(a->scale * ck_widen(y[c]) * (dy[c] - total));
  }
}

void ck_softmax_backward_bfloat16(const uint16_t *y, const float *dy, uint16_t *dx, ptrdiff_t rows, ptrdiff_t columns,
                                  float scale) {
  struct narrow a = {.half = y, .x = dy, .rounded = dx, .columns = columns, .scale = scale};
  ck_parallel(rows, ck_row_grain(2 * columns), softmax_backward_round_body, &a);
}
