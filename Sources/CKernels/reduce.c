#include "internal.h"

struct reduce {
  const float *x;
  float *y;
  int32_t *where;
  ptrdiff_t outer, count, inner;
  float scale;
  bool accumulate;
};

CK_CLONES static float sum_run(const float *x, ptrdiff_t n) {
  CK_REASSOCIATE
  float total = 0;
  for (ptrdiff_t i = 0; i < n; i++) total += x[i];
  return total;
}

CK_CLONES static float max_run(const float *x, ptrdiff_t n) {
  float greatest = x[0];
  for (ptrdiff_t i = 1; i < n; i++) greatest = x[i] > greatest ? x[i] : greatest;
  return greatest;
}

CK_CLONES static void sum_rows_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  struct reduce *s = context;
  for (ptrdiff_t o = begin; o < end; o++) {
    float total = s->scale * sum_run(s->x + o * s->count, s->count);
    s->y[o] = s->accumulate ? s->y[o] + total : total;
  }
}

CK_INLINE void add_run(const float *x, float *y, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; i++) y[i] += x[i];
}

CK_INLINE void sum_columns(struct reduce *s, ptrdiff_t o, ptrdiff_t begin, ptrdiff_t end) {
  enum { WIDTH = 256 };
  // A strip of columns is summed over all rows in cache.
  for (ptrdiff_t c = begin; c < end; c += WIDTH) {
    ptrdiff_t n = end - c < WIDTH ? end - c : WIDTH;
    float total[WIDTH] = {0};
    const float *x = s->x + o * s->count * s->inner + c;
    for (ptrdiff_t k = 0; k < s->count; k++) add_run(x + k * s->inner, total, n);
    float *y = s->y + o * s->inner + c;
    if (s->accumulate)
      for (ptrdiff_t i = 0; i < n; i++) y[i] += s->scale * total[i];
    else
      for (ptrdiff_t i = 0; i < n; i++) y[i] = s->scale * total[i];
  }
}

CK_CLONES static void sum_columns_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  sum_columns(context, 0, begin, end);
}

CK_CLONES static void sum_outer_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  struct reduce *s = context;
  for (ptrdiff_t o = begin; o < end; o++) sum_columns(s, o, 0, s->inner);
}

static void max_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  struct reduce *s = context;
  if (s->inner == 1) {
    for (ptrdiff_t o = begin; o < end; o++) {
      const float *x = s->x + o * s->count;
      float greatest = max_run(x, s->count);
      ptrdiff_t at = 0;
      while (at < s->count - 1 && x[at] != greatest) at++;
      s->y[o] = greatest;
      if (s->where) s->where[o] = (int32_t)at;
    }
    return;
  }
  for (ptrdiff_t o = begin; o < end; o++) {
    const float *x = s->x + o * s->count * s->inner;
    float *y = s->y + o * s->inner;
    int32_t *where = s->where ? s->where + o * s->inner : NULL;
    memcpy(y, x, (size_t)s->inner * sizeof(float));
    if (where) memset(where, 0, (size_t)s->inner * sizeof(int32_t));
    for (ptrdiff_t k = 1; k < s->count; k++) {
      const float *row = x + k * s->inner;
      for (ptrdiff_t i = 0; i < s->inner; i++) {
        bool greater = row[i] > y[i];
        if (where) where[i] = greater ? (int32_t)k : where[i];
        y[i] = greater ? row[i] : y[i];
      }
    }
  }
}

void ck_reduce(ck_reduction operation, const float *x, float *y, int32_t *where, ptrdiff_t outer, ptrdiff_t count,
               ptrdiff_t inner, float scale, bool accumulate) {
  struct reduce s = {x, y, where, outer, count, inner, scale, accumulate};
  if (operation == CK_MAX) {
    ck_parallel(outer, ck_row_grain(count * inner), max_body, &s);
  } else if (inner == 1) {
    ck_parallel(outer, ck_row_grain(count), sum_rows_body, &s);
  } else if (outer == 1) {
    ck_parallel(inner, 16 + ck_row_grain(count), sum_columns_body, &s);
  } else {
    ck_parallel(outer, ck_row_grain(count * inner), sum_outer_body, &s);
  }
}

CK_CLONES static void repeat_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  struct reduce *s = context;
  ptrdiff_t n = s->inner;
  float *out = s->y;
  for (ptrdiff_t row = begin; row < end; row++) {
    const float *from = s->x + row / s->count * n;
    float *to = out + row * n;
    if (s->accumulate)
      for (ptrdiff_t i = 0; i < n; i++) to[i] += s->scale * from[i];
    else
      for (ptrdiff_t i = 0; i < n; i++) to[i] = s->scale * from[i];
  }
}

