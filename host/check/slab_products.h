/* The reference's products over the samples of a batch, a piece that fits a cache at a time.
 *
 * A batch of the article's network is 7.5 MB of float32 and twice that as double: converted whole
 * it passes through memory once for each thing asked of it. Here a thread converts a piece, asks it
 * everything while it is near, and forgets it. Every sum is the reference's own, in its order.
 */
#ifndef WEFT_CHECK_SLAB_PRODUCTS_H
#define WEFT_CHECK_SLAB_PRODUCTS_H

#include "network/network.h"

/* What a layer reads: float32 as the device left it, or double; the other NULL. */
struct samples {
    const float *single;
    const double *exact;
    size_t rows, columns;
};

/* Room for the pieces that threads work on. */
struct slabs {
    size_t threads;
    size_t room_count; /* of each thread */
    double *room;      /* [threads][room_count] */
};

/* For samples of at most `rows` x `columns` and layers of at most `outputs`. */
WEFT_MUST_CHECK enum weft_status slabs_init(struct slabs *slabs, size_t rows, size_t columns,
                                            size_t outputs);
void slabs_reset(struct slabs *slabs);

/* a [rows][O] = activation(samples W' + b) of a layer whose weights and biases lie in `parameters`;
 * norms [rows]: Euclidean, of the rows of the samples. */
void slabs_dense_forward(const struct slabs *slabs, const struct samples *samples,
                         const struct dense_layer *layer, const double *parameters, double *a,
                         double *norms);

/* c [outputs][columns] = dz' samples, dz [rows][outputs]; norms [columns]: of the columns of the
 * samples. */
void slabs_product_weight_gradient(const struct slabs *slabs, const struct samples *samples,
                                   const double *dz, size_t outputs, double *c, double *norms);

#endif
