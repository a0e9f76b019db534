/* The reference's products over the samples of a batch, one cache-sized piece at a time.
 *
 * A batch of the article's network takes 7.5 MB in float32 and twice that in double. If it were
 * converted as a whole, it would pass through memory once for each computation. Here a thread
 * converts one piece, runs all computations on it while it is in the cache, and drops it. Every sum
 * is the reference's own, in its order.
 */
#ifndef WEFT_CHECK_SLAB_PRODUCTS_H
#define WEFT_CHECK_SLAB_PRODUCTS_H

#include "network/network.h"

/* The input of a layer: float32 as the device left it, or double. The other pointer is NULL. */
struct samples {
    const float *single;
    const double *exact;
    size_t rows, columns;
};

/* Scratch for the pieces that threads work on. */
struct slabs {
    size_t threads;
    size_t scratch_count; /* elements for each thread */
    double *scratch;      /* [threads][scratch_count] */
};

/* Allocates scratch for samples of at most `rows` x `columns` and layers of at most `outputs`. */
WEFT_MUST_CHECK enum weft_status slabs_init(struct slabs *slabs, size_t rows, size_t columns,
                                            size_t outputs);
void slabs_reset(struct slabs *slabs);

/* a [rows][O] = activation(samples W' + b). `parameters` contains the weights and biases of the
 * layer. norms [rows] receives the Euclidean norms of the rows of the samples. */
void slabs_dense_forward(const struct slabs *slabs, const struct samples *samples,
                         const struct dense_layer *layer, const double *parameters, double *a,
                         double *norms);

/* c [outputs][columns] = dz' samples, dz [rows][outputs]. norms [columns] receives the Euclidean
 * norms of the columns of the samples. */
void slabs_product_weight_gradient(const struct slabs *slabs, const struct samples *samples,
                                   const double *dz, size_t outputs, double *c, double *norms);

#endif
