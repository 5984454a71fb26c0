// The few loops that no library has, compiled for AVX-512, AVX2 and the baseline, on the OpenMP pool.
//
// Arrays are dense 32-bit floats, row-major. `accumulate` adds to the destination instead of overwriting it. Work is
// divided into one contiguous part a thread, so the same thread count gives the same bits.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CK_MAX_RANK = 8 };

// Threads

/// The number of threads of the OpenMP pool.
int ck_threads(void);
/// Sets the number of threads of the OpenMP pool.
void ck_set_threads(int threads);
/// A piece of work over the indices `begin..<end`.
typedef void (*ck_body)(void *_Nullable context, ptrdiff_t begin, ptrdiff_t end);
/// Divides `0..<count` among the threads, at least `grain` indices each.
void ck_parallel(ptrdiff_t count, ptrdiff_t grain, ck_body _Nonnull body, void *_Nullable context);

#pragma clang assume_nonnull begin

// Elementwise

typedef enum {
  CK_NEGATE, CK_EXP, CK_LOG, CK_SQRT, CK_SQUARE, CK_RECIPROCAL, CK_ABSOLUTE,
  CK_RELU, CK_GELU, CK_QUICK_GELU, CK_SILU, CK_TANH, CK_SIGMOID, CK_SOFTPLUS,
} ck_unary_operation;
typedef enum { CK_ADD, CK_SUBTRACT, CK_MULTIPLY, CK_DIVIDE, CK_MAXIMUM, CK_MINIMUM } ck_binary_operation;

void ck_unary(ck_unary_operation operation, const float *x, float *y, ptrdiff_t count);
/// dx (+)= dy · f′; `x` is the operation's input and `y` its output.
void ck_unary_backward(ck_unary_operation operation, const float *x, const float *y, const float *dy, float *dx,
                       ptrdiff_t count, bool accumulate);
/// Broadcasts by strides: a stride of 0 repeats; the last axis is the fastest.
void ck_binary(ck_binary_operation operation, const float *a, const ptrdiff_t *a_strides, const float *b,
               const ptrdiff_t *b_strides, float *y, const ptrdiff_t *sizes, int rank);
/// y = scale · x + shift
void ck_affine(const float *x, float scale, float shift, float *y, ptrdiff_t count);
/// y += scale · x
void ck_add_scaled(const float *x, float scale, float *y, ptrdiff_t count);
void ck_fill(float value, float *y, ptrdiff_t count);
void ck_copy(const float *x, float *y, ptrdiff_t count);
/// y = min(max(x, low), high), and its gradient: dx (+)= dy where low ≤ x ≤ high.
void ck_clamp(const float *x, float low, float high, float *y, ptrdiff_t count);
void ck_clamp_backward(const float *x, const float *dy, float low, float high, float *dx, ptrdiff_t count,
                       bool accumulate);
/// y[r, c] = f(x[r, c] + bias[c]); `pre` (may be null, or x itself) receives the sum before f.
void ck_bias_unary(ck_unary_operation operation, const float *x, const float *bias, float *_Nullable pre, float *y,
                   ptrdiff_t rows, ptrdiff_t columns);
/// y = max(a + b, 0)
void ck_add_relu(const float *a, const float *b, float *y, ptrdiff_t count);
/// y[r, c] += bias[c]
void ck_add_bias(const float *bias, float *y, ptrdiff_t rows, ptrdiff_t columns);
/// Whether every value is finite.
bool ck_all_finite(const float *x, ptrdiff_t count);
/// How many values are below `low`, and how many are at most `high`; what is not a number is neither.
void ck_count_bounds(const float *x, ptrdiff_t count, float low, float high, int32_t *below, int32_t *not_above);

// Reductions over the middle axis of [outer, count, inner]

typedef enum { CK_SUM, CK_MAX } ck_reduction;
/// `where` (CK_MAX only, may be null) receives the index of the first greatest value.
void ck_reduce(ck_reduction operation, const float *x, float *y, int32_t *_Nullable where, ptrdiff_t outer,
               ptrdiff_t count, ptrdiff_t inner, float scale, bool accumulate);
