/* Decides which samples each slice of a batch takes, and which samples a rank needs.
 *
 * With shuffling, the N samples are divided into S contiguous shards in file order. Shard s is as
 * large as the slices s of all batches together. In each epoch, every shard is permuted by itself,
 * and slice s of each batch takes the next samples of shard s. So a rank needs no sample of a shard
 * that it does not own. Without shuffling, a batch is the next B samples of the file, and a slice
 * is a part of them.
 *
 * The samples that a rank holds are numbered from 0 on its device. Its order lists, batch by batch
 * and slice by slice, the samples of its own slices, so that a device can copy the next ones early.
 * For a single rank, and for S = 1 above all, this is the order of whole batches.
 */
#ifndef WEFT_TRAIN_SLICE_ORDER_H
#define WEFT_TRAIN_SLICE_ORDER_H

#include "data/block_order.h"
#include "data/order.h"
#include "train/slice_group.h"

struct slice_order {
    struct batch_plan batches;
    size_t slices;     /* S, at least 1 */
    size_t first, own; /* the slices of this rank: first .. first + own - 1 */
    bool shuffle;
    size_t
        block_features; /* D if shards are shuffled in blocks (data/block_order.h), otherwise 0 */
};

/* Makes the order of a rank of the group. */
struct slice_order slice_order_make(const struct batch_plan *batches, size_t slices, bool shuffle,
                                    const struct slice_group *group);

/* Whether batches take samples through the list of slice_order_draw: with shuffling, and if other
 * ranks own slices. Otherwise, they are the samples of the file in turn. */
bool slice_order_lists(const struct slice_order *order);

/* Returns the number of samples that the slices of this rank take in an epoch. */
size_t slice_order_taken(const struct slice_order *order);

/* Computes where slice `slice`, which the rank owns, of batch `batch` lies in the order of the
 * rank: first .. first + count - 1. It is empty if the batch has fewer samples than slices. */
void slice_order_rows(const struct slice_order *order, size_t batch, size_t slice, size_t *first,
                      size_t *count);

/* Returns the number of samples in the largest slice. */
size_t slice_order_largest(const struct slice_order *order);

/* Computes the shard of a slice: samples first .. first + count - 1 of the file. */
void slice_order_shard(const struct slice_order *order, size_t slice, size_t *first, size_t *count);

/* Computes where slice `slice` of batch `batch` lies in the order of its shard: first .. first +
 * count - 1. */
void slice_order_places(const struct slice_order *order, size_t batch, size_t slice, size_t *first,
                        size_t *count);

/* Returns the number of blocks in the largest shard, or 0 if shards are not shuffled in blocks. */
size_t slice_order_blocks(const struct slice_order *order);

/* Computes the samples of the file that the rank needs on its device. Without shuffling, they are
 * all samples. */
void slice_order_held(const struct slice_order *order, size_t *first, size_t *count);

/* Draws the order of an epoch: the numbers on the device of the samples that the rank takes, one
 * batch after the other, in `places` [held samples]. If it takes fewer than it holds, the rest of
 * `places` stays unchanged. `blocks` [own slices][slice_order_blocks] receives the order of the
 * blocks of each shard. `scratch` has the size of the largest shard; it may be NULL if S is 1. */
void slice_order_draw(const struct slice_order *order, uint64_t seed, size_t epoch,
                      uint32_t *blocks, uint32_t *scratch, uint32_t *places);

#endif
