/* Error analysis of a whole training step. See error_analysis.h.
 *
 * Two uses. step_bounds carries errors from stage to stage, for an answer that is held against the
 * whole step of the reference: any fault of order or place shows. stage_bounds takes each stage by
 * itself, from the numbers that the stage before gave: nothing adds up, so these bounds are sharp.
 */
#ifndef WEFT_TESTS_STEP_BOUNDS_H
#define WEFT_TESTS_STEP_BOUNDS_H

#include "error_analysis.h"

/* ---- forward ---- */

/* What layer `l` reads, [B][I]. */
static inline struct factor layer_below(const struct analysis *analysis, size_t l)
{
    const size_t inputs = analysis->problem->network.layers[l].inputs;
    if (l == 0)
        return (struct factor){analysis->exact->x, NULL, inputs, 1};
    return (struct factor){input_of(analysis, l - 1, SPAN_A), error_of(analysis, l - 1, SPAN_A),
                           inputs, 1};
}

/* a = activation(below W' + b): with a bias each term of the sum passes one rounding more, and b
 * one. */
static inline void forward_bounds(const struct analysis *analysis, size_t l)
{
    const struct dense_layer *layer = &analysis->problem->network.layers[l];
    const size_t batch = analysis->problem->recipe.batch, outputs = layer->outputs;
    const double u = analysis->in.u, *parameters = analysis->exact->parameters;
    const double *a = want_of(analysis, l, SPAN_A); /* [B][O] */
    const struct factor below = layer_below(analysis, l);
    const struct factor weights = {parameters + layer->weight_offset, NULL, layer->inputs, 1};
    double *e = bounds_of(analysis, l, SPAN_A); /* [B][O] of z, then of a */
    product_bound(analysis->in, &below, &weights, batch, outputs, layer->inputs,
                  layer->inputs + layer->bias, e);
    for (size_t i = 0; i < batch * outputs; i++) {
        if (layer->bias)
            e[i] += u * fabs(parameters[layer->bias_offset + i % outputs]);
        e[i] = activation_bound(analysis->in, layer->activation, a[i], e[i]);
    }
}

/* ---- the head ---- */

/* Delta of the output layer, loss, and how many samples are right. */
static inline void head_bounds(const struct analysis *analysis)
{
    const struct network *network = &analysis->problem->network;
    const struct exact *exact = analysis->exact;
    const size_t last = network->layer_count - 1, columns = network_outputs(network);
    const size_t batch = analysis->problem->recipe.batch;
    double *dz = memory_of(batch * columns, sizeof *dz), *loss = memory_of(batch, sizeof *loss);
    double *e_loss = memory_of(batch, sizeof *e_loss);
    uint32_t *correct = memory_of(batch, sizeof *correct);
    head_exact(analysis->problem, exact, input_of(analysis, last, SPAN_A), dz, loss, correct);
    analysis->want->right = analysis->want->right_most = 0;
    for (size_t i = 0; i < batch; i++) {
        const struct head_row row = {.head = analysis->problem->recipe.head,
                                     .z = input_of(analysis, last, SPAN_A) + i * columns,
                                     .e = error_of(analysis, last, SPAN_A) + i * columns,
                                     .dz = want_of(analysis, last, SPAN_DZ) + i * columns,
                                     .e_dz = bounds_of(analysis, last, SPAN_DZ) + i * columns,
                                     .scratch = analysis->p,
                                     .columns = columns,
                                     .label = (size_t)exact->labels[i],
                                     .factor = exact->rule.delta_factor,
                                     .loss = loss[i],
                                     .true_class_only = exact->rule.true_class_only};
        e_loss[i] = head_row_bounds(analysis->in, &row);
        analysis->want->right += head_row_verdict(analysis->in, &row) == 1;
        analysis->want->right_most += head_row_verdict(analysis->in, &row) >= 0;
    }
    analysis->bounds[sum_place(analysis->spans, SPAN_LOSS)] =
        sum_bound(analysis->in, loss, e_loss, batch, 1);
    free(dz);
    free(loss);
    free(e_loss);
    free(correct);
}

/* ---- backward ---- */

/* dz_below = (dz W) a'(z_below) */
static inline void delta_below_bounds(const struct analysis *analysis, size_t l)
{
    const struct dense_layer *layer = &analysis->problem->network.layers[l];
    const size_t batch = analysis->problem->recipe.batch, inputs = layer->inputs;
    const double *w = analysis->exact->parameters + layer->weight_offset;
    const double *a = input_of(analysis, l - 1, SPAN_A);   /* [B][I] */
    const double *e_a = error_of(analysis, l - 1, SPAN_A); /* [B][I] */
    const double *dz = input_of(analysis, l, SPAN_DZ);     /* [B][O] */
    const struct factor rows = {dz, error_of(analysis, l, SPAN_DZ), layer->outputs, 1};
    const struct factor columns = {w, NULL, 1, inputs};
    double *e = bounds_of(analysis, l - 1, SPAN_DZ); /* [B][I] of dz W, then of dz below */
    double *product = memory_of(batch * inputs, sizeof *product);
    product_bound(analysis->in, &rows, &columns, batch, inputs, layer->outputs, layer->outputs, e);
    ref_product_delta(dz, w, batch, inputs, layer->outputs, product);
    for (size_t i = 0; i < batch * inputs; i++)
        e[i] = activation_backward_bound(analysis->in,
                                         analysis->problem->network.layers[l - 1].activation, a[i],
                                         e_a[i], product[i], e[i]);
    free(product);
}

