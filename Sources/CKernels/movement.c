#include "internal.h"

struct permute {
  const float *x;
  float *y;
  ptrdiff_t sizes[CK_MAX_RANK], strides[CK_MAX_RANK];
  int rank;
  bool accumulate;
};

CK_CLONES static void permute_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  struct permute *s = context;
  int last = s->rank - 1;
  ptrdiff_t n = s->sizes[last], step = s->strides[last];
  for (ptrdiff_t row = begin; row < end; row++) {
    ptrdiff_t rest = row, at = 0;
    for (int axis = last - 1; axis >= 0; axis--) {
      at += rest % s->sizes[axis] * s->strides[axis];
      rest /= s->sizes[axis];
    }
    const float *x = s->x + at;
    float *y = s->y + row * n;
    if (s->accumulate)
      for (ptrdiff_t i = 0; i < n; i++) y[i] += x[i * step];
    else if (step == 1)
      memcpy(y, x, (size_t)n * sizeof(float));
    else
      for (ptrdiff_t i = 0; i < n; i++) y[i] = x[i * step];
  }
}

void ck_permute(const float *x, const ptrdiff_t *x_strides, float *y, const ptrdiff_t *sizes, int rank,
                bool accumulate) {
  struct permute s = {.x = x, .y = y, .rank = rank, .accumulate = accumulate};
  ptrdiff_t rows = 1;
  for (int axis = 0; axis < rank; axis++) {
    s.sizes[axis] = sizes[axis];
    s.strides[axis] = x_strides[axis];
    if (axis < rank - 1) rows *= sizes[axis];
  }
  ck_parallel(rows, ck_row_grain(sizes[rank - 1]), permute_body, &s);
}

struct gather {
  const float *from;
  const int32_t *index;
  float *to;
  ptrdiff_t count, columns;
};

static void gather_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  struct gather *s = context;
  for (ptrdiff_t r = begin; r < end; r++)
    memcpy(s->to + r * s->columns, s->from + s->index[r] * s->columns, (size_t)s->columns * sizeof(float));
}

void ck_gather_rows(const float *table, const int32_t *index, float *y, ptrdiff_t count, ptrdiff_t columns) {
  ck_parallel(count, ck_row_grain(columns), gather_body, &(struct gather){table, index, y, count, columns});
}

// Each thread owns a range of table rows and looks at every index, so no two threads add to one row.
CK_CLONES static void scatter_add_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  struct gather *s = context;
  ptrdiff_t n = s->columns;
  for (ptrdiff_t r = 0; r < s->count; r++) {
    ptrdiff_t row = s->index[r];
    if (row < begin || row >= end) continue;
    float *to = s->to + row * n;
    const float *from = s->from + r * n;
    for (ptrdiff_t c = 0; c < n; c++) to[c] += from[c];
  }
}

void ck_scatter_add_rows(const float *dy, const int32_t *index, float *table, ptrdiff_t count, ptrdiff_t columns,
                         ptrdiff_t table_rows) {
  struct gather s = {dy, index, table, count, columns};
  ptrdiff_t grain = count * columns < 2 * CK_GRAIN ? table_rows : 1;
  ck_parallel(table_rows, grain, scatter_add_body, &s);
}

struct runs {
  const float *x;
  float *y;
  ptrdiff_t x_pitch, y_pitch, length;
  bool accumulate;
};

CK_CLONES static void runs_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  struct runs *s = context;
  for (ptrdiff_t r = begin; r < end; r++) {
    const float *x = s->x + r * s->x_pitch;
    float *y = s->y + r * s->y_pitch;
    if (s->accumulate)
      for (ptrdiff_t i = 0; i < s->length; i++) y[i] += x[i];
    else
      memcpy(y, x, (size_t)s->length * sizeof(float));
  }
}

void ck_copy_runs(const float *x, ptrdiff_t x_pitch, float *y, ptrdiff_t y_pitch, ptrdiff_t rows, ptrdiff_t length,
                  bool accumulate) {
  struct runs s = {x, y, x_pitch, y_pitch, length, accumulate};
  ck_parallel(rows, ck_row_grain(length), runs_body, &s);
}
