/* The matrix product of the weight gradient: dw = dz' x.
 *
 * Threads share the columns of x. Each element of dw is summed over the samples from first to last,
 * so the number of threads does not change the result. Samples are processed in blocks. dz' and a
 * strip of x are packed, so that the data of a tile are contiguous in the cache. Between blocks, dw
 * holds the partial sums.
 */
#include "base/memory.h"
#include "cpu/cpu_tile.h"

enum {
    BLOCK = 96,       /* samples in a block; its strip takes up to 24 KiB of the nearest cache */
    LONG_BLOCK = 256, /* the same for many outputs, whose dw does not stay in a cache */
    MANY_OUTPUTS = 129,
    WHOLE_TILES = 24 /* outputs: whole tiles of every shape */
};

/* The shape and the operands of a matrix product. Threads share parts: some outputs of a panel. */
struct gradient {
    size_t samples, outputs, inputs;
    const float *dz; /* [B][O] */
    float *turned;   /* [B / block][O][block] dz', block by block */
    const float *x;  /* [B][I] */
    float *dw;       /* [O][I] */
    size_t block;    /* samples in a block */
    size_t ranges;   /* parts of a panel */
    size_t range;    /* outputs of a part */
};

/* turned [O][samples] = dz' of some samples, dz [samples][O]
 * Takes all squares of a line of memory, one after the other, because the lines of a column may
 * compete for the same place in the cache. */
static void transpose(const float *dz, size_t samples, size_t outputs, float *turned)
{
    const size_t whole = samples / SIDE * SIDE, lines = outputs / VECTOR * VECTOR;
    for (size_t line = 0; line < lines; line += VECTOR)
        for (size_t i = 0; i < whole; i += SIDE)
            for (size_t o = line; o < line + VECTOR; o += SIDE)
                square_transpose(dz + i * outputs + o, outputs, turned + o * samples + i, samples);
    for (size_t o = 0; o < outputs; o++)
        for (size_t i = o < lines ? whole : 0; i < samples; i++)
            turned[o * samples + i] = dz[i * outputs + o];
}

/* Transposes one block of samples. */
static void transpose_piece(const void *work, size_t first, size_t count)
{
    const struct gradient *of = work;
    transpose(of->dz + first * of->outputs, count, of->outputs, of->turned + first * of->outputs);
}

/* Packs a thin panel of x [samples][stride]. */
static void strip_copy_thin(const float *x, size_t samples, size_t stride, size_t columns,
                            float *strip)
{
    const size_t inner = thin_inner(samples);
    for (size_t i = 0; i < inner; i++)
        for (size_t j = 0; j < columns; j++)
            strip[j * inner + i] = i < samples ? x[i * stride + j] : 0.0f;
}

/* Packs the columns `panel` of x [samples][stride]. */
static void strip_copy(const float *x, size_t samples, size_t stride, const struct panel *panel,
                       float *strip)
{
    const size_t width = panel->vectors * VECTOR;
    if (width == 0) {
        strip_copy_thin(x + panel->first, samples, stride, panel->columns, strip);
        return;
    }
    for (size_t i = 0; i < samples; i++)
        row_copy(x + i * stride + panel->first, panel->columns, width, strip + i * width);
}

/* Adds up to one block of samples, starting at `first`, to a part of dw. */
static void part_add(const struct gradient *of, size_t first, size_t part)
{
    const struct panel panel = panel_at(of->samples, of->inputs, part / of->ranges);
    const size_t output = part % of->ranges * of->range;
    const size_t samples = size_min(of->block, of->samples - first);
    _Alignas(VECTOR * sizeof(float)) float strip[LONG_BLOCK * MOST_VECTORS * VECTOR];
    if (output >= of->outputs)
        return;
    strip_copy(of->x + first * of->inputs, samples, of->inputs, &panel, strip);
    const struct tile_product product = {.a = of->turned + first * of->outputs + output * samples,
                                         .a_stride = samples,
                                         .rows = size_min(of->range, of->outputs - output),
                                         .inner = samples,
                                         .packed = strip,
                                         .add = first > 0,
                                         .c = of->dw + output * of->inputs + panel.first,
                                         .c_stride = of->inputs};
    cpu_tile_product(&product, &panel);
}

/* Computes `count` parts of dw. A block of samples visits all of them while its dz' is in the
 * cache. */
static void parts_piece(const void *work, size_t part, size_t count)
{
    const struct gradient *of = work;
    for (size_t first = 0; first < of->samples; first += of->block)
        for (size_t p = part; p < part + count; p++)
            part_add(of, first, p);
}

bool cpu_gradient_panels_size(size_t outputs, size_t samples, size_t *count)
{
    return size_multiply(outputs, samples, count);
}

void cpu_gradient_product(const float *dz, const float *x, size_t samples, size_t outputs,
                          size_t inputs, float *panels, float *dw)
{
    const size_t strips = panel_count(samples, inputs), threads = parallel_threads();
    const size_t ranges = strips < threads ? cpu_part_count(threads, strips) : 1;
    const size_t range = cpu_part_count(cpu_part_count(outputs, ranges), WHOLE_TILES) * WHOLE_TILES;
    const size_t block = outputs < MANY_OUTPUTS ? BLOCK : LONG_BLOCK;
    const struct gradient work = {.samples = samples,
                                  .outputs = outputs,
                                  .inputs = inputs,
                                  .dz = dz,
                                  .turned = panels,
                                  .x = x,
                                  .dw = dw,
                                  .block = block,
                                  .ranges = ranges,
                                  .range = range};
    const bool shared = cpu_product_is_shared(samples, outputs, inputs);
    parallel_for(samples, block, shared, transpose_piece, &work);
    /* Each thread gets one piece, because each piece reads all of dz. The number of pieces changes
     * no bit. */
    parallel_for(strips * ranges, cpu_part_count(strips * ranges, threads), shared, parts_piece,
                 &work);
}
