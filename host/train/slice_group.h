/* Divides the slices of a batch among the ranks that train together.
 *
 * `--slices S` cuts a batch of B samples into S slices: slice s has rows s B / S .. (s + 1) B / S
 * of the batch. The gradient of each slice is computed by itself, and the gradients are added in
 * the order of slice_tree.h. Rank r of R owns the slices r S / R .. (r + 1) S / R. A slice is
 * always computed with the same shapes, so the sums have the same bits for every number of ranks.
 *
 * The parameters are divided, too: a rank updates its piece of them, and the others get it.
 *
 * A group is a table of functions, as a backend is. slice_group_local serves a training run without
 * ranks; host/ranks exchanges through MPI.
 */
#ifndef WEFT_TRAIN_SLICE_GROUP_H
#define WEFT_TRAIN_SLICE_GROUP_H

#include "base/status.h"
#include "train/slice_tree.h"

/* Votes are bits that travel with each sum. */
enum {
    SLICE_VOTES_OF_USER = 0xffff, /* those of weft_ranks_vote */
    SLICE_VOTE_STOP = 1 << 16     /* a callback stops the training run */
};

/* What a rank adds: its piece of the gradients of all slices. */
struct slice_sum {
    size_t slices;        /* S */
    size_t values, count; /* the pieces divide `values` numbers; the first `count` are added */
    float *const *nodes;  /* [nodes of this rank] of [count]; the own pieces are overwritten */
    float **arrays;       /* [nodes of all ranks] scratch */
    float *received;      /* [nodes of other ranks][size of the own piece] scratch */
    const struct slice_addition *additions; /* [nodes of all ranks - 1] */
    float *sum; /* [count]; its own piece receives the sum; may be nodes[0] */
};

struct slice_group {
    size_t ranks, rank; /* R, at least 1; and which one this is, from 0 */
    int votes_sent;     /* what this rank sends with the next sum */
    int votes_seen;     /* what all ranks have sent, the same on every rank; readers clear bits */

    /* Gathers `bytes` bytes of every slice. `own` holds the slices of this rank, one after the
     * other, `all` [slices * bytes] receives all of them in slice order, on every rank. NULL if R
     * is 1. */
    enum weft_status (*gather)(struct slice_group *group, size_t slices, const void *own,
                               size_t bytes, void *all);
    /* Adds the gradients of the nodes of all ranks; see slice_sum. Adds the votes of all ranks to
     * votes_seen. NULL if R is 1. */
    enum weft_status (*sum)(struct slice_group *group, const struct slice_sum *sum);
    /* Gives every rank the pieces of all ranks of numbers [count]. `values` as in slice_sum. NULL
     * if R is 1. */
    enum weft_status (*spread)(struct slice_group *group, size_t values, size_t count,
                               float *numbers);
    /* Returns the name of the machine of a rank. NULL: it has no name. */
    const char *(*host)(const struct slice_group *group, size_t rank);
};

/* The group of a training run without ranks. Static. */
extern struct slice_group slice_group_local;

/* Returns where part `part` of `parts` of `count` things begins: count part / parts, rounded down.
 * parts^2 must fit a size_t. Part `parts`, after the last one, begins at `count`. */
size_t slice_begin(size_t count, size_t parts, size_t part);

/* Computes part `part` of `parts` of `count` things: first .. first + size - 1. It gives the rows
 * of a slice of a batch, and the slices of a rank. */
void slice_range(size_t count, size_t parts, size_t part, size_t *first, size_t *size);

/* Computes the piece of a rank of numbers [count], which are the first of `values` numbers. A piece
 * has whole pages of memory, except for the last one, so it may be empty. */
void slice_piece(size_t values, size_t count, size_t ranks, size_t rank, size_t *first,
                 size_t *size);

#endif
