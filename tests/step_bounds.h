/* Bounds how far the numbers of a random network's step may be from the exact ones. The bounds are
 * those of the library (check/step_bounds.h, check/step_judge.h), in the order of a step's answer.
 *
 * There are two uses. step_bounds carries errors from stage to stage, for an answer that is
 * compared with the whole step of the reference. It reveals any fault of order or place.
 * answer_judge checks each stage by itself, from the numbers that the previous stage computed. No
 * errors accumulate, so it is sharper. `weft check` and shadow training use it.
 */
#ifndef WEFT_TESTS_STEP_BOUNDS_H
#define WEFT_TESTS_STEP_BOUNDS_H

#include "check/error_loss.h"
#include "check/error_norm.h"
#include "check/error_update.h"
#include "check/step_bounds.h"
#include "check/step_judge.h"
#include "step_answer.h"

/* ---- the whole step ---- */

/* Bounds w - rate g for every parameter of a layer, and the tensors of the layer. */
static inline void layer_bounds(const struct problem *problem, const struct spans *spans,
                                const struct exact *exact, struct precision in,
                                const struct step_bounds *from, size_t l, double *bounds)
{
    const struct dense_layer *layer = &problem->network.layers[l];
    const struct span *span = &spans->spans[l * SPAN_KINDS];
    const size_t offsets[4] = {layer->weight_offset, layer->bias_offset, layer->scale_offset,
                               layer->shift_offset};
    static const enum span_kind gradients[4] = {SPAN_DW, SPAN_DB, SPAN_DSCALE, SPAN_DSHIFT},
                                updates[4] = {SPAN_W, SPAN_B, SPAN_SCALE, SPAN_SHIFT};
    doubles_copy(bounds + span[SPAN_A].first, from->a[l], span[SPAN_A].count);
    doubles_copy(bounds + span[SPAN_DZ].first, from->dz[l], span[SPAN_DZ].count);
    doubles_copy(bounds + span[SPAN_Z].first, from->z[l], span[SPAN_Z].count);
    for (size_t kind = 0; kind < 4; kind++) {
        const struct span *gradient = &span[gradients[kind]], *updated = &span[updates[kind]];
        for (size_t i = 0; i < gradient->count; i++) {
            const size_t p = offsets[kind] + i;
            bounds[gradient->first + i] = from->gradient[p];
            bounds[updated->first + i] =
                update_bound(in, (double)problem->learning_rate, exact->parameters[p],
                             exact->step.gradient[p], from->gradient[p]);
        }
    }
}

/* Bounds the additional numbers of batch norm: q, the statistics of the batch, and the running
 * statistics. A batch of one sample leaves the running statistics unchanged. */
static inline void norm_layer_bounds(const struct problem *problem, const struct spans *spans,
                                     const struct exact *exact, struct precision in,
                                     const struct step_bounds *from, size_t l, double *bounds)
{
    const struct network *network = &problem->network;
    const struct dense_layer *layer = &network->layers[l];
    const struct span *span = &spans->spans[l * SPAN_KINDS];
    const size_t first = layer->mean_offset - network->parameter_count;
    const double n = (double)problem->recipe.batch, momentum = (double)NORM_MOMENTUM;
    const double factors[2] = {1.0, n > 1.0 ? n / (n - 1.0) : 0.0};
    doubles_copy(bounds + span[SPAN_Q].first, from->q[l], span[SPAN_Q].count);
    for (size_t kind = 0; kind < 2; kind++)
        for (size_t i = 0; i < span[SPAN_MEAN].count; i++) {
            const size_t at = first + kind * layer->outputs + i;
            const double factor = factors[kind], e = from->statistics[at];
            const double batch = fabs(exact->step.statistics[at]) + e;
            bounds[span[SPAN_MEAN + kind].first + i] = e;
            bounds[span[SPAN_RUNNING_MEAN + kind].first + i] =
                n > 1.0 ? momentum * factor * e +
                              norm_running_bound(
                                  in, momentum,
                                  exact->parameters[layer->mean_offset + kind * layer->outputs + i],
                                  factor * batch)
                        : 0.0;
        }
}

