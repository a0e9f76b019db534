/* The matrix product of the weight gradient: dw = dz' x.
 *
 * Threads share the columns of x. Each element of dw is summed over the samples from first to last,
 * so the number of threads does not change the result. Samples are processed in blocks. A strip of
 * x and all of dz are packed, so that the data of a tile are contiguous in the cache. Between
 * blocks, dw holds the partial sums.
 */
#include "cpu/cpu_kernels.h"

#include <string.h>

#include "base/memory.h"
#include "cpu/cpu_math.h"

enum {
    BLOCK = 128,      /* samples in a block; its strip takes 16 KiB */
    PANELS = 4,       /* panels filled together, so that whole cache lines are read */
    TILE_OUTPUTS = 8, /* rows of dw in a tile that stays in registers */
    TILE_INPUTS = 32  /* columns of dw in a tile; 16 vector sums hide the latency of addition */
};

/* panel [B][TILE_OUTPUTS] = `height` columns of dz [B][stride], padded with zeros */
VECTOR_CLONES static void panel_copy(const float *dz, size_t height, size_t stride, size_t samples,
                                     float *panel)
{
    for (size_t i = 0; i < samples; i++)
        for (size_t o = 0; o < TILE_OUTPUTS; o++)
            panel[i * TILE_OUTPUTS + o] = o < height ? dz[i * stride + o] : 0.0f;
}

/* strip [samples][TILE_INPUTS] = `width` columns of x [samples][stride], padded with zeros */
VECTOR_CLONES static void strip_copy(const float *x, size_t samples, size_t stride, size_t width,
                                     float *strip)
{
    if (width == TILE_INPUTS) {
        for (size_t i = 0; i < samples; i++)
            memcpy(strip + i * TILE_INPUTS, x + i * stride, TILE_INPUTS * sizeof *strip);
        return;
    }
    for (size_t i = 0; i < samples; i++)
        for (size_t j = 0; j < TILE_INPUTS; j++)
            strip[i * TILE_INPUTS + j] = j < width ? x[i * stride + j] : 0.0f;
}

/* sums [TILE_OUTPUTS][TILE_INPUTS] += dz' x, with dz [samples][TILE_OUTPUTS] and x
 * [samples][TILE_INPUTS]
 */
VECTOR_CLONES static void tile_add(const float *dz, const float *x, size_t samples, float *sums)
{
    float tile[TILE_OUTPUTS][TILE_INPUTS];
    memcpy(tile, sums, sizeof tile);
    for (size_t i = 0; i < samples; i++) {
        UNROLLED
        for (size_t o = 0; o < TILE_OUTPUTS; o++) {
            float value = dz[i * TILE_OUTPUTS + o];
#pragma omp simd
            for (size_t j = 0; j < TILE_INPUTS; j++)
                tile[o][j] += value * x[i * TILE_INPUTS + j];
        }
    }
    memcpy(sums, tile, sizeof tile);
}

/* Loads `width` numbers of dw into a row of a tile, and zeros after them. Whole rows have a
 * constant length, which takes a few vector moves; see row_store in cpu_block_product.c. */
static void row_load(const float *dw, size_t width, float *row)
{
    if (width == TILE_INPUTS) {
        memcpy(row, dw, TILE_INPUTS * sizeof *row);
        return;
    }
    memset(row, 0, TILE_INPUTS * sizeof *row);
    memcpy(row, dw, width * sizeof *row);
}

static void row_store(const float *row, size_t width, float *dw)
{
    if (width == TILE_INPUTS)
        memcpy(dw, row, TILE_INPUTS * sizeof *dw);
    else
        memcpy(dw, row, width * sizeof *dw);
}

/* Adds dz' x of some samples to `height` rows and `width` columns of dw. The first block overwrites
 * dw instead. */
static void tile_accumulate(const float *dz, const float *x, size_t samples, bool first,
                            size_t height, size_t width, size_t stride, float *dw)
{
    float sums[TILE_OUTPUTS * TILE_INPUTS];
    for (size_t o = 0; o < TILE_OUTPUTS; o++) {
        const bool continued = !first && o < height;
        row_load(continued ? dw + o * stride : dw, continued ? width : 0, sums + o * TILE_INPUTS);
    }
    tile_add(dz, x, samples, sums);
    for (size_t o = 0; o < height; o++)
        row_store(sums + o * TILE_INPUTS, width, dw + o * stride);
}

/* The shape and the operands of a matrix product. */
struct gradient {
    size_t samples, outputs, inputs;
    const float *dz; /* [B][O] */
    float *panels;   /* [O / TILE_OUTPUTS, rounded up][B][TILE_OUTPUTS] dz */
    const float *x;  /* [B][I] */
    float *dw;       /* [O][I] */
};

/* Packs the panels for columns first .. first + count - 1 of dz. */
static void panels_piece(const void *work, size_t first, size_t count)
{
    const struct gradient *of = work;
    for (const size_t end = first + count; first < end; first += TILE_OUTPUTS)
        panel_copy(of->dz + first, size_min(TILE_OUTPUTS, end - first), of->outputs, of->samples,
                   of->panels + first * of->samples);
}

/* Adds up to one block of samples, starting at `first`, to `width` columns of dw, starting at
 * `column`. */
static void strip_add(const struct gradient *of, size_t first, size_t column, size_t width)
{
    const size_t samples = size_min(BLOCK, of->samples - first);
    float strip[BLOCK * TILE_INPUTS];
    strip_copy(of->x + first * of->inputs + column, samples, of->inputs, width, strip);
    for (size_t o = 0; o < of->outputs; o += TILE_OUTPUTS)
        tile_accumulate(of->panels + o * of->samples + first * TILE_OUTPUTS, strip, samples,
                        first == 0, size_min(TILE_OUTPUTS, of->outputs - o), width, of->inputs,
                        of->dw + o * of->inputs + column);
}

/* Computes columns column .. column + count - 1 of dw. A block of samples visits all its strips
 * while its panels are in the cache. */
static void columns_piece(const void *work, size_t column, size_t count)
{
    const struct gradient *of = work;
    for (size_t first = 0; first < of->samples; first += BLOCK)
        for (size_t j = 0; j < count; j += TILE_INPUTS)
            strip_add(of, first, column + j, size_min(TILE_INPUTS, count - j));
}

bool cpu_gradient_panels_size(size_t outputs, size_t samples, size_t *count)
{
    return size_multiply(cpu_part_count(outputs, TILE_OUTPUTS) * TILE_OUTPUTS, samples, count);
}

/* Returns the number of columns of dw in one piece, a whole number of strips. Each thread gets one
 * piece, because each piece reads all of dz. The number of pieces does not change any bit. */
static size_t piece_columns(size_t inputs)
{
    return cpu_part_count(cpu_part_count(inputs, TILE_INPUTS), parallel_threads()) * TILE_INPUTS;
}

void cpu_gradient_product(const float *dz, const float *x, size_t samples, size_t outputs,
                          size_t inputs, float *panels, float *dw)
{
    const struct gradient work = {samples, outputs, inputs, dz, panels, x, dw};
    const bool shared = cpu_product_is_shared(samples, outputs, inputs);
    parallel_for(outputs, PANELS * TILE_OUTPUTS, shared, panels_piece, &work);
    parallel_for(inputs, piece_columns(inputs), shared, columns_piece, &work);
}