/* w - rate g, g of `kind` dw or db */
static inline void update_bounds(const struct analysis *analysis, size_t l, enum span_kind kind,
                                 size_t offset)
{
    const size_t count = analysis->spans->spans[l * SPAN_KINDS + kind].count;
    const double rate = (double)analysis->problem->learning_rate;
    const double *g = input_of(analysis, l, kind), *e_g = error_of(analysis, l, kind);
    const double *w = analysis->exact->parameters + offset;
    double *e = bounds_of(analysis, l, kind + SPAN_W - SPAN_DW);
    for (size_t i = 0; i < count; i++)
        e[i] = update_bound(analysis->in, rate, w[i], g[i], e_g[i]);
}

/* dw = dz' below + l1 sign(w) + l2 w, db: the sum of dz. Then the update. */
static inline void gradient_bounds(const struct analysis *analysis, size_t l)
{
    const struct dense_layer *layer = &analysis->problem->network.layers[l];
    const struct ref_rule *rule = &analysis->exact->rule;
    const size_t batch = analysis->problem->recipe.batch, outputs = layer->outputs;
    const double *w = analysis->exact->parameters + layer->weight_offset;
    const double *g = want_of(analysis, l, SPAN_DW);
    const double *dz = input_of(analysis, l, SPAN_DZ), *e_dz = error_of(analysis, l, SPAN_DZ);
    const struct factor left = {dz, e_dz, 1, outputs};
    struct factor below = layer_below(analysis, l);
    below.row = 1;
    below.step = layer->inputs;
    double *e = bounds_of(analysis, l, SPAN_DW); /* [O][I] */
    product_bound(analysis->in, &left, &below, outputs, layer->inputs, batch, batch, e);
    for (size_t i = 0; i < outputs * layer->inputs && (rule->l1 != 0.0 || rule->l2 != 0.0); i++)
        e[i] += penalty_gradient_bound(analysis->in, rule->l1, rule->l2, w[i], g[i], e[i]);
    for (size_t j = 0; j < outputs && layer->bias; j++)
        bounds_of(analysis, l, SPAN_DB)[j] =
            sum_bound(analysis->in, dz + j, e_dz + j, batch, outputs);
    update_bounds(analysis, l, SPAN_DW, layer->weight_offset);
    update_bounds(analysis, l, SPAN_DB, layer->bias_offset);
}

/* Sums over all weights: n - 1 additions, and the square. */
static inline void weight_sum_bounds(const struct analysis *analysis)
{
    const struct ref_step *step = &analysis->exact->step;
    const size_t n = analysis->problem->network.weight_count;
    const double gamma = roundings_bound(analysis->in, n), tiny = (double)n * analysis->in.tiny;
    analysis->bounds[sum_place(analysis->spans, SPAN_WEIGHT_ABS)] = gamma * step->weight_abs + tiny;
    analysis->bounds[sum_place(analysis->spans, SPAN_WEIGHT_SQUARES)] =
        gamma * step->weight_squares + tiny;
}

/* ---- the whole ---- */

static inline void analysis_run(struct analysis *analysis)
{
    const struct network *network = &analysis->problem->network;
    analysis->p = memory_of(network_outputs(network), sizeof *analysis->p);
    for (size_t l = 0; l < network->layer_count; l++)
        forward_bounds(analysis, l);
    head_bounds(analysis);
    for (size_t l = network->layer_count; l-- > 0;) {
        gradient_bounds(analysis, l);
        if (l > 0)
            delta_below_bounds(analysis, l);
    }
    weight_sum_bounds(analysis);
    free(analysis->p);
}

/* bounds [spans.total] of a whole step whose exact numbers are `want`: errors are carried from
 * stage to stage. */
static inline void step_bounds(const struct problem *problem, const struct spans *spans,
                               const struct exact *exact, struct precision in, struct answer *want,
                               double *bounds)
{
    struct analysis analysis = {.problem = problem,
                                .spans = spans,
                                .exact = exact,
                                .in = in,
                                .inputs = want->values,
                                .errors = bounds,
                                .want = want,
                                .bounds = bounds};
    analysis_run(&analysis);
}

/* bounds [spans.total] of every stage for itself, from the numbers `got` that the stage before
 * gave: `want` is answer_by_stages. */
static inline void stage_bounds(const struct problem *problem, const struct spans *spans,
                                const struct exact *exact, struct precision in,
                                const struct answer *got, struct answer *want, double *bounds)
{
    double *none = memory_of(spans->total, sizeof *none);
    struct analysis analysis = {.problem = problem,
                                .spans = spans,
                                .exact = exact,
                                .in = in,
                                .inputs = got->values,
                                .errors = none,
                                .want = want,
                                .bounds = bounds};
    analysis_run(&analysis);
    free(none);
}

#endif
