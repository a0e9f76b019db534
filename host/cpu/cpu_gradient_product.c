/* The matrix product of the weight gradient: dw = dz' x.
 *
 * Threads share the columns of x. Each element of dw is summed over the samples from first to last,
 * so the number of threads does not change the result. Samples are processed in blocks, and dw
 * holds the partial sums between blocks.
 *
 * For many outputs, dz' and each strip of x, which tiles multiply with, are packed, so that the
 * data of a tile are contiguous in the cache. For few outputs, packing would take as long as half
 * of the product. So the tiles read dz and x themselves. While they use a strip, they fetch the
 * next one into the cache, unless its rows compete for few places there; such strips are packed.
 */
#include "base/memory.h"
#include "cpu/cpu_tile.h"
#include "cpu/cpu_vectors.h"

enum {
    BLOCK = 96,        /* samples in a block; a strip has up to 24 KiB */
    LONG_BLOCK = 256,  /* the same for many outputs, whose dw does not stay in a cache */
    FEW_OUTPUTS = 128, /* the most outputs for which nothing is packed, or blocks are short */
    WHOLE_TILES = 24   /* outputs: whole tiles of every shape */
};

/* The shape and the operands of a matrix product. Threads share parts: some outputs of a panel. */
struct gradient {
    size_t samples, outputs, inputs;
    const float *dz; /* [B][O] */
    float *packed;   /* [B / block][O][block] dz', block by block; NULL: tiles read dz */
    const float *x;  /* [B][I] */
    float *dw;       /* [O][I] */
    bool competes;   /* rows of a strip compete for the cache, so it is not fetched ahead */
    bool stays;      /* strips stay in x, if they consist of whole vectors */
    size_t block;    /* samples in a block */
    size_t most;     /* vectors in a strip */
    size_t ranges;   /* parts of a panel */
    size_t range;    /* outputs of a part */
};

/* packed [O][samples] = dz' of some samples, dz [samples][O]
 * Takes all squares of a line of memory, one after the other, because the lines of a column may
 * compete for the same place in the cache. */
static void transpose(const float *dz, size_t samples, size_t outputs, float *packed)
{
    const size_t whole = samples / SIDE * SIDE, lines = outputs / VECTOR * VECTOR;
    for (size_t line = 0; line < lines; line += VECTOR)
        for (size_t i = 0; i < whole; i += SIDE)
            for (size_t o = line; o < line + VECTOR; o += SIDE)
                square_transpose(dz + i * outputs + o, outputs, packed + o * samples + i, samples);
    for (size_t o = 0; o < outputs; o++)
        for (size_t i = o < lines ? whole : 0; i < samples; i++)
            packed[o * samples + i] = dz[i * outputs + o];
}

