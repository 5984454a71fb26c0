// The functions of MPI that are called, by name and arguments.
//
// X is called for each with the types of handles: own ones where the library is opened at run time, MPI's where its header
// is there to hold them to.
#pragma once

#define CMP_CALLS(X, COMM, TYPE, OP, REQUEST, STATUS)                                                                  \
  X(Init_thread, (int *, char ***, int, int *))                                                                        \
  X(Comm_rank, (COMM, int *))                                                                                          \
  X(Comm_size, (COMM, int *))                                                                                          \
  X(Allgather, (const void *, int, TYPE, void *, int, TYPE, COMM))                                                     \
  X(Allgatherv, (const void *, int, TYPE, void *, const int *, const int *, TYPE, COMM))                               \
  X(Alltoallv, (const void *, const int *, const int *, TYPE, void *, const int *, const int *, TYPE, COMM))           \
  X(Allreduce, (const void *, void *, int, TYPE, OP, COMM))                                                            \
  X(Bcast, (void *, int, TYPE, int, COMM))                                                                             \
  X(Ibarrier, (COMM, REQUEST *))                                                                                       \
  X(Test, (REQUEST *, int *, STATUS *))                                                                                \
  X(Abort, (COMM, int))                                                                                                \
  X(Finalize, (void))

// What the header has as macros: the level of threads of which only the first calls, and a buffer that is both.
#define CMP_THREAD_FUNNELED 1
#define CMP_IN_PLACE ((void *)1)
