#include "internal.h"
#include <stdlib.h>

// The rays of some points are followed together, past chunks of all points that stay in the nearest cache.
enum { ORIGINS = 16, CHUNK = 1024, LANES = 16 };

// Each step is rounded: a fused one would make the distance from x to y another than that from y to x.
CK_INLINE void squared_distances(const float *points, ptrdiff_t dimensions, ptrdiff_t count, ptrdiff_t x, float *out) {
#pragma clang fp contract(off)
  for (ptrdiff_t start = 0; start < count; start += CHUNK) {
    ptrdiff_t stop = start + CHUNK < count ? start + CHUNK : count;
    for (ptrdiff_t y = start; y < stop; y++) out[y] = 0.0f;
    for (ptrdiff_t k = 0; k < dimensions; k++) {
      const float *row = points + k * count;
      float own = row[x];
      for (ptrdiff_t y = start; y < stop; y++) {
        float difference = own - row[y];
        out[y] += difference * difference;
      }
    }
  }
}

CK_CLONES static void distances_body(const float *points, ptrdiff_t dimensions, ptrdiff_t count, ptrdiff_t x,
                                     float *out) {
  squared_distances(points, dimensions, count, x, out);
}

void ck_squared_distances(const float *points, ptrdiff_t dimensions, ptrdiff_t count, ptrdiff_t x, float *out) {
  distances_body(points, dimensions, count, x, out);
}

struct casting {
  const float *points, *products;
  ptrdiff_t dimensions, count, pitch, rays, first, words;
  uint64_t *neighbours;
};

// The nearest neighbours along a ray and against it so far, and the chunks that they are in.
struct nearest {
  float along, against;
  int32_t along_chunk, against_chunk;
};

CK_INLINE void set_bit(uint64_t *bits, ptrdiff_t y) { bits[y >> 6] |= (uint64_t)1 << (y & 63); }

// The chunk's greatest and least (product − own) · reciprocal take the place of what they exceed.
CK_INLINE void look(const float *product, const float *reciprocal, float own, ptrdiff_t n, int32_t chunk,
                    struct nearest *nearest) {
  float greatest[LANES], least[LANES];
  for (int l = 0; l < LANES; l++) greatest[l] = least[l] = 0.0f;
  ptrdiff_t y = 0;
  for (; y + LANES <= n; y += LANES)
    for (int l = 0; l < LANES; l++) {
      float nearness = (product[y + l] - own) * reciprocal[y + l];
      greatest[l] = nearness > greatest[l] ? nearness : greatest[l];
      least[l] = nearness < least[l] ? nearness : least[l];
    }
  float high = 0.0f, low = 0.0f;
  for (int l = 0; l < LANES; l++) {
    high = greatest[l] > high ? greatest[l] : high;
    low = least[l] < low ? least[l] : low;
  }
  for (; y < n; y++) {
    float nearness = (product[y] - own) * reciprocal[y];
    high = nearness > high ? nearness : high;
    low = nearness < low ? nearness : low;
  }
  if (high > nearest->along) {
    nearest->along = high;
    nearest->along_chunk = chunk;
  }
  if (low < nearest->against) {
    nearest->against = low;
    nearest->against_chunk = chunk;
  }
}

// The first place of a chunk where the nearness is a value that one of them has.
CK_INLINE ptrdiff_t place(const float *product, const float *reciprocal, float own, ptrdiff_t n, float value) {
  ptrdiff_t y = 0;
  for (; y + LANES <= n; y += LANES) {
    int32_t found = 0;
    for (int l = 0; l < LANES; l++) found |= (product[y + l] - own) * reciprocal[y + l] == value;
    if (found) break;
  }
  for (; y < n; y++)
    if ((product[y] - own) * reciprocal[y] == value) return y;
  return -1;
}

CK_CLONES static void cast_rays(void *context, ptrdiff_t begin, ptrdiff_t end) {
  struct casting *a = context;
  ptrdiff_t count = a->count, rays = a->rays;
  float *reciprocals = malloc((size_t)(ORIGINS * count) * sizeof *reciprocals);
  struct nearest *nearest = malloc((size_t)(ORIGINS * rays) * sizeof *nearest);
  if (!reciprocals || !nearest) abort();
  for (ptrdiff_t group = begin; group < end; group += ORIGINS) {
    ptrdiff_t origins = group + ORIGINS < end ? ORIGINS : end - group;
    for (ptrdiff_t o = 0; o < origins; o++) {
      ptrdiff_t x = a->first + group + o, best = -1;
      float *square = reciprocals + o * count;
      uint64_t *bits = a->neighbours + x * a->words;
      squared_distances(a->points, a->dimensions, count, x, square);
      for (ptrdiff_t y = 0; y < count; y++) {
        if (y == x) continue;
        if (best < 0 || square[y] < square[best]) best = y;
        if (square[y] == 0.0f) set_bit(bits, y);
      }
      if (best >= 0) set_bit(bits, best);
      for (ptrdiff_t y = 0; y < count; y++) square[y] = square[y] > 0.0f ? 1.0f / square[y] : 0.0f;
      for (ptrdiff_t r = 0; r < rays; r++) nearest[o * rays + r] = (struct nearest){0.0f, 0.0f, -1, -1};
    }
    for (ptrdiff_t start = 0; start < count; start += CHUNK) {
      ptrdiff_t n = start + CHUNK < count ? CHUNK : count - start;
      for (ptrdiff_t r = 0; r < rays; r++) {
        const float *product = a->products + r * a->pitch;
        for (ptrdiff_t o = 0; o < origins; o++)
          look(product + start, reciprocals + o * count + start, product[a->first + group + o], n,
               (int32_t)(start / CHUNK), nearest + o * rays + r);
      }
    }
    for (ptrdiff_t o = 0; o < origins; o++) {
      ptrdiff_t x = a->first + group + o;
      uint64_t *bits = a->neighbours + x * a->words;
      for (ptrdiff_t r = 0; r < rays; r++) {
        const float *product = a->products + r * a->pitch, *reciprocal = reciprocals + o * count;
        struct nearest *found = nearest + o * rays + r;
        float values[2] = {found->along, found->against};
        int32_t chunks[2] = {found->along_chunk, found->against_chunk};
        for (int side = 0; side < 2; side++) {
          if (chunks[side] < 0) continue;
          ptrdiff_t start = (ptrdiff_t)chunks[side] * CHUNK;
          ptrdiff_t n = start + CHUNK < count ? CHUNK : count - start;
          ptrdiff_t y = place(product + start, reciprocal + start, product[x], n, values[side]);
          if (y >= 0) set_bit(bits, start + y);
        }
      }
    }
  }
  free(nearest);
  free(reciprocals);
}

void ck_cast_rays(const float *points, ptrdiff_t dimensions, ptrdiff_t count, const float *products, ptrdiff_t pitch,
                  ptrdiff_t rays, ptrdiff_t first, ptrdiff_t last, uint64_t *neighbours, ptrdiff_t words) {
  struct casting a = {points, products, dimensions, count, pitch, rays, first, words, neighbours};
  ck_parallel(last - first, ORIGINS, cast_rays, &a);
}

void ck_mirror_bits(uint64_t *bits, ptrdiff_t count, ptrdiff_t words) {
  for (ptrdiff_t x = 0; x < count; x++)
    for (ptrdiff_t word = 0; word < words; word++)
      for (uint64_t rest = bits[x * words + word]; rest; rest &= rest - 1)
        set_bit(bits + (word * 64 + __builtin_ctzll(rest)) * words, x);
}
