/* Matrix products with weights, z = x W' and dz W, which compute every row in the same way.
 *
 * A BLAS may sum a row in a different order depending on its position in the matrix. The last bits
 * of a prediction then depend on its neighbors. Here each tile sums over the inner index in order,
 * and all tiles use the same code. So a row's result depends neither on its position nor on the
 * number of threads. The tile stays in registers. The second operand is packed into panels as wide
 * as the tile.
 */
#include "cpu/cpu_kernels.h"

#include <string.h>

#include "base/memory.h"
#include "cpu/cpu_math.h"

enum {
    TILE_ROWS = 8,
    TILE_COLUMNS = 16, /* one vector of AVX-512, two of AVX2 */
    SLAB_TILES = 4     /* tiles of rows that use a panel while it is in the cache */
};

bool cpu_panels_size(size_t columns, size_t inner, size_t *count)
{
    return size_multiply(cpu_part_count(columns, TILE_COLUMNS) * TILE_COLUMNS, inner, count);
}

/* panel [K][TILE_COLUMNS] = `width` rows of b [width][K], padded with zeros */
static void panel_transpose(const float *b, size_t width, size_t inner, float *panel)
{
    for (size_t i = 0; i < inner; i++)
        for (size_t j = 0; j < TILE_COLUMNS; j++)
            panel[i * TILE_COLUMNS + j] = j < width ? b[j * inner + i] : 0.0f;
}

/* panel [K][TILE_COLUMNS] = `width` columns of b [K][stride], padded with zeros */
static void panel_copy(const float *b, size_t width, size_t stride, size_t inner, float *panel)
{
    for (size_t i = 0; i < inner; i++)
        for (size_t j = 0; j < TILE_COLUMNS; j++)
            panel[i * TILE_COLUMNS + j] = j < width ? b[i * stride + j] : 0.0f;
}

struct packing {
    const float *b;
    bool transposed;
    size_t columns, inner;
    float *panels;
};

/* Packs one panel. */
static void panel_piece(const void *work, size_t first, size_t width)
{
    const struct packing *of = work;
    float *panel = of->panels + first * of->inner;
    if (of->transposed)
        panel_transpose(of->b + first * of->inner, width, of->inner, panel);
    else
        panel_copy(of->b + first, width, of->columns, of->inner, panel);
}

void cpu_panels_pack(const float *b, bool transposed, size_t columns, size_t inner, float *panels)
{
    const struct packing work = {b, transposed, columns, inner, panels};
    parallel_for(columns, TILE_COLUMNS, columns * inner >= CPU_SHARED, panel_piece, &work);
}

/* sums [TILE_ROWS][TILE_COLUMNS] = x panel; x points to each row [K]; panel is [K][TILE_COLUMNS] */
VECTOR_CLONES static void tile_product(const float *const *x, const float *panel, size_t inner,
                                       float *sums)
{
    float tile[TILE_ROWS][TILE_COLUMNS] = {{0.0f}};
    for (size_t i = 0; i < inner; i++) {
        UNROLLED
        for (size_t r = 0; r < TILE_ROWS; r++) {
            float value = x[r][i];
#pragma omp simd
            for (size_t j = 0; j < TILE_COLUMNS; j++)
                tile[r][j] += value * panel[i * TILE_COLUMNS + j];
        }
    }
    memcpy(sums, tile, sizeof tile);
}

/* Stores a row of a tile. A whole row has a constant length, which takes a few vector moves. For
 * variable lengths, gcc emits a string instruction that takes as long as the product of the tile.
 */
static void row_store(const float *row, size_t width, float *z)
{
    if (width == TILE_COLUMNS)
        memcpy(z, row, TILE_COLUMNS * sizeof *z);
    else
        memcpy(z, row, width * sizeof *z);
}

/* Stores x panel into `width` columns of z [rows][stride], for a tile of 1 to TILE_ROWS rows. */
static void tile_store(const float *x, const float *panel, size_t rows, size_t width, size_t inner,
                       size_t stride, float *z)
{
    const float *tile_rows[TILE_ROWS]; /* a short tile repeats its last row */
    float sums[TILE_ROWS * TILE_COLUMNS];
    for (size_t r = 0; r < TILE_ROWS; r++)
        tile_rows[r] = x + size_min(r, rows - 1) * inner;
    tile_product(tile_rows, panel, inner, sums);
    for (size_t r = 0; r < rows; r++)
        row_store(sums + r * TILE_COLUMNS, width, z + r * stride);
}

struct block_product {
    const float *x, *panels;
    size_t columns, inner;
    float *z;
};

/* Computes one slab of rows. */
static void slab_piece(const void *work, size_t first, size_t count)
{
    const struct block_product *of = work;
    const size_t columns = of->columns, inner = of->inner, end = first + count;
    for (size_t column = 0; column < columns; column += TILE_COLUMNS) {
        const size_t width = size_min(TILE_COLUMNS, columns - column);
        for (size_t row = first; row < end; row += TILE_ROWS)
            tile_store(of->x + row * inner, of->panels + column * inner,
                       size_min(TILE_ROWS, end - row), width, inner, columns,
                       of->z + row * columns + column);
    }
}

void cpu_block_product(const float *x, const float *panels, size_t rows, size_t columns,
                       size_t inner, float *z)
{
    const struct block_product work = {x, panels, columns, inner, z};
    parallel_for(rows, SLAB_TILES * TILE_ROWS, cpu_product_is_shared(rows, columns, inner),
                 slab_piece, &work);
}
