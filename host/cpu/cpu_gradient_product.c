/* The product of the weight gradient: dw = dz' x.
 *
 * Threads share the columns of x, and each element of dw is summed over the samples from the first
 * to the last: the number of threads changes nothing. Samples come in blocks, of which a strip of x
 * and all of dz are copied side by side, so that what a tile reads lies together in the cache;
 * between blocks the sums wait in dw.
 */
#include "cpu/cpu_kernels.h"

#include <string.h>

#include "base/memory.h"
#include "cpu/cpu_math.h"

enum {
    BLOCK = 128,      /* samples in a block: a strip of 16 KiB */
    PANELS = 4,       /* that are filled together, from whole cache lines */
    TILE_OUTPUTS = 8, /* a tile that stays in registers: 8 rows of dw, of */
    TILE_INPUTS = 32  /* two vectors of AVX-512: 16 sums hide what an addition takes */
};

/* panel [B][TILE_OUTPUTS] = `height` columns of dz [B][stride], zeros beside them */
VECTOR_CLONES static void panel_copy(const float *dz, size_t height, size_t stride, size_t samples,
                                     float *panel)
{
    for (size_t i = 0; i < samples; i++)
        for (size_t o = 0; o < TILE_OUTPUTS; o++)
            panel[i * TILE_OUTPUTS + o] = o < height ? dz[i * stride + o] : 0.0f;
}

/* strip [samples][TILE_INPUTS] = `width` columns of x [samples][stride], zeros beside them */
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

/* sums [TILE_OUTPUTS][TILE_INPUTS] += dz' x, dz [samples][TILE_OUTPUTS], x [samples][TILE_INPUTS]
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

/* dw, `height` rows and `width` columns of it, += dz' x of some samples; for the first, = it. */
static void tile_accumulate(const float *dz, const float *x, size_t samples, bool first,
                            size_t height, size_t width, size_t stride, float *dw)
{
    float sums[TILE_OUTPUTS * TILE_INPUTS] = {0.0f};
    for (size_t o = 0; o < height && !first; o++)
        memcpy(sums + o * TILE_INPUTS, dw + o * stride, width * sizeof *dw);
    tile_add(dz, x, samples, sums);
    for (size_t o = 0; o < height; o++)
        memcpy(dw + o * stride, sums + o * TILE_INPUTS, width * sizeof *dw);
}

/* The shape of a product, and its operands. */
struct gradient {
    size_t samples, outputs, inputs;
    const float *dz; /* [B][O] */
    float *panels;   /* [O / TILE_OUTPUTS, rounded up][B][TILE_OUTPUTS] dz */
    const float *x;  /* [B][I] */
    float *dw;       /* [O][I] */
};

/* The panels of columns first .. first + count - 1 of dz. */
static void panels_piece(const void *work, size_t first, size_t count)
{
    const struct gradient *of = work;
    for (const size_t end = first + count; first < end; first += TILE_OUTPUTS)
        panel_copy(of->dz + first, size_min(TILE_OUTPUTS, end - first), of->outputs, of->samples,
                   of->panels + first * of->samples);
}

/* The samples from `first` on, up to a block, into `width` columns of dw from `column` on. */
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

/* Columns column .. column + count - 1 of dw: a block of samples meets all their strips while its
 * panels are in the cache. */
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

/* Columns of dw in one piece, whole strips: a piece for each thread, because each reads all of dz.
 * How they are cut changes no bit. */
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
