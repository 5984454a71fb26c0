#include "internal.h"

// GNU OpenMP's own entry points: clang's OpenMP would bring a second runtime with a second pool.
int omp_get_max_threads(void);
int omp_get_num_threads(void);
int omp_get_thread_num(void);
int omp_in_parallel(void);
void omp_set_num_threads(int threads);
void GOMP_parallel(void (*function)(void *), void *data, unsigned threads, unsigned flags);

int ck_threads(void) { return omp_get_max_threads(); }
void ck_set_threads(int threads) { omp_set_num_threads(threads); }

struct share {
  ptrdiff_t count;
  ck_body body;
  void *context;
};

static void run_share(void *data) {
  struct share *share = data;
  ptrdiff_t threads = omp_get_num_threads(), thread = omp_get_thread_num();
  ptrdiff_t begin = share->count * thread / threads, end = share->count * (thread + 1) / threads;
  if (begin < end) share->body(share->context, begin, end);
}

void ck_parallel(ptrdiff_t count, ptrdiff_t grain, ck_body body, void *context) {
  if (count <= 0) return;
  ptrdiff_t threads = omp_get_max_threads(), useful = count / (grain > 0 ? grain : 1);
  if (useful < threads) threads = useful;
  if (threads <= 1 || omp_in_parallel()) {
    body(context, 0, count);
    return;
  }
  struct share share = {count, body, context};
  GOMP_parallel(run_share, &share, (unsigned)threads, 0);
}
