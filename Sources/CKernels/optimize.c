#include "internal.h"

struct update {
  float *value, *first, *second;
  const float *gradient;
  float scale, rate, momentum, beta1, beta2, epsilon, decay, correction1, correction2;
  bool nesterov, initial, decoupled;
};

CK_CLONES static void sgd_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  struct update *s = context;
  float *value = s->value, *velocity = s->first;
  const float *gradient = s->gradient;
  float momentum = s->initial ? 0.0f : s->momentum, ahead = s->momentum;
  for (ptrdiff_t i = begin; i < end; i++) {
    float g = s->scale * gradient[i] + s->decay * value[i];
    float v = momentum * velocity[i] + g;
    velocity[i] = v;
    value[i] -= s->rate * (s->nesterov ? g + ahead * v : v);
  }
}

void ck_sgd(float *value, const float *gradient, float *velocity, ptrdiff_t count, float scale, float learning_rate,
            float momentum, float weight_decay, bool nesterov, bool first) {
  struct update s = {.value = value, .gradient = gradient, .first = velocity, .scale = scale, .rate = learning_rate,
                     .momentum = momentum, .decay = weight_decay, .nesterov = nesterov, .initial = first};
  ck_parallel(count, CK_GRAIN, sgd_body, &s);
}

CK_CLONES static void adam_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  struct update *s = context;
  float *value = s->value, *first = s->first, *second = s->second;
  const float *gradient = s->gradient;
  float scale = s->scale, beta1 = s->beta1, beta2 = s->beta2, epsilon = s->epsilon;
  float coupled = s->decoupled ? 0.0f : s->decay, shrink = s->decoupled ? 1.0f - s->rate * s->decay : 1.0f;
  float step = s->rate / s->correction1, root = 1.0f / __builtin_sqrtf(s->correction2);
  for (ptrdiff_t i = begin; i < end; i++) {
    float g = scale * gradient[i] + coupled * value[i];
    float m = beta1 * first[i] + (1.0f - beta1) * g;
    float v = beta2 * second[i] + (1.0f - beta2) * g * g;
    first[i] = m;
    second[i] = v;
    value[i] = shrink * value[i] - step * m / (__builtin_sqrtf(v) * root + epsilon);
  }
}

void ck_adam(float *value, const float *gradient, float *first, float *second, ptrdiff_t count, float scale,
             float learning_rate, float beta1, float beta2, float epsilon, float weight_decay, bool decoupled,
             float correction1, float correction2) {
  struct update s = {.value = value, .gradient = gradient, .first = first, .second = second, .scale = scale,
                     .rate = learning_rate, .beta1 = beta1, .beta2 = beta2, .epsilon = epsilon, .decay = weight_decay,
                     .decoupled = decoupled, .correction1 = correction1, .correction2 = correction2};
  ck_parallel(count, CK_GRAIN, adam_body, &s);
}
