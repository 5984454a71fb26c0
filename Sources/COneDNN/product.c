// Matrix products of bfloat16 numbers and of 8-bit integers. Unlike the other operations they are made once per shape
// and thread, so that threads that multiply small matrices side by side need no lock.
#include <stdlib.h>
#include <string.h>

#include "COneDNN.h"
#include "operation.h"

int omp_get_max_threads(void);
int omp_in_parallel(void);
void omp_set_num_threads(int threads);

enum { table_size = 512, most_entries = 384 };

// The rows for which packed weights are laid down; products of other numbers of rows read the same layout.
enum { packed_rows = 192 };

typedef struct {
  int64_t m, n, k, lda, ldb, ldc;
  int32_t transpose_a, transpose_b, accumulates, rounds, threads, packed;
} product_key;

typedef struct {
  product_key key;
  dnnl_primitive_t primitive;
  dnnl_memory_t source, weights, result, scratch;
} product;

typedef struct {
  dnnl_engine_t engine;
  dnnl_stream_t stream;
  product *table[table_size];
  int count;
  void *scratch;
  size_t scratch_bytes;
} product_table;

static _Thread_local product_table products;

static void release(product *entry) {
  if (entry->source) dnnl_memory_destroy(entry->source);
  if (entry->weights) dnnl_memory_destroy(entry->weights);
  if (entry->result) dnnl_memory_destroy(entry->result);
  if (entry->scratch) dnnl_memory_destroy(entry->scratch);
  if (entry->primitive) dnnl_primitive_destroy(entry->primitive);
  free(entry);
}

static size_t place_of(const product_key *key) { return od_hash(key, sizeof *key) % table_size; }

/// Room for the scratch memory of any product of this thread; they run one after another.
static dnnl_status_t reserve(size_t bytes) {
  if (bytes <= products.scratch_bytes) return dnnl_success;
  void *memory = od_allocate(bytes);
  if (!memory) return dnnl_out_of_memory;
  free(products.scratch);
  products.scratch = memory;
  products.scratch_bytes = bytes;
  return dnnl_success;
}

/// Makes this thread's engine and stream.
static dnnl_status_t prepare(void) {
  dnnl_status_t status = dnnl_success;
  if (!products.engine) status = dnnl_engine_create(&products.engine, dnnl_cpu, 0);
  if (status == dnnl_success && !products.stream) {
    status = dnnl_stream_create(&products.stream, products.engine, dnnl_stream_default_flags);
  }
  return status;
}

/// The product of rows with weights in the library's own layout. One thread describes it, so that the layout does not
/// depend on how many there are.
static dnnl_status_t describe_packed(od_packed type, int64_t n, int64_t k, dnnl_primitive_desc_t *description) {
  int integers = type == od_packed_int8;
  dnnl_status_t status = prepare();
  od_layouts layouts = {.count = 0};
  dnnl_dims_t source_sizes = {packed_rows, k}, weight_sizes = {k, n}, result_sizes = {packed_rows, n};
  dnnl_dims_t source_strides = {k, 1}, result_strides = {n, 1};
  od_layout source = od_add_strided_layout(&layouts, integers ? dnnl_u8 : dnnl_bf16, 2, source_sizes, source_strides,
                                           &status);
  od_layout weights = od_add_layout_of(&layouts, integers ? dnnl_s8 : dnnl_bf16, 2, weight_sizes,
                                       dnnl_format_tag_any, &status);
  od_layout result = od_add_strided_layout(&layouts, integers ? dnnl_s32 : dnnl_f32, 2, result_sizes, result_strides,
                                           &status);
  dnnl_primitive_attr_t attributes = NULL;
  if (status == dnnl_success) status = od_make_attributes(&attributes, 0);
  if (status == dnnl_success) {
    int threads = omp_get_max_threads();
    omp_set_num_threads(1);
    status = od_describe_product(description, products.engine, source, weights, result, attributes);
    omp_set_num_threads(threads);
  }
  if (attributes) dnnl_primitive_attr_destroy(attributes);
  od_release_layouts(&layouts);
  return status;
}

