/* How the ranks of weft train keep together: they stop after the same batch, and all of them take
 * part in a checkpoint, which rank 0 writes. */
#ifndef WEFT_APP_TRAIN_RANKS_H
#define WEFT_APP_TRAIN_RANKS_H

#include "train_job.h"

/* Refuses options that ranks cannot have. */
WEFT_MUST_CHECK enum weft_status train_ranks_options(struct train_job *job);

/* Gives batches as many slices as the ranks of a launcher need, unless the user has named a number.
 * The data are read, and the options are settled. */
WEFT_MUST_CHECK enum weft_status train_ranks_settle(struct train_job *job);

/* Opens the device of this rank. */
WEFT_MUST_CHECK enum weft_status train_ranks_open(struct train_job *job);

/* Waits for the other ranks before the training run, and says which devices it uses. `status` is
 * the one of this rank so far. */
WEFT_MUST_CHECK enum weft_status train_ranks_ready(struct train_job *job);

/* Exchanges, after each batch, what ranks want: learns whether all of them stop after it, and
 * whether one has asked for a checkpoint. */
void train_ranks_vote(struct train_job *job, const struct weft_progress *now);

/* Finds out whether all ranks stop before the next member of an ensemble. A signal that reaches one
 * rank after the last batch of a member is known to that rank alone. */
WEFT_MUST_CHECK enum weft_status train_ranks_stop_members(struct train_job *job, bool *stop);

/* Returns whether all ranks take part in a checkpoint after this batch. Without a path for it, only
 * rank 0 gets true, when a checkpoint was asked for. */
bool train_ranks_checkpoint(struct train_job *job);

#endif
