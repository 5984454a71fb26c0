#include <string.h>

#include "COneDNN.h"

int omp_get_max_threads(void);
int omp_get_num_threads(void);
int omp_get_thread_num(void);
void GOMP_parallel(void (*function)(void *), void *data, unsigned threads, unsigned flags);

typedef struct {
  const od_convolution *shape;
  const float *columns;
  float *images;
} fold_job;

/// Folds the images that belong to the calling thread; every image is one thread's, so sums keep their order.
static void fold(void *data) {
  const fold_job *job = data;
  const od_convolution *s = job->shape;
  int64_t output_height = (s->height + s->padding_top + s->padding_bottom - s->kernel_height) / s->stride_height + 1;
  int64_t output_width = (s->width + s->padding_left + s->padding_right - s->kernel_width) / s->stride_width + 1;
  int64_t image_count = s->height * s->width * s->channels, kernel_row = s->kernel_width * s->channels;
  int64_t threads = omp_get_num_threads(), thread = omp_get_thread_num();
  int64_t begin = s->batch * thread / threads, end = s->batch * (thread + 1) / threads;
  const float *source = job->columns + begin * output_height * output_width * s->kernel_height * kernel_row;
  for (int64_t b = begin; b < end; ++b) {
    float *image = job->images + b * image_count;
    memset(image, 0, (size_t)image_count * sizeof(float));
    for (int64_t y = 0; y < output_height; ++y) {
      for (int64_t x = 0; x < output_width; ++x) {
        int64_t left = x * s->stride_width - s->padding_left;
        int64_t from = left < 0 ? -left : 0;
        int64_t to = s->width - left < s->kernel_width ? s->width - left : s->kernel_width;
        for (int64_t i = 0; i < s->kernel_height; ++i, source += kernel_row) {
          int64_t row = y * s->stride_height - s->padding_top + i;
          if (row < 0 || row >= s->height) continue;
          for (int64_t j = from; j < to; ++j) {
            float *restrict pixel = image + (row * s->width + left + j) * s->channels;
            for (int64_t c = 0; c < s->channels; ++c) pixel[c] += source[j * s->channels + c];
          }
        }
      }
    }
  }
}

void od_fold(const od_convolution *shape, const float *columns, float *images) {
  fold_job job = {shape, columns, images};
  GOMP_parallel(fold, &job, shape->batch > 1 ? (unsigned)omp_get_max_threads() : 1, 0);
}
