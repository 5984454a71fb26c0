#include "operation.h"

#include <stdlib.h>
#include <string.h>

#include "COneDNN.h"

int omp_get_max_threads(void);

od_layout od_add_layout(od_layouts *layouts, int rank, const dnnl_dims_t sizes, dnnl_format_tag_t tag,
                        dnnl_status_t *status) {
  return od_add_layout_of(layouts, dnnl_f32, rank, sizes, tag, status);
}

enum { bucket_count = 256 };

static pthread_mutex_t table_lock = PTHREAD_MUTEX_INITIALIZER;
static od_operation *buckets[bucket_count];
static dnnl_engine_t shared_engine;

od_key od_make_key(od_kind kind, int flags, const int64_t *sizes, int count) {
  od_key key;
  memset(&key, 0, sizeof key);
  key.kind = kind;
  key.flags = flags;
  key.threads = omp_get_max_threads();
  memcpy(key.sizes, sizes, (size_t)count * sizeof *sizes);
  return key;
}

uint64_t od_hash(const void *key, size_t size) {
  const unsigned char *bytes = key;
  uint64_t hash = 0xcbf29ce484222325u;
  for (size_t i = 0; i < size; ++i) hash = (hash ^ bytes[i]) * 0x100000001b3u;
  return hash ^ (hash >> 32);
}

static void release(od_operation *operation) {
  for (int i = 0; i < operation->operand_count; ++i) {
    od_operand *operand = &operation->operands[i];
    if (operand->reorder) dnnl_primitive_destroy(operand->reorder);
    if (operand->inner && operand->inner != operand->outer) dnnl_memory_destroy(operand->inner);
    if (operand->outer) dnnl_memory_destroy(operand->outer);
  }
  if (operation->scratch) dnnl_memory_destroy(operation->scratch);
  if (operation->primitive) dnnl_primitive_destroy(operation->primitive);
  if (operation->description) dnnl_primitive_desc_destroy(operation->description);
  if (operation->stream) dnnl_stream_destroy(operation->stream);
  for (int i = 0; i < operation->owned_count; ++i) free(operation->owned[i]);
  pthread_mutex_destroy(&operation->lock);
  free(operation);
}

static dnnl_status_t make(const od_key *key, od_builder build, od_operation **made) {
  if (!shared_engine) {
    dnnl_status_t status = dnnl_engine_create(&shared_engine, dnnl_cpu, 0);
    if (status != dnnl_success) return status;
  }
  od_operation *operation = calloc(1, sizeof *operation);
  if (!operation) return dnnl_out_of_memory;
  operation->key = *key;
  pthread_mutex_init(&operation->lock, NULL);
  dnnl_status_t status = dnnl_stream_create(&operation->stream, shared_engine, dnnl_stream_default_flags);
  if (status == dnnl_success) status = build(operation, shared_engine);
  if (status == dnnl_success) {
    *made = operation;
  } else {
    release(operation);
  }
  return status;
}

dnnl_status_t od_find(const od_key *key, od_builder build, od_operation **operation) {
  size_t bucket = od_hash(key, sizeof *key) % bucket_count;
  dnnl_status_t status = dnnl_success;
  pthread_mutex_lock(&table_lock);
  od_operation *candidate = buckets[bucket];
  while (candidate && memcmp(&candidate->key, key, sizeof *key) != 0) candidate = candidate->next;
  if (!candidate) {
    status = make(key, build, &candidate);
    if (status == dnnl_success) {
      candidate->next = buckets[bucket];
      buckets[bucket] = candidate;
    }
  }
  pthread_mutex_unlock(&table_lock);
  *operation = candidate;
  return status;
}

void *od_allocate(size_t bytes) {
  enum { alignment = 64, overrun = 4096 };
  size_t rounded = (bytes + overrun + alignment - 1) / alignment * alignment;
  void *memory = aligned_alloc(alignment, rounded);
  if (memory) memset(memory, 0, rounded);
  return memory;
}

/// Memory that the operation frees.
static void *own(od_operation *operation, size_t bytes) {
  if (operation->owned_count == od_owned_limit) return NULL;
  void *memory = od_allocate(bytes);
  if (!memory) return NULL;
  operation->owned[operation->owned_count++] = memory;
  return memory;
}

static dnnl_status_t make_reorder(dnnl_primitive_t *reorder, dnnl_engine_t engine, od_layout source,
                                  od_layout destination) {
  dnnl_primitive_desc_t description;
  dnnl_status_t status =
      dnnl_reorder_primitive_desc_create(&description, source, engine, destination, engine, NULL);
  if (status != dnnl_success) return status;
  status = dnnl_primitive_create(reorder, description);
  dnnl_primitive_desc_destroy(description);
  return status;
}

dnnl_status_t od_add_operand(od_operation *operation, dnnl_engine_t engine, int argument, od_direction direction,
                             od_layout outer, dnnl_query_t query, int index) {
  if (operation->operand_count == od_operand_limit) return dnnl_invalid_arguments;
  od_operand *operand = &operation->operands[operation->operand_count++];
  operand->argument = argument;
  operand->direction = direction;
  od_layout inner =
      query == dnnl_query_undef ? outer : dnnl_primitive_desc_query_md(operation->description, query, index);
  if (!inner) return dnnl_invalid_arguments;
  if (!outer) outer = inner;
  int same = dnnl_memory_desc_equal(outer, inner);

  void *handle = DNNL_MEMORY_NONE;
  if (direction == od_add) {
    size_t bytes = dnnl_memory_desc_get_size(outer);
    operand->sum = own(operation, bytes);
    if (!operand->sum) return dnnl_out_of_memory;
    operand->count = bytes / sizeof(float);
    handle = operand->sum;
  }
  dnnl_status_t status = dnnl_memory_create(&operand->outer, outer, engine, handle);
  if (status != dnnl_success) return status;
  if (same) {
    operand->inner = operand->outer;
    return dnnl_success;
  }
  void *buffer = own(operation, dnnl_memory_desc_get_size(inner));
  if (!buffer) return dnnl_out_of_memory;
  status = dnnl_memory_create(&operand->inner, inner, engine, buffer);
  if (status != dnnl_success) return status;
  return direction == od_read ? make_reorder(&operand->reorder, engine, outer, inner)
                              : make_reorder(&operand->reorder, engine, inner, outer);
}

