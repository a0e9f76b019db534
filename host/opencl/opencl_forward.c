/* The forward pass of a layer on an OpenCL device. */
#include "opencl/launch.h"
#include "opencl/layer_products.h"
#include "opencl/step_plan.h"

enum weft_status opencl_dense_finish(struct workspace *workspace, size_t layer, cl_uint done)
{
    const struct dense_layer *dense = &workspace->network->layers[layer];
    struct opencl_device *device = workspace->device;
    const cl_mem z = workspace->z[layer];
    const size_t n = workspace->rows * dense->outputs;
    if (dense->bias && !(done & AFTER_BIAS))
        TRY(launch_bias_add(device, z, workspace->parameters, dense->bias_offset, workspace->rows,
                            dense->outputs));
    if (!(done & AFTER_ACTIVATION) && layer_has_activation(dense))
        TRY(launch_layer_forward(device, dense->activation, z, workspace->a[layer], n));
    if (dense->dropout == 0.0f || !workspace->drawn || (done & AFTER_DROPOUT))
        return WEFT_OK;
    return launch_dropout(device, &workspace->draw, layer, dense->dropout, workspace->a[layer],
                          workspace->rows, dense->outputs);
}

enum weft_status by_operation_forward(struct workspace *workspace, size_t layer)
{
    const struct dense_layer *dense = &workspace->network->layers[layer];
    struct opencl_device *device = workspace->device;
    struct product product = layer_product_forward(workspace, layer);
    layer_forward_follow(workspace, layer, &product);
    TRY(products_run(device, &product, workspace->product_workspace));
    if (dense->batch_norm && workspace->training) {
        TRY(opencl_batch_norm_statistics(workspace, layer));
        TRY(opencl_batch_norm_running(workspace, layer, workspace->rows));
    }
    if (dense->batch_norm)
        TRY(opencl_batch_norm_forward(workspace, layer));
    return opencl_dense_finish(workspace, layer, product.after.steps);
}

enum weft_status opencl_dense_forward(struct workspace *workspace, size_t layer)
{
    return workspace->plan->dense_forward(workspace, layer);
}
