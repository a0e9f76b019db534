/* Matrix products with weights, z = x W' and dz W, which compute every row in the same way.
 *
 * A BLAS may sum a row in a different order depending on its position in the matrix. The last bits
 * of a prediction then depend on its neighbors. All tiles sum in the same order, so a row's result
 * depends neither on its position nor on the number of threads.
 */
#include "base/memory.h"
#include "cpu/cpu_tile.h"

/* Rows that use a panel while it is in the cache: whole tiles of every shape. */
enum { SLAB_ROWS = 48 };

bool cpu_panels_size(size_t columns, size_t inner, size_t *count)
{
    return size_multiply(cpu_part_count(columns, VECTOR) * VECTOR, thin_inner(inner), count);
}

/* ---- packing ---- */

/* packed [count][width] = the transpose of b [columns][stride], with zeros beyond the last column
 */
static void pack_transposed(const float *b, size_t stride, size_t columns, size_t count,
                            size_t width, float *packed)
{
    const size_t sides = columns / SIDE * SIDE, whole = count / SIDE * SIDE;
    for (size_t j = 0; j < sides; j += SIDE)
        for (size_t i = 0; i < whole; i += SIDE)
            square_transpose(b + j * stride + i, stride, packed + i * width + j, width);
    for (size_t j = 0; j < width; j++)
        for (size_t i = j < sides ? whole : 0; i < count; i++)
            packed[i * width + j] = j < columns ? b[j * stride + i] : 0.0f;
}

void panel_pack(const struct panel_source *of, const struct panel *panel, size_t k, size_t count,
                float *packed)
{
    const size_t width = panel->vectors * VECTOR;
    if (of->transposed)
        pack_transposed(of->b + panel->first * of->inner + k, of->inner, panel->columns, count,
                        width, packed);
    else
        for (size_t i = 0; i < count; i++)
            row_copy(of->b + (k + i) * of->columns + panel->first, panel->columns, width,
                     packed + i * width);
}

static void pack_thin_panel(const struct panel_source *of, const struct panel *panel, float *packed)
{
    const size_t inner = thin_inner(of->inner);
    const size_t next_column = of->transposed ? of->inner : 1;
    const size_t next_row = of->transposed ? 1 : of->columns;
    for (size_t j = 0; j < panel->columns; j++)
        for (size_t i = 0; i < inner; i++)
            packed[j * inner + i] =
                i < of->inner ? of->b[(panel->first + j) * next_column + i * next_row] : 0.0f;
}

/* Threads share pieces of at most PACK_TERMS terms of a panel. A thin panel is one piece. */
enum { PACK_TERMS = 128 };

struct packing {
    struct panel_source source;
    size_t pieces; /* pieces of a panel */
    float *panels;
};

static void pack_piece(const void *work, size_t first, size_t count)
{
    const struct packing *packing = work;
    const struct panel_source *of = &packing->source;
    for (const size_t end = first + count; first < end; first++) {
        const struct panel panel =
            panel_at(of->inner, of->columns, MOST_VECTORS, first / packing->pieces);
        const size_t k = first % packing->pieces * PACK_TERMS;
        float *packed = packing->panels + panel.first * of->inner;
        if (panel.vectors > 0)
            panel_pack(of, &panel, k, size_min(PACK_TERMS, of->inner - k),
                       packed + k * panel.vectors * VECTOR);
        else if (k == 0)
            pack_thin_panel(of, &panel, packed);
    }
}

void cpu_panels_pack(const float *b, bool transposed, size_t columns, size_t inner, float *panels)
{
    const struct packing work = {
        {b, transposed, columns, inner}, cpu_part_count(inner, PACK_TERMS), panels};
    parallel_for(panel_count(inner, columns, MOST_VECTORS) * work.pieces, 1,
                 columns * inner >= CPU_SHARED, pack_piece, &work);
}

/* ---- the product ---- */

struct block_product {
    const float *x, *panels;
    size_t columns, inner;
    float *z;
    const struct cpu_after *after;
};

/* Computes one slab of rows, and what follows. */
static void slab_piece(const void *work, size_t first, size_t count)
{
    const struct block_product *of = work;
    for (size_t p = 0; p < panel_count(of->inner, of->columns, MOST_VECTORS); p++) {
        const struct panel panel = panel_at(of->inner, of->columns, MOST_VECTORS, p);
        const struct tile_product product = {.a = of->x + first * of->inner,
                                             .a_stride = of->inner,
                                             .rows = count,
                                             .inner = of->inner,
                                             .b = of->panels + panel.first * of->inner,
                                             .b_stride = panel.vectors * VECTOR,
                                             .c = of->z + first * of->columns + panel.first,
                                             .c_stride = of->columns};
        cpu_tile_product(&product, &panel);
    }
    if (of->after != NULL)
        of->after->run(of->after->work, first, count);
}

void cpu_block_product(const float *x, const float *panels, size_t rows, size_t columns,
                       size_t inner, float *z, const struct cpu_after *after)
{
    const struct block_product work = {x, panels, columns, inner, z, after};
    const bool shared = cpu_product_is_shared(rows, columns, inner) ||
                        (after != NULL && rows * columns >= CPU_SHARED);
    parallel_for(rows, SLAB_ROWS, shared, slab_piece, &work);
}
