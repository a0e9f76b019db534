/* Runs a batch in slices: the gradient of each slice is computed by itself, and the gradients are
 * added in the order of slice_tree.h. The sum is the gradient of the whole batch, so one update
 * follows.
 *
 * A slice without samples contributes nothing. The last batch of an epoch may have some. Without
 * batch normalization, a workspace of a slice's size serves all slices in turn, so that a batch
 * need not fit the device. With it, each slice has a workspace, because the slices go through the
 * layers together: see slice_norm.h.
 *
 * With several ranks, a device adds the slices of each node that its rank owns. Then each rank gets
 * its piece of the sums of all nodes, adds them, and updates its piece of the parameters. At last,
 * every rank gets the parameters of all pieces, so all ranks have the same ones, even if their
 * devices round differently. The state of the optimizer is complete only after slices_spread.
 */
#ifndef WEFT_TRAIN_SLICES_H
#define WEFT_TRAIN_SLICES_H

#include "train/hooks.h"
#include "train/slice_order.h"

/* A slice of the current batch. */
struct slice {
    struct step step; /* without samples: an empty slice */
    struct batch_draw draw;
};

struct slices {
    struct slice_group *group; /* borrowed */
    struct slice_order order;
    struct slice *current; /* [own slices] owned, like all members below; NULL without slices */

    /* NULL without batch norm. */
    struct workspace **workspaces;         /* [own slices]; the first one is borrowed */
    float *norm_own;                       /* [own slices][2][O] of the widest layer */
    float *norm_all;                       /* [S][2][O] */
    float *norm_whole;                     /* [2][O] of the whole batch */
    float **norm_arrays;                   /* [S] for slice_tree_sum, like the next one */
    struct slice_addition *norm_additions; /* [S - 1] */

    struct slice_tree tree;    /* of the slices of the current batch so far */
    size_t sums;               /* sums on the device */
    struct update_range range; /* the values that this rank updates */

    /* NULL unless there is more than one rank. */
    float **nodes; /* [own nodes] of [parameter_count] sums; borrowed from the device or `staged` */
    float **arrays;                   /* [nodes] for the group, like the next two */
    float *received;                  /* [nodes of others][size of the piece] */
    struct slice_addition *additions; /* [nodes - 1] */
    float *staged;                    /* [own nodes][parameter_count]; NULL: sums are on the host */
    float *values;                    /* [value_count] parameters; NULL as `staged` */
    struct batch_metrics *losses;     /* [S][batches] */
};

/* Whether batches run in slices. Otherwise, they run whole, and nothing here is needed. */
static inline bool slices_in_use(const struct slices *slices)
{
    return slices->order.slices > 1;
}

/* Returns the group of a device, which may be NULL. */
struct slice_group *slices_group_of(const struct weft_device *device);

/* Decides how the slices are added, for the plan of a workspace: `sums` and `range`. On entry,
 * `slices` has its group and its order, and the rest is zero. */
void slices_plan(struct slices *slices, const struct network *network);

/* Allocates what the slices exchange. With a `count`, it is only counted. `backend` may be NULL if
 * there is no device. Call it after slices_plan, and slices_reset in either case. */
WEFT_MUST_CHECK enum weft_status slices_allocate(struct slices *slices,
                                                 const struct network *network,
                                                 const struct backend *backend,
                                                 struct memory_count *count);

/* Creates the workspaces of all slices but the first one, `first`. The plan is that of `first`.
 * Does nothing without batch norm. */
WEFT_MUST_CHECK enum weft_status slices_workspaces_create(struct slices *slices,
                                                          struct weft_device *device,
                                                          const struct workspace_plan *plan,
                                                          struct workspace *first);
/* Counts their memory. */
WEFT_MUST_CHECK enum weft_status slices_workspaces_count(const struct slices *slices,
                                                         struct weft_device *device,
                                                         const struct workspace_plan *plan,
                                                         struct memory_counts *counts);

/* Also destroys the workspaces, so call it before the first one is destroyed. `backend` may be NULL
 * if there are none. */
void slices_reset(struct slices *slices, const struct backend *backend);

/* Returns the number of slots that the slices of an epoch need. */
size_t slices_slots(const struct slices *slices);

/* Runs a whole batch: forward and backward for each slice of this rank, the sum, and the update.
 * batch->step has the whole batch, and hooks may be NULL. */
WEFT_MUST_CHECK enum weft_status slices_run(struct slices *slices,
                                            const struct training_batch *batch,
                                            const struct training_hooks *hooks);

/* Completes an array of values [value_count] of which each rank has updated its piece. All ranks
 * must call it. */
WEFT_MUST_CHECK enum weft_status slices_spread(const struct slices *slices,
                                               const struct network *network, float *values);

/* Adds the metrics of the slices in slice order. `slots` [slices_slots] are those of this rank;
 * metrics [batches] receive the batches first .. end - 1. All ranks must call it. */
WEFT_MUST_CHECK enum weft_status slices_metrics(const struct slices *slices,
                                                const struct batch_metrics *slots, size_t first,
                                                size_t end, struct batch_metrics *metrics);

/* Forgets wishes to stop of an earlier training run. Call it before the first batch. */
void slices_begin(const struct slices *slices);

/* Returns whether all ranks stop after this batch, as the sum of this batch has told all of them.
 * With one rank, returns false. */
bool slices_are_stopping(const struct slices *slices);

/* Makes all ranks stop after the next batch. A single rank stops now: then it returns true. */
bool slices_stop(const struct slices *slices);

#endif
