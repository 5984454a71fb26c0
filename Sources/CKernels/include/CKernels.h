// The few loops that no library has, compiled for AVX-512, AVX2 and the baseline, on the OpenMP pool.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// The number of threads in use by the kernels of this module (and the OpenMP pool).
int ck_threads(void);
/// Sets the number of threads of the OpenMP pool.
void ck_set_threads(int threads);
