#include "internal.h"

struct rows {
  const float *x, *y, *dy, *extra;
  const int32_t *index;
  float *out, *kept;
  ptrdiff_t columns;
  float scale;
  bool accumulate;
};

CK_INLINE float row_sum_exp(const float *x, ptrdiff_t n, float shift) {
  CK_REASSOCIATE
  float total = 0;
  for (ptrdiff_t c = 0; c < n; c++) total += ck_expf(x[c] - shift);
  return total;
}

// The log-sum-exp of a row; a row whose greatest value is −∞ (nothing to sum) gives −∞.
CK_INLINE float row_log_sum_exp(const float *x, ptrdiff_t n) {
  float shift = ck_greatest(x, n);
  return shift == -INFINITY ? shift : shift + ck_logf(row_sum_exp(x, n, shift));
}

CK_CLONES static void softmax_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  CK_REASSOCIATE
  struct rows *s = context;
  ptrdiff_t n = s->columns;
  for (ptrdiff_t r = begin; r < end; r++) {
    const float *x = s->x + r * n;
    float *y = s->out + r * n, scale = s->scale, total = 0;
    float shift = ck_greatest(x, n);
    if (shift == -INFINITY) {  // nothing is allowed: no weight anywhere
      memset(y, 0, (size_t)n * sizeof(float));
      continue;
    }
    CK_IN_PLACE for (ptrdiff_t c = 0; c < n; c++) {
      float e = ck_expf(scale * (x[c] - shift));
      y[c] = e;
      total += e;
    }
    float factor = 1.0f / total;
    for (ptrdiff_t c = 0; c < n; c++) y[c] *= factor;
  }
}

void ck_softmax(const float *x, float *y, ptrdiff_t rows, ptrdiff_t columns, float scale) {
  struct rows s = {.x = x, .out = y, .columns = columns, .scale = scale};
  ck_parallel(rows, ck_row_grain(4 * columns), softmax_body, &s);
}

CK_CLONES static void softmax_backward_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  CK_REASSOCIATE
  struct rows *s = context;
  ptrdiff_t n = s->columns;
  for (ptrdiff_t r = begin; r < end; r++) {
    const float *y = s->y + r * n, *dy = s->dy + r * n;
    float *dx = s->out + r * n, total = 0;
    for (ptrdiff_t c = 0; c < n; c++) total += dy[c] * y[c];
    if (s->accumulate)
      CK_IN_PLACE for (ptrdiff_t c = 0; c < n; c++) dx[c] += s->scale * y[c] * (dy[c] - total);
    else
      CK_IN_PLACE for (ptrdiff_t c = 0; c < n; c++) dx[c] = s->scale * y[c] * (dy[c] - total);
  }
}

void ck_softmax_backward(const float *y, const float *dy, float *dx, ptrdiff_t rows, ptrdiff_t columns, float scale,
                         bool accumulate) {
  struct rows s = {.y = y, .dy = dy, .out = dx, .columns = columns, .scale = scale, .accumulate = accumulate};
  ck_parallel(rows, ck_row_grain(2 * columns), softmax_backward_body, &s);
}

CK_CLONES static void log_softmax_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  struct rows *s = context;
  ptrdiff_t n = s->columns;
  for (ptrdiff_t r = begin; r < end; r++) {
    const float *x = s->x + r * n;
    float *y = s->out + r * n, sum = row_log_sum_exp(x, n);
    for (ptrdiff_t c = 0; c < n; c++) y[c] = x[c] - sum;
  }
}

void ck_log_softmax(const float *x, float *y, ptrdiff_t rows, ptrdiff_t columns) {
  struct rows s = {.x = x, .out = y, .columns = columns};
  ck_parallel(rows, ck_row_grain(4 * columns), log_softmax_body, &s);
}

