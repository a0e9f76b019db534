/* Reads mapped samples in advance; see read_ahead.h. */
#include "train/read_ahead.h"

#include "base/memory.h"

void read_ahead_init(struct read_ahead *ahead, const struct weft_dataset *train,
                     const uint32_t *blocks, bool shuffled, bool streamed)
{
    *ahead = (struct read_ahead){.rows = dataset_rows(train),
                                 .order = block_order_make(train->samples, train->features),
                                 .blocks = blocks,
                                 .map = streamed ? train->map : NULL,
                                 .known = !shuffled || blocks != NULL,
                                 .scattered = shuffled};
}

static void expect_random(const struct read_ahead *ahead, bool random)
{
    if (ahead->map != NULL && ahead->scattered)
        file_map_expect_random(ahead->map->bytes, ahead->map->size, random);
}

void read_ahead_begin(struct read_ahead *ahead)
{
    ahead->window = SIZE_MAX;
    expect_random(ahead, true);
}

void read_ahead_end(struct read_ahead *ahead)
{
    expect_random(ahead, false);
}

/* Gives advice about the bytes of a block. An index is ascending. */
static void advise_block(const struct read_ahead *ahead, size_t block,
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

static void advise_window(const struct read_ahead *ahead, size_t window,
                          void (*advise)(const void *bytes, size_t size))
{
    const size_t first = window * ORDER_WINDOW_BLOCKS;
    const size_t end = size_min(first + ORDER_WINDOW_BLOCKS, ahead->order.blocks);
    for (size_t b = first; b < end; b++)
        advise_block(ahead, ahead->blocks != NULL ? ahead->blocks[b] : b, advise);
}

void read_ahead_reach(struct read_ahead *ahead, size_t place)
{
    const size_t now = place / (ahead->order.block * ORDER_WINDOW_BLOCKS);
    if (ahead->map == NULL || !ahead->known)
        return;
    if (ahead->window == SIZE_MAX) /* an epoch may go on in its middle */
        ahead->window = now;
    for (; ahead->window <= now + 1; ahead->window++) {
        advise_window(ahead, ahead->window, file_map_fetch);
        if (ahead->window >= 2) /* The window before the one that is needed now. */
            advise_window(ahead, ahead->window - 2, file_map_forget);
    }
}
