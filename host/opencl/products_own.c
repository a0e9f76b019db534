/* The launchers of Weft's own product kernels, see products_own.h. */
#include "opencl/products_own.h"

#include "opencl/launch_kernel.h"

/* How a form lies in memory: elements from row to row and from one term of the sum to the next. */
struct strides {
    cl_ulong a_row, a_term, b_term, b_column;
};

static struct strides strides_of(const struct product *product)
{
    const cl_ulong m = product->m, n = product->n, k = product->k;
    switch (product->form) {
    case PRODUCT_FORWARD:
        return (struct strides){k, 1, 1, k};
    case PRODUCT_WEIGHT_GRADIENT:
        return (struct strides){1, m, n, 1};
    case PRODUCT_DELTA:
        break;
    }
    return (struct strides){k, 1, n, 1};
}

enum weft_status own_product_plain(struct opencl_device *device, const struct product *product)
{
    const struct strides strides = strides_of(product);
    const cl_ulong a_offset = product->a_offset, b_offset = product->b_offset;
    const cl_ulong c_offset = product->c_offset;
    const cl_uint m = (cl_uint)product->m, n = (cl_uint)product->n, k = (cl_uint)product->k;
    const struct kernel_argument arguments[] = {ARGUMENT(product->a),
                                                ARGUMENT(a_offset),
                                                ARGUMENT(strides.a_row),
                                                ARGUMENT(strides.a_term),
                                                ARGUMENT(product->b),
                                                ARGUMENT(b_offset),
                                                ARGUMENT(strides.b_term),
                                                ARGUMENT(strides.b_column),
                                                ARGUMENT(product->c),
                                                ARGUMENT(c_offset),
                                                ARGUMENT(m),
                                                ARGUMENT(n),
                                                ARGUMENT(k)};
    return LAUNCH(device, KERNEL_PRODUCT_PLAIN, "product_plain",
                  grid_plane(device, product->n, product->m), arguments);
}
