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

/* Whether activations of the layer, or their deltas, may be dropped. */
static bool drops(const struct dense_layer *dense, bool drawn)
{
    return dense->dropout > 0.0f && drawn;
}

cl_uint layer_forward_steps(const struct opencl_device *device, enum product_engine engine,
                            const struct dense_layer *dense, bool drawn)
{
    cl_uint steps = dense->bias ? AFTER_BIAS : 0;
    if (!own_product_follows(device, engine) || dense->batch_norm)
        return 0;
    if (!layer_has_activation(dense))
        return steps;
    if (drops(dense, drawn) && own_product_drops(device, engine, dense->outputs))
        steps |= AFTER_DROPOUT;
    return steps | AFTER_ACTIVATION;
}

cl_uint layer_gradient_steps(const struct opencl_device *device, enum product_engine engine,
                             const struct dense_layer *dense)
{
    return dense->bias && own_product_follows(device, engine) ? AFTER_BIAS_GRADIENT : 0;
}

cl_uint layer_delta_steps(const struct opencl_device *device, enum product_engine engine,
                          const struct dense_layer *below, bool drawn)
{
    const bool dropped = drops(below, drawn);
    cl_uint steps = dropped ? AFTER_DROPOUT : 0;
    if (!own_product_follows(device, engine) ||
        (dropped && !own_product_drops(device, engine, below->outputs)))
        return 0;
    if (below->activation != WEFT_ACTIVATION_IDENTITY)
        steps |= layer_keeps_z(below) ? AFTER_SLOPE | AFTER_SLOPE_FROM_Z : AFTER_SLOPE;
    return steps;
}

/* ---- what does not follow in its launch ---- */

/* Adds `primitive` to the set if the layer needs it. */
static void add(uint64_t *set, bool needed, enum primitive primitive)
{
    if (needed)
        *set |= primitive_bit(primitive);
}

static uint64_t forward_launches(const struct opencl_device *device,
                                 const struct workspace_plan *plan, const struct dense_layer *dense)
{
    const enum product_engine engine = products_engine(device, plan->products, PRODUCT_FORWARD,
                                                       plan->batch, dense->outputs, dense->inputs);
    const cl_uint done = layer_forward_steps(device, engine, dense, plan->training);
    uint64_t set = 0;
    add(&set, dense->bias && !(done & AFTER_BIAS), PRIMITIVE_BIAS_ADD);
    add(&set, layer_has_activation(dense) && !(done & AFTER_ACTIVATION), PRIMITIVE_LAYER_FORWARD);
    add(&set, drops(dense, plan->training) && !(done & AFTER_DROPOUT), PRIMITIVE_DROPOUT);
    return set;
}

static uint64_t gradient_launches(const struct opencl_device *device,
                                  const struct workspace_plan *plan,
                                  const struct dense_layer *dense)
{
    const enum product_engine engine =
        products_engine(device, plan->products, PRODUCT_WEIGHT_GRADIENT, dense->outputs,
                        dense->inputs, plan->batch);
    uint64_t set = 0;
    add(&set, dense->bias && !layer_gradient_steps(device, engine, dense), PRIMITIVE_BIAS_GRADIENT);
    return set;
}

static uint64_t delta_launches(const struct opencl_device *device,
                               const struct workspace_plan *plan, const struct dense_layer *dense,
                               const struct dense_layer *below)
{
    const enum product_engine engine = products_engine(device, plan->products, PRODUCT_DELTA,
                                                       plan->batch, dense->inputs, dense->outputs);
    const cl_uint done = layer_delta_steps(device, engine, below, plan->training);
    uint64_t set = 0;
    add(&set, drops(below, plan->training) && !(done & AFTER_DROPOUT), PRIMITIVE_DROPOUT);
    add(&set, below->activation != WEFT_ACTIVATION_IDENTITY && !(done & AFTER_SLOPE),
        PRIMITIVE_LAYER_BACKWARD);
    return set;
}

uint64_t layer_primitives(const struct weft_device *base, const struct workspace_plan *plan)
{
    const struct opencl_device *device = (const struct opencl_device *)base;
    const struct dense_layer *layers = plan->network->layers;
    uint64_t set = 0;
    for (size_t l = 0; l < plan->network->layer_count; l++) {
        set |= forward_launches(device, plan, &layers[l]);
        if (plan->training)
            set |= gradient_launches(device, plan, &layers[l]);
        if (plan->training && l > 0)
            set |= delta_launches(device, plan, &layers[l], &layers[l - 1]);
    }
    return set;
}

/* ---- adding the steps to a product ---- */

/* Fills in the random numbers of dropout if it is one of the steps. */
static void after_dropout(const struct workspace *workspace, size_t layer,
                          struct product_after *after)
{
    const struct dense_layer *dense = &workspace->network->layers[layer];
    if (!(after->steps & AFTER_DROPOUT))
        return;
    after->first = workspace->draw.row * dense->outputs;
    after->seed = workspace->draw.seed;
    after->epoch = workspace->draw.epoch;
    after->batch = workspace->draw.batch;
    after->purpose = dropout_purpose(layer);
    after->threshold = dropout_threshold(dense->dropout);
    after->scale = dropout_scale(dense->dropout);
}

void layer_forward_follow(const struct workspace *workspace, size_t layer, struct product *product)
{
    const struct dense_layer *dense = &workspace->network->layers[layer];
    product->after = (struct product_after){
        .steps = layer_forward_steps(workspace->device, product->engine, dense, workspace->drawn),
        .activation = dense->activation,
        .x = workspace->a[layer],
        .bias_offset = dense->bias_offset};
    after_dropout(workspace, layer, &product->after);
}

void layer_gradient_follow(const struct workspace *workspace, size_t layer, struct product *product)
{
    const struct dense_layer *dense = &workspace->network->layers[layer];
    product->after = (struct product_after){
        .steps = layer_gradient_steps(workspace->device, product->engine, dense),
        .bias_offset = dense->bias_offset};
}

void layer_delta_follow(const struct workspace *workspace, size_t layer, struct product *product)
{
    const struct dense_layer *below = &workspace->network->layers[layer - 1];
    product->after = (struct product_after){
        .steps = layer_delta_steps(workspace->device, product->engine, below, workspace->drawn),
        .activation = below->activation,
        .x = workspace->z[layer - 1]};
    after_dropout(workspace, layer - 1, &product->after);
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
