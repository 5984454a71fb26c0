#include "internal.h"

struct draw {
  uint64_t key, position;
  float low, high, rate;
  const float *x;
  float *y;
  bool accumulate;
};

// SplitMix64's finaliser, as in Swift's RandomStream: number i follows `position` draws.
CK_INLINE uint64_t draw(uint64_t key, uint64_t number) {
  uint64_t z = key + number * 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

CK_INLINE float unit(uint64_t bits) { return (float)(int32_t)(bits >> 40) * 0x1p-24f; }

CK_CLONES static void uniform_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  struct draw *s = context;
  float span = s->high - s->low;
  for (ptrdiff_t i = begin; i < end; i++)
    s->y[i] = s->low + span * unit(draw(s->key, s->position + 1 + (uint64_t)i));
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
      y[i] += unit(draw(s->key, s->position + 1 + (uint64_t)i)) >= rate ? factor * x[i] : 0.0f;
  } else {
    for (ptrdiff_t i = begin; i < end; i++)
      y[i] = unit(draw(s->key, s->position + 1 + (uint64_t)i)) >= rate ? factor * x[i] : 0.0f;
  }
}

void ck_dropout(uint64_t key, uint64_t position, float rate, const float *x, float *y, ptrdiff_t count,
                bool accumulate) {
  struct draw s = {.key = key, .position = position, .rate = rate, .x = x, .y = y, .accumulate = accumulate};
  ck_parallel(count, CK_GRAIN, dropout_body, &s);
}
