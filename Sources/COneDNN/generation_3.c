#include "generation.h"

#if DNNL_VERSION_MAJOR >= 3
od_layout od_add_layout_of(od_layouts *layouts, dnnl_data_type_t type, int rank, const dnnl_dims_t sizes,
                           dnnl_format_tag_t tag, dnnl_status_t *status) {
  if (*status != dnnl_success) return NULL;
  dnnl_memory_desc_t *entry = &layouts->entries[layouts->count];
  *status = dnnl_memory_desc_create_with_tag(entry, rank, sizes, type, tag);
  if (*status != dnnl_success) return NULL;
  layouts->count += 1;
  return *entry;
}

od_layout od_add_strided_layout(od_layouts *layouts, dnnl_data_type_t type, int rank, const dnnl_dims_t sizes,
                                const dnnl_dims_t strides, dnnl_status_t *status) {
  if (*status != dnnl_success) return NULL;
  dnnl_memory_desc_t *entry = &layouts->entries[layouts->count];
  *status = dnnl_memory_desc_create_with_strides(entry, rank, sizes, type, strides);
  if (*status != dnnl_success) return NULL;
  layouts->count += 1;
  return *entry;
}

void od_release_layouts(od_layouts *layouts) {
  while (layouts->count > 0) dnnl_memory_desc_destroy(layouts->entries[--layouts->count]);
}

static const dnnl_dims_t undilated = {0, 0};

dnnl_status_t od_describe_convolution(dnnl_primitive_desc_t *description, dnnl_engine_t engine, dnnl_prop_kind_t kind,
                                      od_layout input, od_layout weights, od_layout bias, od_layout output,
                                      const od_window *window, dnnl_primitive_attr_t attributes,
                                      dnnl_primitive_desc_t forward, int (*is_taken)(const char *name)) {
  dnnl_status_t status;
  switch (kind) {
    case dnnl_backward_data:
      status = dnnl_convolution_backward_data_primitive_desc_create(
          description, engine, dnnl_convolution_direct, input, weights, output, window->strides, undilated,
          window->padding_begin, window->padding_end, forward, attributes);
      break;
    case dnnl_backward_weights:
      status = dnnl_convolution_backward_weights_primitive_desc_create(
          description, engine, dnnl_convolution_direct, input, weights, bias, output, window->strides, undilated,
          window->padding_begin, window->padding_end, forward, attributes);
      break;
    default:
      status = dnnl_convolution_forward_primitive_desc_create(
          description, engine, kind, dnnl_convolution_direct, input, weights, bias, output, window->strides, undilated,
          window->padding_begin, window->padding_end, attributes);
  }
  while (status == dnnl_success && is_taken) {
    const char *name = "";
    status = dnnl_primitive_desc_query(*description, dnnl_query_impl_info_str, 0, &name);
    if (status == dnnl_success && is_taken(name)) break;
    if (status == dnnl_success) status = dnnl_primitive_desc_next_impl(*description);
    if (status != dnnl_success) dnnl_primitive_desc_destroy(*description);
  }
  return status;
}

dnnl_status_t od_describe_pooling(dnnl_primitive_desc_t *description, dnnl_engine_t engine, dnnl_prop_kind_t kind,
                                  dnnl_alg_kind_t reduction, od_layout input, od_layout output,
                                  const od_window *window, dnnl_primitive_attr_t attributes,
                                  dnnl_primitive_desc_t forward) {
  if (kind == dnnl_backward_data) {
    return dnnl_pooling_backward_primitive_desc_create(description, engine, reduction, input, output, window->strides,
                                                       window->window, undilated, window->padding_begin,
                                                       window->padding_end, forward, attributes);
  }
  return dnnl_pooling_forward_primitive_desc_create(description, engine, kind, reduction, input, output,
                                                    window->strides, window->window, undilated, window->padding_begin,
                                                    window->padding_end, attributes);
}

dnnl_status_t od_describe_normalisation(dnnl_primitive_desc_t *description, dnnl_engine_t engine, dnnl_prop_kind_t kind,
                                        od_layout data, float epsilon, unsigned flags,
                                        dnnl_primitive_attr_t attributes, dnnl_primitive_desc_t forward) {
  if (kind == dnnl_backward) {
    return dnnl_batch_normalization_backward_primitive_desc_create(description, engine, kind, data, data, data, epsilon,
                                                                   flags, forward, attributes);
  }
  return dnnl_batch_normalization_forward_primitive_desc_create(description, engine, kind, data, data, epsilon, flags,
                                                                attributes);
}

dnnl_status_t od_describe_product(dnnl_primitive_desc_t *description, dnnl_engine_t engine, od_layout source,
                                  od_layout weights, od_layout result, dnnl_primitive_attr_t attributes) {
  return dnnl_matmul_primitive_desc_create(description, engine, source, weights, NULL, result, attributes);
}

dnnl_status_t od_append_sum(dnnl_post_ops_t operations) {
  return dnnl_post_ops_append_sum(operations, 1, 0, dnnl_data_type_undef);
}

dnnl_status_t od_append_rectifier(dnnl_post_ops_t operations) {
  return dnnl_post_ops_append_eltwise(operations, dnnl_eltwise_relu, 0, 0);
}
#endif
