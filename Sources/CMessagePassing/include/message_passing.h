// Open MPI, opened at run time: nothing of it is needed to build the program or to start it.
//
// Every function but cmp_open is called after it, from the thread that called it. Errors of MPI end the job, as is its
// default; numbers are float32 unless a name says bytes.
#pragma once

#include <stdbool.h>
#include <stdint.h>

/// Opens the library; null where that went well, else why not.
const char *cmp_open(void);

/// Joins the processes that were started together.
void cmp_join(int *rank, int *size);

/// Gathers `count` numbers of each rank, in the order of ranks.
void cmp_gather(const float *own, int count, float *all);

/// Gathers different counts of bytes of each rank at their places.
void cmp_gather_bytes(const void *own, int count, void *all, const int *counts, const int *places);

/// Gathers slices, each of which stands in its place on one rank already.
void cmp_gather_in_place(float *all, const int *counts, const int *places);

/// Gives every rank a part of the own numbers, and takes a part of every rank's.
void cmp_exchange(
  const float *own, const int *counts, const int *places, float *received, const int *received_counts,
  const int *received_places);

/// The greatest of each byte over all ranks, in place.
void cmp_greatest(uint8_t *bytes, int count);

/// Gives every rank the bytes of rank 0.
void cmp_broadcast(void *bytes, int count);

/// Says that this rank is there; the others are asked for with cmp_are_all_there.
void *cmp_say_there(void);

/// Whether all ranks are there. Where they are, the request is gone.
bool cmp_are_all_there(void **request);

/// Ends all ranks with an exit code.
void cmp_abort(int code);

/// Leaves; nothing may be called afterwards.
void cmp_leave(void);
