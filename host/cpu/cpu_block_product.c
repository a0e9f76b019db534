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

struct packing {
    const float *b;
    bool transposed;
    size_t columns, inner;
    float *panels;
};

/* Packs up to VECTOR columns of b [columns][K], which is transposed, into columns of `packed`
 * [K][width], padded with zeros. */
static void pack_transposed(const float *b, size_t columns, size_t inner, size_t width,
                            float *packed)
{
    for (size_t i = 0; i < inner; i++)
        for (size_t j = 0; j < VECTOR; j++)
            packed[i * width + j] = j < columns ? b[j * inner + i] : 0.0f;
}

/* Packs up to VECTOR columns of b [K][stride] in the same way. */
static void pack_copied(const float *b, size_t columns, size_t inner, size_t stride, size_t width,
                        float *packed)
{
    for (size_t i = 0; i < inner; i++)
        row_copy(b + i * stride, columns, VECTOR, packed + i * width);
}

static void pack_panel(const struct packing *of, const struct panel *panel, float *packed)
{
    const size_t width = panel->vectors * VECTOR;
    for (size_t j = 0; j < width; j += VECTOR) {
        const size_t column = panel->first + j, columns = size_min(VECTOR, panel->columns - j);
        if (of->transposed)
            pack_transposed(of->b + column * of->inner, columns, of->inner, width, packed + j);
        else
            pack_copied(of->b + column, columns, of->inner, of->columns, width, packed + j);
    }
}

static void pack_thin_panel(const struct packing *of, const struct panel *panel, float *packed)
{
    const size_t inner = thin_inner(of->inner);
    const size_t next_column = of->transposed ? of->inner : 1;
    const size_t next_row = of->transposed ? 1 : of->columns;
    for (size_t j = 0; j < panel->columns; j++)
        for (size_t i = 0; i < inner; i++)
            packed[j * inner + i] =
                i < of->inner ? of->b[(panel->first + j) * next_column + i * next_row] : 0.0f;
}

/* Packs panels first .. first + count - 1. */
static void panel_piece(const void *work, size_t first, size_t count)
{
    const struct packing *of = work;
    for (const size_t end = first + count; first < end; first++) {
        const struct panel panel = panel_at(of->inner, of->columns, MOST_VECTORS, first);
        float *packed = of->panels + panel.first * of->inner;
        if (panel.vectors > 0)
            pack_panel(of, &panel, packed);
        else
            pack_thin_panel(of, &panel, packed);
    }
}

void cpu_panels_pack(const float *b, bool transposed, size_t columns, size_t inner, float *panels)
{
    const struct packing work = {b, transposed, columns, inner, panels};
    parallel_for(panel_count(inner, columns, MOST_VECTORS), 1, columns * inner >= CPU_SHARED,
                 panel_piece, &work);
}

/* ---- the product ---- */

struct block_product {
    const float *x, *panels;
    size_t columns, inner;
    float *z;
};

/* Computes one slab of rows. */
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
}

void cpu_block_product(const float *x, const float *panels, size_t rows, size_t columns,
                       size_t inner, float *z)
{
    const struct block_product work = {x, panels, columns, inner, z};
    parallel_for(rows, SLAB_ROWS, cpu_product_is_shared(rows, columns, inner), slab_piece, &work);
}
