/* Tells whether an MPI launcher, such as mpirun, started this process. It looks only at environment
 * variables, so a program that no launcher started never touches MPI. */
#ifndef WEFT_RANKS_LAUNCHER_H
#define WEFT_RANKS_LAUNCHER_H

#include <stdbool.h>
#include <stddef.h>

/* Returns true if a launcher started this process together with others. `*rank` receives its rank,
 * and `*ranks` the number of ranks, or 0 if only MPI knows it. */
bool launcher_started(size_t *rank, size_t *ranks);

#endif