dnnl_status_t od_make_attributes(dnnl_primitive_attr_t *attributes, int flags) {
  dnnl_status_t status = dnnl_primitive_attr_create(attributes);
  if (status != dnnl_success) return status;
  status = dnnl_primitive_attr_set_scratchpad_mode(*attributes, dnnl_scratchpad_mode_user);
  if (status == dnnl_success && flags & (od_flag_rectified | od_flag_accumulate)) {
    dnnl_post_ops_t after;
    status = dnnl_post_ops_create(&after);
    if (status == dnnl_success) {
      if (flags & od_flag_accumulate) status = od_append_sum(after);
      if (status == dnnl_success && flags & od_flag_rectified) status = od_append_rectifier(after);
      if (status == dnnl_success) status = dnnl_primitive_attr_set_post_ops(*attributes, after);
      dnnl_post_ops_destroy(after);
    }
  }
  if (status != dnnl_success) dnnl_primitive_attr_destroy(*attributes);
  return status;
}

dnnl_status_t od_finish(od_operation *operation, dnnl_engine_t engine) {
  od_layout layout = dnnl_primitive_desc_query_md(operation->description, dnnl_query_scratchpad_md, 0);
  size_t bytes = layout ? dnnl_memory_desc_get_size(layout) : 0;
  if (bytes > 0) {
    void *memory = own(operation, bytes);
    if (!memory) return dnnl_out_of_memory;
    dnnl_status_t status = dnnl_memory_create(&operation->scratch, layout, engine, memory);
    if (status != dnnl_success) return status;
  }
  dnnl_status_t status = dnnl_primitive_create(&operation->primitive, operation->description);
  dnnl_primitive_desc_destroy(operation->description);
  operation->description = NULL;
  return status;
}

static dnnl_status_t run_reorder(const od_operation *operation, const od_operand *operand) {
  int inward = operand->direction == od_read;
  dnnl_exec_arg_t arguments[] = {
      {DNNL_ARG_FROM, inward ? operand->outer : operand->inner},
      {DNNL_ARG_TO, inward ? operand->inner : operand->outer},
  };
  return dnnl_primitive_execute(operand->reorder, operation->stream, 2, arguments);
}

static dnnl_status_t run_locked(od_operation *operation, void *const *pointers) {
  dnnl_exec_arg_t arguments[od_operand_limit + 1];
  int count = 0;
  dnnl_status_t status = dnnl_success;
  for (int i = 0; i < operation->operand_count; ++i) {
    od_operand *operand = &operation->operands[i];
    if (operand->direction != od_add) status = dnnl_memory_set_data_handle(operand->outer, pointers[i]);
    if (status == dnnl_success && operand->reorder && operand->direction == od_read) {
      status = run_reorder(operation, operand);
    }
    if (status != dnnl_success) return status;
    arguments[count++] = (dnnl_exec_arg_t){operand->argument, operand->inner};
  }
  if (operation->scratch) arguments[count++] = (dnnl_exec_arg_t){DNNL_ARG_SCRATCHPAD, operation->scratch};
  status = dnnl_primitive_execute(operation->primitive, operation->stream, count, arguments);
  for (int i = 0; status == dnnl_success && i < operation->operand_count; ++i) {
    od_operand *operand = &operation->operands[i];
    if (operand->reorder && operand->direction != od_read) status = run_reorder(operation, operand);
    if (status == dnnl_success && operand->direction == od_add) {
      float *restrict destination = pointers[i];
      const float *restrict sum = operand->sum;
      for (size_t j = 0; j < operand->count; ++j) destination[j] += sum[j];
    }
  }
  return status == dnnl_success ? dnnl_stream_wait(operation->stream) : status;
}

dnnl_status_t od_run(od_operation *operation, void *const *pointers) {
  pthread_mutex_lock(&operation->lock);
  dnnl_status_t status = run_locked(operation, pointers);
  pthread_mutex_unlock(&operation->lock);
  return status;
}

const char *od_message(int status) {
  switch (status) {
    case dnnl_success: return "success";
    case dnnl_out_of_memory: return "out of memory";
    case dnnl_invalid_arguments: return "invalid arguments";
    case dnnl_unimplemented: return "oneDNN has no implementation for this shape on this CPU";
    case dnnl_runtime_error: return "oneDNN failed at run time";
    default: return "unknown oneDNN status";
  }
}

void od_version(int *major, int *minor, int *patch) {
  const dnnl_version_t *version = dnnl_version();
  *major = version->major;
  *minor = version->minor;
  *patch = version->patch;
}

const char *od_instruction_set(void) {
  // The values of dnnl_cpu_isa_t that both generations share; newer ones contain AVX-512.
  int set = (int)dnnl_get_effective_cpu_isa();
  int avx512 = (int)dnnl_cpu_isa_avx512_core, avx2 = (int)dnnl_cpu_isa_avx2;
  if ((set & avx512) == avx512) return "AVX-512";
  if ((set & avx2) == avx2) return "AVX2";
  return "baseline";
}
