// oneDNN's convolution, pooling and batch normalisation on channels-last tensors, behind one face for the
// library's generations 2 and 3. Primitives are made once per shape and kept; every function may be called from any
// thread. Functions return 0 or a status that od_message explains.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// A 2-D convolution: input [batch, height, width, channels], weights [filters, kernel_height, kernel_width,
/// channels], output [batch, output height, output width, filters].
typedef struct {
  int64_t batch, height, width, channels, filters;
  int64_t kernel_height, kernel_width, stride_height, stride_width;
  int64_t padding_top, padding_bottom, padding_left, padding_right;
} od_convolution;

/// How a pooling window is reduced.
typedef enum {
  od_pooling_maximum = 0,
  /// The sum is divided by the window's size, padding included.
  od_pooling_average_with_padding = 1,
  /// The sum is divided by the number of elements inside the image.
  od_pooling_average_without_padding = 2,
} od_pooling_kind;

/// A 2-D pooling: input [batch, height, width, channels], output [batch, output height, output width, channels].
typedef struct {
  int64_t kind;
  int64_t batch, height, width, channels;
  int64_t window_height, window_width, stride_height, stride_width;
  int64_t padding_top, padding_bottom, padding_left, padding_right;
} od_pooling;

/// A batch normalisation over all but the last axis of [batch, height, width, channels].
typedef struct {
  int64_t batch, height, width, channels;
  /// Added to the variance before the square root.
  float epsilon;
  /// Whether a rectifier follows, in the same pass.
  int32_t rectified;
} od_normalisation;

/// What a status says, in words.
const char *od_message(int status);
/// The version of the library at run time.
void od_version(int *major, int *minor, int *patch);
/// The widest instruction set the library uses on this CPU.
const char *od_instruction_set(void);

/// The type of the images that a convolution reads and writes.
typedef enum {
  od_numbers_float32 = 0,
  /// bfloat16 is read, float32 written.
  od_numbers_bfloat16_factors = 1,
  od_numbers_bfloat16 = 2,
} od_numbers;

/// output = input * weights + bias, then max(0, ·) if rectified. A null bias is none. In all three passes weights, bias
/// and their gradients are float32; weights are rounded to bfloat16 where the images that they meet are. Sums are float32.
int od_convolution_forward(const od_convolution *shape, od_numbers numbers, const void *input, const float *weights,
                           const float *bias, int rectified, void *output);
/// The gradient with respect to the input.
int od_convolution_backward_input(const od_convolution *shape, od_numbers numbers, const void *output_gradient,
                                  const float *weights, void *input_gradient);
/// The gradients with respect to weights and bias (null: not wanted), added to what is there if accumulate.
int od_convolution_backward_weights(const od_convolution *shape, od_numbers numbers, const void *input,
                                    const void *output_gradient, float *weight_gradient, float *bias_gradient,
                                    int accumulate);

/// The bytes of the workspace that maximum pooling keeps from its forward to its backward pass; 0 for averages.
int od_pooling_workspace_size(const od_pooling *shape, size_t *bytes);
/// Forward pass. A null workspace is right where no backward pass follows, and for averages.
int od_pooling_forward(const od_pooling *shape, const float *input, float *output, void *workspace);
/// Backward pass; the workspace is the one the forward pass wrote.
int od_pooling_backward(const od_pooling *shape, const float *output_gradient, const void *workspace,
                        float *input_gradient);

/// The bytes of the mask that a rectified normalisation keeps from its forward to its backward pass; 0 otherwise.
int od_normalisation_workspace_size(const od_normalisation *shape, size_t *bytes);
/// Training: normalises by the batch's mean and biased variance and writes both.
int od_normalisation_forward(const od_normalisation *shape, const float *input, const float *scale, const float *offset,
                             float *mean, float *variance, float *output, void *workspace);
/// Inference: normalises by the given mean and variance.
int od_normalisation_infer(const od_normalisation *shape, const float *input, const float *scale, const float *offset,
                           const float *mean, const float *variance, float *output);
/// Backward pass of training; mean, variance and workspace are those the forward pass wrote.
int od_normalisation_backward(const od_normalisation *shape, const float *input, const float *scale, const float *mean,
                              const float *variance, const float *output_gradient, const void *workspace,
                              float *input_gradient, float *scale_gradient, float *offset_gradient);

/// Writes images as sums over the kernel's positions: columns [batch · output height · output width,
/// kernel_height · kernel_width · channels] hold what each position gives to the elements under the kernel.
void od_fold(const od_convolution *shape, const float *columns, float *images);

/// C = alpha · op(A) · op(B) + beta · C for row-major matrices: op(A) [m, k], op(B) [k, n], C [m, n].
int od_multiply(int transpose_a, int transpose_b, int64_t m, int64_t n, int64_t k, float alpha, const float *a,
                int64_t lda, const float *b, int64_t ldb, float beta, float *c, int64_t ldc);
/// C = op(A) · op(B), or C + op(A) · op(B) if accumulate, of row-major bfloat16 matrices, summed in float32; C is float32,
/// or bfloat16 if rounded.
int od_multiply_bfloat16(int transpose_a, int transpose_b, int64_t m, int64_t n, int64_t k, const uint16_t *a,
                         int64_t lda, const uint16_t *b, int64_t ldb, int accumulate, int rounded, void *c,
                         int64_t ldc);
/// What packed weights are.
typedef enum { od_packed_int8 = 1, od_packed_bfloat16 = 2 } od_packed;

/// The bytes that weights [n, k] take in the layout that products read; 0 where this CPU has no instructions for them: to
/// add products of 8-bit integers in 32 bits at once (AVX-512 VNNI; pairs added in 16 may saturate), of bfloat16 numbers in
/// float32 (AVX-512 BF16).
size_t od_packed_bytes(od_packed type, int64_t n, int64_t k);
/// Lays dense row-major weights B [n, k], −128…127 or bfloat16, down as products read them; `packed` stands at a multiple
/// of 64 bytes.
int od_pack(od_packed type, int64_t n, int64_t k, const void *b, void *packed);
/// C = A · Bᵀ of dense row-major A [m, k] and B [n, k] as od_pack laid it down. Of codes A in 0…255 C is exact in int32, of
/// bfloat16 numbers it is summed in float32.
int od_multiply_packed(od_packed type, int64_t m, int64_t n, int64_t k, const void *a, const void *packed, void *c);
/// The library's name of how it multiplies bfloat16 matrices on this CPU.
int od_bfloat16_implementation(const char **name);
/// Whether a product would run on one thread: inside a parallel region, or where the pool has only one.
int od_has_one_thread(void);