/* Counts the predictions that are certainly correct, and those that may be. */
static inline void right_range(const struct problem *problem, const struct exact *exact,
                               struct precision in, const double *e_z, struct answer *want)
{
    const size_t columns = network_outputs(&problem->network);
    const double *z = exact->step.a[problem->network.layer_count - 1]; /* [B][C] */
    want->right = want->right_most = 0;
    for (size_t i = 0; i < problem->recipe.batch; i++) {
        const struct head_row row = {.head = problem->recipe.head,
                                     .z = z + i * columns,
                                     .e = e_z + i * columns,
                                     .columns = columns,
                                     .y = exact->y + i * columns};
        want->right += head_row_verdict(in, &row) == 1;
        want->right_most += head_row_verdict(in, &row) >= 0;
    }
}

/* Computes bounds [spans.total] for a whole step whose exact numbers are `want`. */
static inline void step_bounds(const struct problem *problem, const struct spans *spans,
                               const struct exact *exact, struct precision in, struct answer *want,
                               double *bounds)
{
    const size_t layers = problem->network.layer_count, n = problem->network.weight_count;
    const struct exact_step step = {.network = &problem->network,
                                    .batch = problem->recipe.batch,
                                    .x = exact->x,
                                    .labels = exact->labels,
                                    .parameters = exact->parameters,
                                    .rule = &exact->rule,
                                    .step = &exact->step};
    struct step_bounds from;
    ck_ok(step_bounds_init(&from, in, &step));
    for (size_t l = 0; l < layers; l++)
        layer_bounds(problem, spans, exact, in, &from, l, bounds);
    for (size_t l = 0; l < layers; l++)
        norm_layer_bounds(problem, spans, exact, in, &from, l, bounds);
    const double sums[2] = {exact->step.weight_abs, exact->step.weight_squares};
    double e_sums[2];
    penalty_terms_bounds(in, n, sums, e_sums);
    bounds[sum_place(spans, SPAN_LOSS)] = from.loss;
    bounds[sum_place(spans, SPAN_WEIGHT_ABS)] = e_sums[0];
    bounds[sum_place(spans, SPAN_WEIGHT_SQUARES)] = e_sums[1];
    right_range(problem, exact, in, from.a[layers - 1], want);
    step_bounds_reset(&from);
}

/* ---- stage by stage ---- */

