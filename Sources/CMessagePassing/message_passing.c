// Open MPI through dlopen. Its handles are the addresses of its own objects, which it exports by name.

#include "message_passing.h"

#include <dlfcn.h>
#include <stddef.h>

#include "message_passing_calls.h"

#define DECLARE(name, arguments) static int(*mpi_##name) arguments;
CMP_CALLS(DECLARE, void *, void *, void *, void *, void)

static void *world, *type_float, *type_byte, *op_max;

static bool find(void *library, const char *name, void *place) {
  void *found = dlsym(library, name);
  *(void **)place = found;
  return found != NULL;
}

const char *cmp_open(void) {
  // MPICH's library has another name, so that it is not opened by mistake.
  void *library = dlopen("libmpi.so.40", RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) return dlerror();
  bool good = find(library, "ompi_mpi_comm_world", &world) && find(library, "ompi_mpi_float", &type_float) &&
    find(library, "ompi_mpi_uint8_t", &type_byte) && find(library, "ompi_mpi_op_max", &op_max);
#define FIND(name, arguments) good = good && find(library, "MPI_" #name, &mpi_##name);
  CMP_CALLS(FIND, void *, void *, void *, void *, void)
  return good ? NULL : "libmpi.so.40 is not Open MPI's";
}

void cmp_join(int *rank, int *size) {
  int level = 0;
  mpi_Init_thread(NULL, NULL, CMP_THREAD_FUNNELED, &level);
  mpi_Comm_rank(world, rank);
  mpi_Comm_size(world, size);
}

void cmp_gather(const float *own, int count, float *all) {
  mpi_Allgather(own, count, type_float, all, count, type_float, world);
}

void cmp_gather_bytes(const void *own, int count, void *all, const int *counts, const int *places) {
  mpi_Allgatherv(own, count, type_byte, all, counts, places, type_byte, world);
}

void cmp_gather_in_place(float *all, const int *counts, const int *places) {
  mpi_Allgatherv(CMP_IN_PLACE, 0, type_float, all, counts, places, type_float, world);
}

void cmp_exchange(
  const float *own, const int *counts, const int *places, float *received, const int *received_counts,
  const int *received_places) {
  mpi_Alltoallv(own, counts, places, type_float, received, received_counts, received_places, type_float, world);
}

void cmp_greatest(uint8_t *bytes, int count) {
  mpi_Allreduce(CMP_IN_PLACE, bytes, count, type_byte, op_max, world);
}

void cmp_broadcast(void *bytes, int count) { mpi_Bcast(bytes, count, type_byte, 0, world); }

void *cmp_say_there(void) {
  void *request = NULL;
  mpi_Ibarrier(world, &request);
  return request;
}

bool cmp_are_all_there(void **request) {
  int there = 0;
  mpi_Test(request, &there, NULL);
  return there != 0;
}

void cmp_abort(int code) { mpi_Abort(world, code); }

void cmp_leave(void) { mpi_Finalize(); }
