/* The backward pass of a layer on an OpenCL device. */
#include "opencl/launch.h"
#include "opencl/layer_products.h"
#include "opencl/step_plan.h"

/* dz_below [B][I] = (dz [B][O] W) a'(z_below), then dq_below for layers with batch norm */
static enum weft_status delta_below(struct workspace *workspace, size_t layer)
{
    struct opencl_device *device = workspace->device;
    const struct dense_layer *below = &workspace->network->layers[layer - 1];
    const cl_mem dz = workspace->dz[layer - 1];
    const size_t n = workspace->rows * below->outputs;
    struct product product = layer_product_delta(workspace, layer);
    layer_delta_follow(workspace, layer, &product);
    const cl_uint done = product.after.steps;
    TRY(products_run(device, &product, workspace->product_workspace));
    if (below->dropout > 0.0f && workspace->drawn && !(done & AFTER_DROPOUT))
        TRY(launch_dropout(device, &workspace->draw, layer - 1, below->dropout, dz, n));
    if (below->activation != WEFT_ACTIVATION_IDENTITY && !(done & AFTER_SLOPE))
        TRY(launch_layer_backward(device, below->activation, layer_keeps_z(below),
                                  workspace->z[layer - 1], dz, n));
    return below->batch_norm ? opencl_batch_norm_backward(workspace, layer - 1) : WEFT_OK;
}

enum weft_status by_operation_backward(struct workspace *workspace, size_t layer)
{
    struct opencl_device *device = workspace->device;
    const struct dense_layer *dense = &workspace->network->layers[layer];
    struct product product = layer_product_gradient(workspace, layer);
    layer_gradient_follow(workspace, layer, &product);
    TRY(products_run(device, &product, workspace->product_workspace));
    if (dense->bias && !(product.after.steps & AFTER_BIAS_GRADIENT))
        TRY(launch_bias_gradient(device, workspace->dz[layer], workspace->rows, dense->outputs,
                                 workspace->partial, workspace->gradient, dense->bias_offset));
    return layer > 0 ? delta_below(workspace, layer) : WEFT_OK;
}

enum weft_status opencl_dense_backward(struct workspace *workspace, size_t layer)
{
    return workspace->plan->dense_backward(workspace, layer);
}
