/* The plan for every network, and the only one for evaluation: each operation of backend.h is a
 * matrix product and element-wise kernels, as on the CPU backend. The operations are in the files
 * opencl_forward.c, opencl_output.c, opencl_backward.c and opencl_update.c. */
#include "opencl/layer_buffers.h"
#include "opencl/opencl_workspace.h"
#include "opencl/step_plan.h"

static bool takes(const struct opencl_device *device, const struct workspace_plan *plan)
{
    (void)device, (void)plan;
    return true;
}

static size_t product_layers(const struct network *network)
{
    return network->layer_count;
}

/* Without training, only the output layer has deltas: the losses use them. */
static enum weft_status create(struct workspace *workspace)
{
    const struct network *network = workspace->network;
    for (size_t l = 0; l < network->layer_count; l++) {
        TRY(layer_activations_create(workspace, l));
        if (workspace->training || l + 1 == network->layer_count)
            TRY(layer_deltas_create(workspace, l));
    }
    return batch_targets_create(workspace);
}

const struct step_plan step_by_operation = {.rule = STEP_BY_OPERATION,
                                            .takes = takes,
                                            .product_layers = product_layers,
                                            .create = create,
                                            .dense_forward = by_operation_forward,
                                            .dense_backward = by_operation_backward,
                                            .row_losses = by_operation_losses,
                                            .gradient_complete = by_operation_gradient};
