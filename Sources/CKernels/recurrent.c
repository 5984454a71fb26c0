#include "internal.h"

struct lstm {
  float *gates, *cell, *hidden, *d_cell, *d_gates;
  const float *cell_before, *kept_gates, *kept_cell, *d_hidden;
  ptrdiff_t width, pitch;
};

CK_CLONES static void lstm_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  struct lstm *s = context;
  ptrdiff_t n = s->width;
  for (ptrdiff_t b = begin; b < end; b++) {
    float *i = s->gates + b * 4 * n, *f = i + n, *g = f + n, *o = g + n;
    float *cell = s->cell + b * n, *hidden = s->hidden + b * s->pitch;
    const float *before = s->cell_before + b * n;
    for (ptrdiff_t c = 0; c < n; c++) {
      i[c] = ck_sigmoidf(i[c]);
      f[c] = ck_sigmoidf(f[c]);
      g[c] = ck_tanhf(g[c]);
      o[c] = ck_sigmoidf(o[c]);
      cell[c] = f[c] * before[c] + i[c] * g[c];
      hidden[c] = o[c] * ck_tanhf(cell[c]);
    }
  }
}

void ck_lstm_step(float *gates, const float *cell_before, float *cell, float *hidden, ptrdiff_t batch, ptrdiff_t width,
                  ptrdiff_t hidden_pitch) {
  struct lstm s = {.gates = gates, .cell_before = cell_before, .cell = cell, .hidden = hidden, .width = width,
                   .pitch = hidden_pitch};
  ck_parallel(batch, ck_row_grain(16 * width), lstm_body, &s);
}

CK_CLONES static void lstm_backward_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  struct lstm *s = context;
  ptrdiff_t n = s->width;
  for (ptrdiff_t b = begin; b < end; b++) {
    const float *i = s->kept_gates + b * 4 * n, *f = i + n, *g = f + n, *o = g + n;
    const float *cell = s->kept_cell + b * n, *before = s->cell_before + b * n, *dh = s->d_hidden + b * n;
    float *dc = s->d_cell + b * n, *di = s->d_gates + b * 4 * n, *df = di + n, *dg = df + n, *d_o = dg + n;
    for (ptrdiff_t c = 0; c < n; c++) {
      float t = ck_tanhf(cell[c]);
      float total = dc[c] + dh[c] * o[c] * (1.0f - t * t);
      d_o[c] = dh[c] * t * o[c] * (1.0f - o[c]);
      di[c] = total * g[c] * i[c] * (1.0f - i[c]);
      df[c] = total * before[c] * f[c] * (1.0f - f[c]);
      dg[c] = total * i[c] * (1.0f - g[c] * g[c]);
      dc[c] = total * f[c];
    }
  }
}

void ck_lstm_step_backward(const float *gates, const float *cell_before, const float *cell, const float *d_hidden,
                           float *d_cell, float *d_gates, ptrdiff_t batch, ptrdiff_t width) {
  struct lstm s = {.kept_gates = gates, .cell_before = cell_before, .kept_cell = cell, .d_hidden = d_hidden,
                   .d_cell = d_cell, .d_gates = d_gates, .width = width};
  ck_parallel(batch, ck_row_grain(16 * width), lstm_backward_body, &s);
}

struct gru {
  float *gates, *hidden, *d_input, *d_recurrent, *d_before;
  const float *kept_gates, *recurrent, *before, *d_hidden;
  ptrdiff_t width;
};

CK_CLONES static void gru_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  struct gru *s = context;
  ptrdiff_t n = s->width;
  for (ptrdiff_t b = begin; b < end; b++) {
    float *r = s->gates + b * 3 * n, *z = r + n, *g = z + n, *hidden = s->hidden + b * n;
    const float *ur = s->recurrent + b * 3 * n, *uz = ur + n, *ug = uz + n, *before = s->before + b * n;
    for (ptrdiff_t c = 0; c < n; c++) {
      r[c] = ck_sigmoidf(r[c] + ur[c]);
      z[c] = ck_sigmoidf(z[c] + uz[c]);
      g[c] = ck_tanhf(g[c] + r[c] * ug[c]);
      hidden[c] = (1.0f - z[c]) * g[c] + z[c] * before[c];
    }
  }
}

void ck_gru_step(float *input, const float *recurrent, const float *hidden_before, float *hidden, ptrdiff_t batch,
                 ptrdiff_t width) {
  struct gru s = {.gates = input, .recurrent = recurrent, .before = hidden_before, .hidden = hidden, .width = width};
  ck_parallel(batch, ck_row_grain(16 * width), gru_body, &s);
}

CK_CLONES static void gru_backward_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  struct gru *s = context;
  ptrdiff_t n = s->width;
  for (ptrdiff_t b = begin; b < end; b++) {
    const float *r = s->kept_gates + b * 3 * n, *z = r + n, *g = z + n, *ug = s->recurrent + b * 3 * n + 2 * n;
    const float *before = s->before + b * n, *dh = s->d_hidden + b * n;
    float *dr = s->d_input + b * 3 * n, *dz = dr + n, *dg = dz + n;
    float *ur = s->d_recurrent + b * 3 * n, *uz = ur + n, *d_ug = uz + n, *d_before = s->d_before + b * n;
    for (ptrdiff_t c = 0; c < n; c++) {
      float candidate = dh[c] * (1.0f - z[c]) * (1.0f - g[c] * g[c]);
      float reset = candidate * ug[c] * r[c] * (1.0f - r[c]);
      float update = dh[c] * (before[c] - g[c]) * z[c] * (1.0f - z[c]);
      dg[c] = candidate;
      d_ug[c] = candidate * r[c];
      dr[c] = ur[c] = reset;
      dz[c] = uz[c] = update;
      d_before[c] = dh[c] * z[c];
    }
  }
}

void ck_gru_step_backward(const float *gates, const float *recurrent, const float *hidden_before,
                          const float *d_hidden, float *d_input, float *d_recurrent, float *d_hidden_before,
                          ptrdiff_t batch, ptrdiff_t width) {
  struct gru s = {.kept_gates = gates, .recurrent = recurrent, .before = hidden_before, .d_hidden = d_hidden,
                  .d_input = d_input, .d_recurrent = d_recurrent, .d_before = d_hidden_before, .width = width};
  ck_parallel(batch, ck_row_grain(16 * width), gru_backward_body, &s);
}
