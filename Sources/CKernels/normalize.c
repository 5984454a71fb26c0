#include "internal.h"

struct rows {
  const float *x, *y, *dy, *gain, *bias, *mean, *inverse;
  float *out, *kept_mean, *kept_inverse, *d_gain, *d_bias;
  ptrdiff_t rows, columns;
  float epsilon;
  bool accumulate;
};

CK_CLONES static void normalize_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  CK_REASSOCIATE
  struct rows *s = context;
  ptrdiff_t n = s->columns;
  for (ptrdiff_t r = begin; r < end; r++) {
    const float *x = s->x + r * n;
    float *y = s->out + r * n, total = 0;
    for (ptrdiff_t c = 0; c < n; c++) total += x[c] * x[c];
    float norm = __builtin_sqrtf(total), factor = 1.0f / (norm > s->epsilon ? norm : s->epsilon);
    s->kept_mean[r] = norm;
    for (ptrdiff_t c = 0; c < n; c++) y[c] = x[c] * factor;
  }
}

void ck_normalize_rows(const float *x, float *y, float *norm, ptrdiff_t rows, ptrdiff_t columns, float epsilon) {
  struct rows s = {.x = x, .out = y, .kept_mean = norm, .columns = columns, .epsilon = epsilon};
  ck_parallel(rows, ck_row_grain(columns), normalize_body, &s);
}

CK_CLONES static void normalize_backward_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  CK_REASSOCIATE
  struct rows *s = context;
  ptrdiff_t n = s->columns;
  for (ptrdiff_t r = begin; r < end; r++) {
    const float *y = s->y + r * n, *dy = s->dy + r * n;
    float *dx = s->out + r * n, norm = s->mean[r], along = 0;
    // Below epsilon the factor is a constant, so nothing is taken away along y.
    if (norm > s->epsilon)
      for (ptrdiff_t c = 0; c < n; c++) along += y[c] * dy[c];
    float factor = 1.0f / (norm > s->epsilon ? norm : s->epsilon);
    if (s->accumulate)
      for (ptrdiff_t c = 0; c < n; c++) dx[c] += factor * (dy[c] - along * y[c]);
    else
      for (ptrdiff_t c = 0; c < n; c++) dx[c] = factor * (dy[c] - along * y[c]);
  }
}

void ck_normalize_rows_backward(const float *y, const float *norm, const float *dy, float *dx, ptrdiff_t rows,
                                ptrdiff_t columns, float epsilon, bool accumulate) {
  struct rows s = {.y = y, .mean = norm, .dy = dy, .out = dx, .columns = columns, .epsilon = epsilon,
                   .accumulate = accumulate};
  ck_parallel(rows, ck_row_grain(columns), normalize_backward_body, &s);
}

CK_CLONES static void layer_norm_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  CK_REASSOCIATE
  struct rows *s = context;
  ptrdiff_t n = s->columns;
  for (ptrdiff_t r = begin; r < end; r++) {
    const float *x = s->x + r * n, *gain = s->gain, *bias = s->bias;
    float *y = s->out + r * n, total = 0, squares = 0;
    for (ptrdiff_t c = 0; c < n; c++) total += x[c];
    float mean = total / (float)n;
    for (ptrdiff_t c = 0; c < n; c++) squares += (x[c] - mean) * (x[c] - mean);
    float inverse = 1.0f / __builtin_sqrtf(squares / (float)n + s->epsilon);
    s->kept_mean[r] = mean;
    s->kept_inverse[r] = inverse;
    for (ptrdiff_t c = 0; c < n; c++) y[c] = (x[c] - mean) * inverse * gain[c] + bias[c];
  }
}

void ck_layer_norm(const float *x, const float *gain, const float *bias, float *y, float *mean, float *inverse,
                   ptrdiff_t rows, ptrdiff_t columns, float epsilon) {
  struct rows s = {.x = x, .gain = gain, .bias = bias, .out = y, .kept_mean = mean, .kept_inverse = inverse,
                   .columns = columns, .epsilon = epsilon};
  ck_parallel(rows, ck_row_grain(2 * columns), layer_norm_body, &s);
}

CK_CLONES static void layer_norm_backward_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  CK_REASSOCIATE
  struct rows *s = context;
  ptrdiff_t n = s->columns;
  for (ptrdiff_t r = begin; r < end; r++) {
    const float *x = s->x + r * n, *dy = s->dy + r * n, *gain = s->gain;
    float *dx = s->out + r * n, mean = s->mean[r], inverse = s->inverse[r], sum = 0, along = 0;
    for (ptrdiff_t c = 0; c < n; c++) {
      float g = dy[c] * gain[c];
      sum += g;
      along += g * (x[c] - mean) * inverse;
    }
    sum /= (float)n;
    along /= (float)n;
    if (s->accumulate)
      for (ptrdiff_t c = 0; c < n; c++)
        dx[c] += inverse * (dy[c] * gain[c] - sum - (x[c] - mean) * inverse * along);
    else
      for (ptrdiff_t c = 0; c < n; c++)
        dx[c] = inverse * (dy[c] * gain[c] - sum - (x[c] - mean) * inverse * along);
  }
}

CK_CLONES static void layer_norm_parameters_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  struct rows *s = context;
  ptrdiff_t n = s->columns;
  enum { WIDTH = 256 };
  for (ptrdiff_t at = begin; at < end; at += WIDTH) {
    ptrdiff_t width = end - at < WIDTH ? end - at : WIDTH;
    float gain[WIDTH] = {0}, bias[WIDTH] = {0};
    for (ptrdiff_t r = 0; r < s->rows; r++) {
      const float *x = s->x + r * n + at, *dy = s->dy + r * n + at;
      float mean = s->mean[r], inverse = s->inverse[r];
      for (ptrdiff_t c = 0; c < width; c++) {
        gain[c] += dy[c] * (x[c] - mean) * inverse;
        bias[c] += dy[c];
      }
    }
    for (ptrdiff_t c = 0; c < width; c++) {
      s->d_gain[at + c] += gain[c];
      s->d_bias[at + c] += bias[c];
    }
  }
}

void ck_layer_norm_backward(const float *x, const float *gain, const float *mean, const float *inverse,
                            const float *dy, float *dx, float *d_gain, float *d_bias, ptrdiff_t rows,
                            ptrdiff_t columns, bool accumulate) {
  struct rows s = {.x = x, .gain = gain, .mean = mean, .inverse = inverse, .dy = dy, .out = dx, .d_gain = d_gain,
                   .d_bias = d_bias, .rows = rows, .columns = columns, .accumulate = accumulate};
  ck_parallel(rows, ck_row_grain(2 * columns), layer_norm_backward_body, &s);
  ck_parallel(columns, 16 + ck_row_grain(rows), layer_norm_parameters_body, &s);
}
