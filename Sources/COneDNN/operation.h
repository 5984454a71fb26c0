// Operations made once per shape: a primitive, its operands, the reorders between the caller's layout and the
// primitive's own, and the memory these need.
#pragma once
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "generation.h"

typedef enum {
  od_kind_convolution_forward = 1,
  od_kind_convolution_backward_input,
  od_kind_convolution_backward_weights,
  od_kind_pooling_forward,
  od_kind_pooling_infer,
  od_kind_pooling_backward,
  od_kind_normalisation_forward,
  od_kind_normalisation_infer,
  od_kind_normalisation_backward,
} od_kind;

enum { od_flag_bias = 1, od_flag_rectified = 2, od_flag_accumulate = 4, od_flag_rounded = 8, od_flag_rounded_result = 16 };

/// Everything that selects an operation. A primitive divides its work when it is made, so the threads belong to it.
typedef struct {
  int32_t kind, flags, threads;
  float epsilon;
  int64_t sizes[13];
} od_key;

/// How the values of an operand travel.
typedef enum { od_read, od_write, od_add } od_direction;

/// One argument of a primitive.
typedef struct {
  int argument;
  od_direction direction;
  dnnl_memory_t outer;       // in the caller's layout
  dnnl_memory_t inner;       // in the primitive's layout; the same object where the layouts agree
  dnnl_primitive_t reorder;  // between the two, or NULL
  float *sum;                // od_add: what `outer` holds, to be added to the caller's `count` floats
  size_t count;
} od_operand;

enum { od_operand_limit = 10, od_owned_limit = 8 };

typedef struct od_operation {
  od_key key;
  struct od_operation *next;
  pthread_mutex_t lock;  // held while it runs: operands and scratch memory are its own
  dnnl_stream_t stream;
  dnnl_primitive_t primitive;
  dnnl_primitive_desc_t description;
  od_operand operands[od_operand_limit];
  int operand_count;
  dnnl_memory_t scratch;
  size_t workspace_size;
  void *owned[od_owned_limit];
  int owned_count;
} od_operation;

/// Memory for the library, to be freed; cleared, so that no padding in a blocked layout ever holds stray values.
///
/// Behind what the library asks for stands a page more: without AVX-512, gradients of the weights of fewer filters than a
/// vector has numbers are put together in scratch memory by whole vectors, whose last ends behind it (oneDNN 2.6.3).
void *od_allocate(size_t bytes);

/// Fills a fresh operation from its key.
typedef dnnl_status_t (*od_builder)(od_operation *operation, dnnl_engine_t engine);

/// The operation of a key, made by `build` when it is first asked for.
dnnl_status_t od_find(const od_key *key, od_builder build, od_operation **operation);

/// Adds an operand in the order in which the caller passes pointers to od_run. A NULL `outer` layout takes over the
/// primitive's own; the query dnnl_query_undef takes over the outer one.
dnnl_status_t od_add_operand(od_operation *operation, dnnl_engine_t engine, int argument, od_direction direction,
                             od_layout outer, dnnl_query_t query, int index);

/// A hash of a key's bytes.
uint64_t od_hash(const void *key, size_t size);

/// Makes the attributes that every operation has: its scratch memory is ours. With od_flag_accumulate it adds to its
/// result, with od_flag_rectified a rectifier follows.
dnnl_status_t od_make_attributes(dnnl_primitive_attr_t *attributes, int flags);

/// Makes the primitive and its scratch memory from the description; call it after adding the operands.
dnnl_status_t od_finish(od_operation *operation, dnnl_engine_t engine);

/// Runs an operation on one pointer per operand.
dnnl_status_t od_run(od_operation *operation, void *const *pointers);

/// A key for the current number of threads.
od_key od_make_key(od_kind kind, int flags, const int64_t *sizes, int count);
