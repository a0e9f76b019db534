/* A matrix product, as every engine takes it. */
#ifndef WEFT_OPENCL_PRODUCT_H
#define WEFT_OPENCL_PRODUCT_H

#include "opencl/opencl_device.h"

/* c [M][N] = the product of a and b in the layout of the form; see backend/primitive.h. */
struct product {
    enum product_form form;
    enum product_engine engine; /* from products_engine() for its shape */
    size_t m, n, k;
    cl_mem a, b, c;
    size_t a_offset, b_offset, c_offset; /* elements */
};

/* The operations of a product. */
static inline double product_work(const struct product *product)
{
    return 2.0 * (double)product->m * (double)product->n * (double)product->k;
}

/* The memory that matrix products need besides their operands. It is borrowed. */
struct product_workspace {
    cl_mem buffer; /* [count] */
    size_t count;
};

#endif
