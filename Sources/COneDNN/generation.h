// What differs between oneDNN 2 (operation descriptors, memory descriptors by value) and 3 (neither).
#pragma once
#include <oneapi/dnnl/dnnl.h>

#if DNNL_VERSION_MAJOR >= 3
typedef const_dnnl_memory_desc_t od_layout;
enum { od_backward_reads_offset = 0 };
#else
typedef const dnnl_memory_desc_t *od_layout;
// Generation 2 asks for batch normalisation's offset in the backward pass too, although no gradient depends on it.
enum { od_backward_reads_offset = 1 };
#endif

/// The layouts an operation is described with, released together.
typedef struct {
  dnnl_memory_desc_t entries[10];
  int count;
} od_layouts;

/// Adds a layout of numbers of a type and returns it, or NULL with the status in *status; a no-op once *status is not
/// success.
od_layout od_add_layout_of(od_layouts *layouts, dnnl_data_type_t type, int rank, const dnnl_dims_t sizes,
                           dnnl_format_tag_t tag, dnnl_status_t *status);
/// As od_add_layout_of, with the step from one index of an axis to the next, in elements, instead of a tag.
od_layout od_add_strided_layout(od_layouts *layouts, dnnl_data_type_t type, int rank, const dnnl_dims_t sizes,
                                const dnnl_dims_t strides, dnnl_status_t *status);
/// As od_add_layout_of, of float32.
od_layout od_add_layout(od_layouts *layouts, int rank, const dnnl_dims_t sizes, dnnl_format_tag_t tag,
                        dnnl_status_t *status);
void od_release_layouts(od_layouts *layouts);

/// Strides, window (pooling) and padding of a sliding window over [height, width].
typedef struct {
  dnnl_dims_t strides, window, padding_begin, padding_end;
} od_window;

/// A convolution; `kind` is dnnl_forward_training, dnnl_backward_data or dnnl_backward_weights. The first of the library's
/// implementations that `is_taken` takes by its name, or the first where that is NULL.
dnnl_status_t od_describe_convolution(dnnl_primitive_desc_t *description, dnnl_engine_t engine, dnnl_prop_kind_t kind,
                                      od_layout input, od_layout weights, od_layout bias, od_layout output,
                                      const od_window *window, dnnl_primitive_attr_t attributes,
                                      dnnl_primitive_desc_t forward, int (*is_taken)(const char *name));
/// A pooling; `kind` is dnnl_forward_training, dnnl_forward_inference or dnnl_backward_data.
dnnl_status_t od_describe_pooling(dnnl_primitive_desc_t *description, dnnl_engine_t engine, dnnl_prop_kind_t kind,
                                  dnnl_alg_kind_t reduction, od_layout input, od_layout output,
                                  const od_window *window, dnnl_primitive_attr_t attributes,
                                  dnnl_primitive_desc_t forward);
/// A batch normalisation; `kind` is dnnl_forward_training, dnnl_forward_inference or dnnl_backward.
dnnl_status_t od_describe_normalisation(dnnl_primitive_desc_t *description, dnnl_engine_t engine, dnnl_prop_kind_t kind,
                                        od_layout data, float epsilon, unsigned flags,
                                        dnnl_primitive_attr_t attributes, dnnl_primitive_desc_t forward);
/// A matrix product, source [m, k] · weights [k, n].
dnnl_status_t od_describe_product(dnnl_primitive_desc_t *description, dnnl_engine_t engine, od_layout source,
                                  od_layout weights, od_layout result, dnnl_primitive_attr_t attributes);
/// Lets an operation add to its result.
dnnl_status_t od_append_sum(dnnl_post_ops_t operations);
/// Lets a rectifier follow an operation.
dnnl_status_t od_append_rectifier(dnnl_post_ops_t operations);
