#include "COneDNN.h"
#include "operation.h"

#include <string.h>

enum { batch, height, width, channels, filters, kernel_height, kernel_width, stride_height, stride_width };
enum { padding_top = stride_width + 1, padding_bottom, padding_left, padding_right };

/// Whether the gradient of the weights of a strided 1 × 1 convolution of fewer channels than a vector has numbers is right.
///
/// Without AVX-512, the implementation for 1 × 1 (oneDNN 2.6.3) copies the input's rows by whole vectors, of which the last ends
/// in what another thread has copied.
static int keeps_to_its_rows(const char *name) { return !strstr(name, "1x1") || strstr(name, "avx512"); }

static dnnl_status_t build(od_operation *operation, dnnl_engine_t engine) {
  const int64_t *n = operation->key.sizes;
  int flags = operation->key.flags;
  int64_t output_height = (n[height] + n[padding_top] + n[padding_bottom] - n[kernel_height]) / n[stride_height] + 1;
  int64_t output_width = (n[width] + n[padding_left] + n[padding_right] - n[kernel_width]) / n[stride_width] + 1;
  // Where a stride leaves rows over, the library wants the padding that is in use, which may be negative.
  int64_t used_bottom = (output_height - 1) * n[stride_height] + n[kernel_height] - n[height] - n[padding_top];
  int64_t used_right = (output_width - 1) * n[stride_width] + n[kernel_width] - n[width] - n[padding_left];
  od_window window = {
      .strides = {n[stride_height], n[stride_width]},
      .padding_begin = {n[padding_top], n[padding_left]},
      .padding_end = {used_bottom, used_right},
  };
  dnnl_status_t status = dnnl_success;
  od_layouts layouts = {.count = 0};
  dnnl_dims_t input_sizes = {n[batch], n[channels], n[height], n[width]};
  dnnl_dims_t output_sizes = {n[batch], n[filters], output_height, output_width};
  dnnl_dims_t weight_sizes = {n[filters], n[channels], n[kernel_height], n[kernel_width]};
  dnnl_dims_t bias_sizes = {n[filters]};
  // What is multiplied and what comes out of it, float32 or bfloat16 in memory; weights and their gradients are float32
  // outside, and rounded on their way in.
  dnnl_data_type_t factor = flags & od_flag_rounded ? dnnl_bf16 : dnnl_f32;
  dnnl_data_type_t result = flags & od_flag_rounded_result ? dnnl_bf16 : dnnl_f32;
  int forwards = operation->key.kind == od_kind_convolution_forward;
  int is_sparse = operation->key.kind == od_kind_convolution_backward_weights && n[channels] < 8 &&
                  n[kernel_height] * n[kernel_width] == 1 && n[stride_height] * n[stride_width] > 1;
  int to_input = operation->key.kind == od_kind_convolution_backward_input;
  od_layout input = od_add_layout_of(&layouts, to_input ? result : factor, 4, input_sizes, dnnl_nhwc, &status);
  od_layout output = od_add_layout_of(&layouts, forwards ? result : factor, 4, output_sizes, dnnl_nhwc, &status);
  od_layout weights = od_add_layout(&layouts, 4, weight_sizes, dnnl_ohwi, &status);
  od_layout any = od_add_layout(&layouts, 4, weight_sizes, dnnl_format_tag_any, &status);
  od_layout bias = flags & od_flag_bias ? od_add_layout(&layouts, 1, bias_sizes, dnnl_x, &status) : NULL;
  // The forward pass that a backward pass belongs to.
  od_layout weight_factor = od_add_layout_of(&layouts, factor, 4, weight_sizes, dnnl_format_tag_any, &status);
  od_layout forward_input = od_add_layout_of(&layouts, factor, 4, input_sizes, dnnl_nhwc, &status);
  od_layout forward_output = forwards ? output : od_add_layout(&layouts, 4, output_sizes, dnnl_nhwc, &status);

  dnnl_primitive_attr_t attributes = NULL;
  if (status == dnnl_success) status = od_make_attributes(&attributes, flags & od_flag_rectified);
  dnnl_primitive_desc_t forward = NULL;
  if (status == dnnl_success) {
    status = od_describe_convolution(&forward, engine, dnnl_forward_training, forward_input, weight_factor, bias,
                                     forward_output, &window, attributes, NULL, NULL);
  }
  if (status == dnnl_success && !forwards) {
    status = od_describe_convolution(&operation->description, engine,
                                     to_input ? dnnl_backward_data : dnnl_backward_weights, input,
                                     to_input ? weight_factor : any, bias, output, &window, attributes, forward,
                                     is_sparse ? keeps_to_its_rows : NULL);
    dnnl_primitive_desc_destroy(forward);
  } else {
    operation->description = forward;
  }
  if (attributes) dnnl_primitive_attr_destroy(attributes);

  if (status == dnnl_success) {
    od_direction gradient = flags & od_flag_accumulate ? od_add : od_write;
    switch (operation->key.kind) {
      case od_kind_convolution_forward:
        status = od_add_operand(operation, engine, DNNL_ARG_SRC, od_read, input, dnnl_query_src_md, 0);
        if (!status) {
          status = od_add_operand(operation, engine, DNNL_ARG_WEIGHTS, od_read, weights, dnnl_query_weights_md, 0);
        }
        if (!status) status = od_add_operand(operation, engine, DNNL_ARG_DST, od_write, output, dnnl_query_dst_md, 0);
        if (!status && bias) {
          status = od_add_operand(operation, engine, DNNL_ARG_BIAS, od_read, bias, dnnl_query_weights_md, 1);
        }
        break;
      case od_kind_convolution_backward_input:
        status = od_add_operand(operation, engine, DNNL_ARG_DIFF_DST, od_read, output, dnnl_query_diff_dst_md, 0);
        if (!status) {
          status = od_add_operand(operation, engine, DNNL_ARG_WEIGHTS, od_read, weights, dnnl_query_weights_md, 0);
        }
        if (!status) {
          status = od_add_operand(operation, engine, DNNL_ARG_DIFF_SRC, od_write, input, dnnl_query_diff_src_md, 0);
        }
        break;
      default:
        status = od_add_operand(operation, engine, DNNL_ARG_SRC, od_read, input, dnnl_query_src_md, 0);
        if (!status) {
          status = od_add_operand(operation, engine, DNNL_ARG_DIFF_DST, od_read, output, dnnl_query_diff_dst_md, 0);
        }
        if (!status) {
          status = od_add_operand(operation, engine, DNNL_ARG_DIFF_WEIGHTS, gradient, weights,
                                  dnnl_query_diff_weights_md, 0);
        }
        if (!status && bias) {
          status = od_add_operand(operation, engine, DNNL_ARG_DIFF_BIAS, gradient, bias, dnnl_query_diff_weights_md, 1);
        }
    }
  }
  if (status == dnnl_success) status = od_finish(operation, engine);
  od_release_layouts(&layouts);
  return status;
}

