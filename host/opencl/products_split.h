/* Weight gradients by CLBlast in slices of the batch (split-K).
 *
 * C [M][N] = A' B is a sum over K samples. If M and N are small and K is large, C has too few tiles
 * to occupy the device. The samples are therefore cut into slices. CLBlast computes the products of
 * the slices as one batch, and they are added in order. Only `weft tune` selects these engines.
 */
#ifndef WEFT_OPENCL_PRODUCTS_SPLIT_H
#define WEFT_OPENCL_PRODUCTS_SPLIT_H

#include "opencl/products.h"

/* The number of slices that the engine cuts a sum into, or 0 for other engines. */
size_t split_slices(enum product_engine engine);

/* Whether the engine may be fast: the slices are deep, and K is much larger than the sides of C. */
bool split_worth_tuning(enum product_engine engine, size_t m, size_t n, size_t k);

/* The workspace elements that split_run needs for any k: the slices, and the rest. */
size_t split_workspace(enum product_engine engine, size_t m, size_t n);

/* Supports only weight gradients. */
WEFT_MUST_CHECK enum weft_status split_run(struct opencl_device *device,
                                           const struct product *product, struct product_room room);

#endif
