/* The output layer on an OpenCL device: the loss and the delta of a batch, and probabilities. */
#include "opencl/launch.h"
#include "opencl/opencl_workspace.h"
#include "opencl/step_plan.h"

enum weft_status by_operation_losses(struct workspace *workspace, const struct loss_rule *rule)
{
    const size_t last = workspace->network->layer_count - 1;
    const struct loss_buffers loss = {.z = workspace->a[last],
                                      .y = workspace->y,
                                      .weight = workspace->weight,
                                      .dz = workspace->dz[last],
                                      .loss = workspace->row_loss,
                                      .correct = workspace->row_correct,
                                      .rows = workspace->count,
                                      .columns = network_outputs(workspace->network),
                                      .delta_factor = rule->delta_factor,
                                      .each = workspace->targets.each,
                                      .true_class_only = rule->true_class_only};
    switch (workspace->network->head) {
    case WEFT_HEAD_SIGMOID:
        return launch_sigmoid_cross_entropy(workspace->device, &loss);
    case WEFT_HEAD_SOFTMAX:
        return launch_softmax_cross_entropy(workspace->device, &loss);
    case WEFT_HEAD_IDENTITY:
        return launch_identity_squared_error(workspace->device, &loss);
    }
    return fail(WEFT_ERROR_INTERNAL, "head %d: unknown", (int)workspace->network->head);
}

enum weft_status opencl_output_delta(struct workspace *workspace, const struct loss_rule *rule,
                                     size_t slot)
{
    workspace->device->last_step = workspace->plan;
    TRY(workspace->plan->row_losses(workspace, rule));
    return launch_metrics_sum(workspace->device, workspace->row_loss, workspace->row_correct,
                              workspace->count, workspace->loss_sums, workspace->correct_counts,
                              slot);
}

enum weft_status opencl_output_probabilities(struct workspace *workspace, bool squeeze)
{
    struct opencl_device *device = workspace->device;
    const cl_mem z = workspace->a[workspace->network->layer_count - 1];
    const cl_mem p = workspace->probability;
    const size_t columns = network_outputs(workspace->network);
    const size_t n = workspace->rows * columns;
    switch (workspace->network->head) {
    case WEFT_HEAD_SOFTMAX:
        return launch_softmax_rows(device, z, p, workspace->rows, columns);
    case WEFT_HEAD_IDENTITY:
        return launch_clip_unit(device, z, p, n);
    case WEFT_HEAD_SIGMOID:
        TRY(opencl_check(
            device,
            clEnqueueCopyBuffer(device->queue, z, p, 0, 0, n * sizeof(cl_float), 0, NULL, NULL),
            "copy of the outputs"));
        TRY(launch_sigmoid_forward(device, p, n));
        return squeeze ? launch_softmax_rows(device, p, p, workspace->rows, columns) : WEFT_OK;
    }
    return fail(WEFT_ERROR_INTERNAL, "head %d: unknown", (int)workspace->network->head);
}