/* Returns an answer in the form of downloaded tensors. a, dz and x are borrowed. */
static inline struct step_capture capture_of(const struct problem *problem,
                                             const struct spans *spans, const struct exact *exact,
                                             const struct answer *got)
{
    const struct network *network = &problem->network;
    struct step_capture capture = {
        .layer_count = network->layer_count,
        .y = problem->recipe.smooth ? exact->y : NULL,
        .weight = problem->recipe.smooth ? exact->weight : NULL,
        .q = memory_of(network->layer_count, sizeof *capture.q),
        .statistics = memory_of(network->statistic_count, sizeof *capture.statistics),
        .z = memory_of(network->layer_count, sizeof *capture.z),
        .a = memory_of(network->layer_count, sizeof *capture.a),
        .dz = memory_of(network->layer_count, sizeof *capture.dz),
        .gradient = memory_of(network->parameter_count, sizeof *capture.gradient),
        .updated = memory_of(network->value_count, sizeof *capture.updated),
        .metrics = {.loss = (float)got->values[sum_place(spans, SPAN_LOSS)],
                    .weight_abs = (float)got->values[sum_place(spans, SPAN_WEIGHT_ABS)],
                    .weight_squares = (float)got->values[sum_place(spans, SPAN_WEIGHT_SQUARES)],
                    .correct = (uint32_t)got->right}};
    for (size_t l = 0; l < network->layer_count; l++) {
        const struct dense_layer *layer = &network->layers[l];
        const struct span *span = &spans->spans[l * SPAN_KINDS];
        capture.z[l] = got->values + span[SPAN_Z].first;
        capture.a[l] = got->values + span[SPAN_A].first;
        capture.dz[l] = got->values + span[SPAN_DZ].first;
        capture.q[l] = got->values + span[SPAN_Q].first;
        double *mean = capture.statistics + (layer->mean_offset - network->parameter_count);
        const struct {
            enum span_kind kind;
            double *to;
        } parts[] = {{SPAN_DW, capture.gradient + layer->weight_offset},
                     {SPAN_DB, capture.gradient + layer->bias_offset},
                     {SPAN_DSCALE, capture.gradient + layer->scale_offset},
                     {SPAN_DSHIFT, capture.gradient + layer->shift_offset},
                     {SPAN_W, capture.updated + layer->weight_offset},
                     {SPAN_B, capture.updated + layer->bias_offset},
                     {SPAN_SCALE, capture.updated + layer->scale_offset},
                     {SPAN_SHIFT, capture.updated + layer->shift_offset},
                     {SPAN_MEAN, mean},
                     {SPAN_VARIANCE, mean + layer->outputs},
                     {SPAN_RUNNING_MEAN, capture.updated + layer->mean_offset},
                     {SPAN_RUNNING_VARIANCE, capture.updated + layer->variance_offset}};
        for (size_t p = 0; p < sizeof parts / sizeof *parts; p++)
            doubles_copy(parts[p].to, got->values + span[parts[p].kind].first,
                         span[parts[p].kind].count);
    }
    return capture;
}

static inline void worst_stage(void *user, const struct check_result *result)
{
    struct miss *miss = user;
    if (miss->name != NULL && result->worst <= miss->ratio)
        return;
    *miss = (struct miss){.name = result->name,
                          .element = result->index,
                          .got = result->got,
                          .want = result->want,
                          .bound = result->bound,
                          .ratio = result->worst};
    (void)!sscanf(result->shape, "layer %zu", &miss->layer);
}

/* Returns the samples of the batch, as the device got them: [B][D]. */
static inline float *batch_of(const struct problem *problem)
{
    const size_t features = problem->recipe.widths[0];
    float *x = memory_of(problem->recipe.batch * features, sizeof *x);
    for (size_t i = 0; i < problem->recipe.batch; i++)
        memcpy(x + i * features, problem->x + problem->order[problem->recipe.before + i] * features,
               features * sizeof *x);
    return x;
}

/* Returns the worst number of all stages. */
static inline struct miss answer_judge(const struct problem *problem, const struct spans *spans,
                                       const struct exact *exact, const struct answer *got)
{
    struct miss miss = {.name = NULL};
    struct step_capture capture = capture_of(problem, spans, exact, got);
    float *x = batch_of(problem);
    float *weights = smooth_weights_of(&problem->recipe, exact->labels, problem->recipe.batch);
    capture.x = x;
    const struct check_sink sink = {&miss, worst_stage};
    const struct step_trial trial = {.network = &problem->network,
                                     .draw = &problem_draw,
                                     .batch = problem->recipe.batch,
                                     .x = x,
                                     .labels = exact->labels,
                                     .parameters = problem->parameters,
                                     .loss = {.delta_factor = problem_delta_factor(problem),
                                              .true_class_only = problem->recipe.true_class_only},
                                     .update = {.learning_rate = problem->learning_rate,
                                                .l1 = problem->recipe.l1,
                                                .l2 = problem->recipe.l2},
                                     .penalty = true,
                                     .targets = smooth_rule(&problem->recipe),
                                     .weights = weights};
    ck_ok(step_judge(&trial, &capture, &sink));
    free(weights);
    free(x);
    free(capture.updated);
    free(capture.gradient);
    free(capture.dz);
    free(capture.a);
    free(capture.z);
    free(capture.q);
    free(capture.statistics);
    return miss;
}

#endif
