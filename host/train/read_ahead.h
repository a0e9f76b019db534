/* Reads mapped samples before the training loop needs them.
 *
 * Under --shuffle-blocks and in file order, it is known which part of each shard comes next. While
 * a batch is computed, the system reads the window behind its samples, and gives back the memory of
 * the windows before them. A batch may span several windows. */
#ifndef WEFT_TRAIN_READ_AHEAD_H
#define WEFT_TRAIN_READ_AHEAD_H

#include "base/memory_count.h"
#include "data/dataset.h"
#include "train/slice_order.h"

/* The samples that are read in one order: a shard, or the whole training set in file order. */
struct shard_ahead {
    struct sample_rows rows;   /* borrowed; in a map if the samples are mapped */
    struct block_order order;  /* how the samples are divided into blocks */
    const uint32_t *blocks;    /* [order.blocks] borrowed; NULL: file order */
    size_t fetched, forgotten; /* the first window that was not fetched, and not forgotten, in this
                                  epoch; 0: none was */
};

struct read_ahead {
    const struct slice_order *order; /* borrowed */
    const struct file_map *map;      /* borrowed; NULL: the samples are in memory */
    struct shard_ahead *shards;      /* [count] owned */
    size_t count;
};

/* Prepares for a training set. `blocks` [own slices][slice_order_blocks] is NULL unless samples are
 * shuffled in blocks; `streamed` says that the samples do not fit into memory. With a `count`, the
 * memory is only counted. */
WEFT_MUST_CHECK enum weft_status read_ahead_init(struct read_ahead *ahead,
                                                 const struct weft_dataset *train,
                                                 const struct slice_order *order,
                                                 const uint32_t *blocks, bool streamed,
                                                 struct memory_count *count);
void read_ahead_reset(struct read_ahead *ahead);

/* Begin and end an epoch. */
void read_ahead_begin(struct read_ahead *ahead);
void read_ahead_end(struct read_ahead *ahead);

/* Says that the samples of batch `batch` are needed now. */
void read_ahead_reach(struct read_ahead *ahead, size_t batch);

#endif
