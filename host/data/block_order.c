/* Draws orders of blocks and samples; see block_order.h. */
#include "data/block_order.h"

#include "base/memory.h"
#include "base/random.h"

struct block_order block_order_make(size_t samples, size_t features)
{
    const size_t block = size_max(ORDER_BLOCK_NUMBERS / features, 1);
    return (struct block_order){
        .samples = samples, .block = block, .blocks = size_divide_up(samples, block)};
}

/* Appends the samples of a block, and returns the place behind them. */
static size_t append_block(const struct block_order *order, size_t block, uint32_t *samples,
                           size_t place)
{
    const size_t first = block * order->block, end = size_min(first + order->block, order->samples);
    for (size_t sample = first; sample < end; sample++)
        samples[place++] = (uint32_t)sample;
    return place;
}

void block_order_draw(const struct block_order *order, uint64_t seed, uint32_t epoch, size_t shard,
                      uint32_t *blocks, uint32_t *samples)
{
    const uint32_t part = (uint32_t)shard << 8;
    const struct random_stream among = {
        .seed = seed, .purpose = RANDOM_BLOCKS + part, .epoch = epoch};
    const struct random_stream within = {
        .seed = seed, .purpose = RANDOM_WINDOWS + part, .epoch = epoch};
    size_t begin = 0, end = 0;
    random_permutation(among, blocks, order->blocks);
    for (size_t b = 0; b < order->blocks; b++) {
        end = append_block(order, blocks[b], samples, end);
        if ((b + 1) % ORDER_WINDOW_BLOCKS != 0 && b + 1 < order->blocks)
            continue;
        random_shuffle(within, begin, samples + begin, end - begin);
        begin = end;
    }
}
