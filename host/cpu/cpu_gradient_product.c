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
    const float *panels; /* [O / TILE_OUTPUTS, rounded up][B][TILE_OUTPUTS] dz */
    const float *x;      /* [B][I] */
    float *dw;           /* [O][I] */
};

/* The samples from `first` on, up to a block, into the columns of dw from `column` on. */
static void strip_add(const struct gradient *gradient, size_t first, size_t column)
{
    size_t samples = size_min(BLOCK, gradient->samples - first);
    size_t width = size_min(TILE_INPUTS, gradient->inputs - column);
    float strip[BLOCK * TILE_INPUTS];
    strip_copy(gradient->x + first * gradient->inputs + column, samples, gradient->inputs, width,
               strip);
    for (size_t o = 0; o < gradient->outputs; o += TILE_OUTPUTS)
        tile_accumulate(gradient->panels + o * gradient->samples + first * TILE_OUTPUTS, strip,
                        samples, first == 0, size_min(TILE_OUTPUTS, gradient->outputs - o), width,
                        gradient->inputs, gradient->dw + o * gradient->inputs + column);
}

bool cpu_gradient_panels_size(size_t outputs, size_t samples, size_t *count)
{
    return size_multiply(cpu_part_count(outputs, TILE_OUTPUTS) * TILE_OUTPUTS, samples, count);
}

void cpu_gradient_product(const float *dz, const float *x, size_t samples, size_t outputs,
                          size_t inputs, float *panels, float *dw)
{
    const struct gradient gradient = {samples, outputs, inputs, panels, x, dw};
    size_t groups = cpu_part_count(outputs, TILE_OUTPUTS);
    size_t strips = cpu_part_count(inputs, TILE_INPUTS);
#pragma omp parallel if (!cpu_product_is_small(samples, outputs, inputs))
    {
#pragma omp for schedule(static)
        for (size_t group = 0; group < groups; group++) {
            size_t first = group * TILE_OUTPUTS;
            panel_copy(dz + first, size_min(TILE_OUTPUTS, outputs - first), outputs, samples,
                       panels + first * samples);
        }
        for (size_t first = 0; first < samples; first += BLOCK) {
            /* no wait: a static schedule gives a thread the same strips for every block */
#pragma omp for schedule(static) nowait
            for (size_t strip = 0; strip < strips; strip++)
                strip_add(&gradient, first, strip * TILE_INPUTS);
        }
    }
}
