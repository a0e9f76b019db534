/* An order that is random and still reads a file about once, block by block: blocks of consecutive
 * samples in random order, and then the samples of each window of several blocks in random order.
 *
 * The order depends on the seed, the epoch, N and D alone, not on where the samples lie. */
#ifndef WEFT_DATA_BLOCK_ORDER_H
#define WEFT_DATA_BLOCK_ORDER_H

#include <stdint.h>

#include "base/status.h"

/* A block has as many samples as fit into 1 MiB of float32, at least one. A window has 64 blocks.
 * These numbers are part of the promise "same seed, same result". */
enum { ORDER_BLOCK_NUMBERS = 1 << 18, ORDER_WINDOW_BLOCKS = 64 };

struct block_order {
    size_t samples; /* N */
    size_t block;   /* samples in a block; the last one may have fewer */
    size_t blocks;  /* in all */
};

struct block_order block_order_make(size_t samples, size_t features);

/* Fills blocks [order->blocks] with the order of the blocks in epoch `epoch`, and samples [N] with
 * the order of the samples. The samples are shard `shard` of a data set, or, with 0, all of it. */
void block_order_draw(const struct block_order *order, uint64_t seed, uint32_t epoch, size_t shard,
                      uint32_t *blocks, uint32_t *samples);

#endif
