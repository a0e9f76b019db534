/* Holds all numbers of one training step in one array, whether the reference or a device computed
 * them.
 *
 * The order of the array is a list of spans, one per tensor. Tests can therefore compare, change or
 * permute answers without knowing which tensor is which.
 */
#ifndef WEFT_TESTS_STEP_ANSWER_H
#define WEFT_TESTS_STEP_ANSWER_H

#include "random_network.h"
#include "reference/reference.h"
#include "train/step.h"

/* The results of each layer. */
enum span_kind {
    SPAN_A,  /* [B][O] activations; pre-activations for the output layer */
    SPAN_DZ, /* [B][O] dloss/dz */
    SPAN_DW, /* [O][I] dloss/dw, including the penalty */
    SPAN_DB, /* [O] dloss/db */
    SPAN_W,  /* [O][I] after the update */
    SPAN_B,  /* [O] after the update */
    SPAN_Z,  /* [B][O] pre-activations, if the layer keeps them */
    /* Only with batch norm: */
    SPAN_Q,                /* [B][O] matrix products */
    SPAN_DSCALE,           /* [O] */
    SPAN_DSHIFT,           /* [O] */
    SPAN_SCALE,            /* [O] after the update */
    SPAN_SHIFT,            /* [O] after the update */
    SPAN_MEAN,             /* [O] of the batch */
    SPAN_VARIANCE,         /* [O] of the batch */
    SPAN_RUNNING_MEAN,     /* [O] after the step */
    SPAN_RUNNING_VARIANCE, /* [O] after the step */
    SPAN_KINDS
};

/* The other results of the step: one number each, all from before the update. */
enum span_sum { SPAN_LOSS, SPAN_WEIGHT_ABS, SPAN_WEIGHT_SQUARES, SPAN_SUMS };

struct span {
    const char *name;
    size_t layer, first, count; /* a count of 0 is a missing bias */
};

enum { MOST_SPANS = MOST_LAYERS * SPAN_KINDS + SPAN_SUMS };

/* The spans [count]: layer 0 in the order of enum span_kind, then layer 1, ..., then the sums. */
struct spans {
    struct span spans[MOST_SPANS];
    size_t count, total; /* `total` is the number of values */
};

/* An answer. Between `right` and `right_most` samples of the batch are predicted correctly. The
 * reference cannot give one number where two outputs differ by less than their error. */
struct answer {
    double *values; /* [spans.total] owned */
    size_t right, right_most;
};

static inline void span_add(struct spans *spans, const char *name, size_t layer, size_t count)
{
    spans->spans[spans->count++] = (struct span){name, layer, spans->total, count};
    spans->total += count;
}

static inline struct spans spans_of(const struct problem *problem)
{
    struct spans spans = {.count = 0};
    for (size_t l = 0; l < problem->network.layer_count; l++) {
        const struct dense_layer *layer = &problem->network.layers[l];
        const size_t rows = problem->recipe.batch * layer->outputs;
        const size_t weights = layer->outputs * layer->inputs;
        const size_t biases = layer->bias ? layer->outputs : 0;
        const size_t norms = layer->batch_norm ? layer->outputs : 0;
        span_add(&spans, "a", l, rows);
        span_add(&spans, "dz", l, rows);
        span_add(&spans, "dw", l, weights);
        span_add(&spans, "db", l, biases);
        span_add(&spans, "updated weight", l, weights);
        span_add(&spans, "updated bias", l, biases);
        span_add(&spans, "z", l, layer_keeps_z(layer) ? rows : 0);
        span_add(&spans, "q", l, layer->batch_norm ? rows : 0);
        span_add(&spans, "dscale", l, norms);
        span_add(&spans, "dshift", l, norms);
        span_add(&spans, "updated scale", l, norms);
        span_add(&spans, "updated shift", l, norms);
        span_add(&spans, "mean", l, norms);
        span_add(&spans, "variance", l, norms);
        span_add(&spans, "running mean", l, norms);
        span_add(&spans, "running variance", l, norms);
    }
    span_add(&spans, "loss", 0, 1);
    span_add(&spans, "sum |w|", 0, 1);
    span_add(&spans, "sum w^2", 0, 1);
    return spans;
}

static inline size_t span_first(const struct spans *spans, size_t layer, enum span_kind kind)
{
    return spans->spans[layer * SPAN_KINDS + kind].first;
}

