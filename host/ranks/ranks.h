/* The ranks of a job: processes that train together. weft_ranks.h declares what they
 * offer.
 *
 * This module alone calls MPI. Without MPI in the build, ranks_none.c takes the place of the files
 * that do, and a job has one rank.
 */
#ifndef WEFT_RANKS_RANKS_H
#define WEFT_RANKS_RANKS_H

#include "train/slice_group.h"
#include "weft_ranks.h"

/* Returns the name and the version of the MPI library, or "" if this build has none. Static. */
const char *ranks_library(void);

/* Returns the group through which a training run exchanges, or NULL if there is only one rank. */
struct slice_group *ranks_group(struct weft_ranks *ranks);

#endif
