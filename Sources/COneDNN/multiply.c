#include <dnnl.h>

#include "COneDNN.h"

int omp_get_max_threads(void);
int omp_in_parallel(void);

int od_multiply(int transpose_a, int transpose_b, int64_t m, int64_t n, int64_t k, float alpha, const float *a,
                int64_t lda, const float *b, int64_t ldb, float beta, float *c, int64_t ldc) {
  return dnnl_sgemm(transpose_a ? 'T' : 'N', transpose_b ? 'T' : 'N', m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

int od_has_one_thread(void) { return omp_in_parallel() || omp_get_max_threads() == 1; }
