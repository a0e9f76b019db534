/* The output layer on the CPU: the loss and the delta of a batch, and probabilities. */
#include <assert.h>
#include <string.h>

#include "cpu/cpu_kernels.h"
#include "cpu/cpu_workspace.h"

void cpu_row_losses(struct workspace *workspace, const struct loss_rule *rule)
{
    const size_t last = workspace->network->layer_count - 1;
    const struct cpu_loss loss = {.z = workspace->a[last],
                                  .y = workspace->y,
                                  .weight = workspace->weight,
                                  .rows = workspace->count,
                                  .columns = network_outputs(workspace->network),
                                  .delta_factor = rule->delta_factor,
                                  .each = workspace->targets.each,
                                  .true_class_only = rule->true_class_only};
    float *dz = workspace->dz[last]; /* [B][C] */
    switch (workspace->network->head) {
    case WEFT_HEAD_SIGMOID:
        cpu_sigmoid_cross_entropy(&loss, dz, workspace->loss, workspace->correct);
        break;
    case WEFT_HEAD_SOFTMAX:
        cpu_softmax_cross_entropy(&loss, dz, workspace->loss, workspace->correct);
        break;
    case WEFT_HEAD_IDENTITY:
        cpu_identity_squared_error(&loss, dz, workspace->loss, workspace->correct);
        break;
    }
}

enum weft_status cpu_output_delta(struct workspace *workspace, const struct loss_rule *rule,
                                  size_t slot)
{
    assert(slot < workspace->slots);
    struct batch_metrics *metrics = &workspace->metrics[slot];
    if (cpu_parts_in_use(workspace))
        cpu_parts_run(workspace, rule);
    else
        cpu_row_losses(workspace, rule);
    cpu_metrics_sum(workspace->loss, workspace->correct, workspace->count, &metrics->loss,
                    &metrics->correct);
    return WEFT_OK;
}

enum weft_status cpu_output_probabilities(struct workspace *workspace, bool squeeze)
{
    size_t outputs = network_outputs(workspace->network);
    size_t rows = workspace->count, count = rows * outputs;
    const float *z = workspace->a[workspace->network->layer_count - 1]; /* [B][C] */
    float *p = workspace->probability;                                  /* [B][C] */
    switch (workspace->network->head) {
    case WEFT_HEAD_SIGMOID:
        memcpy(p, z, count * sizeof *p);
        cpu_sigmoid_forward(p, count);
        if (squeeze)
            cpu_softmax_rows(p, rows, outputs, p);
        break;
    case WEFT_HEAD_SOFTMAX:
        cpu_softmax_rows(z, rows, outputs, p);
        break;
    case WEFT_HEAD_IDENTITY:
        cpu_clip_unit(z, count, p);
        break;
    }
    return WEFT_OK;
}
