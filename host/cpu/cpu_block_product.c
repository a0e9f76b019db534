/* Products with weights: z = x W', and dz W, every row in the same way.
 *
 * A BLAS may sum a row in another order where it stands elsewhere in the matrix, and then the last
 * bits of a prediction depend on its neighbors. Here a tile of rows and columns is summed over the
 * inner index in order, and all tiles are alike: no row knows its place, nor the number of threads.
 * The tile stays in registers, and the second operand is packed into panels as wide as the tile.
 */
#include "cpu/cpu_kernels.h"

#include <string.h>

#include "base/memory.h"
#include "cpu/cpu_math.h"

enum {
    TILE_ROWS = 8,
    TILE_COLUMNS = 16, /* one vector of AVX-512, two of AVX2 */
    SLAB_TILES = 4     /* tiles of rows that meet a panel while it is in cache */
};

bool cpu_panels_size(size_t columns, size_t inner, size_t *count)
{
    return size_multiply(cpu_part_count(columns, TILE_COLUMNS) * TILE_COLUMNS, inner, count);
}

/* panel [K][TILE_COLUMNS] = `width` rows of b [width][K], zeros beside them */
static void panel_transpose(const float *b, size_t width, size_t inner, float *panel)
{
    for (size_t i = 0; i < inner; i++)
        for (size_t j = 0; j < TILE_COLUMNS; j++)
            panel[i * TILE_COLUMNS + j] = j < width ? b[j * inner + i] : 0.0f;
}

/* panel [K][TILE_COLUMNS] = `width` columns of b [K][stride], zeros beside them */
static void panel_copy(const float *b, size_t width, size_t stride, size_t inner, float *panel)
{
    for (size_t i = 0; i < inner; i++)
        for (size_t j = 0; j < TILE_COLUMNS; j++)
            panel[i * TILE_COLUMNS + j] = j < width ? b[i * stride + j] : 0.0f;
}

void cpu_panels_pack(const float *b, bool transposed, size_t columns, size_t inner, float *panels)
{
    size_t count = cpu_part_count(columns, TILE_COLUMNS);
#pragma omp parallel for schedule(static) if (columns * inner > CPU_PART)
    for (size_t p = 0; p < count; p++) {
        size_t first = p * TILE_COLUMNS, width = size_min(TILE_COLUMNS, columns - first);
        float *panel = panels + first * inner;
        if (transposed)
            panel_transpose(b + first * inner, width, inner, panel);
        else
            panel_copy(b + first, width, columns, inner, panel);
    }
}

/* sums [TILE_ROWS][TILE_COLUMNS] = x panel; x: a pointer to each row [K], panel [K][..] */
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

/* z [rows][stride], `width` columns of it, = x panel for a tile of 1 to TILE_ROWS rows. */
static void tile_store(const float *x, const float *panel, size_t rows, size_t width, size_t inner,
                       size_t stride, float *z)
{
    const float *tile_rows[TILE_ROWS]; /* the last row again where there are too few */
    float sums[TILE_ROWS * TILE_COLUMNS];
    for (size_t r = 0; r < TILE_ROWS; r++)
        tile_rows[r] = x + size_min(r, rows - 1) * inner;
    tile_product(tile_rows, panel, inner, sums);
    for (size_t r = 0; r < rows; r++)
        memcpy(z + r * stride, sums + r * TILE_COLUMNS, width * sizeof *z);
}

void cpu_block_product(const float *x, const float *panels, size_t rows, size_t columns,
                       size_t inner, float *z)
{
    const size_t slab_rows = SLAB_TILES * TILE_ROWS;
    size_t slabs = cpu_part_count(rows, slab_rows);
#pragma omp parallel for schedule(static) if (slabs > 1 &&                                         \
                                              !cpu_product_is_small(rows, columns, inner))
    for (size_t slab = 0; slab < slabs; slab++) {
        size_t first = slab * slab_rows, end = size_min(rows, first + slab_rows);
        for (size_t column = 0; column < columns; column += TILE_COLUMNS) {
            size_t width = size_min(TILE_COLUMNS, columns - column);
            for (size_t row = first; row < end; row += TILE_ROWS)
                tile_store(x + row * inner, panels + column * inner, size_min(TILE_ROWS, end - row),
                           width, inner, columns, z + row * columns + column);
        }
    }
}
