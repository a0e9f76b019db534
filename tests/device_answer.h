/* One training step of a random network on `device`, as the training loop runs it. */
#ifndef WEFT_TESTS_DEVICE_ANSWER_H
#define WEFT_TESTS_DEVICE_ANSWER_H

#include "devices.h"
#include "step_answer.h"

/* A tensor that tensor_download gives becomes the span at `first`. */
static inline void tensor_fetch(struct workspace *workspace, enum tensor tensor, size_t layer,
                                float *room, double *values, const struct span *span)
{
    if (span->count == 0)
        return;
    ck_ok(backend->tensor_download(workspace, tensor, layer, room));
    for (size_t i = 0; i < span->count; i++)
        values[span->first + i] = (double)room[i];
}

/* Everything that is to be compared, after the update. `room` [spans.total] is scratch. */
static inline void answer_fetch(const struct problem *problem, const struct spans *spans,
                                struct workspace *workspace, float *room, struct answer *answer)
{
    static const enum tensor tensors[] = {TENSOR_ACTIVATION, TENSOR_DELTA, TENSOR_WEIGHT_GRADIENT,
                                          TENSOR_BIAS_GRADIENT};
    const struct network *network = &problem->network;
    for (size_t l = 0; l < network->layer_count; l++)
        for (size_t kind = SPAN_A; kind <= SPAN_DB; kind++)
            tensor_fetch(workspace, tensors[kind], l, room, answer->values,
                         &spans->spans[l * SPAN_KINDS + kind]);
    for (size_t l = 0; l < network->layer_count; l++)
        tensor_fetch(workspace, TENSOR_PRE_ACTIVATION, l, room, answer->values,
                     &spans->spans[l * SPAN_KINDS + SPAN_Z]);
    ck_ok(backend->parameters_download(workspace, room));
    for (size_t l = 0; l < network->layer_count; l++) {
        const struct dense_layer *layer = &network->layers[l];
        const struct span *w = &spans->spans[l * SPAN_KINDS + SPAN_W], *b = w + 1;
        for (size_t i = 0; i < w->count; i++)
            answer->values[w->first + i] = (double)room[layer->weight_offset + i];
        for (size_t i = 0; i < b->count; i++)
            answer->values[b->first + i] = (double)room[layer->bias_offset + i];
    }
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
    const struct data_source source = {.samples = problem->samples,
                                       .features = problem->recipe.widths[0],
                                       .x = problem->x,
                                       .labels = problem->labels};
    const struct workspace_plan plan = {.network = &problem->network,
                                        .batch = problem->recipe.batch,
                                        .slots = 1,
                                        .training = true,
                                        .products = device_products,
                                        .targets = smooth_rule(&problem->recipe)};
    struct answer answer = {.values = memory_of(spans->total, sizeof *answer.values)};
    float *room = memory_of(spans->total, sizeof *room);
    struct device_data *data;
    struct workspace *workspace;
    ck_ok(backend->data_create(device, &source, &data));
    if (problem->recipe.ordered)
        ck_ok(backend->order_upload(data, problem->order));
    ck_ok(backend->workspace_create(device, &plan, &workspace));
    step_and_update(problem, workspace, data);
    answer_fetch(problem, spans, workspace, room, &answer);
    backend->workspace_destroy(workspace);
    backend->data_destroy(data);
    free(room);
    return answer;
}

#endif