static dnnl_status_t describe(const product_key *key, dnnl_primitive_desc_t *description, od_layouts *layouts,
                              od_layout *source, od_layout *weights, od_layout *result) {
  dnnl_status_t status = dnnl_success;
  dnnl_dims_t source_sizes = {key->m, key->k}, weight_sizes = {key->k, key->n}, result_sizes = {key->m, key->n};
  dnnl_dims_t source_strides = {key->transpose_a ? 1 : key->lda, key->transpose_a ? key->lda : 1};
  dnnl_dims_t weight_strides = {key->transpose_b ? 1 : key->ldb, key->transpose_b ? key->ldb : 1};
  dnnl_dims_t result_strides = {key->ldc, 1};
  int integers = key->packed == od_packed_int8;
  dnnl_data_type_t result_type = integers ? dnnl_s32 : key->rounds ? dnnl_bf16 : dnnl_f32;
  dnnl_primitive_desc_t packed = NULL;
  *source = od_add_strided_layout(layouts, integers ? dnnl_u8 : dnnl_bf16, 2, source_sizes, source_strides, &status);
  if (key->packed) {
    if (status == dnnl_success) status = describe_packed((od_packed)key->packed, key->n, key->k, &packed);
    if (status != dnnl_success) return status;
    *weights = dnnl_primitive_desc_query_md(packed, dnnl_query_weights_md, 0);
  } else {
    *weights = od_add_strided_layout(layouts, dnnl_bf16, 2, weight_sizes, weight_strides, &status);
  }
  *result = od_add_strided_layout(layouts, result_type, 2, result_sizes, result_strides, &status);
  dnnl_primitive_attr_t attributes = NULL;
  if (status == dnnl_success) status = od_make_attributes(&attributes, key->accumulates ? od_flag_accumulate : 0);
  if (status == dnnl_success) {
    status = od_describe_product(description, products.engine, *source, *weights, *result, attributes);
  }
  if (attributes) dnnl_primitive_attr_destroy(attributes);
  if (packed) {
    dnnl_primitive_desc_destroy(packed);
    // The same layout, which lives as long as the description.
    if (status == dnnl_success) *weights = dnnl_primitive_desc_query_md(*description, dnnl_query_weights_md, 0);
  }
  return status;
}

static dnnl_status_t make(const product_key *key, product **made) {
  dnnl_status_t status = prepare();
  if (status != dnnl_success) return status;
  product *entry = calloc(1, sizeof *entry);
  if (!entry) return dnnl_out_of_memory;
  entry->key = *key;
  od_layouts layouts = {.count = 0};
  od_layout source, weights, result;
  dnnl_primitive_desc_t description;
  status = describe(key, &description, &layouts, &source, &weights, &result);
  if (status == dnnl_success) {
    status = dnnl_primitive_create(&entry->primitive, description);
    if (status == dnnl_success) {
      status = dnnl_memory_create(&entry->source, source, products.engine, DNNL_MEMORY_NONE);
    }
    if (status == dnnl_success) {
      status = dnnl_memory_create(&entry->weights, weights, products.engine, DNNL_MEMORY_NONE);
    }
    if (status == dnnl_success) {
      status = dnnl_memory_create(&entry->result, result, products.engine, DNNL_MEMORY_NONE);
    }
    od_layout scratch = dnnl_primitive_desc_query_md(description, dnnl_query_scratchpad_md, 0);
    size_t bytes = scratch ? dnnl_memory_desc_get_size(scratch) : 0;
    if (status == dnnl_success && bytes > 0) {
      status = reserve(bytes);
      if (status == dnnl_success) {
        status = dnnl_memory_create(&entry->scratch, scratch, products.engine, DNNL_MEMORY_NONE);
      }
    }
    dnnl_primitive_desc_destroy(description);
  }
  od_release_layouts(&layouts);
  if (status == dnnl_success) {
    *made = entry;
  } else {
    release(entry);
  }
  return status;
}

static dnnl_status_t find(const product_key *key, product **found) {
  size_t place = place_of(key);
  while (products.table[place]) {
    if (memcmp(&products.table[place]->key, key, sizeof *key) == 0) {
      *found = products.table[place];
      return dnnl_success;
    }
    place = (place + 1) % table_size;
  }
  if (products.count == most_entries) {
    for (int i = 0; i < table_size; ++i) {
      if (products.table[i]) release(products.table[i]);
      products.table[i] = NULL;
    }
    products.count = 0;
    place = place_of(key);
  }
  // A primitive divides its work among as many threads as there are when it is made.
  int threads = omp_get_max_threads();
  if (key->threads == 1) omp_set_num_threads(1);
  dnnl_status_t status = make(key, found);
  if (key->threads == 1) omp_set_num_threads(threads);
  if (status == dnnl_success) {
    products.table[place] = *found;
    products.count += 1;
  }
  return status;
}

static int multiply(product_key *key, const void *a, const void *b, void *c) {
  key->threads = omp_in_parallel() ? 1 : omp_get_max_threads();
  product *entry;
  dnnl_status_t status = find(key, &entry);
  if (status == dnnl_success) status = dnnl_memory_set_data_handle(entry->source, (void *)a);
  if (status == dnnl_success) status = dnnl_memory_set_data_handle(entry->weights, (void *)b);
  if (status == dnnl_success) status = dnnl_memory_set_data_handle(entry->result, c);
  if (status != dnnl_success) return (int)status;
  dnnl_exec_arg_t arguments[4] = {
      {DNNL_ARG_SRC, entry->source}, {DNNL_ARG_WEIGHTS, entry->weights}, {DNNL_ARG_DST, entry->result}};
  int count = 3;
  if (entry->scratch) {
    status = dnnl_memory_set_data_handle(entry->scratch, products.scratch);
    if (status != dnnl_success) return (int)status;
    arguments[count++] = (dnnl_exec_arg_t){DNNL_ARG_SCRATCHPAD, entry->scratch};
  }
  status = dnnl_primitive_execute(entry->primitive, products.stream, count, arguments);
  return (int)(status == dnnl_success ? dnnl_stream_wait(products.stream) : status);
}

