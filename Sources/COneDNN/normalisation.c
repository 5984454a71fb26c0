#include "COneDNN.h"
#include "operation.h"

enum { batch, height, width, channels };

static dnnl_status_t build(od_operation *operation, dnnl_engine_t engine) {
  const int64_t *n = operation->key.sizes;
  int rectified = operation->key.flags & od_flag_rectified;
  int backwards = operation->key.kind == od_kind_normalisation_backward;
  int infers = operation->key.kind == od_kind_normalisation_infer;
  dnnl_status_t status = dnnl_success;
  od_layouts layouts = {.count = 0};
  dnnl_dims_t sizes = {n[batch], n[channels], n[height], n[width]};
  dnnl_dims_t channel_sizes = {n[channels]};
  od_layout data = od_add_layout(&layouts, 4, sizes, dnnl_nhwc, &status);
  od_layout channel = od_add_layout(&layouts, 1, channel_sizes, dnnl_x, &status);

  dnnl_primitive_attr_t attributes = NULL;
  if (status == dnnl_success) status = od_make_attributes(&attributes, 0);
  dnnl_primitive_desc_t forward = NULL;
  if (status == dnnl_success) {
    unsigned flags = dnnl_use_scale | dnnl_use_shift;
    if (rectified) flags |= dnnl_fuse_norm_relu;
    if (infers) flags |= dnnl_use_global_stats;
    dnnl_prop_kind_t kind = infers ? dnnl_forward_inference : dnnl_forward_training;
    status = od_describe_normalisation(&forward, engine, kind, data, operation->key.epsilon, flags, attributes, NULL);
    if (status == dnnl_success && backwards) {
      status = od_describe_normalisation(&operation->description, engine, dnnl_backward, data, operation->key.epsilon,
                                         flags, attributes, forward);
      dnnl_primitive_desc_destroy(forward);
    } else {
      operation->description = forward;
    }
  }
  if (attributes) dnnl_primitive_attr_destroy(attributes);

  // The vectors over channels are plain in every implementation, so only the images are asked about.
  const struct {
    int argument;
    od_direction direction;
    od_layout layout;
    dnnl_query_t query;
  } operands[2][9] = {
      {
          {DNNL_ARG_SRC, od_read, data, dnnl_query_src_md},
          {DNNL_ARG_SCALE, od_read, channel, dnnl_query_undef},
          {DNNL_ARG_SHIFT, od_read, channel, dnnl_query_undef},
          {DNNL_ARG_MEAN, infers ? od_read : od_write, channel, dnnl_query_undef},
          {DNNL_ARG_VARIANCE, infers ? od_read : od_write, channel, dnnl_query_undef},
          {DNNL_ARG_DST, od_write, data, dnnl_query_dst_md},
      },
      {
          {DNNL_ARG_SRC, od_read, data, dnnl_query_src_md},
          {DNNL_ARG_SCALE, od_read, channel, dnnl_query_undef},
          {DNNL_ARG_MEAN, od_read, channel, dnnl_query_undef},
          {DNNL_ARG_VARIANCE, od_read, channel, dnnl_query_undef},
          {DNNL_ARG_DIFF_DST, od_read, data, dnnl_query_diff_dst_md},
          {DNNL_ARG_DIFF_SRC, od_write, data, dnnl_query_diff_src_md},
          {DNNL_ARG_DIFF_SCALE, od_write, channel, dnnl_query_undef},
          {DNNL_ARG_DIFF_SHIFT, od_write, channel, dnnl_query_undef},
          {DNNL_ARG_SHIFT, od_read, channel, dnnl_query_undef},
      },
  };
  int count = backwards ? 8 + od_backward_reads_offset : 6;
  for (int i = 0; status == dnnl_success && i < count; ++i) {
    status = od_add_operand(operation, engine, operands[backwards][i].argument, operands[backwards][i].direction,
                            operands[backwards][i].layout, operands[backwards][i].query, 0);
  }
  if (status == dnnl_success && rectified && !infers) {
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

static dnnl_status_t find(od_kind pass, const od_normalisation *shape, od_operation **operation) {
  const int64_t sizes[] = {shape->batch, shape->height, shape->width, shape->channels};
  for (int i = 0; i < 4; ++i) {
    if (sizes[i] < 1) return dnnl_invalid_arguments;
  }
  od_key key = od_make_key(pass, shape->rectified ? od_flag_rectified : 0, sizes, 4);
  key.epsilon = shape->epsilon;
  return od_find(&key, build, operation);
}

static int run(od_kind pass, const od_normalisation *shape, void *const *pointers) {
  od_operation *operation;
  dnnl_status_t status = find(pass, shape, &operation);
  return (int)(status == dnnl_success ? od_run(operation, pointers) : status);
}

int od_normalisation_workspace_size(const od_normalisation *shape, size_t *bytes) {
  *bytes = 0;
  if (!shape->rectified) return dnnl_success;
  od_operation *operation;
  dnnl_status_t status = find(od_kind_normalisation_forward, shape, &operation);
  if (status == dnnl_success) *bytes = operation->workspace_size;
  return (int)status;
}

int od_normalisation_forward(const od_normalisation *shape, const float *input, const float *scale, const float *offset,
                             float *mean, float *variance, float *output, void *workspace) {
  if (shape->rectified && !workspace) return dnnl_invalid_arguments;
  void *pointers[] = {(void *)input, (void *)scale, (void *)offset, mean, variance, output, workspace};
  return run(od_kind_normalisation_forward, shape, pointers);
}

int od_normalisation_infer(const od_normalisation *shape, const float *input, const float *scale, const float *offset,
                           const float *mean, const float *variance, float *output) {
  void *pointers[] = {(void *)input, (void *)scale, (void *)offset, (void *)mean, (void *)variance, output};
  return run(od_kind_normalisation_infer, shape, pointers);
}

int od_normalisation_backward(const od_normalisation *shape, const float *input, const float *scale, const float *mean,
                              const float *variance, const float *output_gradient, const void *workspace,
                              float *input_gradient, float *scale_gradient, float *offset_gradient) {
  if (shape->rectified && !workspace) return dnnl_invalid_arguments;
  void *pointers[10] = {(void *)input,           (void *)scale,  (void *)mean,   (void *)variance,
                        (void *)output_gradient, input_gradient, scale_gradient, offset_gradient};
  int count = 8;
  if (od_backward_reads_offset) pointers[count++] = (void *)scale;  // any vector will do
  pointers[count] = (void *)workspace;
  return run(od_kind_normalisation_backward, shape, pointers);
}
