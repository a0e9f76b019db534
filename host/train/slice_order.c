/* Divides samples among slices; see slice_order.h. */
#include "train/slice_order.h"

#include "base/memory.h"
#include "base/random.h"

struct slice_order slice_order_make(const struct batch_plan *batches, size_t slices, bool shuffle,
                                    const struct slice_group *group)
{
    struct slice_order order = {
        .batches = *batches, .slices = size_max(slices, 1), .shuffle = shuffle};
    slice_range(order.slices, group->ranks, group->rank, &order.first, &order.own);
    return order;
}

size_t slice_order_largest(const struct slice_order *order)
{
    return size_divide_up(order->batches.largest, order->slices);
}

/* Returns the number of rows that the slices begin .. end - 1 have in a batch of `samples`. */
static size_t rows_in(const struct slice_order *order, size_t samples, size_t begin, size_t end)
{
    return slice_begin(samples, order->slices, end) - slice_begin(samples, order->slices, begin);
}

/* Returns the number of rows that the slices begin .. end - 1 have in the first `batch` batches.
 * Batches have two sizes at most: the largest come first. */
static size_t rows_before(const struct slice_order *order, size_t batch, size_t begin, size_t end)
{
    const struct batch_plan *plan = &order->batches;
    const size_t rest = plan->by_size ? 0 : plan->samples % plan->count;
    const size_t larger = plan->by_size ? plan->samples / plan->size
                          : rest > 0    ? rest
                                        : plan->count;
    size_t first = 0, last = 0;
    batch_plan_range(plan, plan->count - 1, &first, &last);
    const size_t of_larger = size_min(batch, larger);
    return of_larger * rows_in(order, plan->largest, begin, end) +
           (batch - of_larger) * rows_in(order, last, begin, end);
}

bool slice_order_lists(const struct slice_order *order)
{
    return order->shuffle || order->own < order->slices;
}

size_t slice_order_taken(const struct slice_order *order)
{
    return rows_before(order, order->batches.count, order->first, order->first + order->own);
}

void slice_order_rows(const struct slice_order *order, size_t batch, size_t slice, size_t *first,
                      size_t *count)
{
    size_t samples = 0;
    batch_plan_range(&order->batches, batch, first, &samples);
    *first = rows_before(order, batch, order->first, order->first + order->own) +
             rows_in(order, samples, order->first, slice);
    *count = rows_in(order, samples, slice, slice + 1);
}

void slice_order_shard(const struct slice_order *order, size_t slice, size_t *first, size_t *count)
{
    const size_t batches = order->batches.count;
    *first = rows_before(order, batches, 0, slice);
    *count = rows_before(order, batches, slice, slice + 1);
}

void slice_order_held(const struct slice_order *order, size_t *first, size_t *count)
{
    *first = order->shuffle ? rows_before(order, order->batches.count, 0, order->first) : 0;
    *count = order->shuffle ? slice_order_taken(order) : order->batches.samples;
}

void slice_order_places(const struct slice_order *order, size_t batch, size_t slice, size_t *first,
                        size_t *count)
{
    *first = rows_before(order, batch, slice, slice + 1);
    *count = rows_before(order, batch + 1, slice, slice + 1) - *first;
}

size_t slice_order_blocks(const struct slice_order *order)
{
    size_t first = 0, samples = 0;
    if (order->block_features == 0)
        return 0;
    slice_order_shard(order, order->slices - 1, &first, &samples); /* no shard is larger */
    return block_order_make(samples, order->block_features).blocks;
}

/* Permutes the samples of a shard, which are numbered from 0. */
static void shard_draw(const struct slice_order *order, uint64_t seed, uint32_t epoch, size_t slice,
                       size_t samples, uint32_t *blocks, uint32_t *shard)
{
    const struct random_stream stream = {
        .seed = seed, .purpose = RANDOM_ORDER + ((uint32_t)slice << 8), .epoch = epoch};
    if (order->block_features == 0) {
        random_permutation(stream, shard, samples);
        return;
    }
    const struct block_order in_blocks = block_order_make(samples, order->block_features);
    block_order_draw(&in_blocks, seed, epoch, slice, blocks, shard);
}

/* Lists the samples of the own slices in file order. */
static void own_list(const struct slice_order *order, uint32_t *places)
{
    size_t next = 0;
    for (size_t batch = 0; batch < order->batches.count; batch++) {
        size_t first = 0, samples = 0;
        batch_plan_range(&order->batches, batch, &first, &samples);
        first += rows_in(order, samples, 0, order->first);
        const size_t rows = rows_in(order, samples, order->first, order->first + order->own);
        for (size_t i = 0; i < rows; i++)
            places[next++] = (uint32_t)(first + i);
    }
}

void slice_order_draw(const struct slice_order *order, uint64_t seed, size_t epoch,
                      uint32_t *blocks, uint32_t *scratch, uint32_t *places)
{
    size_t held = 0, held_count = 0;
    const size_t most = slice_order_blocks(order);
    if (!order->shuffle) {
        own_list(order, places);
        return;
    }
    slice_order_held(order, &held, &held_count);
    for (size_t own = 0; own < order->own; own++) {
        const size_t slice = order->first + own;
        uint32_t *shard = order->slices > 1 ? scratch : places;
        size_t begin = 0, samples = 0, next = 0;
        slice_order_shard(order, slice, &begin, &samples);
        shard_draw(order, seed, (uint32_t)epoch, slice, samples,
                   most > 0 ? blocks + own * most : NULL, shard);
        for (size_t batch = 0; order->slices > 1 && batch < order->batches.count; batch++) {
            size_t first = 0, count = 0;
            slice_order_rows(order, batch, slice, &first, &count);
            for (size_t i = 0; i < count; i++)
                places[first + i] = (uint32_t)(begin - held) + shard[next++];
        }
    }
}