/// x (+)= scale · y repeated along the middle axis.
void ck_repeat(const float *y, float *x, ptrdiff_t outer, ptrdiff_t count, ptrdiff_t inner, float scale,
               bool accumulate);
/// dx[o, where[o, i], i] += dy[o, i]
void ck_scatter_max(const float *dy, const int32_t *where, float *dx, ptrdiff_t outer, ptrdiff_t count,
                    ptrdiff_t inner);
/// Σ x² in double precision, summed in a fixed order.
double ck_sum_of_squares(const float *x, ptrdiff_t count);
/// y[r] = Σ_c a[r, c] · b[r, c]
void ck_row_dot(const float *a, const float *b, float *y, ptrdiff_t rows, ptrdiff_t columns);
/// y[r, c] (+)= s[r] · x[r, c]
void ck_scale_rows(const float *s, const float *x, float *y, ptrdiff_t rows, ptrdiff_t columns, bool accumulate);

// Rows

void ck_softmax(const float *x, float *y, ptrdiff_t rows, ptrdiff_t columns, float scale);
/// dx (+)= scale · y · (dy − Σ dy y)
void ck_softmax_backward(const float *y, const float *dy, float *dx, ptrdiff_t rows, ptrdiff_t columns, float scale,
                         bool accumulate);
/// y = x − logsumexp(x)
void ck_log_softmax(const float *x, float *y, ptrdiff_t rows, ptrdiff_t columns);
/// dx (+)= dy − exp(y) · Σ dy
void ck_log_softmax_backward(const float *y, const float *dy, float *dx, ptrdiff_t rows, ptrdiff_t columns,
                             bool accumulate);
/// y[r] = log Σ_c exp(x[r, c]), leaving out column skip[r] where `skip` is given (−1 leaves out none).
void ck_log_sum_exp(const float *x, const int32_t *_Nullable skip, float *y, ptrdiff_t rows, ptrdiff_t columns);
/// dx (+)= dy[r] · exp(x − y[r])
void ck_log_sum_exp_backward(const float *x, const int32_t *_Nullable skip, const float *y, const float *dy, float *dx,
                             ptrdiff_t rows, ptrdiff_t columns, bool accumulate);
/// loss[r] = logsumexp(x[r]) − x[r, target[r]], with `log_sum` kept for the gradient.
void ck_cross_entropy(const float *x, const int32_t *target, float *loss, float *log_sum, ptrdiff_t rows,
                      ptrdiff_t columns);
/// dx (+)= dy[r] · (softmax(x)[r, c] − [c = target[r]])
void ck_cross_entropy_backward(const float *x, const int32_t *target, const float *log_sum, const float *dy, float *dx,
                               ptrdiff_t rows, ptrdiff_t columns, bool accumulate);
/// Euclidean projection of each row onto the simplex (Martins & Astudillo 2016), by successive thresholds.
void ck_sparsemax(const float *x, float *y, ptrdiff_t rows, ptrdiff_t columns);
/// dx (+)= [y > 0] · (dy − mean of dy over the support)
void ck_sparsemax_backward(const float *y, const float *dy, float *dx, ptrdiff_t rows, ptrdiff_t columns,
                           bool accumulate);
/// y = x / max(‖x‖, epsilon), with the norms kept for the gradient.
void ck_normalize_rows(const float *x, float *y, float *norm, ptrdiff_t rows, ptrdiff_t columns, float epsilon);
void ck_normalize_rows_backward(const float *y, const float *norm, const float *dy, float *dx, ptrdiff_t rows,
                                ptrdiff_t columns, float epsilon, bool accumulate);
void ck_layer_norm(const float *x, const float *gain, const float *bias, float *y, float *mean, float *inverse,
                   ptrdiff_t rows, ptrdiff_t columns, float epsilon);
