/* The forward pass of a layer on an OpenCL device. */
#include "opencl/launch.h"
#include "opencl/layer_products.h"
#include "opencl/step_plan.h"

enum weft_status by_operation_forward(struct workspace *workspace, size_t layer)
{
    const struct dense_layer *dense = &workspace->network->layers[layer];
    struct opencl_device *device = workspace->device;
    const cl_mem z = workspace->z[layer];
    const size_t n = workspace->rows * dense->outputs;
    struct product product = layer_product_forward(workspace, layer);
    layer_forward_follow(workspace, layer, &product);
    const cl_uint done = product.after.steps;
    TRY(products_run(device, &product, workspace->product_workspace));
    if (dense->batch_norm)
        TRY(opencl_batch_norm_forward(workspace, layer));
    if (dense->bias && !(done & AFTER_BIAS))
        TRY(launch_bias_add(device, z, workspace->parameters, dense->bias_offset, workspace->rows,
                            dense->outputs));
    if (!(done & AFTER_ACTIVATION) &&
        (dense->activation != WEFT_ACTIVATION_IDENTITY || layer_keeps_z(dense)))
        TRY(launch_layer_forward(device, dense->activation, z, workspace->a[layer], n));
    if (dense->dropout == 0.0f || !workspace->drawn || (done & AFTER_DROPOUT))
        return WEFT_OK;
    return launch_dropout(device, &workspace->draw, layer, dense->dropout, workspace->a[layer], n);
}

enum weft_status opencl_dense_forward(struct workspace *workspace, size_t layer)
{
    return workspace->plan->dense_forward(workspace, layer);
}
