#pragma once
#include "CKernels.h"
#include <math.h>
#include <string.h>

// One macro holds what is specific to a processor: x86-64 gets a copy of each loop for each level.
#if defined(__x86_64__)
#define CK_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CK_CLONES
#endif
#define CK_INLINE static inline __attribute__((always_inline))
// Sums may be taken in any order; the order still depends only on the sizes.
#define CK_REASSOCIATE _Pragma("clang fp reassociate(on)")

// Source and destination may be the same array: each number depends only on its own place.
#define CK_IN_PLACE _Pragma("clang loop vectorize(assume_safety)")

// The least work worth a second thread: about what a fork and join costs.
enum { CK_GRAIN = 8192 };

CK_INLINE ptrdiff_t ck_row_grain(ptrdiff_t columns) { return 1 + CK_GRAIN / (columns > 0 ? columns : 1); }

CK_INLINE float ck_from_bits(int32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

CK_INLINE int32_t ck_to_bits(float value) {
  int32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

// The upper half of a float32, rounded to the nearest, ties to even.
CK_INLINE uint16_t ck_narrow(float value) {
  uint32_t bits = (uint32_t)ck_to_bits(value);
  uint32_t rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
  // Rounding must not carry a NaN over to infinity.
  return (uint16_t)((bits & 0x7fffffffu) > 0x7f800000u ? (bits >> 16) | 0x40u : rounded);
}

CK_INLINE float ck_widen(uint16_t value) { return ck_from_bits((int32_t)((uint32_t)value << 16)); }

// e^x with a relative error below 3e-7: x = n ln 2 + r, a polynomial in r, and n put into the exponent.
CK_INLINE float ck_expf(float x) {
  float low = x > 88.3762f ? 88.3762f : x;
  low = low < -87.3365f ? -87.3365f : low;
  float n = __builtin_rintf(low * 1.44269504f);
  float r = low - n * 0.693359375f;
  r = r + n * 2.12194440e-4f;
  float p = 0.00137514085f;
  p = p * r + 0.00836892182f;
  p = p * r + 0.0416695337f;
  p = p * r + 0.166665184f;
  p = p * r + 0.499999886f;
  p = p * r * r + r + 1.0f;
  float y = p * ck_from_bits(((int32_t)n + 127) << 23);
  y = x < -87.3365f ? 0.0f : y;
  y = x > 88.3762f ? INFINITY : y;
  return x != x ? x : y;
}

// The greatest of n numbers, in sixteen lanes; a number that is none is passed over.
CK_INLINE float ck_greatest(const float *x, ptrdiff_t n) {
  enum { lanes = 16 };
  float greatest[lanes];
  for (int l = 0; l < lanes; l++) greatest[l] = -INFINITY;
  ptrdiff_t c = 0;
  for (; c + lanes <= n; c += lanes)
    for (int l = 0; l < lanes; l++) greatest[l] = x[c + l] > greatest[l] ? x[c + l] : greatest[l];
  float result = -INFINITY;
  for (int l = 0; l < lanes; l++) result = greatest[l] > result ? greatest[l] : result;
  for (; c < n; c++) result = x[c] > result ? x[c] : result;
  return result;
}

// ln x for positive normal x, relative error below 2e-7; 0 gives −∞ and negative numbers NaN.
CK_INLINE float ck_logf(float x) {
  int32_t bits = ck_to_bits(x);
  int32_t shifted = bits - 0x3f3504f3;
  int32_t n = shifted >> 23;
  float f = ck_from_bits(bits - (n << 23)) - 1.0f;
  float q = 0.0667534579f;
  q = q * f - 0.116465746f;
  q = q * f + 0.119047572f;
  q = q * f - 0.124112508f;
  q = q * f + 0.142178835f;
  q = q * f - 0.166676443f;
  q = q * f + 0.200022046f;
  q = q * f - 0.250000163f;
  q = q * f + 0.333333109f;
  float y = f * f * f * q + ((float)n * -2.12194440e-4f - 0.5f * f * f) + f + (float)n * 0.693359375f;
  y = x == 0.0f ? -INFINITY : y;
  y = x < 0.0f ? NAN : y;
  return x == INFINITY || x != x ? x : y;
}

CK_INLINE float ck_sigmoidf(float x) { return 1.0f / (1.0f + ck_expf(-x)); }

// tanh x: a series near 0, where the quotient would cancel.
CK_INLINE float ck_tanhf(float x) {
  float square = x * x;
  float near = x * (1.0f + square * (-0.333333333f + square * (0.133333333f - square * 0.0539682540f)));
  float e = ck_expf(-2.0f * (x < 0 ? -x : x));
  float far = (1.0f - e) / (1.0f + e);
  far = x < 0 ? -far : far;
  return square < 0.0225f ? near : far;
}

// Φ(x) and φ(x) of the standard normal distribution from one exponential: erfc(u) = t · P(t) · e^(−u²),
// t = 1 / (1 + 0.66 u), P fitted to a relative error of 4e-8.
CK_INLINE float ck_normal_distribution(float x, float *density) {
  float e = ck_expf(-0.5f * x * x);
  float u = (x < 0 ? -x : x) * 0.707106781f;
  float t = 1.0f / (1.0f + 0.66f * u);
  float p = 0.0937475142f;
  p = p * t - 0.514880466f;
  p = p * t + 1.13007569f;
  p = p * t - 1.14836276f;
  p = p * t + 0.376697225f;
  p = p * t + 0.00835090172f;
  p = p * t + 0.311441923f;
  p = p * t + 0.370490867f;
  p = p * t + 0.372439141f;
  float tail = 0.5f * t * p * e;
  *density = e * 0.398942280f;
  return x < 0 ? tail : 1.0f - tail;
}

// SplitMix64's finaliser, as in Swift's RandomStream: number i follows `position` draws.
CK_INLINE uint64_t ck_draw(uint64_t key, uint64_t number) {
  uint64_t z = key + number * 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

CK_INLINE float ck_unit(uint64_t bits) { return (float)(int32_t)(bits >> 40) * 0x1p-24f; }
