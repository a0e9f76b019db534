/* The operations of the training loop on the CPU. Each is a matrix product and a few vector loops.
 *
 * Each choice by activation or head is one function with a switch and no default. So the compiler
 * names every place that needs a case for a new value. */
#include <assert.h>
#include <string.h>

#include "cpu/cpu_kernels.h"
#include "cpu/cpu_workspace.h"

/* Returns the input of layer `layer`, [rows][I]. */
static const float *layer_input(const struct workspace *workspace, size_t layer)
{
    return layer == 0 ? workspace->x : workspace->a[layer - 1];
}

/* Returns the batch mean [O] of a layer, followed by its batch variance [O]. */
static float *batch_statistics(const struct workspace *workspace, const struct dense_layer *dense)
{
    return workspace->statistics + (dense->mean_offset - workspace->network->parameter_count);
}

/* z = scale (q - mean) / sqrt(variance + epsilon) + shift */
static void norm_forward(struct workspace *workspace, size_t layer)
{
    const struct dense_layer *dense = &workspace->network->layers[layer];
    const float *q = workspace->q[layer]; /* [rows][O] */
    float *running_mean = workspace->parameters + dense->mean_offset;
    float *running_variance = workspace->parameters + dense->variance_offset;
    const float *mean = running_mean, *variance = running_variance;
    size_t rows = workspace->rows, columns = dense->outputs;
    if (workspace->training) {
        float *statistics = batch_statistics(workspace, dense);
        mean = statistics;
        variance = statistics + columns;
        cpu_norm_statistics(q, rows, columns, statistics, statistics + columns);
        if (rows > 1)
            cpu_norm_running(mean, variance, columns, NORM_MOMENTUM, norm_unbias(rows),
                             running_mean, running_variance);
    }
    cpu_norm_forward(q, rows, columns, mean, variance, workspace->parameters + dense->scale_offset,
                     workspace->parameters + dense->shift_offset, workspace->z[layer]);
}

enum weft_status cpu_dense_forward(struct workspace *workspace, size_t layer)
{
    const struct dense_layer *dense = &workspace->network->layers[layer];
    size_t rows = workspace->rows;
    float *z = workspace->z[layer];                               /* [rows][O] */
    float *product = dense->batch_norm ? workspace->q[layer] : z; /* [rows][O] */
    if (workspace->training)
        cpu_product(PRODUCT_FORWARD, layer_input(workspace, layer),
                    workspace->parameters + dense->weight_offset, rows, dense->outputs,
                    dense->inputs, workspace->scratch, product);
    else
        cpu_block_product(layer_input(workspace, layer), workspace->panels[layer], rows,
                          dense->outputs, dense->inputs, product);
    if (dense->batch_norm)
        norm_forward(workspace, layer);
    if (dense->bias)
        cpu_bias_add(z, workspace->parameters + dense->bias_offset, rows, dense->outputs);
    if (dense->activation != WEFT_ACTIVATION_IDENTITY || layer_keeps_z(dense))
        cpu_layer_forward(dense->activation, z, rows * dense->outputs, workspace->a[layer]);
    if (dense->dropout > 0.0f && workspace->drawn)
        cpu_dropout(&workspace->draw, layer, dense->dropout, workspace->a[layer],
                    rows * dense->outputs);
    return WEFT_OK;
}

/* Fills dz of the output layer, and the loss and the correct flag of each sample. */
static void head_loss(struct workspace *workspace, const struct loss_rule *rule)
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
    head_loss(workspace, rule);
    cpu_metrics_sum(workspace->loss, workspace->correct, workspace->count, &metrics->loss,
                    &metrics->correct);
    return WEFT_OK;
}

/* Turns dz of a layer with batch normalization into dq, and computes the gradients of its scale and
 * shift. */
static void norm_backward(struct workspace *workspace, size_t layer)
{
    const struct dense_layer *dense = &workspace->network->layers[layer];
    const float *q = workspace->q[layer]; /* [B][O] */
    float *dz = workspace->dz[layer];     /* [B][O] */
    const float *mean = batch_statistics(workspace, dense), *variance = mean + dense->outputs;
    float *dscale = workspace->gradient + dense->scale_offset;
    float *dshift = workspace->gradient + dense->shift_offset;
    cpu_norm_gradient(q, dz, workspace->rows, dense->outputs, mean, variance, dscale, dshift);
    cpu_norm_backward(q, workspace->rows, dense->outputs, mean, variance,
                      workspace->parameters + dense->scale_offset, dscale, dshift, dz);
}

enum weft_status cpu_dense_backward(struct workspace *workspace, size_t layer)
{
    assert(workspace->training);
    const struct network *network = workspace->network;
    const struct dense_layer *dense = &network->layers[layer];
    size_t rows = workspace->rows;
    const float *dz = workspace->dz[layer]; /* [B][O] */
    cpu_product(PRODUCT_WEIGHT_GRADIENT, dz, layer_input(workspace, layer), dense->outputs,
                dense->inputs, rows, workspace->scratch,
                workspace->gradient + dense->weight_offset);
    if (dense->bias)
        cpu_bias_gradient(dz, rows, dense->outputs, workspace->gradient + dense->bias_offset);
    if (layer == 0)
        return WEFT_OK;
    float *dz_below = workspace->dz[layer - 1]; /* [B][I] */
    cpu_product(PRODUCT_DELTA, dz, workspace->parameters + dense->weight_offset, rows,
                dense->inputs, dense->outputs, workspace->scratch, dz_below);
    const struct dense_layer *below = &network->layers[layer - 1];
    if (below->dropout > 0.0f && workspace->drawn)
        cpu_dropout(&workspace->draw, layer - 1, below->dropout, dz_below, rows * dense->inputs);
    if (below->activation != WEFT_ACTIVATION_IDENTITY)
        cpu_layer_backward(below->activation, layer_keeps_z(below), workspace->z[layer - 1],
                           rows * dense->inputs, dz_below);
    if (below->batch_norm)
        norm_backward(workspace, layer - 1);
    return WEFT_OK;
}

enum weft_status cpu_network_penalty(struct workspace *workspace, size_t slot)
{
    assert(slot < workspace->slots);
    struct batch_metrics *metrics = &workspace->metrics[slot];
    cpu_penalty_terms(workspace->parameters, workspace->network->weight_count, &metrics->weight_abs,
                      &metrics->weight_squares);
    return WEFT_OK;
}

enum weft_status cpu_update(struct workspace *workspace, const struct update_rule *rule)
{
    assert(workspace->training && update_states(rule) <= workspace->states);
    const struct network *network = workspace->network;
    if (rule->l1 != 0.0f || rule->l2 != 0.0f)
        cpu_penalty_gradient(workspace->parameters, network->weight_count, rule->l1, rule->l2,
                             workspace->gradient);
    if (rule->clip_norm != 0.0f)
        workspace->clip =
            cpu_clip_factor(workspace->gradient, network->parameter_count, rule->clip_norm);
    const struct cpu_update update = {.w = workspace->parameters,
                                      .dw = workspace->gradient,
                                      .state = {workspace->state[0], workspace->state[1]},
                                      .clip = workspace->clip,
                                      .n = network->parameter_count,
                                      .weights = network->weight_count};
    cpu_parameters_update(&update, rule);
    if (update_averages(rule)) /* includes the running statistics, which follow the parameters */
        cpu_average_update(workspace->parameters, network->value_count, rule->average_gain,
                           workspace->state[optimizer_states(rule->optimizer)]);
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
