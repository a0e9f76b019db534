/* Reads mapped samples before the training loop needs them.
 *
 * Under --shuffle-blocks and in file order, it is known which part of the file comes next. While
 * batches of one window are computed, the system reads the next window, and gives back the memory
 * of the window before. */
#ifndef WEFT_TRAIN_READ_AHEAD_H
#define WEFT_TRAIN_READ_AHEAD_H

#include "data/block_order.h"
#include "data/dataset.h"

struct read_ahead {
    struct sample_rows rows;    /* borrowed; in a map if `used` */
    struct block_order order;   /* how the samples are divided into blocks */
    const uint32_t *blocks;     /* [order.blocks] borrowed; NULL: file order */
    const struct file_map *map; /* borrowed; NULL: the samples are in memory */
    bool known;                 /* it is known which block comes next */
    bool scattered; /* consecutive samples are apart, so pages are not read with their neighbors */
    size_t window;  /* the first window that was not asked for in this epoch; SIZE_MAX: none was */
};

/* Prepares for a training set. `blocks` is NULL without blocks; `shuffled` says that samples are
 * read in no order that helps, and `streamed` that they do not fit into memory. */
void read_ahead_init(struct read_ahead *ahead, const struct weft_dataset *train,
                     const uint32_t *blocks, bool shuffled, bool streamed);

/* Begin and end an epoch. */
void read_ahead_begin(struct read_ahead *ahead);
void read_ahead_end(struct read_ahead *ahead);

/* Says that the sample in place `place` of the order is needed now. */
void read_ahead_reach(struct read_ahead *ahead, size_t place);

#endif