/// dx (+)= …; d_gain and d_bias are added to.
void ck_layer_norm_backward(const float *x, const float *gain, const float *mean, const float *inverse,
                            const float *dy, float *dx, float *d_gain, float *d_bias, ptrdiff_t rows,
                            ptrdiff_t columns, bool accumulate);

// Movement

/// y = x with axes in another order; strides are x's, in the order of y's axes.
void ck_permute(const float *x, const ptrdiff_t *x_strides, float *y, const ptrdiff_t *sizes, int rank,
                bool accumulate);
void ck_gather_rows(const float *table, const int32_t *index, float *y, ptrdiff_t count, ptrdiff_t columns);
/// table[index[r]] += dy[r]; rows of the same index are added in order.
void ck_scatter_add_rows(const float *dy, const int32_t *index, float *table, ptrdiff_t count, ptrdiff_t columns,
                         ptrdiff_t table_rows);
/// Copies (or adds) `rows` runs of `length` numbers between two pitches.
void ck_copy_runs(const float *x, ptrdiff_t x_pitch, float *y, ptrdiff_t y_pitch, ptrdiff_t rows, ptrdiff_t length,
                  bool accumulate);

// Delaunay graphs by rays

/// out[y] = Σ_k (points[k, x] − points[k, y])², each step rounded, `points` being [dimensions, count].
void ck_squared_distances(const float *points, ptrdiff_t dimensions, ptrdiff_t count, ptrdiff_t x, float *out);
/// From each point `first..<last` rays in several directions and against them: the bits of row x of `neighbours`,
/// [count, words], are set where y has the greatest positive (d · y − d · x) / ‖y − x‖² along one of them, the first of
/// equal ones, is nearest, or lies at the same place. `products` are d · y, [rays, pitch], of the same points.
void ck_cast_rays(const float *points, ptrdiff_t dimensions, ptrdiff_t count, const float *products, ptrdiff_t pitch,
                  ptrdiff_t rays, ptrdiff_t first, ptrdiff_t last, uint64_t *neighbours, ptrdiff_t words);
/// Sets bit (y, x) of [count, words] where bit (x, y) is.
void ck_mirror_bits(uint64_t *bits, ptrdiff_t count, ptrdiff_t words);

// Codebooks: observations of several tokens, scored against rows of one table

/// The token number that stands for none.
enum { CK_NO_TOKEN = 0xFFFF };
/// best[c] = max over tokens of scores[t, c], the first of equal ones, and its token in `where` (may be null). With
/// `floor` a negative maximum becomes 0 and belongs to no token, as does that over no tokens. Runs on one thread.
void ck_max_over_tokens(const float *scores, ptrdiff_t pitch, ptrdiff_t tokens, ptrdiff_t codes, bool floor,
                        float *best, uint16_t *_Nullable where);
/// rows[row(b, c)] += scale · weight[b, c] · codebook[c] for every non-zero weight; row(b, c) is
/// starts[b] + where[b, c], or b where both are null.
void ck_add_codes(const float *weight, const uint16_t *_Nullable where, const int32_t *_Nullable starts,
                  const float *codebook, float *rows, ptrdiff_t observations, ptrdiff_t codes, ptrdiff_t dimensions,
                  float scale);
/// codebook[c] += scale · weight[b, c] · rows[row(b, c)] for every non-zero weight, observations in order.
void ck_add_to_codes(const float *weight, const uint16_t *_Nullable where, const int32_t *_Nullable starts,
                     const float *rows, float *codebook, ptrdiff_t observations, ptrdiff_t codes,
                     ptrdiff_t dimensions, float scale);
ptrdiff_t ck_count_nonzero(const float *x, ptrdiff_t count);

// Recurrence (PyTorch's gate order and equations)

/// One LSTM step: gates [batch, 4·hidden] hold i, f, g, o before and after their non-linearities.
void ck_lstm_step(float *gates, const float *cell_before, float *cell, float *hidden, ptrdiff_t batch, ptrdiff_t width,
                  ptrdiff_t hidden_pitch);
