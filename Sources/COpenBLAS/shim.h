// OpenBLAS's CBLAS, the LAPACKE drivers in use, and the runtime calls that choose its kernels.
#pragma once
#include <openblas-openmp/cblas.h>

int LAPACKE_ssyevd(int layout, char job, char triangle, int n, float *a, int lda, float *w);
int LAPACKE_sgesdd(int layout, char job, int m, int n, float *a, int lda, float *s, float *u, int ldu, float *vt, int ldvt);
int LAPACKE_sgelsd(int layout, int m, int n, int nrhs, float *a, int lda, float *b, int ldb, float *s, float rcond, int *rank);

// Exported by builds with DYNAMIC_ARCH: the table of kernels in use, and the calls that choose it anew.
extern void *gotoblas;
void gotoblas_dynamic_init(void);
void gotoblas_dynamic_quit(void);

static inline void concord_openblas_choose_again(void) {
  gotoblas_dynamic_quit();
  gotoblas = 0;
  gotoblas_dynamic_init();
}
