/* A matrix product, as every engine takes it. */
#ifndef WEFT_OPENCL_PRODUCT_H
#define WEFT_OPENCL_PRODUCT_H

#include "opencl/opencl_device.h"

/* Operations of a layer that follow its product, in the order in which they run; the same bits as
 * in kernels/product_after.cl. */
enum {
    AFTER_BIAS = 1,          /* FORWARD: c += bias */
    AFTER_ACTIVATION = 2,    /* FORWARD: x = activation(c) */
    AFTER_DROPOUT = 4,       /* FORWARD: dropout of x; DELTA: of c */
    AFTER_SLOPE = 8,         /* DELTA: c *= activation'(x) */
    AFTER_SLOPE_FROM_Z = 16, /* x holds z, otherwise a */
    AFTER_BIAS_GRADIENT = 32 /* WEIGHT_GRADIENT: the sums of the columns of a */
};

/* What a blocked or tiled product does in its own launches; see own_product_follows(). Other
 * engines do not know it. */
struct product_after {
    cl_uint steps;
    cl_uint activation;   /* enum weft_activation */
    cl_mem x;             /* [M][N]; NULL: c */
    cl_ulong bias_offset; /* elements: the bias in b, or its gradient in c */
    cl_ulong first, seed; /* of dropout: first_number and seed, as in kernels/random.cl */
    cl_uint epoch, batch, purpose, threshold;
    cl_float scale;
};

/* c [M][N] = the product of a and b in the layout of the form; see backend/primitive.h. */
struct product {
    enum product_form form;
    enum product_engine engine; /* from products_engine() for its shape */
    size_t m, n, k;
    cl_mem a, b, c;
    size_t a_offset, b_offset, c_offset; /* elements */
    struct product_after after;
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
