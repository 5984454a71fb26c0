#include "internal.h"

struct binary {
  ck_binary_operation operation;
  const float *a, *b;
  float *y;
  ptrdiff_t sizes[CK_MAX_RANK], a_strides[CK_MAX_RANK], b_strides[CK_MAX_RANK];
  int rank;
};

#define RUN(expression)                                                         \
  if (sa == 1 && sb == 1) {                                                     \
    for (ptrdiff_t i = 0; i < n; i++) { float p = a[i], q = b[i]; y[i] = (expression); }   \
  } else if (sb == 0 && sa == 1) {                                              \
    float q = b[0];                                                             \
    for (ptrdiff_t i = 0; i < n; i++) { float p = a[i]; y[i] = (expression); }  \
  } else if (sa == 0 && sb == 1) {                                              \
    float p = a[0];                                                             \
    for (ptrdiff_t i = 0; i < n; i++) { float q = b[i]; y[i] = (expression); }  \
  } else {                                                                      \
    for (ptrdiff_t i = 0; i < n; i++) { float p = a[i * sa], q = b[i * sb]; y[i] = (expression); } \
  }                                                                             \
  break;

CK_CLONES static void binary_run(ck_binary_operation operation, const float *a, ptrdiff_t sa, const float *b,
                                 ptrdiff_t sb, float *y, ptrdiff_t n) {
  switch (operation) {
    case CK_ADD: RUN(p + q)
    case CK_SUBTRACT: RUN(p - q)
    case CK_MULTIPLY: RUN(p * q)
    case CK_DIVIDE: RUN(p / q)
    case CK_MAXIMUM: RUN(p > q ? p : q)
    case CK_MINIMUM: RUN(p < q ? p : q)
  }
}

static void binary_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  struct binary *s = context;
  int last = s->rank - 1;
  ptrdiff_t n = s->sizes[last];
  if (s->rank == 1) {
    binary_run(s->operation, s->a + begin * s->a_strides[0], s->a_strides[0], s->b + begin * s->b_strides[0],
               s->b_strides[0], s->y + begin, end - begin);
    return;
  }
  for (ptrdiff_t row = begin; row < end; row++) {
    ptrdiff_t rest = row, a_at = 0, b_at = 0;
    for (int axis = last - 1; axis >= 0; axis--) {
      ptrdiff_t i = rest % s->sizes[axis];
      rest /= s->sizes[axis];
      a_at += i * s->a_strides[axis];
      b_at += i * s->b_strides[axis];
    }
    binary_run(s->operation, s->a + a_at, s->a_strides[last], s->b + b_at, s->b_strides[last], s->y + row * n, n);
  }
}

void ck_binary(ck_binary_operation operation, const float *a, const ptrdiff_t *a_strides, const float *b,
               const ptrdiff_t *b_strides, float *y, const ptrdiff_t *sizes, int rank) {
  struct binary s = {.operation = operation, .a = a, .b = b, .y = y, .rank = 0};
  // Neighbouring axes that both sides step through evenly are one axis.
  for (int axis = 0; axis < rank; axis++) {
    if (sizes[axis] == 1 && !(s.rank == 0 && axis == rank - 1)) continue;
    int k = s.rank;
    if (k > 0 && s.a_strides[k - 1] == a_strides[axis] * sizes[axis] &&
        s.b_strides[k - 1] == b_strides[axis] * sizes[axis]) {
      s.sizes[k - 1] *= sizes[axis];
      s.a_strides[k - 1] = a_strides[axis];
      s.b_strides[k - 1] = b_strides[axis];
    } else {
      s.sizes[k] = sizes[axis];
      s.a_strides[k] = a_strides[axis];
      s.b_strides[k] = b_strides[axis];
      s.rank++;
    }
  }
  if (s.rank == 0) {
    binary_run(operation, a, 0, b, 0, y, 1);
    return;
  }
  if (s.rank == 1) {
    ck_parallel(s.sizes[0], CK_GRAIN, binary_body, &s);
    return;
  }
  ptrdiff_t rows = 1;
  for (int axis = 0; axis < s.rank - 1; axis++) rows *= s.sizes[axis];
  ck_parallel(rows, ck_row_grain(s.sizes[s.rank - 1]), binary_body, &s);
}
