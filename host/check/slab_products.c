/* Matrix products over the samples, slab by slab. See slab_products.h. */
#include "check/slab_products.h"

#include <string.h>

#include "base/clones.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "check/error_analysis.h"
#include "reference/reference.h"

enum {
    SLAB_ROWS = 64, /* with 784 doubles each: 400 kB */
    BAND = 64,      /* columns of a weight gradient; with 2400 rows: 1.2 MB */
    /* Number of multiplications above which waking the threads pays. */
    MULTIPLICATIONS_PAY = 1 << 22
};

enum weft_status slabs_init(struct slabs *slabs, size_t rows, size_t columns, size_t outputs)
{
    const size_t slab = size_min(rows, SLAB_ROWS) * columns;
    const size_t band =
        (rows + outputs) * size_min(columns, BAND); /* the samples and the gradient */
    const bool threads_pay = rows * columns * outputs > MULTIPLICATIONS_PAY;
    slabs->threads = threads_pay ? parallel_threads() : 1;
    slabs->scratch_count = size_max(slab, band);
    if (slabs->threads > SIZE_MAX / slabs->scratch_count)
        return memory_exhausted(slabs->threads, slabs->scratch_count);
    return NEW_ARRAY(slabs->scratch, slabs->threads * slabs->scratch_count);
}

void slabs_reset(struct slabs *slabs)
{
    memory_free(slabs->scratch);
}

/* Returns whether sharing the product of `samples` with a layer pays and every thread has
 * scratch. */
static bool is_shared(const struct slabs *slabs, const struct samples *samples, size_t outputs)
{
    const bool pays = samples->rows * samples->columns * outputs > MULTIPLICATIONS_PAY;
    return pays && parallel_threads() <= slabs->threads;
}

/* Returns the scratch of the calling thread. */
static double *scratch_of(const struct slabs *slabs)
{
    return slabs->scratch + parallel_worker() * slabs->scratch_count;
}

VECTOR_CLONES
static void widen(const float *from, size_t count, double *to)
{
#pragma omp simd
    for (size_t i = 0; i < count; i++)
        to[i] = (double)from[i];
}

/* to [rows][width] = columns first .. first + width - 1 of the rows from `row`. */
static void piece_take(const struct samples *samples, size_t row, size_t rows, size_t first,
                       size_t width, double *to)
{
    for (size_t i = 0; i < rows; i++) {
        const size_t at = (row + i) * samples->columns + first;
        if (samples->single == NULL)
            memcpy(to + i * width, samples->exact + at, width * sizeof *to);
        else
            widen(samples->single + at, width, to + i * width);
    }
}

struct forward_slabs {
    const struct slabs *slabs;
    const struct samples *samples;
    const struct dense_layer *layer;
    const double *parameters;
    double *a, *norms;
};

/* Computes a slab of rows. */
static void forward_piece(const void *work, size_t row, size_t rows)
{
    const struct forward_slabs *of = work;
    const struct dense_layer *layer = of->layer;
    const size_t columns = of->samples->columns, outputs = layer->outputs;
    const struct factor slab = {scratch_of(of->slabs), NULL, columns, 1}; /* [rows][columns] */
    double *out = of->a + row * outputs;                                  /* [rows][O] */
    piece_take(of->samples, row, rows, 0, columns, scratch_of(of->slabs));
    factor_norms(&slab, rows, columns, of->norms + row);
    ref_product_forward(slab.value, of->parameters + layer->weight_offset, rows, outputs, columns,
                        out);
    if (layer->bias)
        ref_bias_add(out, of->parameters + layer->bias_offset, rows, outputs);
    ref_activation_forward(layer->activation, out, rows * outputs);
}

void slabs_dense_forward(const struct slabs *slabs, const struct samples *samples,
                         const struct dense_layer *layer, const double *parameters, double *a,
                         double *norms)
{
    const struct forward_slabs work = {slabs, samples, layer, parameters, a, norms};
    parallel_for(samples->rows, SLAB_ROWS, is_shared(slabs, samples, layer->outputs), forward_piece,
                 &work);
}

struct gradient_slabs {
    const struct slabs *slabs;
    const struct samples *samples;
    const double *dz;
    size_t outputs;
    double *c, *norms;
};

/* Computes a band of columns. */
static void gradient_piece(const void *work, size_t first, size_t width)
{
    const struct gradient_slabs *of = work;
    const size_t rows = of->samples->rows, columns = of->samples->columns;
    double *band = scratch_of(of->slabs);   /* [rows][width] */
    double *gradient = band + rows * width; /* [outputs][width] */
    const struct factor columns_of_band = {band, NULL, 1, width};
    piece_take(of->samples, 0, rows, first, width, band);
    factor_norms(&columns_of_band, width, rows, of->norms + first);
    ref_product_weight_gradient(of->dz, band, of->outputs, width, rows, gradient);
    for (size_t o = 0; o < of->outputs; o++)
        memcpy(of->c + o * columns + first, gradient + o * width, width * sizeof *of->c);
}

void slabs_product_weight_gradient(const struct slabs *slabs, const struct samples *samples,
                                   const double *dz, size_t outputs, double *c, double *norms)
{
    const struct gradient_slabs work = {slabs, samples, dz, outputs, c, norms};
    parallel_for(samples->columns, BAND, is_shared(slabs, samples, outputs), gradient_piece, &work);
}
