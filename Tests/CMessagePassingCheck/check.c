// Holds the loader's prototypes to Open MPI's header, where that is there.
#include "message_passing_check.h"

#if __has_include(<mpi/mpi.h>)
#include <mpi/mpi.h>
#endif

#ifdef OPEN_MPI
#include "message_passing_calls.h"

#define CHECK(name, arguments) \
  _Static_assert(__builtin_types_compatible_p(__typeof__(MPI_##name), int arguments), "MPI_" #name);
CMP_CALLS(CHECK, MPI_Comm, MPI_Datatype, MPI_Op, MPI_Request, MPI_Status)

_Static_assert(sizeof(MPI_Comm) == sizeof(void *) && sizeof(MPI_Request) == sizeof(void *), "handles are pointers");
_Static_assert(sizeof(MPI_Datatype) == sizeof(void *) && sizeof(MPI_Op) == sizeof(void *), "handles are pointers");
_Static_assert(MPI_THREAD_FUNNELED == CMP_THREAD_FUNNELED, "the level of threads");

int cmp_has_checked_prototypes(void) { return MPI_IN_PLACE == CMP_IN_PLACE && MPI_STATUS_IGNORE == (MPI_Status *)0; }
#else
int cmp_has_checked_prototypes(void) { return 0; }
#endif
