#include "generation.h"

#if DNNL_VERSION_MAJOR == 2
od_layout od_add_layout_of(od_layouts *layouts, dnnl_data_type_t type, int rank, const dnnl_dims_t sizes,
                           dnnl_format_tag_t tag, dnnl_status_t *status) {
  if (*status != dnnl_success) return NULL;
  dnnl_memory_desc_t *entry = &layouts->entries[layouts->count];
  *status = dnnl_memory_desc_init_by_tag(entry, rank, sizes, type, tag);
  if (*status != dnnl_success) return NULL;
  layouts->count += 1;
  return entry;
}

od_layout od_add_strided_layout(od_layouts *layouts, dnnl_data_type_t type, int rank, const dnnl_dims_t sizes,
                                const dnnl_dims_t strides, dnnl_status_t *status) {
  if (*status != dnnl_success) return NULL;
  dnnl_memory_desc_t *entry = &layouts->entries[layouts->count];
  *status = dnnl_memory_desc_init_by_strides(entry, rank, sizes, type, strides);
  if (*status != dnnl_success) return NULL;
  layouts->count += 1;
  return entry;
}

void od_release_layouts(od_layouts *layouts) { layouts->count = 0; }

dnnl_status_t od_describe_convolution(dnnl_primitive_desc_t *description, dnnl_engine_t engine, dnnl_prop_kind_t kind,
                                      od_layout input, od_layout weights, od_layout bias, od_layout output,
                                      const od_window *window, dnnl_primitive_attr_t attributes,
                                      dnnl_primitive_desc_t forward, int (*is_taken)(const char *name)) {
  dnnl_convolution_desc_t operation;
  dnnl_status_t status;
  switch (kind) {
    case dnnl_backward_data:
      status = dnnl_convolution_backward_data_desc_init(&operation, dnnl_convolution_direct, input, weights, output,
                                                        window->strides, window->padding_begin, window->padding_end);
      break;
    case dnnl_backward_weights:
      status = dnnl_convolution_backward_weights_desc_init(&operation, dnnl_convolution_direct, input, weights, bias,
                                                           output, window->strides, window->padding_begin,
                                                           window->padding_end);
      break;
    default:
      status = dnnl_convolution_forward_desc_init(&operation, kind, dnnl_convolution_direct, input, weights, bias,
                                                  output, window->strides, window->padding_begin, window->padding_end);
  }
  if (status != dnnl_success) return status;
  if (!is_taken) return dnnl_primitive_desc_create(description, &operation, attributes, engine, forward);
  dnnl_primitive_desc_iterator_t candidates;
  status = dnnl_primitive_desc_iterator_create(&candidates, &operation, attributes, engine, forward);
  if (status != dnnl_success) return status;
  while (status == dnnl_success) {
    dnnl_primitive_desc_t candidate = dnnl_primitive_desc_iterator_fetch(candidates);
    const char *name = "";
    status = dnnl_primitive_desc_query(candidate, dnnl_query_impl_info_str, 0, &name);
    if (status == dnnl_success && is_taken(name)) {
      *description = candidate;
      break;
    }
    dnnl_primitive_desc_destroy(candidate);
    if (status == dnnl_success) status = dnnl_primitive_desc_iterator_next(candidates);
  }
  dnnl_primitive_desc_iterator_destroy(candidates);
  return status;
}

dnnl_status_t od_describe_pooling(dnnl_primitive_desc_t *description, dnnl_engine_t engine, dnnl_prop_kind_t kind,
                                  dnnl_alg_kind_t reduction, od_layout input, od_layout output,
                                  const od_window *window, dnnl_primitive_attr_t attributes,
                                  dnnl_primitive_desc_t forward) {
  dnnl_pooling_desc_t operation;
  dnnl_status_t status =
      kind == dnnl_backward_data
          ? dnnl_pooling_backward_desc_init(&operation, reduction, input, output, window->strides, window->window,
                                            window->padding_begin, window->padding_end)
          : dnnl_pooling_forward_desc_init(&operation, kind, reduction, input, output, window->strides, window->window,
                                           window->padding_begin, window->padding_end);
  if (status != dnnl_success) return status;
  return dnnl_primitive_desc_create(description, &operation, attributes, engine, forward);
}

dnnl_status_t od_describe_normalisation(dnnl_primitive_desc_t *description, dnnl_engine_t engine, dnnl_prop_kind_t kind,
                                        od_layout data, float epsilon, unsigned flags,
                                        dnnl_primitive_attr_t attributes, dnnl_primitive_desc_t forward) {
  dnnl_batch_normalization_desc_t operation;
  dnnl_status_t status =
      kind == dnnl_backward
          ? dnnl_batch_normalization_backward_desc_init(&operation, kind, data, data, epsilon, flags)
          : dnnl_batch_normalization_forward_desc_init(&operation, kind, data, epsilon, flags);
  if (status != dnnl_success) return status;
  return dnnl_primitive_desc_create(description, &operation, attributes, engine, forward);
}

dnnl_status_t od_describe_product(dnnl_primitive_desc_t *description, dnnl_engine_t engine, od_layout source,
                                  od_layout weights, od_layout result, dnnl_primitive_attr_t attributes) {
  dnnl_matmul_desc_t operation;
  dnnl_status_t status = dnnl_matmul_desc_init(&operation, source, weights, NULL, result);
  if (status != dnnl_success) return status;
  return dnnl_primitive_desc_create(description, &operation, attributes, engine, NULL);
}

dnnl_status_t od_append_sum(dnnl_post_ops_t operations) { return dnnl_post_ops_append_sum(operations, 1); }

dnnl_status_t od_append_rectifier(dnnl_post_ops_t operations) {
  return dnnl_post_ops_append_eltwise(operations, 1, dnnl_eltwise_relu, 0, 0);
}
#endif