CK_CLONES static void log_softmax_backward_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  CK_REASSOCIATE
  struct rows *s = context;
  ptrdiff_t n = s->columns;
  for (ptrdiff_t r = begin; r < end; r++) {
    const float *y = s->y + r * n, *dy = s->dy + r * n;
    float *dx = s->out + r * n, total = 0;
    for (ptrdiff_t c = 0; c < n; c++) total += dy[c];
    if (s->accumulate)
      for (ptrdiff_t c = 0; c < n; c++) dx[c] += dy[c] - ck_expf(y[c]) * total;
    else
      for (ptrdiff_t c = 0; c < n; c++) dx[c] = dy[c] - ck_expf(y[c]) * total;
  }
}

void ck_log_softmax_backward(const float *y, const float *dy, float *dx, ptrdiff_t rows, ptrdiff_t columns,
                             bool accumulate) {
  struct rows s = {.y = y, .dy = dy, .out = dx, .columns = columns, .accumulate = accumulate};
  ck_parallel(rows, ck_row_grain(4 * columns), log_softmax_backward_body, &s);
}

CK_CLONES static void log_sum_exp_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  struct rows *s = context;
  ptrdiff_t n = s->columns;
  for (ptrdiff_t r = begin; r < end; r++) {
    const float *x = s->x + r * n;
    ptrdiff_t skip = s->index ? s->index[r] : -1;
    if (skip < 0) {
      s->out[r] = row_log_sum_exp(x, n);
      continue;
    }
    float before = ck_greatest(x, skip), after = ck_greatest(x + skip + 1, n - skip - 1);
    float shift = before > after ? before : after;
    if (shift == -INFINITY) {
      s->out[r] = shift;
      continue;
    }
    float total = row_sum_exp(x, skip, shift) + row_sum_exp(x + skip + 1, n - skip - 1, shift);
    s->out[r] = shift + ck_logf(total);
  }
}

void ck_log_sum_exp(const float *x, const int32_t *skip, float *y, ptrdiff_t rows, ptrdiff_t columns) {
  struct rows s = {.x = x, .index = skip, .out = y, .columns = columns};
  ck_parallel(rows, ck_row_grain(4 * columns), log_sum_exp_body, &s);
}

CK_CLONES static void log_sum_exp_backward_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  struct rows *s = context;
  ptrdiff_t n = s->columns;
  for (ptrdiff_t r = begin; r < end; r++) {
    const float *x = s->x + r * n;
    float *dx = s->out + r * n, sum = s->y[r], dy = s->dy[r];
    ptrdiff_t skip = s->index ? s->index[r] : -1;
    float kept = skip >= 0 && s->accumulate ? dx[skip] : 0;
    if (s->accumulate)
      for (ptrdiff_t c = 0; c < n; c++) dx[c] += dy * ck_expf(x[c] - sum);
    else
      for (ptrdiff_t c = 0; c < n; c++) dx[c] = dy * ck_expf(x[c] - sum);
    if (skip >= 0) dx[skip] = kept;
  }
}

void ck_log_sum_exp_backward(const float *x, const int32_t *skip, const float *y, const float *dy, float *dx,
                             ptrdiff_t rows, ptrdiff_t columns, bool accumulate) {
  struct rows s = {.x = x, .index = skip, .y = y, .dy = dy, .out = dx, .columns = columns, .accumulate = accumulate};
  ck_parallel(rows, ck_row_grain(4 * columns), log_sum_exp_backward_body, &s);
}

CK_CLONES static void cross_entropy_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  struct rows *s = context;
  ptrdiff_t n = s->columns;
  for (ptrdiff_t r = begin; r < end; r++) {
    const float *x = s->x + r * n;
    float sum = row_log_sum_exp(x, n);
    s->kept[r] = sum;
    s->out[r] = sum - x[s->index[r]];
  }
}

void ck_cross_entropy(const float *x, const int32_t *target, float *loss, float *log_sum, ptrdiff_t rows,
                      ptrdiff_t columns) {
  struct rows s = {.x = x, .index = target, .out = loss, .kept = log_sum, .columns = columns};
  ck_parallel(rows, ck_row_grain(4 * columns), cross_entropy_body, &s);
}

