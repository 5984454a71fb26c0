#include "COneDNN.h"
#include "operation.h"

enum { kind, batch, height, width, channels, window_height, window_width, stride_height, stride_width };
enum { padding_top = stride_width + 1, padding_bottom, padding_left, padding_right };

static dnnl_alg_kind_t reduction_of(int64_t pooling) {
  switch (pooling) {
    case od_pooling_maximum: return dnnl_pooling_max;
    case od_pooling_average_with_padding: return dnnl_pooling_avg_include_padding;
    default: return dnnl_pooling_avg_exclude_padding;
  }
}

static dnnl_status_t build(od_operation *operation, dnnl_engine_t engine) {
  const int64_t *n = operation->key.sizes;
  int64_t output_height = (n[height] + n[padding_top] + n[padding_bottom] - n[window_height]) / n[stride_height] + 1;
  int64_t output_width = (n[width] + n[padding_left] + n[padding_right] - n[window_width]) / n[stride_width] + 1;
  int64_t used_bottom = (output_height - 1) * n[stride_height] + n[window_height] - n[height] - n[padding_top];
  int64_t used_right = (output_width - 1) * n[stride_width] + n[window_width] - n[width] - n[padding_left];
  od_window window = {
      .strides = {n[stride_height], n[stride_width]},
      .window = {n[window_height], n[window_width]},
      .padding_begin = {n[padding_top], n[padding_left]},
      .padding_end = {used_bottom, used_right},
  };
  dnnl_status_t status = dnnl_success;
  od_layouts layouts = {.count = 0};
  dnnl_dims_t input_sizes = {n[batch], n[channels], n[height], n[width]};
  dnnl_dims_t output_sizes = {n[batch], n[channels], output_height, output_width};
  od_layout input = od_add_layout(&layouts, 4, input_sizes, dnnl_nhwc, &status);
  od_layout output = od_add_layout(&layouts, 4, output_sizes, dnnl_nhwc, &status);
  dnnl_alg_kind_t reduction = reduction_of(n[kind]);

  dnnl_primitive_attr_t attributes = NULL;
  if (status == dnnl_success) status = od_make_attributes(&attributes, 0);
  dnnl_primitive_desc_t forward = NULL;
  int backwards = operation->key.kind == od_kind_pooling_backward;
  if (status == dnnl_success) {
    dnnl_prop_kind_t pass =
        operation->key.kind == od_kind_pooling_infer ? dnnl_forward_inference : dnnl_forward_training;
    status = od_describe_pooling(&forward, engine, pass, reduction, input, output, &window, attributes, NULL);
  }
  if (status == dnnl_success && backwards) {
    status = od_describe_pooling(&operation->description, engine, dnnl_backward_data, reduction, input, output, &window,
                                 attributes, forward);
    dnnl_primitive_desc_destroy(forward);
  } else {
    operation->description = forward;
  }
  if (attributes) dnnl_primitive_attr_destroy(attributes);

  int keeps = n[kind] == od_pooling_maximum && operation->key.kind != od_kind_pooling_infer;
  if (status == dnnl_success && backwards) {
    status = od_add_operand(operation, engine, DNNL_ARG_DIFF_DST, od_read, output, dnnl_query_diff_dst_md, 0);
    if (!status) {
      status = od_add_operand(operation, engine, DNNL_ARG_DIFF_SRC, od_write, input, dnnl_query_diff_src_md, 0);
    }
  } else if (status == dnnl_success) {
    status = od_add_operand(operation, engine, DNNL_ARG_SRC, od_read, input, dnnl_query_src_md, 0);
    if (!status) status = od_add_operand(operation, engine, DNNL_ARG_DST, od_write, output, dnnl_query_dst_md, 0);
  }
  if (status == dnnl_success && keeps) {
    status = od_add_operand(operation, engine, DNNL_ARG_WORKSPACE, backwards ? od_read : od_write, NULL,
                            dnnl_query_workspace_md, 0);
    if (!status) {
      operation->workspace_size = dnnl_memory_desc_get_size(
          dnnl_primitive_desc_query_md(operation->description, dnnl_query_workspace_md, 0));
    }
  }
  if (status == dnnl_success) status = od_finish(operation, engine);
  od_release_layouts(&layouts);
  return status;
}

static dnnl_status_t find(od_kind pass, const od_pooling *shape, od_operation **operation) {
  const int64_t sizes[] = {
      shape->kind,         shape->batch,         shape->height,       shape->width,        shape->channels,
      shape->window_height, shape->window_width,  shape->stride_height, shape->stride_width, shape->padding_top,
      shape->padding_bottom, shape->padding_left, shape->padding_right,
  };
  for (int i = batch; i < padding_top; ++i) {
    if (sizes[i] < 1) return dnnl_invalid_arguments;
  }
  od_key key = od_make_key(pass, 0, sizes, 13);
  return od_find(&key, build, operation);
}

static int run(od_kind pass, const od_pooling *shape, void *const *pointers) {
  od_operation *operation;
  dnnl_status_t status = find(pass, shape, &operation);
  return (int)(status == dnnl_success ? od_run(operation, pointers) : status);
}

int od_pooling_workspace_size(const od_pooling *shape, size_t *bytes) {
  *bytes = 0;
  if (shape->kind != od_pooling_maximum) return dnnl_success;
  od_operation *operation;
  dnnl_status_t status = find(od_kind_pooling_forward, shape, &operation);
  if (status == dnnl_success) *bytes = operation->workspace_size;
  return (int)status;
}

int od_pooling_forward(const od_pooling *shape, const float *input, float *output, void *workspace) {
  void *pointers[] = {(void *)input, output, workspace};
  return run(workspace ? od_kind_pooling_forward : od_kind_pooling_infer, shape, pointers);
}

int od_pooling_backward(const od_pooling *shape, const float *output_gradient, const void *workspace,
                        float *input_gradient) {
  if (shape->kind == od_pooling_maximum && !workspace) return dnnl_invalid_arguments;
  void *pointers[] = {(void *)output_gradient, input_gradient, (void *)workspace};
  return run(od_kind_pooling_backward, shape, pointers);
}