static int flags_of(od_numbers numbers) {
  return (numbers != od_numbers_float32 ? od_flag_rounded : 0) |
         (numbers == od_numbers_bfloat16 ? od_flag_rounded_result : 0);
}

static int run(od_kind kind, const od_convolution *shape, int flags, void *const *pointers) {
  const int64_t sizes[] = {
      shape->batch,        shape->height,        shape->width,          shape->channels,     shape->filters,
      shape->kernel_height, shape->kernel_width,  shape->stride_height,  shape->stride_width, shape->padding_top,
      shape->padding_bottom, shape->padding_left, shape->padding_right,
  };
  for (int i = 0; i < padding_top; ++i) {
    if (sizes[i] < 1) return dnnl_invalid_arguments;
  }
  od_key key = od_make_key(kind, flags, sizes, 13);
  od_operation *operation;
  dnnl_status_t status = od_find(&key, build, &operation);
  return (int)(status == dnnl_success ? od_run(operation, pointers) : status);
}

int od_convolution_forward(const od_convolution *shape, od_numbers numbers, const void *input, const float *weights,
                           const float *bias, int rectified, void *output) {
  void *pointers[] = {(void *)input, (void *)weights, output, (void *)bias};
  int flags = (bias ? od_flag_bias : 0) | (rectified ? od_flag_rectified : 0);
  return run(od_kind_convolution_forward, shape, flags | flags_of(numbers), pointers);
}

int od_convolution_backward_input(const od_convolution *shape, od_numbers numbers, const void *output_gradient,
                                  const float *weights, void *input_gradient) {
  void *pointers[] = {(void *)output_gradient, (void *)weights, input_gradient};
  return run(od_kind_convolution_backward_input, shape, flags_of(numbers), pointers);
}

int od_convolution_backward_weights(const od_convolution *shape, od_numbers numbers, const void *input,
                                    const void *output_gradient, float *weight_gradient, float *bias_gradient,
                                    int accumulate) {
  void *pointers[] = {(void *)input, (void *)output_gradient, weight_gradient, bias_gradient};
  int flags = (bias_gradient ? od_flag_bias : 0) | (accumulate ? od_flag_accumulate : 0);
  if (numbers != od_numbers_float32) flags |= od_flag_rounded;
  return run(od_kind_convolution_backward_weights, shape, flags, pointers);
}
