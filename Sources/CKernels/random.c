#include "internal.h"

struct draw {
  uint64_t key, position;
  float low, high, rate;
  const float *x;
  float *y;
  bool accumulate;
};

CK_CLONES static void uniform_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  struct draw *s = context;
  float span = s->high - s->low;
  for (ptrdiff_t i = begin; i < end; i++)
    s->y[i] = s->low + span * ck_unit(ck_draw(s->key, s->position + 1 + (uint64_t)i));
}

void ck_random_uniform(uint64_t key, uint64_t position, float low, float high, float *y, ptrdiff_t count) {
  struct draw s = {.key = key, .position = position, .low = low, .high = high, .y = y};
  ck_parallel(count, CK_GRAIN, uniform_body, &s);
}

CK_CLONES static void dropout_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  struct draw *s = context;
  float factor = 1.0f / (1.0f - s->rate), rate = s->rate;
  const float *x = s->x;
  float *y = s->y;
  if (s->accumulate) {
    for (ptrdiff_t i = begin; i < end; i++)
      y[i] += ck_unit(ck_draw(s->key, s->position + 1 + (uint64_t)i)) >= rate ? factor * x[i] : 0.0f;
  } else {
    for (ptrdiff_t i = begin; i < end; i++)
      y[i] = ck_unit(ck_draw(s->key, s->position + 1 + (uint64_t)i)) >= rate ? factor * x[i] : 0.0f;
  }
}

void ck_dropout(uint64_t key, uint64_t position, float rate, const float *x, float *y, ptrdiff_t count,
                bool accumulate) {
  struct draw s = {.key = key, .position = position, .rate = rate, .x = x, .y = y, .accumulate = accumulate};
  ck_parallel(count, CK_GRAIN, dropout_body, &s);
}
