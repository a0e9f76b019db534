/* The matrix products of a layer; see layer_products.h. */
#include "opencl/layer_products.h"

#include "opencl/launch.h"
#include "opencl/products_own.h"

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

/* ---- what follows a product in its launch ---- */

/* Adds dropout of the activations of a layer, or of their deltas, to what follows a product.
 * Returns false if the launch of a product cannot drop elements of rows of this length. */
static bool after_dropout(const struct workspace *workspace, size_t layer,
                          struct product_after *after)
{
    const struct dense_layer *dense = &workspace->network->layers[layer];
    if (dense->dropout == 0.0f || !workspace->drawn)
        return true;
    if (!own_product_drops(workspace->device, dense->outputs))
        return false;
    after->steps |= AFTER_DROPOUT;
    after->seed = workspace->draw.seed;
    after->epoch = workspace->draw.epoch;
    after->batch = workspace->draw.batch;
    after->purpose = dropout_purpose(layer);
    after->threshold = dropout_threshold(dense->dropout);
    after->scale = dropout_scale(dense->dropout);
    return true;
}

void layer_forward_follow(const struct workspace *workspace, size_t layer, struct product *product)
{
    const struct dense_layer *dense = &workspace->network->layers[layer];
    struct product_after after = {.activation = dense->activation,
                                  .x = workspace->a[layer],
                                  .bias_offset = dense->bias_offset};
    if (product->engine != ENGINE_BLOCKED || dense->batch_norm)
        return;
    if (dense->bias)
        after.steps |= AFTER_BIAS;
    if (dense->activation != WEFT_ACTIVATION_IDENTITY || layer_keeps_z(dense)) {
        after.steps |= AFTER_ACTIVATION;
        (void)after_dropout(workspace, layer, &after);
    }
    product->after = after;
}

void layer_gradient_follow(const struct workspace *workspace, size_t layer, struct product *product)
{
    const struct dense_layer *dense = &workspace->network->layers[layer];
    if (product->engine == ENGINE_BLOCKED && dense->bias)
        product->after =
            (struct product_after){.steps = AFTER_BIAS_GRADIENT, .bias_offset = dense->bias_offset};
}

void layer_delta_follow(const struct workspace *workspace, size_t layer, struct product *product)
{
    const struct dense_layer *below = &workspace->network->layers[layer - 1];
    struct product_after after = {.activation = below->activation, .x = workspace->z[layer - 1]};
    if (product->engine != ENGINE_BLOCKED || !after_dropout(workspace, layer - 1, &after))
        return;
    if (below->activation != WEFT_ACTIVATION_IDENTITY)
        after.steps |= layer_keeps_z(below) ? AFTER_SLOPE | AFTER_SLOPE_FROM_Z : AFTER_SLOPE;
    product->after = after;
}

/* ---- the products ---- */

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
