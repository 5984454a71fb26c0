#include "CKernels.h"

int omp_get_max_threads(void);
void omp_set_num_threads(int threads);

int ck_threads(void) { return omp_get_max_threads(); }
void ck_set_threads(int threads) { omp_set_num_threads(threads); }
