/* Products by Weft's own kernels, see kernels/product.cl. */
#ifndef WEFT_OPENCL_PRODUCTS_OWN_H
#define WEFT_OPENCL_PRODUCTS_OWN_H

#include "opencl/products.h"

/* One work-item to an element: right for every shape on every device, fast nowhere. */
WEFT_MUST_CHECK enum weft_status own_product_plain(struct opencl_device *device,
                                                   const struct product *product);

/* Whether own_product_blocked takes the shape: it needs rows of a vector or more. */
bool own_product_blockable(enum product_form form, size_t n, size_t k);

/* A work-item to a tile: for CPUs. */
WEFT_MUST_CHECK enum weft_status own_product_blocked(struct opencl_device *device,
                                                     const struct product *product);

/* Whether own_product_tiled runs on the device: it needs work-groups of 64. */
bool own_product_tileable(const struct opencl_device *device);

/* Elements of room that own_product_tiled needs for sizes of up to these. */
size_t own_product_tiled_workspace(size_t m, size_t n, size_t k);

/* A work-group to a tile: for GPUs. Long sums are cut into slices, added in order. */
WEFT_MUST_CHECK enum weft_status own_product_tiled(struct opencl_device *device,
                                                   const struct product *product,
                                                   struct product_room room);

/* c [M][N] = the sum of partial [slices][M][N], in order. */
WEFT_MUST_CHECK enum weft_status own_product_slices_sum(struct opencl_device *device,
                                                        const struct product *product,
                                                        cl_mem partial, size_t slices);

/* The slices that own_product_tiled cuts it into; 1: none. */
size_t own_product_tiled_slices(const struct product *product);

/* The same without adding them: they are left in `room`, [slices][M][N]. */
WEFT_MUST_CHECK enum weft_status own_product_tiled_in_slices(struct opencl_device *device,
                                                             const struct product *product,
                                                             struct product_room room);

#endif