void ck_lstm_step_backward(const float *gates, const float *cell_before, const float *cell, const float *d_hidden,
                           float *d_cell, float *d_gates, ptrdiff_t batch, ptrdiff_t width);
/// One GRU step: `input` [batch, 3·hidden] and `recurrent` [batch, 3·hidden] hold r, z, n; `input` receives the gates.
void ck_gru_step(float *input, const float *recurrent, const float *hidden_before, float *hidden, ptrdiff_t batch,
                 ptrdiff_t width);
void ck_gru_step_backward(const float *gates, const float *recurrent, const float *hidden_before,
                          const float *d_hidden, float *d_input, float *d_recurrent, float *d_hidden_before,
                          ptrdiff_t batch, ptrdiff_t width);

// Random numbers (the numbers of Swift's RandomStream at the same key and position)

/// Uniform in [low, high).
void ck_random_uniform(uint64_t key, uint64_t position, float low, float high, float *y, ptrdiff_t count);
/// y = keep ? x / (1 − rate) : 0, number i of the stream deciding on element i.
void ck_dropout(uint64_t key, uint64_t position, float rate, const float *x, float *y, ptrdiff_t count,
                bool accumulate);

// Augmentation of images

/// How views of images are made; probabilities in 0…1, ranges as low and high.
typedef struct {
  ptrdiff_t height, width, channels;
  float scale_low, scale_high, aspect_low, aspect_high;
  float flip, jitter, brightness, contrast, saturation, hue, grey, blur, deviation_low, deviation_high;
} ck_augmentation;
/// The random numbers that a view takes from its stream, whatever becomes of it.
enum { CK_AUGMENT_DRAWS = 64 };
/// Writes a view of each named image, [height, width, channels] with one or three channels in 0…1: crop and bilinear
/// resize, flip, colour jitter, grey, blur. View i uses the numbers from `position + i · CK_AUGMENT_DRAWS` on; an image
/// whose `keeps_side` (may be null) is set is not flipped. Returns false where memory was short.
bool ck_augment_images(const ck_augmentation *options, uint64_t key, uint64_t position, const float *images,
                       const int32_t *rows, const bool *_Nullable keeps_side, float *views, ptrdiff_t count);

// Between float32 and bfloat16, rounded to the nearest, ties to even

/// y = bfloat16(x), from rows that stand `pitch` numbers apart to dense ones.
void ck_round_bfloat16(const float *x, ptrdiff_t pitch, uint16_t *y, ptrdiff_t rows, ptrdiff_t columns);
/// y = float32(x)
void ck_widen_bfloat16(const uint16_t *x, float *y, ptrdiff_t count);
/// y = a + b
void ck_add_bfloat16(const uint16_t *a, const uint16_t *b, uint16_t *y, ptrdiff_t count);
/// y[r, c] = x[r, c] + bias[c]
void ck_bias_round_bfloat16(const float *x, const float *bias, uint16_t *y, ptrdiff_t rows, ptrdiff_t columns);
/// pre[r, c] = x[r, c] + bias[c], y = f(pre) for ReLU, GELU and SiLU; `pre` may be null.
void ck_bias_unary_bfloat16(ck_unary_operation operation, const float *x, const float *bias, uint16_t *_Nullable pre,
                            uint16_t *y, ptrdiff_t rows, ptrdiff_t columns);
/// dy is multiplied by f′(pre) in place and rounded into dx; `y` (may be null) receives f(pre).
void ck_unary_backward_bfloat16(ck_unary_operation operation, const uint16_t *pre, float *dy, uint16_t *dx,
                                uint16_t *_Nullable y, ptrdiff_t count);
/// y = softmax(scale · x); x is used up.
void ck_softmax_bfloat16(float *x, uint16_t *y, ptrdiff_t rows, ptrdiff_t columns, float scale);
/// dx = scale · y · (dy − Σ dy y)
void ck_softmax_backward_bfloat16(const uint16_t *y, const float *dy, uint16_t *dx, ptrdiff_t rows, ptrdiff_t columns,
                                  float scale);

