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
#include "cpu/cpu_vectors.h"

enum {
    CHUNK = 512,             /* most rows of a panel that are packed at a time: 128 KiB */
    SLAB_ROWS = 48,          /* rows that use several panels while they are in the cache */
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

/* Returns how many panels are packed at a time. Narrow ones are packed together, so that the other
 * operand is read as seldom as by wide ones. */
static size_t panels_together(void)
{
    return cpu_vectors() == CPU_VECTORS_512 ? 1 : MOST_VECTORS;
}

/* Adds `count` terms, starting at k, to the columns of some panels, numbers first .. end - 1. Few
 * rows use all of them before the next rows follow. */
static void chunk_add(const struct panel_product *of, size_t first, size_t end, size_t k,
                      size_t count)
{
    const size_t columns = of->weights.columns, inner = of->weights.inner;
    _Alignas(VECTOR * sizeof(float)) float packed[CHUNK * MOST_VECTORS * VECTOR];
    struct panel panels[MOST_VECTORS];
    const float *packs[MOST_VECTORS];
    float *next = packed;
    for (size_t p = 0; p < end - first; p++) {
        panels[p] = panel_at(inner, columns, MOST_VECTORS, first + p);
        packs[p] = next;
        panel_pack(&of->weights, &panels[p], k, count, next);
        next += count * panels[p].vectors * VECTOR;
    }
    const size_t rows = end - first > 1 ? SLAB_ROWS : of->rows;
    for (size_t row = 0; row < of->rows; row += rows)
        for (size_t p = 0; p < end - first; p++) {
            const struct tile_product product = {.a = of->a + row * inner + k,
                                                 .a_stride = inner,
                                                 .rows = size_min(rows, of->rows - row),
                                                 .inner = count,
                                                 .b = packs[p],
                                                 .b_stride = panels[p].vectors * VECTOR,
                                                 .add = k > 0,
                                                 .c = of->c + row * columns + panels[p].first,
                                                 .c_stride = columns};
            cpu_tile_product(&product, &panels[p]);
        }
}

/* Computes the columns of `count` panels. */
static void panels_piece(const void *work, size_t first, size_t count)
{
    const struct panel_product *of = work;
    const size_t inner = of->weights.inner, end = first + count;
    const size_t chunk = cpu_part_count(inner, cpu_part_count(inner, CHUNK));
    const size_t together = panels_together();
    for (; first < end; first += together)
        for (size_t k = 0; k < inner; k += chunk)
            chunk_add(of, first, size_min(first + together, end), k, size_min(chunk, inner - k));
}

void cpu_panel_product(const float *a, const float *b, bool transposed, size_t rows, size_t columns,
                       size_t inner, float *c)
{
    const struct panel_product work = {a, {b, transposed, columns, inner}, rows, c};
    parallel_for(panel_count(inner, columns, MOST_VECTORS), panels_together(),
                 cpu_product_is_shared(rows, columns, inner), panels_piece, &work);
}
