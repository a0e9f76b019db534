/* Runs one training step of a random network on `device`, as the training loop does. */
#ifndef WEFT_TESTS_DEVICE_ANSWER_H
#define WEFT_TESTS_DEVICE_ANSWER_H

#include "devices.h"
#include "step_answer.h"

/* Downloads a tensor into the span at `first`. */
static inline void tensor_fetch(struct workspace *workspace, enum tensor tensor, size_t layer,
                                float *scratch, double *values, const struct span *span)
{
    if (span->count == 0)
        return;
    ck_ok(backend->tensor_download(workspace, tensor, layer, scratch));
    for (size_t i = 0; i < span->count; i++)
        values[span->first + i] = (double)scratch[i];
}

/* Downloads the additional results of batch norm. Pairs of tensors arrive as one. */
static inline void norm_fetch(const struct spans *spans, struct workspace *workspace, size_t l,
                              float *scratch, struct answer *answer)
{
    const struct span *span = &spans->spans[l * SPAN_KINDS];
    struct span gradient = span[SPAN_DSCALE], statistics = span[SPAN_MEAN];
    gradient.count *= 2;
    statistics.count *= 2;
    tensor_fetch(workspace, TENSOR_PRODUCT, l, scratch, answer->values, &span[SPAN_Q]);
    tensor_fetch(workspace, TENSOR_NORM_GRADIENT, l, scratch, answer->values, &gradient);
    tensor_fetch(workspace, TENSOR_STATISTICS, l, scratch, answer->values, &statistics);
}

/* Copies the values of a layer after the step. */
static inline void values_fetch(const struct spans *spans, const struct dense_layer *layer,
                                size_t l, const float *values, struct answer *answer)
{
    const struct {
        enum span_kind kind;
        size_t offset;
    } parts[] = {
        {SPAN_W, layer->weight_offset},          {SPAN_B, layer->bias_offset},
        {SPAN_SCALE, layer->scale_offset},       {SPAN_SHIFT, layer->shift_offset},
        {SPAN_RUNNING_MEAN, layer->mean_offset}, {SPAN_RUNNING_VARIANCE, layer->variance_offset}};
    for (size_t p = 0; p < sizeof parts / sizeof *parts; p++) {
        const struct span *span = &spans->spans[l * SPAN_KINDS + parts[p].kind];
        for (size_t i = 0; i < span->count; i++)
            answer->values[span->first + i] = (double)values[parts[p].offset + i];
    }
}

/* Downloads everything to compare, after the update. `scratch` [spans.total] is scratch memory. */
static inline void answer_fetch(const struct problem *problem, const struct spans *spans,
                                struct workspace *workspace, float *scratch, struct answer *answer)
{
    static const enum tensor tensors[] = {TENSOR_ACTIVATION, TENSOR_DELTA, TENSOR_WEIGHT_GRADIENT,
                                          TENSOR_BIAS_GRADIENT};
    const struct network *network = &problem->network;
    for (size_t l = 0; l < network->layer_count; l++)
        for (size_t kind = SPAN_A; kind <= SPAN_DB; kind++)
            tensor_fetch(workspace, tensors[kind], l, scratch, answer->values,
                         &spans->spans[l * SPAN_KINDS + kind]);
    for (size_t l = 0; l < network->layer_count; l++)
        tensor_fetch(workspace, TENSOR_PRE_ACTIVATION, l, scratch, answer->values,
                     &spans->spans[l * SPAN_KINDS + SPAN_Z]);
    for (size_t l = 0; l < network->layer_count; l++)
        norm_fetch(spans, workspace, l, scratch, answer);
    ck_ok(backend->parameters_download(workspace, scratch));
    for (size_t l = 0; l < network->layer_count; l++)
        values_fetch(spans, &network->layers[l], l, scratch, answer);
    struct batch_metrics metrics;
    ck_ok(backend->metrics_download(workspace, 1, &metrics));
    answer->values[sum_place(spans, SPAN_LOSS)] = (double)metrics.loss;
    answer->values[sum_place(spans, SPAN_WEIGHT_ABS)] = (double)metrics.weight_abs;
    answer->values[sum_place(spans, SPAN_WEIGHT_SQUARES)] = (double)metrics.weight_squares;
    answer->right = answer->right_most = metrics.correct;
}

static inline void step_and_update(const struct problem *problem, struct workspace *workspace,
                                   const struct device_data *data)
{
    const struct recipe *recipe = &problem->recipe;
    const struct step step = {.backend = backend,
                              .workspace = workspace,
                              .network = &problem->network,
                              .draw = &problem_draw,
                              .data = data,
                              .first = recipe->before,
                              .count = recipe->batch,
                              .loss = {.delta_factor = problem_delta_factor(problem),
                                       .true_class_only = recipe->true_class_only}};
    ck_ok(backend->parameters_upload(workspace, problem->parameters));
    ck_ok(step_forward(&step));
    ck_ok(step_backward(&step));
    ck_ok(backend->penalty_terms(workspace, 0));
    ck_ok(backend->update(workspace, &(struct update_rule){.learning_rate = problem->learning_rate,
                                                           .l1 = recipe->l1,
                                                           .l2 = recipe->l2}));
}

static inline struct answer answer_of_device(const struct problem *problem,
                                             const struct spans *spans)
{
    float *weights = smooth_weights_of(&problem->recipe, problem->labels, problem->samples);
    const struct data_source source = {.samples = problem->samples,
                                       .features = problem->recipe.widths[0],
                                       .x = problem->x,
                                       .labels = problem->labels,
                                       .weights = weights};
    const struct workspace_plan plan = {.network = &problem->network,
                                        .batch = problem->recipe.batch,
                                        .slots = 1,
                                        .training = true,
                                        .products = device_products,
                                        .targets = smooth_rule(&problem->recipe)};
    struct answer answer = {.values = memory_of(spans->total, sizeof *answer.values)};
    float *scratch = memory_of(spans->total, sizeof *scratch);
    struct device_data *data;
    struct workspace *workspace;
    ck_ok(backend->data_create(device, &source, &data));
    if (problem->recipe.ordered)
        ck_ok(backend->order_upload(data, problem->order));
    ck_ok(backend->workspace_create(device, &plan, &workspace));
    step_and_update(problem, workspace, data);
    answer_fetch(problem, spans, workspace, scratch, &answer);
    backend->workspace_destroy(workspace);
    backend->data_destroy(data);
    free(weights);
    free(scratch);
    return answer;
}

#endif
