/* Matrix products with weights that do not fit into the second-level cache.
 *
 * Threads share the panels of the weights. A thread packs some rows of a panel, and multiplies them
 * with all rows of the other operand before the next rows follow. So each weight comes from memory
 * once, and a packed panel never leaves the cache. cpu_block_product, by contrast, needs all packed
 * weights for each slab of rows. Both add the terms of a sum in the same order, with the same
 * operations, so they give the same bits.
 */
#include "base/memory.h"
#include "cpu/cpu_tile.h"

enum {
    CHUNK = 512,             /* most rows of a panel that are packed at a time: 128 KiB */
    LEAST_WEIGHTS = 1 << 18, /* 1 MiB */
    MOST_WAITING = 8         /* threads wait for at most an eighth of the time */
};

/* The shape and the operands of a matrix product. */
struct panel_product {
    const float *a; /* [rows][K] */
    struct panel_source weights;
    size_t rows;
    float *c; /* [rows][columns] */
};

/* Thin panels add their terms in another order. */
bool cpu_panel_product_takes(size_t columns, size_t inner)
{
    const size_t panels = panel_count(inner, columns, MOST_VECTORS), threads = parallel_threads();
    const size_t idle = cpu_part_count(panels, threads) * threads - panels;
    return columns * inner >= LEAST_WEIGHTS && idle * MOST_WAITING <= panels &&
           panel_at(inner, columns, MOST_VECTORS, panels - 1).vectors > 0;
}

/* Adds `count` terms, starting at k, to the columns of a panel. */
static void chunk_add(const struct panel_product *of, const struct panel *panel, size_t k,
                      size_t count)
{
    const size_t columns = of->weights.columns, inner = of->weights.inner;
    _Alignas(VECTOR * sizeof(float)) float packed[CHUNK * MOST_VECTORS * VECTOR];
    panel_pack(&of->weights, panel, k, count, packed);
    const struct tile_product product = {.a = of->a + k,
                                         .a_stride = inner,
                                         .rows = of->rows,
                                         .inner = count,
                                         .b = packed,
                                         .b_stride = panel->vectors * VECTOR,
                                         .add = k > 0,
                                         .c = of->c + panel->first,
                                         .c_stride = columns};
    cpu_tile_product(&product, panel);
}

/* Computes the columns of `count` panels. */
static void panels_piece(const void *work, size_t first, size_t count)
{
    const struct panel_product *of = work;
    const size_t inner = of->weights.inner;
    const size_t chunk = cpu_part_count(inner, cpu_part_count(inner, CHUNK));
    for (const size_t end = first + count; first < end; first++) {
        const struct panel panel = panel_at(inner, of->weights.columns, MOST_VECTORS, first);
        for (size_t k = 0; k < inner; k += chunk)
            chunk_add(of, &panel, k, size_min(chunk, inner - k));
    }
}

void cpu_panel_product(const float *a, const float *b, bool transposed, size_t rows, size_t columns,
                       size_t inner, float *c)
{
    const struct panel_product work = {a, {b, transposed, columns, inner}, rows, c};
    parallel_for(panel_count(inner, columns, MOST_VECTORS), 1,
                 cpu_product_is_shared(rows, columns, inner), panels_piece, &work);
}