CK_CLONES static void cross_entropy_backward_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  struct rows *s = context;
  ptrdiff_t n = s->columns;
  for (ptrdiff_t r = begin; r < end; r++) {
    const float *x = s->x + r * n;
    float *dx = s->out + r * n, sum = s->extra[r], dy = s->dy[r];
    if (s->accumulate)
      for (ptrdiff_t c = 0; c < n; c++) dx[c] += dy * ck_expf(x[c] - sum);
    else
      for (ptrdiff_t c = 0; c < n; c++) dx[c] = dy * ck_expf(x[c] - sum);
    dx[s->index[r]] -= dy;
  }
}

void ck_cross_entropy_backward(const float *x, const int32_t *target, const float *log_sum, const float *dy, float *dx,
                               ptrdiff_t rows, ptrdiff_t columns, bool accumulate) {
  struct rows s = {.x = x, .index = target, .extra = log_sum, .dy = dy, .out = dx, .columns = columns,
                   .accumulate = accumulate};
  ck_parallel(rows, ck_row_grain(4 * columns), cross_entropy_backward_body, &s);
}

// Newton's steps on Σ max(x − t, 0) = 1 from below: t rises to the root and reaches it exactly after finitely many
// steps, since the function is piecewise linear and convex. No sort; most rows need four to eight passes.
CK_CLONES static void sparsemax_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  CK_REASSOCIATE
  struct rows *s = context;
  ptrdiff_t n = s->columns;
  for (ptrdiff_t r = begin; r < end; r++) {
    const float *x = s->x + r * n;
    float *y = s->out + r * n;
    float shift = ck_greatest(x, n);
    // Only values within 1 of the greatest can be in the support: they are packed once.
    ptrdiff_t packed = 0;
    for (ptrdiff_t c = 0; c < n; c++) {
      float v = x[c] - shift;
      y[packed] = v;
      packed += v > -1.0f;
    }
    float threshold = -1.0f;
    // Exact thresholds only rise, so the support only shrinks; a rounded one may fall again, and must not go on forever.
    ptrdiff_t before = packed + 1;
    for (;;) {
      float total = 0;
      ptrdiff_t support = 0;
      for (ptrdiff_t c = 0; c < packed; c++) {
        bool in = y[c] > threshold;
        total += in ? y[c] : 0.0f;
        support += in;
      }
      if (support >= before || support == 0) break;
      before = support;
      threshold = (total - 1.0f) / (float)support;
    }
    for (ptrdiff_t c = 0; c < n; c++) {
      float v = x[c] - shift - threshold;
      y[c] = v > 0 || v != v ? v : 0.0f;  // a NaN stays one
    }
  }
}

void ck_sparsemax(const float *x, float *y, ptrdiff_t rows, ptrdiff_t columns) {
  struct rows s = {.x = x, .out = y, .columns = columns};
  ck_parallel(rows, ck_row_grain(8 * columns), sparsemax_body, &s);
}

CK_CLONES static void sparsemax_backward_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  CK_REASSOCIATE
  struct rows *s = context;
  ptrdiff_t n = s->columns;
  for (ptrdiff_t r = begin; r < end; r++) {
    const float *y = s->y + r * n, *dy = s->dy + r * n;
    float *dx = s->out + r * n, total = 0, support = 0;
    for (ptrdiff_t c = 0; c < n; c++) {
      total += y[c] > 0 ? dy[c] : 0.0f;
      support += y[c] > 0 ? 1.0f : 0.0f;
    }
    float mean = total / support;
    if (s->accumulate)
      for (ptrdiff_t c = 0; c < n; c++) dx[c] += y[c] > 0 ? dy[c] - mean : 0.0f;
    else
      for (ptrdiff_t c = 0; c < n; c++) dx[c] = y[c] > 0 ? dy[c] - mean : 0.0f;
  }
}

void ck_sparsemax_backward(const float *y, const float *dy, float *dx, ptrdiff_t rows, ptrdiff_t columns,
                           bool accumulate) {
  struct rows s = {.y = y, .dy = dy, .out = dx, .columns = columns, .accumulate = accumulate};
  ck_parallel(rows, ck_row_grain(2 * columns), sparsemax_backward_body, &s);
}
