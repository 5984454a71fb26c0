#pragma once

/// Whether the prototypes of the loader were held to Open MPI's header when this was compiled.
int cmp_has_checked_prototypes(void);
