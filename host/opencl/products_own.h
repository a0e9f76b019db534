/* Matrix products by Weft's own kernels; see kernels/product.cl. */
#ifndef WEFT_OPENCL_PRODUCTS_OWN_H
#define WEFT_OPENCL_PRODUCTS_OWN_H

#include "opencl/product.h"

/* Computes one element per work-item. It is correct for every shape on every device, and fast on
 * none. */
WEFT_MUST_CHECK enum weft_status own_product_plain(struct opencl_device *device,
                                                   const struct product *product);

/* Whether own_product_blocked supports the shape. Its rows must have at least one vector. */
bool own_product_blockable(enum product_form form, size_t n, size_t k);

/* Whether products of this engine run product->after, and whether they can then drop elements of
 * rows with n columns. The kernels of tiles take four numbers at a time, so vectors of 16 numbers,
 * which only tests give them, have no such steps there. */
bool own_product_follows(const struct opencl_device *device, enum product_engine engine);
bool own_product_drops(const struct opencl_device *device, enum product_engine engine, size_t n);

/* Computes one tile per work-item, for CPUs, and what follows the product. */
WEFT_MUST_CHECK enum weft_status own_product_blocked(struct opencl_device *device,
                                                     const struct product *product);

/* Whether own_product_tiled runs on the device. It needs work-groups of 64. */
bool own_product_tileable(const struct opencl_device *device);

/* The workspace elements that own_product_tiled needs for sizes up to these. */
size_t own_product_tiled_workspace(enum product_form form, size_t m, size_t n, size_t k);

/* Computes one tile per work-group, for GPUs, and what follows the product. Long sums are cut into
 * slices that a second launch adds in order. */
WEFT_MUST_CHECK enum weft_status own_product_tiled(struct opencl_device *device,
                                                   const struct product *product,
                                                   struct product_workspace workspace);

/* The number of slices that own_product_tiled cuts the product into. 1 means that it is not cut. */
size_t own_product_tiled_slices(const struct product *product);

/* own_product_tiled without adding the slices. They stay in `workspace`, [slices][M][N]. */
WEFT_MUST_CHECK enum weft_status own_product_tiled_in_slices(struct opencl_device *device,
                                                             const struct product *product,
                                                             struct product_workspace workspace);

#endif
