#include "internal.h"

// A strip of codes: its running maxima and their tokens stay in registers or the nearest cache over all tokens.
enum { STRIP = 64 };

CK_INLINE void max_strip(const float *scores, ptrdiff_t pitch, ptrdiff_t tokens, ptrdiff_t n, bool floor, float *best,
                         uint16_t *where) {
  float greatest[STRIP];
  int32_t at[STRIP];
  for (ptrdiff_t c = 0; c < n; c++) {
    greatest[c] = -INFINITY;
    at[c] = CK_NO_TOKEN;
  }
  for (ptrdiff_t t = 0; t < tokens; t++) {
    const float *row = scores + t * pitch;
    for (ptrdiff_t c = 0; c < n; c++) {
      bool greater = row[c] > greatest[c];
      greatest[c] = greater ? row[c] : greatest[c];
      at[c] = greater ? (int32_t)t : at[c];
    }
  }
  if (floor) {
    for (ptrdiff_t c = 0; c < n; c++) {
      bool below = greatest[c] < 0.0f;
      greatest[c] = below ? 0.0f : greatest[c];
      at[c] = below ? CK_NO_TOKEN : at[c];
    }
  }
  memcpy(best, greatest, (size_t)n * sizeof(float));
  if (where)
    for (ptrdiff_t c = 0; c < n; c++) where[c] = (uint16_t)at[c];
}

CK_CLONES static void max_over_tokens(const float *scores, ptrdiff_t pitch, ptrdiff_t tokens, ptrdiff_t codes,
                                      bool floor, float *best, uint16_t *where) {
  ptrdiff_t c = 0;
  for (; c + STRIP <= codes; c += STRIP)
    max_strip(scores + c, pitch, tokens, STRIP, floor, best + c, where ? where + c : NULL);
  if (c < codes) max_strip(scores + c, pitch, tokens, codes - c, floor, best + c, where ? where + c : NULL);
}

void ck_max_over_tokens(const float *scores, ptrdiff_t pitch, ptrdiff_t tokens, ptrdiff_t codes, bool floor,
                        float *best, uint16_t *where) {
  // Without any token there is nothing to compare with: the maximum is 0.
  max_over_tokens(scores, pitch, tokens, codes, floor || tokens == 0, best, where);
}

struct coding {
  const float *weight, *from;
  const uint16_t *where;
  const int32_t *starts;
  float *to;
  ptrdiff_t observations, codes, dimensions;
  float scale;
};

// The rows of a block of codes stay in the second-level cache while all observations pass.
enum { CODES_IN_CACHE = 256, SCAN = 16 };

CK_INLINE bool any_nonzero(const float *x, ptrdiff_t n) {
  bool any = false;
  for (ptrdiff_t i = 0; i < n; i++) any |= x[i] != 0.0f;
  return any;
}

CK_INLINE void add_scaled_row(const float *restrict from, float factor, float *restrict to, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; i++) to[i] += factor * from[i];
}

// Both directions walk the non-zero weights of some observations and codes, observations inside blocks of codes, so
// that each row is added to in an order that does not depend on the threads.
CK_INLINE void walk(struct coding *s, ptrdiff_t first, ptrdiff_t last, ptrdiff_t low, ptrdiff_t high, bool to_codes) {
  ptrdiff_t d = s->dimensions;
  for (ptrdiff_t block = low; block < high; block += CODES_IN_CACHE) {
    ptrdiff_t end = block + CODES_IN_CACHE < high ? block + CODES_IN_CACHE : high;
    for (ptrdiff_t b = first; b < last; b++) {
      const float *weight = s->weight + b * s->codes;
      const uint16_t *where = s->where ? s->where + b * s->codes : NULL;
      ptrdiff_t start = s->starts ? s->starts[b] : b;
      for (ptrdiff_t chunk = block; chunk < end; chunk += SCAN) {
        ptrdiff_t stop = chunk + SCAN < end ? chunk + SCAN : end;
        if (stop - chunk == SCAN ? !any_nonzero(weight + chunk, SCAN) : !any_nonzero(weight + chunk, stop - chunk))
          continue;
        for (ptrdiff_t c = chunk; c < stop; c++) {
          if (weight[c] == 0.0f || (where && where[c] == CK_NO_TOKEN)) continue;
          ptrdiff_t row = start + (where ? where[c] : 0);
          if (to_codes)
            add_scaled_row(s->from + row * d, s->scale * weight[c], s->to + c * d, d);
          else
            add_scaled_row(s->from + c * d, s->scale * weight[c], s->to + row * d, d);
        }
      }
    }
  }
}

CK_CLONES static void add_codes_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  struct coding *s = context;
  walk(s, begin, end, 0, s->codes, false);
}

CK_CLONES static void add_to_codes_body(void *context, ptrdiff_t begin, ptrdiff_t end) {
  struct coding *s = context;
  walk(s, 0, s->observations, begin, end, true);
}

void ck_add_codes(const float *weight, const uint16_t *where, const int32_t *starts, const float *codebook,
                  float *rows, ptrdiff_t observations, ptrdiff_t codes, ptrdiff_t dimensions, float scale) {
  struct coding s = {weight, codebook, where, starts, rows, observations, codes, dimensions, scale};
  ck_parallel(observations, ck_row_grain(codes), add_codes_body, &s);
}

void ck_add_to_codes(const float *weight, const uint16_t *where, const int32_t *starts, const float *rows,
                     float *codebook, ptrdiff_t observations, ptrdiff_t codes, ptrdiff_t dimensions, float scale) {
  struct coding s = {weight, rows, where, starts, codebook, observations, codes, dimensions, scale};
  ck_parallel(codes, ck_row_grain(observations), add_to_codes_body, &s);
}

CK_CLONES static ptrdiff_t count_nonzero(const float *x, ptrdiff_t count) {
  ptrdiff_t total = 0;
  for (ptrdiff_t begin = 0; begin < count; begin += 4096) {
    ptrdiff_t end = begin + 4096 < count ? begin + 4096 : count;
    int32_t here = 0;
    for (ptrdiff_t i = begin; i < end; i++) here += x[i] != 0.0f;
    total += here;
  }
  return total;
}

ptrdiff_t ck_count_nonzero(const float *x, ptrdiff_t count) { return count_nonzero(x, count); }
