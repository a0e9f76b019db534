/* Reads mapped samples in advance; see read_ahead.h. */
#include "train/read_ahead.h"

#include "base/memory.h"

/* Prepares for the samples first .. first + count - 1. */
static struct shard_ahead shard_make(const struct weft_dataset *train, size_t first, size_t count,
                                     const uint32_t *blocks)
{
    return (struct shard_ahead){.rows = sample_rows_from(dataset_rows(train), first),
                                .order = block_order_make(count, train->features),
                                .blocks = blocks};
}

enum weft_status read_ahead_init(struct read_ahead *ahead, const struct weft_dataset *train,
                                 const struct slice_order *order, const uint32_t *blocks,
                                 bool streamed, struct memory_count *count)
{
    *ahead = (struct read_ahead){.order = order,
                                 .map = streamed ? train->map : NULL,
                                 .count = order->shuffle ? order->own : 1};
    TRY(TAKE_ARRAY(count, WEFT_MEMORY_SAMPLES, ahead->shards, ahead->count, 1));
    if (ahead->shards == NULL) /* counted */
        return WEFT_OK;
    if (!order->shuffle)
        ahead->shards[0] = shard_make(train, 0, train->samples, NULL);
    for (size_t i = 0; order->shuffle && i < order->own; i++) {
        size_t first = 0, samples = 0;
        slice_order_shard(order, order->first + i, &first, &samples);
        ahead->shards[i] = shard_make(
            train, first, samples, blocks != NULL ? blocks + i * slice_order_blocks(order) : NULL);
    }
    return WEFT_OK;
}

void read_ahead_reset(struct read_ahead *ahead)
{
    memory_free(ahead->shards);
    *ahead = (struct read_ahead){.shards = NULL};
}

/* Consecutive samples are apart, so pages are not read with their neighbors. */
static void expect_random(const struct read_ahead *ahead, bool random)
{
    if (ahead->map != NULL && ahead->order->shuffle)
        file_map_expect_random(ahead->map->bytes, ahead->map->size, random);
}

void read_ahead_begin(struct read_ahead *ahead)
{
    for (size_t i = 0; i < ahead->count; i++)
        ahead->shards[i].fetched = ahead->shards[i].forgotten = 0;
    expect_random(ahead, true);
}

void read_ahead_end(struct read_ahead *ahead)
{
    expect_random(ahead, false);
}

/* Gives advice about the bytes of a block. An index is ascending. */
static void advise_block(const struct shard_ahead *ahead, size_t block,
                         void (*advise)(const void *bytes, size_t size))
{
    const struct sample_rows *rows = &ahead->rows;
    const size_t first = block * ahead->order.block;
    const size_t last = size_min(first + ahead->order.block, ahead->order.samples) - 1;
    const size_t begin = rows->index != NULL ? rows->index[first] : first;
    const size_t end = (rows->index != NULL ? rows->index[last] : last) + 1;
    if (rows->bytes != NULL)
        advise(rows->bytes + begin * rows->features, (end - begin) * rows->features);
    else
        advise(rows->x + begin * rows->features, (end - begin) * rows->features * sizeof *rows->x);
}

static void advise_window(const struct shard_ahead *ahead, size_t window,
                          void (*advise)(const void *bytes, size_t size))
{
    const size_t first = window * ORDER_WINDOW_BLOCKS;
    const size_t end = size_min(first + ORDER_WINDOW_BLOCKS, ahead->order.blocks);
    for (size_t b = first; b < end; b++)
        advise_block(ahead, ahead->blocks != NULL ? ahead->blocks[b] : b, advise);
}

/* The samples in the places first .. first + count - 1 of the order are needed now. */
static void shard_reach(struct shard_ahead *ahead, size_t first, size_t count)
{
    const size_t samples = ahead->order.block * ORDER_WINDOW_BLOCKS; /* of a window */
    if (count == 0)
        return;
    if (ahead->fetched == 0) /* an epoch may go on in its middle */
        ahead->fetched = ahead->forgotten = first / samples;
    for (; ahead->fetched <= (first + count - 1) / samples + 1; ahead->fetched++)
        advise_window(ahead, ahead->fetched, file_map_fetch);
    for (; ahead->forgotten < first / samples; ahead->forgotten++)
        advise_window(ahead, ahead->forgotten, file_map_forget);
}

void read_ahead_reach(struct read_ahead *ahead, size_t batch)
{
    const struct slice_order *order = ahead->order;
    size_t first = 0, count = 0;
    if (ahead->map == NULL || (order->shuffle && order->block_features == 0))
        return; /* it is not known which block comes next */
    if (!order->shuffle) {
        batch_plan_range(&order->batches, batch, &first, &count);
        shard_reach(&ahead->shards[0], first, count);
    }
    for (size_t i = 0; order->shuffle && i < order->own; i++) {
        slice_order_places(order, batch, order->first + i, &first, &count);
        shard_reach(&ahead->shards[i], first, count);
    }
}
