/* The matrix products of a layer; see layer_products.h. */
#include "opencl/layer_products.h"

/* Chooses the engine of a product that is about to run. */
static struct product with_engine(const struct workspace *workspace, struct product product)
{
    const bool gradient = product.form == PRODUCT_WEIGHT_GRADIENT;
    const struct product_ask ask = {.wanted = workspace->products,
                                    .form = product.form,
                                    .m = gradient ? product.m : workspace->batch,
                                    .n = product.n,
                                    .k = gradient ? workspace->batch : product.k};
    product.engine = products_engine_now(workspace->device, &ask);
    return product;
}

struct product layer_product_forward(const struct workspace *workspace, size_t layer)
{
    const struct dense_layer *dense = &workspace->network->layers[layer];
    const struct product product = {.form = PRODUCT_FORWARD,
                                    .m = workspace->rows,
                                    .n = dense->outputs,
                                    .k = dense->inputs,
                                    .a = layer == 0 ? workspace->x : workspace->a[layer - 1],
                                    .a_offset = layer == 0 ? workspace->x_offset : 0,
                                    .b = workspace->parameters,
                                    .b_offset = dense->weight_offset,
                                    .c = dense->batch_norm ? workspace->q[layer]
                                                           : workspace->z[layer]};
    return with_engine(workspace, product);
}

struct product layer_product_gradient(const struct workspace *workspace, size_t layer)
{
    const struct dense_layer *dense = &workspace->network->layers[layer];
    const struct product product = {.form = PRODUCT_WEIGHT_GRADIENT,
                                    .m = dense->outputs,
                                    .n = dense->inputs,
                                    .k = workspace->rows,
                                    .a = workspace->dz[layer],
                                    .b = layer == 0 ? workspace->x : workspace->a[layer - 1],
                                    .b_offset = layer == 0 ? workspace->x_offset : 0,
                                    .c = workspace->gradient,
                                    .c_offset = dense->weight_offset};
    return with_engine(workspace, product);
}

struct product layer_product_delta(const struct workspace *workspace, size_t layer)
{
    const struct dense_layer *dense = &workspace->network->layers[layer];
    const struct product product = {.form = PRODUCT_DELTA,
                                    .m = workspace->rows,
                                    .n = dense->inputs,
                                    .k = dense->outputs,
                                    .a = workspace->dz[layer],
                                    .b = workspace->parameters,
                                    .b_offset = dense->weight_offset,
                                    .c = workspace->dz[layer - 1]};
    return with_engine(workspace, product);
}
