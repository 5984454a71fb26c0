#include "COneDNN.h"
#include "operation.h"

enum { batch, height, width, channels, filters, kernel_height, kernel_width, stride_height, stride_width };
enum { padding_top = stride_width + 1, padding_bottom, padding_left, padding_right };

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
  od_layout input = od_add_layout(&layouts, 4, input_sizes, dnnl_nhwc, &status);
  od_layout output = od_add_layout(&layouts, 4, output_sizes, dnnl_nhwc, &status);
  od_layout weights = od_add_layout(&layouts, 4, weight_sizes, dnnl_ohwi, &status);
  od_layout any = od_add_layout(&layouts, 4, weight_sizes, dnnl_format_tag_any, &status);
  od_layout bias = flags & od_flag_bias ? od_add_layout(&layouts, 1, bias_sizes, dnnl_x, &status) : NULL;
  // What the primitive multiplies: the caller's numbers, or these rounded to bfloat16 on their way in. Results are float32.
  od_layout input_factor = input, output_factor = output, weight_factor = any;
  if (flags & od_flag_rounded) {
    input_factor = od_add_layout_of(&layouts, dnnl_bf16, 4, input_sizes, dnnl_nhwc, &status);
    output_factor = od_add_layout_of(&layouts, dnnl_bf16, 4, output_sizes, dnnl_nhwc, &status);
    weight_factor = od_add_layout_of(&layouts, dnnl_bf16, 4, weight_sizes, dnnl_format_tag_any, &status);
  }

  dnnl_primitive_attr_t attributes = NULL;
  if (status == dnnl_success) status = od_make_attributes(&attributes, flags & od_flag_rectified);
  int forwards = operation->key.kind == od_kind_convolution_forward;
  dnnl_primitive_desc_t forward = NULL;
  if (status == dnnl_success) {
    status = od_describe_convolution(&forward, engine, dnnl_forward_training, input_factor, weight_factor, bias, output,
                                     &window, attributes, NULL);
  }
  if (status == dnnl_success && !forwards) {
    int to_input = operation->key.kind == od_kind_convolution_backward_input;
    status = od_describe_convolution(&operation->description, engine,
                                     to_input ? dnnl_backward_data : dnnl_backward_weights,
                                     to_input ? input : input_factor, to_input ? weight_factor : any, bias,
                                     output_factor, &window, attributes, forward);
    dnnl_primitive_desc_destroy(forward);
  } else {
    operation->description = forward;
  }
  if (attributes) dnnl_primitive_attr_destroy(attributes);

  if (status == dnnl_success) {
    od_direction result = flags & od_flag_accumulate ? od_add : od_write;
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
          status = od_add_operand(operation, engine, DNNL_ARG_DIFF_WEIGHTS, result, weights,
                                  dnnl_query_diff_weights_md, 0);
        }
        if (!status && bias) {
          status = od_add_operand(operation, engine, DNNL_ARG_DIFF_BIAS, result, bias, dnnl_query_diff_weights_md, 1);
        }
    }
  }
  if (status == dnnl_success) status = od_finish(operation, engine);
  od_release_layouts(&layouts);
  return status;
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

int od_convolution_forward(const od_convolution *shape, const float *input, const float *weights, const float *bias,
                           int rectified, int rounded, float *output) {
  void *pointers[] = {(void *)input, (void *)weights, output, (void *)bias};
  int flags = (bias ? od_flag_bias : 0) | (rectified ? od_flag_rectified : 0) | (rounded ? od_flag_rounded : 0);
  return run(od_kind_convolution_forward, shape, flags, pointers);
}

int od_convolution_backward_input(const od_convolution *shape, const float *output_gradient, const float *weights,
                                  int rounded, float *input_gradient) {
  void *pointers[] = {(void *)output_gradient, (void *)weights, input_gradient};
  return run(od_kind_convolution_backward_input, shape, rounded ? od_flag_rounded : 0, pointers);
}

int od_convolution_backward_weights(const od_convolution *shape, const float *input, const float *output_gradient,
                                    int rounded, float *weight_gradient, float *bias_gradient, int accumulate) {
  void *pointers[] = {(void *)input, (void *)output_gradient, weight_gradient, bias_gradient};
  int flags =
      (bias_gradient ? od_flag_bias : 0) | (accumulate ? od_flag_accumulate : 0) | (rounded ? od_flag_rounded : 0);
  return run(od_kind_convolution_backward_weights, shape, flags, pointers);
}
