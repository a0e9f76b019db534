/* Weight gradients by CLBlast in slices of the batch (split-K).
 *
 * C [M][N] = A' B is a sum over K samples. Where M and N are small and K is large there are few
 * tiles of C to share out; so the samples are cut into slices, whose products are one batch of
 * CLBlast's, and added in order. Only `weft tune` puts it in force.
 */
#ifndef WEFT_OPENCL_PRODUCTS_SPLIT_H
#define WEFT_OPENCL_PRODUCTS_SPLIT_H

#include "opencl/products.h"

/* The slices that the engine cuts a sum into; 0: it is none of these. */
size_t split_slices(enum product_engine engine);

/* Whether it may be fast: slices are deep, and much deeper in all than C is wide. */
bool split_worth_tuning(enum product_engine engine, size_t m, size_t n, size_t k);

/* Elements of room that split_run needs, whatever k: the slices, and what is left over. */
size_t split_workspace(enum product_engine engine, size_t m, size_t n);

/* Weight gradients only. */
WEFT_MUST_CHECK enum weft_status split_run(struct opencl_device *device,
                                           const struct product *product, struct product_room room);

#endif