void ck_repeat(const float *y, float *x, ptrdiff_t outer, ptrdiff_t count, ptrdiff_t inner, float scale,
               bool accumulate) {
  struct reduce s = {y, x, NULL, outer, count, inner, scale, accumulate};
  ck_parallel(outer * count, ck_row_grain(inner), repeat_body, &s);
}

struct scatter {
  const float *dy;
  const int32_t *where;
  float *dx;
  ptrdiff_t count, inner;
};

static void scatter_max_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  struct scatter *s = context;
  for (ptrdiff_t o = begin; o < end; o++)
    for (ptrdiff_t i = 0; i < s->inner; i++)
      s->dx[(o * s->count + s->where[o * s->inner + i]) * s->inner + i] += s->dy[o * s->inner + i];
}

void ck_scatter_max(const float *dy, const int32_t *where, float *dx, ptrdiff_t outer, ptrdiff_t count,
                    ptrdiff_t inner) {
  struct scatter s = {dy, where, dx, count, inner};
  ck_parallel(outer, ck_row_grain(inner), scatter_max_body, &s);
}

CK_CLONES static double block_squares(const float *x, ptrdiff_t n) {
  CK_REASSOCIATE
  float total = 0;
  for (ptrdiff_t i = 0; i < n; i++) total += x[i] * x[i];
  return total;
}

struct squares {
  const float *x;
  ptrdiff_t count;
  double *sums;
};

enum { SQUARES_BLOCK = 4096, SQUARES_BLOCKS = 1024 };

static void squares_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  struct squares *s = context;
  for (ptrdiff_t block = begin; block < end; block++) {
    ptrdiff_t at = block * SQUARES_BLOCK, left = s->count - at;
    s->sums[block] = block_squares(s->x + at, left < SQUARES_BLOCK ? left : SQUARES_BLOCK);
  }
}

double ck_sum_of_squares(const float *x, ptrdiff_t count) {
  double total = 0, sums[SQUARES_BLOCKS];
  // Blocks are summed by any thread, and their sums in order, so the threads do not change the result.
  for (ptrdiff_t at = 0; at < count; at += SQUARES_BLOCK * SQUARES_BLOCKS) {
    ptrdiff_t left = count - at;
    struct squares s = {x + at, left < SQUARES_BLOCK * SQUARES_BLOCKS ? left : SQUARES_BLOCK * SQUARES_BLOCKS, sums};
    ptrdiff_t blocks = (s.count + SQUARES_BLOCK - 1) / SQUARES_BLOCK;
    ck_parallel(blocks, 4, squares_body, &s);
    for (ptrdiff_t block = 0; block < blocks; block++) total += sums[block];
  }
  return total;
}

struct rows {
  const float *a, *b;
  float *y;
  ptrdiff_t columns;
  bool accumulate;
};

CK_CLONES static void row_dot_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  CK_REASSOCIATE
  struct rows *s = context;
  for (ptrdiff_t r = begin; r < end; r++) {
    const float *a = s->a + r * s->columns, *b = s->b + r * s->columns;
    float total = 0;
    for (ptrdiff_t c = 0; c < s->columns; c++) total += a[c] * b[c];
    s->y[r] = total;
  }
}

void ck_row_dot(const float *a, const float *b, float *y, ptrdiff_t rows, ptrdiff_t columns) {
  ck_parallel(rows, ck_row_grain(columns), row_dot_body, &(struct rows){a, b, y, columns, false});
}

CK_CLONES static void scale_rows_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  struct rows *s = context;
  for (ptrdiff_t r = begin; r < end; r++) {
    const float *x = s->b + r * s->columns;
    float *y = s->y + r * s->columns, factor = s->a[r];
    if (s->accumulate)
      for (ptrdiff_t c = 0; c < s->columns; c++) y[c] += factor * x[c];
    else
      for (ptrdiff_t c = 0; c < s->columns; c++) y[c] = factor * x[c];
  }
}

void ck_scale_rows(const float *s, const float *x, float *y, ptrdiff_t rows, ptrdiff_t columns, bool accumulate) {
  ck_parallel(rows, ck_row_grain(columns), scale_rows_body, &(struct rows){s, x, y, columns, accumulate});
}

CK_CLONES void ck_count_bounds(const float *x, ptrdiff_t count, float low, float high, int32_t *below,
                               int32_t *not_above) {
  int32_t first = 0, second = 0;
  for (ptrdiff_t i = 0; i < count; i++) {
    first += x[i] < low;
    second += x[i] <= high;
  }
  *below = first;
  *not_above = second;
}