static inline size_t sum_place(const struct spans *spans, enum span_sum sum)
{
    return spans->total - SPAN_SUMS + sum;
}

/* Tells whether the numbers of span `s` may all be near 0 by chance: updated parameters, and a
 * gradient of one number, which is a sum over the batch. Their bounds follow from the bounds of
 * other spans. */
static inline bool span_may_vanish(const struct spans *spans, size_t s)
{
    if (s + SPAN_SUMS >= spans->count)
        return false;
    switch ((enum span_kind)(s % SPAN_KINDS)) {
    case SPAN_W:
    case SPAN_B:
    case SPAN_SCALE:
    case SPAN_SHIFT:
        return true;
    case SPAN_DW:
    case SPAN_DB:
    case SPAN_DSCALE:
    case SPAN_DSHIFT:
        return spans->spans[s].count == 1;
    default:
        return false;
    }
}

/* ---- the reference ---- */

/* A problem in the form of the reference, and its step. All arrays are owned. */
struct exact {
    double *x;          /* [B][D] */
    int32_t *labels;    /* [B] */
    double *parameters; /* [parameter_count] */
    double *y, *weight; /* [B][C], [B] */
    struct ref_rule rule;
    struct ref_step step;
};

/* Replaces the targets and weights of the batch by those of the target rule. */
static inline void exact_targets(const struct problem *problem, struct exact *exact)
{
    const struct recipe *recipe = &problem->recipe;
    const size_t batch = recipe->batch, columns = network_outputs(&problem->network);
    float *weights = smooth_weights_of(recipe, exact->labels, batch);
    exact->y = memory_of(batch * columns, sizeof *exact->y);
    exact->weight = memory_of(batch, sizeof *exact->weight);
    ref_label_targets(exact->labels, batch, columns,
                      recipe->smooth ? (double)smooth_share(recipe) : 1.0,
                      recipe->smooth ? (double)smooth_spread : 0.0, exact->y);
    for (size_t i = 0; i < batch; i++)
        exact->weight[i] = (double)weights[i];
    free(weights);
    exact->rule.targets = exact->y;
    exact->rule.weights = exact->weight;
}

/* Converts the batch to double precision; every float is exact. The step has not run yet. */
static inline struct exact exact_prepare(const struct problem *problem)
{
    const struct recipe *recipe = &problem->recipe;
    const size_t features = recipe->widths[0], count = problem->network.value_count;
    static const struct ref_draw draw = {0x123456789abcdefU, 3, 70000}; /* same as problem_draw */
    struct exact exact = {.rule = {.draw = &draw,
                                   .delta_factor = (double)problem_delta_factor(problem),
                                   .true_class_only = recipe->true_class_only,
                                   .l1 = (double)recipe->l1,
                                   .l2 = (double)recipe->l2}};
    exact.x = memory_of(recipe->batch * features, sizeof *exact.x);
    exact.labels = memory_of(recipe->batch, sizeof *exact.labels);
    exact.parameters = memory_of(count, sizeof *exact.parameters);
    for (size_t i = 0; i < recipe->batch; i++) {
        const size_t sample = problem->order[recipe->before + i];
        exact.labels[i] = problem->labels[sample];
        for (size_t j = 0; j < features; j++)
            exact.x[i * features + j] = (double)problem->x[sample * features + j];
    }
    for (size_t i = 0; i < count; i++)
        exact.parameters[i] = (double)problem->parameters[i];
    exact_targets(problem, &exact);
    return exact;
}

static inline void exact_run(const struct problem *problem, struct exact *exact)
{
    ck_ok(ref_step_run(&problem->network, exact->parameters, exact->x, exact->labels,
                       problem->recipe.batch, &exact->rule, &exact->step));
}

static inline void exact_reset(struct exact *exact)
{
    ref_step_reset(&exact->step);
    free(exact->x);
    free(exact->y);
    free(exact->weight);
    free(exact->labels);
    free(exact->parameters);
}

static inline void doubles_copy(double *to, const double *from, size_t count)
{
    if (count > 0)
        memcpy(to, from, count * sizeof *to);
}