// Channels-last bfloat16 images, [rows, channels] or [images, count, channels]; no bit depends on the threads

enum { CK_IMAGE_BLOCK = 256 };

/// y = (x − mean) / √(variance + epsilon) · gain + bias (+ branch), then max(0, ·) if rectified; writes the batch's mean
/// and biased variance. `room` has (2 + 2 · ⌈rows / CK_IMAGE_BLOCK⌉) · channels numbers.
void ck_batch_norm_bfloat16(const uint16_t *x, const float *gain, const float *bias, const uint16_t *_Nullable branch,
                            float *mean, float *variance, uint16_t *y, float *room, ptrdiff_t rows, ptrdiff_t channels,
                            float epsilon, bool rectified);
/// The gradients, all written; `y` is the rectified output, null where it was not rectified. `d_branch` (may be null)
/// receives what the rectifier lets through. `room` has `channels` numbers more than in the forward pass.
void ck_batch_norm_backward_bfloat16(const uint16_t *x, const uint16_t *_Nullable y, const float *gain,
                                     const float *mean, const float *variance, const uint16_t *dy, uint16_t *dx,
                                     uint16_t *_Nullable d_branch, float *d_gain, float *d_bias, float *room,
                                     ptrdiff_t rows, ptrdiff_t channels, float epsilon);
/// y[image, c] = mean of x over the middle axis, in float32.
void ck_image_means_bfloat16(const uint16_t *x, float *y, ptrdiff_t images, ptrdiff_t count, ptrdiff_t channels);
/// dx[image, i, c] = dy[image, c] / count
void ck_image_means_backward_bfloat16(const float *dy, uint16_t *dx, ptrdiff_t images, ptrdiff_t count,
                                      ptrdiff_t channels);

// Optimisers, one pass over flat arrays

void ck_sgd(float *value, const float *gradient, float *velocity, ptrdiff_t count, float scale, float learning_rate,
            float momentum, float weight_decay, bool nesterov, bool first);
/// `decoupled` is AdamW's weight decay; `correction1`, `correction2` are 1 − βᵗ.
void ck_adam(float *value, const float *gradient, float *first, float *second, ptrdiff_t count, float scale,
             float learning_rate, float beta1, float beta2, float epsilon, float weight_decay, bool decoupled,
             float correction1, float correction2);
/// y = m · y + (1 − m) · x
void ck_moving_average(const float *x, float momentum, float *y, ptrdiff_t count);

// 8-bit integers, rounded to the nearest, ties to even

/// For each row of x, which stand `pitch` numbers apart: scale s = (greatest − least) / 255 over the row and 0, 1 where
/// that is 0; zero z = round(−least / s); codes round(x / s) + z in 0…255, dense. A row with a number that is not finite
/// has the scale NaN.
void ck_quantise_rows(const float *x, ptrdiff_t pitch, uint8_t *codes, float *scales, int32_t *zeros, ptrdiff_t rows,
                      ptrdiff_t columns);
/// For each row of w, the weights of an output: scale s = max |w| / 127, 1 where that is 0; codes round(w / s) in −127…127,
/// and their sum.
void ck_quantise_weights(const float *w, int8_t *codes, float *scales, int32_t *sums, ptrdiff_t rows,
                         ptrdiff_t columns);
/// result = a bᵀ of a [rows, inner] and b [columns, inner], exact in 32 bits.
void ck_multiply_int8(const uint8_t *a, const int8_t *b, int32_t *result, ptrdiff_t rows, ptrdiff_t columns,
                      ptrdiff_t inner);
/// y[r, c] = (sums[r, c] − row_zeros[r] · column_sums[c]) · (row_scales[r] · column_scales[c]); rows of y stand `pitch`
/// numbers apart.
void ck_dequantise(const int32_t *sums, const float *row_scales, const int32_t *row_zeros, const float *column_scales,
                   const int32_t *column_sums, float *y, ptrdiff_t pitch, ptrdiff_t rows, ptrdiff_t columns);

#pragma clang assume_nonnull end