int od_multiply_packed(od_packed type, int64_t m, int64_t n, int64_t k, const void *a, const void *packed, void *c) {
  product_key key;
  memset(&key, 0, sizeof key);
  key.m = m, key.n = n, key.k = k, key.lda = k, key.ldc = n;
  key.packed = (int32_t)type;
  return multiply(&key, a, packed, c);
}

size_t od_packed_bytes(od_packed type, int64_t n, int64_t k) {
  int needed = (int)(type == od_packed_int8 ? dnnl_cpu_isa_avx512_core_vnni : dnnl_cpu_isa_avx512_core_bf16);
  if (((int)dnnl_get_effective_cpu_isa() & needed) != needed) return 0;
  dnnl_primitive_desc_t description;
  if (describe_packed(type, n, k, &description) != dnnl_success) return 0;
  size_t bytes = dnnl_memory_desc_get_size(dnnl_primitive_desc_query_md(description, dnnl_query_weights_md, 0));
  dnnl_primitive_desc_destroy(description);
  return bytes;
}

int od_pack(od_packed type, int64_t n, int64_t k, const void *b, void *packed) {
  dnnl_primitive_desc_t description;
  dnnl_status_t status = describe_packed(type, n, k, &description);
  if (status != dnnl_success) return (int)status;
  od_layouts layouts = {.count = 0};
  dnnl_dims_t sizes = {k, n}, strides = {1, k};
  od_layout plain = od_add_strided_layout(&layouts, type == od_packed_int8 ? dnnl_s8 : dnnl_bf16, 2, sizes, strides,
                                          &status);
  od_layout own = dnnl_primitive_desc_query_md(description, dnnl_query_weights_md, 0);
  dnnl_memory_t source = NULL, target = NULL;
  dnnl_primitive_desc_t reorder_description = NULL;
  dnnl_primitive_t reorder = NULL;
  if (status == dnnl_success) status = dnnl_memory_create(&source, plain, products.engine, (void *)b);
  if (status == dnnl_success) status = dnnl_memory_create(&target, own, products.engine, packed);
  if (status == dnnl_success) {
    status = dnnl_reorder_primitive_desc_create(&reorder_description, plain, products.engine, own, products.engine, NULL);
  }
  if (status == dnnl_success) status = dnnl_primitive_create(&reorder, reorder_description);
  if (status == dnnl_success) {
    dnnl_exec_arg_t arguments[2] = {{DNNL_ARG_FROM, source}, {DNNL_ARG_TO, target}};
    status = dnnl_primitive_execute(reorder, products.stream, 2, arguments);
  }
  if (status == dnnl_success) status = dnnl_stream_wait(products.stream);
  if (reorder) dnnl_primitive_destroy(reorder);
  if (reorder_description) dnnl_primitive_desc_destroy(reorder_description);
  if (target) dnnl_memory_destroy(target);
  if (source) dnnl_memory_destroy(source);
  od_release_layouts(&layouts);
  dnnl_primitive_desc_destroy(description);
  return (int)status;
}

int od_multiply_bfloat16(int transpose_a, int transpose_b, int64_t m, int64_t n, int64_t k, const uint16_t *a,
                         int64_t lda, const uint16_t *b, int64_t ldb, int accumulate, int rounded, void *c,
                         int64_t ldc) {
  product_key key;
  memset(&key, 0, sizeof key);
  key.m = m, key.n = n, key.k = k, key.lda = lda, key.ldb = ldb, key.ldc = ldc;
  key.transpose_a = transpose_a != 0, key.transpose_b = transpose_b != 0;
  key.accumulates = accumulate != 0, key.rounds = rounded != 0;
  return multiply(&key, a, b, c);
}

int od_bfloat16_implementation(const char **name) {
  static _Thread_local char text[64];
  product_key key;
  memset(&key, 0, sizeof key);
  key.m = key.n = key.k = key.lda = key.ldb = key.ldc = 256;
  key.threads = 1;
  *name = text;
  text[0] = 0;
  product *entry;
  dnnl_status_t status = find(&key, &entry);
  if (status != dnnl_success) return (int)status;
  const_dnnl_primitive_desc_t description;
  const char *found = NULL;
  status = dnnl_primitive_get_primitive_desc(entry->primitive, &description);
  if (status == dnnl_success) {
    status = dnnl_primitive_desc_query(description, dnnl_query_impl_info_str, 0, (void *)&found);
  }
  if (status == dnnl_success && found) strncpy(text, found, sizeof text - 1);
  return (int)status;
}