/* Transposes one block of samples. */
static void transpose_piece(const void *work, size_t first, size_t count)
{
    const struct gradient *of = work;
    transpose(of->dz + first * of->outputs, count, of->outputs, of->packed + first * of->outputs);
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

/* Returns whether the rows of a strip compete for few places in the cache. They do if their
 * distance is a multiple of 256 numbers, or nearly. */
static bool rows_compete(size_t inputs)
{
    enum { DISTANCE = 256, NEARLY = 4 };
    return (inputs + NEARLY) % DISTANCE <= 2 * NEARLY;
}

/* A part of dw, which one thread computes: some outputs of the columns of a panel. */
struct part {
    struct panel panel;
    size_t output, outputs; /* the first output, and how many */
};

/* Tiles that read dz itself need no thin panel: it would read dz by columns. */
static size_t thin_terms(const struct gradient *of)
{
    return of->packed != NULL ? of->samples : 0;
}

static struct part part_at(const struct gradient *of, size_t number)
{
    const size_t output = size_min(number % of->ranges * of->range, of->outputs);
    return (struct part){.panel =
                             panel_at(thin_terms(of), of->inputs, of->most, number / of->ranges),
                         .output = output,
                         .outputs = size_min(of->range, of->outputs - output)};
}

/* Returns where the strip of a part begins, for a block of samples. */
static const float *part_strip(const struct gradient *of, size_t first, const struct part *part)
{
    return of->x + first * of->inputs + part->panel.first;
}

/* Adds up to one block of samples, starting at `first`, to a part of dw. Meanwhile, the strip
 * `ahead` is fetched. */
static void part_add(const struct gradient *of, size_t first, const struct part *part,
                     const float *ahead)
{
    const struct panel *panel = &part->panel;
    const size_t width = panel->vectors * VECTOR;
    const size_t samples = size_min(of->block, of->samples - first);
    const bool stays = of->stays && panel->columns == width, reads_dz = of->packed == NULL;
    _Alignas(VECTOR * sizeof(float)) float strip[LONG_BLOCK * MOST_VECTORS * VECTOR];
    if (part->outputs == 0)
        return;
    if (!stays)
        strip_copy(of->x + first * of->inputs, samples, of->inputs, panel, strip);
    const float *dz = reads_dz ? of->dz + first * of->outputs + part->output
                               : of->packed + first * of->outputs + part->output * samples;
    const struct tile_product product = {.a = dz,
                                         .a_stride = reads_dz ? of->outputs : samples,
                                         .a_transposed = reads_dz,
                                         .rows = part->outputs,
                                         .inner = samples,
                                         .b = stays ? part_strip(of, first, part) : strip,
                                         .b_stride = stays ? of->inputs : width,
                                         .ahead = of->competes ? NULL : ahead,
                                         .ahead_stride = of->inputs,
                                         .add = first > 0,
                                         .c = of->dw + part->output * of->inputs + panel->first,
                                         .c_stride = of->inputs};
    cpu_tile_product(&product, panel);
}

/* Computes `count` parts of dw. A block of samples visits all of them while its dz' is in the
 * cache. */
static void parts_piece(const void *work, size_t part, size_t count)
{
    const struct gradient *of = work;
    struct part now = part_at(of, part);
    for (size_t first = 0; first < of->samples; first += of->block)
        for (size_t i = 1; i <= count; i++) {
            const struct part next = part_at(of, part + i % count);
            part_add(of, first, &now, part_strip(of, first + (i == count ? of->block : 0), &next));
            now = next;
        }
}

bool cpu_gradient_panels_size(size_t outputs, size_t samples, size_t *count)
{
    *count = 0;
    return outputs <= FEW_OUTPUTS || size_multiply(outputs, samples, count);
}

void cpu_gradient_product(const float *dz, const float *x, size_t samples, size_t outputs,
                          size_t inputs, float *panels, float *dw)
{
    const bool competes = rows_compete(inputs), few = outputs <= FEW_OUTPUTS;
    const bool stays = few && !competes;
    const size_t most = stays ? FEW_VECTORS : MOST_VECTORS;
    const size_t strips = panel_count(few ? 0 : samples, inputs, most);
    const size_t threads = parallel_threads();
    const size_t ranges = strips < threads ? cpu_part_count(threads, strips) : 1;
    const struct gradient work = {
        .samples = samples,
        .outputs = outputs,
        .inputs = inputs,
        .dz = dz,
        .packed = few ? NULL : panels,
        .x = x,
        .dw = dw,
        .competes = competes,
        .stays = stays,
        .block = few ? BLOCK : LONG_BLOCK,
        .most = most,
        .ranges = ranges,
        .range = cpu_part_count(cpu_part_count(outputs, ranges), WHOLE_TILES) * WHOLE_TILES};
    const bool shared = cpu_product_is_shared(samples, outputs, inputs);
    if (!few)
        parallel_for(samples, work.block, shared, transpose_piece, &work);
    /* Each thread gets one piece, because each piece reads all of dz. The number of pieces changes
     * no bit. */
    parallel_for(strips * ranges, cpu_part_count(strips * ranges, threads), shared, parts_piece,
                 &work);
}
