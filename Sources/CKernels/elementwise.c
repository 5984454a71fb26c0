#include "internal.h"

struct unary {
  ck_unary_operation operation;
  const float *x, *y, *dy;
  float *out;
  bool accumulate;
};

#define EACH(expression)                                  \
  CK_IN_PLACE for (ptrdiff_t i = begin; i < end; i++) {               \
    float x = a->x[i];                                    \
    a->out[i] = (expression);                             \
  }                                                       \
  break;

CK_CLONES static void unary_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  struct unary *a = context;
  float density;
  switch (a->operation) {
    case CK_NEGATE: EACH(-x)
    case CK_EXP: EACH(ck_expf(x))
    case CK_LOG: EACH(ck_logf(x))
    case CK_SQRT: EACH(__builtin_sqrtf(x))
    case CK_SQUARE: EACH(x * x)
    case CK_RECIPROCAL: EACH(1.0f / x)
    case CK_ABSOLUTE: EACH(x < 0 ? -x : x)
    case CK_RELU: EACH(x > 0 ? x : (x != x ? x : 0.0f))
    case CK_GELU: EACH(x * ck_normal_distribution(x, &density))
    case CK_QUICK_GELU: EACH(x * ck_sigmoidf(1.702f * x))
    case CK_SILU: EACH(x * ck_sigmoidf(x))
    case CK_TANH: EACH(ck_tanhf(x))
    case CK_SIGMOID: EACH(ck_sigmoidf(x))
    case CK_SOFTPLUS: EACH((x > 0 ? x : 0.0f) + ck_logf(1.0f + ck_expf(x < 0 ? x : -x)))
  }
}

void ck_unary(ck_unary_operation operation, const float *x, float *y, ptrdiff_t count) {
  struct unary a = {.operation = operation, .x = x, .out = y};
  ck_parallel(count, CK_GRAIN, unary_body, &a);
}

CK_INLINE float gelu_slope(float x) {
  float density, distribution = ck_normal_distribution(x, &density);
  return distribution + x * density;
}

CK_INLINE float quick_gelu_slope(float x) {
  float s = ck_sigmoidf(1.702f * x);
  return s * (1.0f + 1.702f * x * (1.0f - s));
}

CK_INLINE float silu_slope(float x) {
  float s = ck_sigmoidf(x);
  return s * (1.0f + x * (1.0f - s));
}

#define EACH_SLOPE(expression)                            \
  if (a->accumulate) {                                    \
    CK_IN_PLACE for (ptrdiff_t i = begin; i < end; i++) {             \
      float x = a->x[i], y = a->y[i], dy = a->dy[i];      \
      (void)x, (void)y;                                   \
      a->out[i] += (expression);                          \
    }                                                     \
  } else {                                                \
    CK_IN_PLACE for (ptrdiff_t i = begin; i < end; i++) {             \
      float x = a->x[i], y = a->y[i], dy = a->dy[i];      \
      (void)x, (void)y;                                   \
      a->out[i] = (expression);                           \
    }                                                     \
  }                                                       \
  break;

CK_CLONES static void unary_backward_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  struct unary *a = context;
  switch (a->operation) {
    case CK_NEGATE: EACH_SLOPE(-dy)
    case CK_EXP: EACH_SLOPE(dy * y)
    case CK_LOG: EACH_SLOPE(dy / x)
    case CK_SQRT: EACH_SLOPE(dy * 0.5f / y)
    case CK_SQUARE: EACH_SLOPE(dy * 2.0f * x)
    case CK_RECIPROCAL: EACH_SLOPE(-dy * y * y)
    case CK_ABSOLUTE: EACH_SLOPE(x > 0 ? dy : (x < 0 ? -dy : 0.0f))
    case CK_RELU: EACH_SLOPE(y > 0 ? dy : 0.0f)
    case CK_GELU: EACH_SLOPE(dy * gelu_slope(x))
    case CK_QUICK_GELU: EACH_SLOPE(dy * quick_gelu_slope(x))
    case CK_SILU: EACH_SLOPE(dy * silu_slope(x))
    case CK_TANH: EACH_SLOPE(dy * (1.0f - y * y))
    case CK_SIGMOID: EACH_SLOPE(dy * y * (1.0f - y))
    case CK_SOFTPLUS: EACH_SLOPE(dy * ck_sigmoidf(x))
  }
}

void ck_unary_backward(ck_unary_operation operation, const float *x, const float *y, const float *dy, float *dx,
                       ptrdiff_t count, bool accumulate) {
  struct unary a = {operation, x, y, dy, dx, accumulate};
  ck_parallel(count, CK_GRAIN, unary_backward_body, &a);
}

struct bias {
  ck_unary_operation operation;
  const float *x, *bias;
  float *pre, *y;
  ptrdiff_t columns;
};

