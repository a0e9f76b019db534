/* The products of evaluation: z = x W', every row in the same way.
 *
 * A BLAS may sum a row in another order where it stands elsewhere in the matrix, and then the last
 * bits of a prediction depend on its neighbours. Here a tile of rows and outputs is summed over the
 * inputs in order, and all tiles are alike: no row knows its place. The tile stays in registers,
 * which for the widths of small networks is faster than the BLAS too.
 */
#include "cpu/cpu_kernels.h"

#include <assert.h>
#include <string.h>

#include "base/memory.h"
#include "cpu/cpu_math.h"

/* Outputs in a tile: one vector of AVX-512, two of AVX2. */
enum { TILE_OUTPUTS = 16 };

bool cpu_panels_size(size_t outputs, size_t inputs, size_t *count)
{
    return size_multiply(cpu_part_count(outputs, TILE_OUTPUTS) * TILE_OUTPUTS, inputs, count);
}

void cpu_panels_pack(const float *w, size_t outputs, size_t inputs, float *panels)
{
    for (size_t o = 0; o < outputs; o++) {
        float *column = panels + o / TILE_OUTPUTS * inputs * TILE_OUTPUTS + o % TILE_OUTPUTS;
        for (size_t i = 0; i < inputs; i++)
            column[i * TILE_OUTPUTS] = w[o * inputs + i];
    }
}

/* sums [CPU_TILE_ROWS][TILE_OUTPUTS] = x panel, x [CPU_TILE_ROWS][I], panel [I][TILE_OUTPUTS] */
VECTOR_CLONES static void tile_product(const float *x, const float *panel, size_t inputs,
                                       float *sums)
{
    float tile[CPU_TILE_ROWS][TILE_OUTPUTS] = {{0.0f}};
    for (size_t i = 0; i < inputs; i++) {
        for (size_t r = 0; r < CPU_TILE_ROWS; r++) {
            float value = x[r * inputs + i];
#pragma omp simd
            for (size_t o = 0; o < TILE_OUTPUTS; o++)
                tile[r][o] += value * panel[i * TILE_OUTPUTS + o];
        }
    }
    memcpy(sums, tile, sizeof tile);
}

void cpu_block_product(const float *x, const float *panels, size_t rows, size_t outputs,
                       size_t inputs, float *z)
{
    assert(rows % CPU_TILE_ROWS == 0);
    size_t groups = rows / CPU_TILE_ROWS, panel_count = cpu_part_count(outputs, TILE_OUTPUTS);
#pragma omp parallel for schedule(static) if (groups > 1)
    for (size_t group = 0; group < groups; group++) {
        size_t row = group * CPU_TILE_ROWS;
        for (size_t p = 0; p < panel_count; p++) {
            float sums[CPU_TILE_ROWS * TILE_OUTPUTS];
            size_t first = p * TILE_OUTPUTS, width = size_min(TILE_OUTPUTS, outputs - first);
            tile_product(x + row * inputs, panels + first * inputs, inputs, sums);
            for (size_t r = 0; r < CPU_TILE_ROWS; r++)
                memcpy(z + (row + r) * outputs + first, sums + r * TILE_OUTPUTS, width * sizeof *z);
        }
    }
}