/* Updates the running statistics after the step. A batch of one sample leaves them unchanged. */
static inline void running_update(const struct problem *problem, const struct exact *exact,
                                  double *values)
{
    const struct network *network = &problem->network;
    const double n = (double)problem->recipe.batch;
    for (size_t l = 0; problem->recipe.batch > 1 && l < network->layer_count; l++) {
        const struct dense_layer *layer = &network->layers[l];
        const double *mean =
            exact->step.statistics + (layer->mean_offset - network->parameter_count);
        if (layer->batch_norm)
            ref_norm_running(mean, mean + layer->outputs, layer->outputs, (double)NORM_MOMENTUM,
                             n / (n - 1.0), values + layer->mean_offset,
                             values + layer->variance_offset);
    }
}

/* Runs the step of the reference, and updates it like ref_sgd_update. */
static inline struct answer answer_of_reference(const struct problem *problem,
                                                const struct spans *spans,
                                                const struct exact *exact)
{
    const struct network *network = &problem->network;
    const struct ref_step *step = &exact->step;
    struct answer answer = {memory_of(spans->total, sizeof(double)), step->correct, step->correct};
    double *updated = memory_of(network->value_count, sizeof *updated);
    doubles_copy(updated, exact->parameters, network->value_count);
    running_update(problem, exact, updated);
    ref_sgd_update(updated, step->gradient, network->parameter_count,
                   (double)problem->learning_rate);
    for (size_t l = 0; l < network->layer_count; l++) {
        const struct dense_layer *layer = &network->layers[l];
        const double *mean = step->statistics + (layer->mean_offset - network->parameter_count);
        const double *const from[SPAN_KINDS] = {step->a[l],
                                                step->dz[l],
                                                step->gradient + layer->weight_offset,
                                                step->gradient + layer->bias_offset,
                                                updated + layer->weight_offset,
                                                updated + layer->bias_offset,
                                                step->z[l],
                                                step->q[l],
                                                step->gradient + layer->scale_offset,
                                                step->gradient + layer->shift_offset,
                                                updated + layer->scale_offset,
                                                updated + layer->shift_offset,
                                                mean,
                                                mean + layer->outputs,
                                                updated + layer->mean_offset,
                                                updated + layer->variance_offset};
        for (size_t kind = 0; kind < SPAN_KINDS; kind++) {
            const struct span *span = &spans->spans[l * SPAN_KINDS + kind];
            doubles_copy(answer.values + span->first, from[kind], span->count);
        }
    }
    answer.values[sum_place(spans, SPAN_LOSS)] = step->loss;
    answer.values[sum_place(spans, SPAN_WEIGHT_ABS)] = step->weight_abs;
    answer.values[sum_place(spans, SPAN_WEIGHT_SQUARES)] = step->weight_squares;
    free(updated);
    return answer;
}

static inline void answer_reset(struct answer *answer)
{
    free(answer->values);
}

/* ---- comparing ---- */

static inline bool all_zero(const struct answer *answer, const struct span *span)
{
    for (size_t i = 0; i < span->count; i++)
        if (answer->values[span->first + i] != 0.0)
            return false;
    return true;
}

/* The worst number of an answer. */
struct miss {
    const char *name;
    size_t layer, element;
    double got, want, bound;
    double ratio; /* |got - want| / bound; infinite for NaN */
};

/* Finds the element of `span` that is farthest beyond its bound, if it is worse than `miss`. */
static inline void span_compare(const struct span *span, const double *got, const double *want,
                                const double *bounds, struct miss *miss)
{
    for (size_t i = span->first; i < span->first + span->count; i++) {
        const double error = fabs(got[i] - want[i]);
        const double ratio = error == 0.0 ? 0.0 : isfinite(error) ? error / bounds[i] : HUGE_VAL;
        if (miss->name != NULL && ratio <= miss->ratio)
            continue;
        *miss = (struct miss){span->name, span->layer, i - span->first, got[i], want[i],
                              bounds[i],  ratio};
    }
}

/* Returns the worst element of all spans. The answer is right if its ratio is at most 1. */
static inline struct miss answer_compare(const struct spans *spans, const struct answer *got,
                                         const struct answer *want, const double *bounds)
{
    struct miss miss = {.name = NULL};
    for (size_t s = 0; s < spans->count; s++)
        span_compare(&spans->spans[s], got->values, want->values, bounds, &miss);
    if (miss.ratio <= 1.0 && (got->right < want->right || got->right > want->right_most))
        miss = (struct miss){.name = "samples right",
                             .got = (double)got->right,
                             .want = (double)want->right,
                             .bound = (double)(want->right_most - want->right),
                             .ratio = HUGE_VAL};
    return miss;
}

#endif