CK_CLONES static void bias_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  struct bias *a = context;
  ptrdiff_t n = a->columns;
  for (ptrdiff_t r = begin; r < end; r++) {
    const float *x = a->x + r * n;
    float *y = a->y + r * n, *pre = a->pre ? a->pre + r * n : y, density;
    const float *bias = a->bias;
    switch (a->operation) {
      case CK_RELU:
        CK_IN_PLACE for (ptrdiff_t c = 0; c < n; c++) {
          float v = x[c] + bias[c];
          pre[c] = v;
          y[c] = v > 0 ? v : (v != v ? v : 0.0f);
        }
        break;
      case CK_GELU:
        CK_IN_PLACE for (ptrdiff_t c = 0; c < n; c++) {
          float v = x[c] + bias[c];
          pre[c] = v;
          y[c] = v * ck_normal_distribution(v, &density);
        }
        break;
      case CK_QUICK_GELU:
        CK_IN_PLACE for (ptrdiff_t c = 0; c < n; c++) {
          float v = x[c] + bias[c];
          pre[c] = v;
          y[c] = v * ck_sigmoidf(1.702f * v);
        }
        break;
      case CK_SILU:
        CK_IN_PLACE for (ptrdiff_t c = 0; c < n; c++) {
          float v = x[c] + bias[c];
          pre[c] = v;
          y[c] = v * ck_sigmoidf(v);
        }
        break;
      default:
        for (ptrdiff_t c = 0; c < n; c++) pre[c] = y[c] = x[c] + bias[c];
        unary_body(&(struct unary){.operation = a->operation, .x = pre, .out = y}, 0, n);
    }
  }
}

void ck_bias_unary(ck_unary_operation operation, const float *x, const float *bias, float *pre, float *y,
                   ptrdiff_t rows, ptrdiff_t columns) {
  struct bias a = {operation, x, bias, pre, y, columns};
  ck_parallel(rows, ck_row_grain(columns), bias_body, &a);
}

CK_CLONES static void add_bias_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  struct bias *a = context;
  for (ptrdiff_t r = begin; r < end; r++)
    for (ptrdiff_t c = 0; c < a->columns; c++) a->y[r * a->columns + c] += a->bias[c];
}

void ck_add_bias(const float *bias, float *y, ptrdiff_t rows, ptrdiff_t columns) {
  struct bias a = {.bias = bias, .y = y, .columns = columns};
  ck_parallel(rows, ck_row_grain(columns), add_bias_body, &a);
}

struct simple {
  const float *x, *z;
  float *y, a, b;
  bool accumulate;
};

#define SIMPLE(name, statement)                                                  \
  CK_CLONES static void name(void *context, ptrdiff_t begin, ptrdiff_t end) {    \
    struct simple *s = context;                                                  \
    const float *x = s->x, *z = s->z;                                            \
    float *y = s->y, a = s->a, b = s->b;                                         \
    (void)x, (void)z, (void)a, (void)b;                                          \
    for (ptrdiff_t i = begin; i < end; i++) { statement; }                       \
  }

SIMPLE(affine_body, y[i] = a * x[i] + b)
SIMPLE(add_scaled_body, y[i] += a * x[i])
SIMPLE(fill_body, y[i] = a)
SIMPLE(clamp_body, y[i] = x[i] < a ? a : (x[i] > b ? b : x[i]))
SIMPLE(clamp_slope_body, y[i] = x[i] >= a && x[i] <= b ? z[i] : 0.0f)
SIMPLE(clamp_slope_add_body, y[i] += x[i] >= a && x[i] <= b ? z[i] : 0.0f)
SIMPLE(add_relu_body, float v = x[i] + z[i]; y[i] = v > 0 ? v : (v != v ? v : 0.0f))
SIMPLE(moving_average_body, y[i] = a * y[i] + (1.0f - a) * x[i])

static void copy_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  struct simple *s = context;
  memcpy(s->y + begin, s->x + begin, (size_t)(end - begin) * sizeof(float));
}

void ck_affine(const float *x, float scale, float shift, float *y, ptrdiff_t count) {
  ck_parallel(count, CK_GRAIN, affine_body, &(struct simple){.x = x, .y = y, .a = scale, .b = shift});
}

void ck_add_scaled(const float *x, float scale, float *y, ptrdiff_t count) {
  ck_parallel(count, CK_GRAIN, add_scaled_body, &(struct simple){.x = x, .y = y, .a = scale});
}

void ck_fill(float value, float *y, ptrdiff_t count) {
  ck_parallel(count, 4 * CK_GRAIN, fill_body, &(struct simple){.y = y, .a = value});
}

void ck_copy(const float *x, float *y, ptrdiff_t count) {
  ck_parallel(count, 4 * CK_GRAIN, copy_body, &(struct simple){.x = x, .y = y});
}

void ck_add_relu(const float *a, const float *b, float *y, ptrdiff_t count) {
  ck_parallel(count, CK_GRAIN, add_relu_body, &(struct simple){.x = a, .z = b, .y = y});
}

void ck_clamp(const float *x, float low, float high, float *y, ptrdiff_t count) {
  ck_parallel(count, CK_GRAIN, clamp_body, &(struct simple){.x = x, .y = y, .a = low, .b = high});
}

void ck_clamp_backward(const float *x, const float *dy, float low, float high, float *dx, ptrdiff_t count,
                       bool accumulate) {
  ck_parallel(count, CK_GRAIN, accumulate ? clamp_slope_add_body : clamp_slope_body,
              &(struct simple){.x = x, .z = dy, .y = dx, .a = low, .b = high});
}

void ck_moving_average(const float *x, float momentum, float *y, ptrdiff_t count) {
  ck_parallel(count, CK_GRAIN, moving_average_body, &(struct simple){.x = x, .y = y, .a = momentum});
}

CK_CLONES static bool all_finite(const float *x, ptrdiff_t count) {
  int32_t odd = 0;
  for (ptrdiff_t i = 0; i < count; i++) odd |= (ck_to_bits(x[i]) & 0x7f800000) == 0x7f800000;
  return !odd;
}

bool ck_all_finite(const float *x, ptrdiff_t count) { return all_finite(x, count); }
