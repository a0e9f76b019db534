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

#endif
