/* Compares the stages of a training step with the reference, each from the numbers that the device
 * gave it. See step_judge.h. */
#include "check/step_judge.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "check/batch_judge.h"
#include "check/error_activation.h"
#include "check/error_loss.h"
#include "check/error_update.h"
#include "check/judge.h"

static enum weft_status judge_init(struct judge *judge)
{
    const struct network *network = judge->trial->network;
    const size_t batch = judge->trial->batch, outputs = network_outputs(network);
    const size_t widest = size_max(network_features(network), network_widest(network));
    /* The capture has tensors of all these sizes, so no product overflows. */
    TRY(NEW_ARRAY(judge->parameters, network->value_count));
    TRY(NEW_ARRAY(judge->want, size_max(batch * network_widest(network), network->weight_count)));
    TRY(NEW_ARRAY(judge->z, batch * network_widest(network)));
    TRY(NEW_ARRAY(judge->norms, 2 * size_max(batch, widest)));
    TRY(NEW_ARRAY(judge->bounds, batch * outputs + batch));
    TRY(NEW_ARRAY(judge->loss, batch));
    TRY(NEW_ARRAY(judge->scratch, outputs));
    TRY(NEW_ARRAY(judge->correct, batch));
    TRY(ref_rule_complete(&judge->rule, judge->trial->labels, batch, outputs, &judge->made));
    TRY(NEW_ARRAY(judge->first_gradient, network->layers[0].outputs * network_features(network)));
    TRY(NEW_ARRAY(judge->first_norms, network_features(network)));
    if (network_has_norm(network)) {
        TRY(NEW_ARRAY(judge->e_delta, batch * network_widest(network)));
        TRY(NEW_ARRAY(judge->norm, 4 * network_widest(network)));
    }
    TRY(slabs_init(&judge->slabs, batch, widest, network_widest(network)));
    for (size_t i = 0; i < network->value_count; i++)
        judge->parameters[i] = (double)judge->trial->parameters[i];
    return WEFT_OK;
}

static void judge_reset(struct judge *judge)
{
    slabs_reset(&judge->slabs);
    memory_free(judge->norm);
    memory_free(judge->e_delta);
    memory_free(judge->first_norms);
    memory_free(judge->first_gradient);
    memory_free(judge->made);
    memory_free(judge->correct);
    memory_free(judge->scratch);
    memory_free(judge->loss);
    memory_free(judge->bounds);
    memory_free(judge->norms);
    memory_free(judge->z);
    memory_free(judge->want);
    memory_free(judge->parameters);
}

/* Returns the input of layer `l`, [B][I]. */
static struct samples below_of(const struct judge *judge, size_t l)
{
    return (struct samples){.single = l == 0 ? judge->capture->x : NULL,
                            .exact = l == 0 ? NULL : judge->capture->a[l - 1],
                            .rows = judge->trial->batch,
                            .columns = judge->trial->network->layers[l].inputs};
}

/* ---- forward ---- */

/* Judges the q or z that a layer keeps. If it keeps neither, judges a = activation(z) at once. */
static void forward_judge(struct judge *judge, size_t l)
{
    const struct dense_layer *layer = &judge->trial->network->layers[l];
    const size_t batch = judge->trial->batch, outputs = layer->outputs, inputs = layer->inputs;
    const struct samples below = below_of(judge, l);
    const struct factor weights = {judge->parameters + layer->weight_offset, NULL, inputs, 1};
    double *norms = judge->norms; /* [B] and [O] */
    const bool kept = layer_keeps_z(layer);
    const double *got = layer->batch_norm ? judge->capture->q[l]
                        : kept            ? judge->capture->z[l]
                                          : judge->capture->a[l];        /* [B][O] */
    const double *b = judge->parameters + layer->bias_offset; /* [O] */
    struct dense_layer linear = *layer;                       /* computes z alone */
    struct activated unit = {.activation = kept ? WEFT_ACTIVATION_IDENTITY : layer->activation};
    struct check_result result;
    linear.activation = WEFT_ACTIVATION_IDENTITY;
    result_begin(&result, "dense_forward", layer->batch_norm ? "q" : kept ? "z" : "a");
    result_layer_shape(&result, l, batch, outputs);
    slabs_dense_forward(&judge->slabs, &below, &linear, judge->parameters, judge->z, norms);
    factor_norms(&weights, outputs, inputs, norms + batch);
    memcpy(judge->want, judge->z, batch * outputs * sizeof *judge->want);
    ref_activation_forward(unit.activation, judge->want, batch * outputs);
    for (size_t row = 0; row < batch; row++)
        for (size_t j = 0; j < outputs; j++) {
            const size_t i = row * outputs + j;
            unit.z = judge->z[i];
            unit.a = judge->want[i];
            unit.e_z =
                product_bound_of(judge->in, norms[row] * norms[batch + j], inputs, layer->bias);
            if (layer->bias)
                unit.e_z += judge->in.u * fabs(b[j]);
            activation_bound(judge->in, &unit);
            result_note(&result, i, got[i], unit.a, unit.e_a);
        }
    judge_tell(judge, &result);
}

/* a = activation(z), with z as the device keeps it */
static void activation_judge(struct judge *judge, size_t l)
{
    const struct dense_layer *layer = &judge->trial->network->layers[l];
    const size_t n = judge->trial->batch * layer->outputs;
    const double *z = judge->capture->z[l]; /* [B][O] */
    struct check_result result;
    result_begin(&result, "activation", "a");
    result_layer_shape(&result, l, judge->trial->batch, layer->outputs);
    memcpy(judge->want, z, n * sizeof *z);
    ref_activation_forward(layer->activation, judge->want, n);
    for (size_t i = 0; i < n; i++) {
        struct activated unit = {layer->activation, z[i], 0.0, judge->want[i], 0.0};
        activation_bound(judge->in, &unit);
        const double factor = ref_dropout_factor(judge->rule.draw, judge->trial->network, l, i);
        const double e = layer->dropout > 0.0f
                             ? dropout_bound(judge->in, unit.a * factor, unit.e_a * factor)
                             : unit.e_a;
        result_note(&result, i, judge->capture->a[l][i], unit.a * factor, e);
    }
    judge_tell(judge, &result);
}

/* ---- the head ---- */

/* Judges the deltas of the output layer. Fills the losses and their bounds. Counts the predictions
 * that are certainly correct, and those that may be correct. */
static void delta_judge(struct judge *judge, size_t *right, size_t *right_most)
{
    const struct network *network = judge->trial->network;
    const size_t last = network->layer_count - 1, columns = network_outputs(network);
    const size_t batch = judge->trial->batch;
    double *e_loss = judge->bounds + batch * columns; /* [B] */
    struct check_result result;
    result_begin(&result, "output_delta", "dz");
    result_layer_shape(&result, last, batch, columns);
    ref_head_loss(network->head, judge->capture->a[last], batch, columns, &judge->rule, judge->want,
                  judge->loss, judge->correct);
    for (size_t i = 0; i < batch; i++) {
        const struct head_row row = {.head = network->head,
                                     .z = judge->capture->a[last] + i * columns,
                                     .y = judge->rule.targets + i * columns,
                                     .dz = judge->want + i * columns,
                                     .e_dz = judge->bounds + i * columns,
                                     .scratch = judge->scratch,
                                     .columns = columns,
                                     .factor = judge->rule.delta_factor,
                                     .loss = judge->loss[i],
                                     .weight = judge->rule.weights[i],
                                     .each = judge->rule.each,
                                     .true_class_only = judge->rule.true_class_only};
        e_loss[i] = head_row_bounds(judge->in, &row);
        *right += head_row_verdict(judge->in, &row) == 1;
        *right_most += head_row_verdict(judge->in, &row) >= 0;
    }
    for (size_t i = 0; i < batch * columns; i++)
        result_note(&result, i, judge->capture->dz[last][i], judge->want[i], judge->bounds[i]);
    judge_tell(judge, &result);
}

static void head_judge(struct judge *judge)
{
    const size_t batch = judge->trial->batch;
    const double *e_loss = judge->bounds + batch * network_outputs(judge->trial->network);
    size_t right = 0, right_most = 0;
    double sum = 0.0;
    struct check_result loss, correct;
    delta_judge(judge, &right, &right_most);
    for (size_t i = 0; i < batch; i++)
        sum += judge->loss[i];
    result_begin(&loss, "loss", "sum");
    snprintf(loss.shape, sizeof loss.shape, "%zu samples", batch);
    result_note(&loss, 0, (double)judge->capture->metrics.loss, sum,
                sum_bound(judge->in, judge->loss, e_loss, batch, 1));
    judge_tell(judge, &loss);
    /* The reference cannot tell whether a prediction is correct if two outputs are nearer than
     * their error. */
    const double middle = 0.5 * (double)(right + right_most);
    result_begin(&correct, "correct", "count");
    snprintf(correct.shape, sizeof correct.shape, "%zu samples", batch);
    result_note(&correct, 0, (double)judge->capture->metrics.correct, middle,
                (double)right_most - middle);
    judge_tell(judge, &correct);
}

/* ---- backward ---- */

/* want [O][I] = dz' below; below_norms [I] receives the norms of the columns of below */
static void weight_gradient_compute(const struct judge *judge, size_t l, double *want,
                                    double *below_norms)
{
    const struct samples below = below_of(judge, l);
    slabs_product_weight_gradient(&judge->slabs, &below, judge->capture->dz[l],
                                  judge->trial->network->layers[l].outputs, want, below_norms);
}

/* dw = dz' below + l1 sign(w) + l2 w */
static void weight_gradient_judge(struct judge *judge, size_t l)
{
    const struct dense_layer *layer = &judge->trial->network->layers[l];
    const size_t batch = judge->trial->batch, outputs = layer->outputs, inputs = layer->inputs;
    const double *w = judge->parameters + layer->weight_offset; /* [O][I] */
    const double l1 = judge->rule.l1, l2 = judge->rule.l2;
    const struct factor dz = {judge->capture->dz[l], NULL, 1, outputs};
    double *norms = judge->norms; /* [O] and [I] */
    double *want = l == 0 ? judge->first_gradient : judge->want;
    double *below_norms = l == 0 ? judge->first_norms : norms + outputs;
    struct check_result result;
    result_begin(&result, "weight_gradient", "dw");
    result_layer_shape(&result, l, outputs, inputs);
    factor_norms(&dz, outputs, batch, norms);
    if (l > 0)
        weight_gradient_compute(judge, l, want, below_norms);
    for (size_t row = 0; row < outputs; row++)
        for (size_t j = 0; j < inputs; j++) {
            const size_t i = row * inputs + j;
            double e = product_bound_of(judge->in, norms[row] * below_norms[j], batch, 0);
            if (l1 != 0.0 || l2 != 0.0) {
                e += penalty_gradient_bound(judge->in, l1, l2, w[i], want[i], e);
                ref_penalty_gradient(&w[i], 1, l1, l2, &want[i]);
            }
            result_note(&result, i, judge->capture->gradient[layer->weight_offset + i], want[i], e);
        }
    judge_tell(judge, &result);
}

/* db = column sums of dz */
static void bias_gradient_judge(struct judge *judge, size_t l)
{
    const struct dense_layer *layer = &judge->trial->network->layers[l];
    const size_t batch = judge->trial->batch, outputs = layer->outputs;
    const double *dz = judge->capture->dz[l]; /* [B][O] */
    struct check_result result;
    result_begin(&result, "bias_gradient", "db");
    result_layer_shape(&result, l, 1, outputs);
    ref_bias_gradient(dz, batch, outputs, judge->want);
    for (size_t j = 0; j < outputs; j++)
        result_note(&result, j, judge->capture->gradient[layer->bias_offset + j], judge->want[j],
                    sum_bound(judge->in, dz + j, NULL, batch, outputs));
    judge_tell(judge, &result);
}

/* Returns unit `i` of layer `l` as its slope is computed: from the a that the device gave, or from
 * the z that it kept, from which it computes a again. */
static struct activated slope_unit(const struct judge *judge, size_t l, size_t i)
{
    const struct dense_layer *layer = &judge->trial->network->layers[l];
    struct activated unit = {.activation = layer->activation};
    if (!layer_keeps_z(layer)) {
        unit.a = unit.z = judge->capture->a[l][i];
        return unit;
    }
    unit.a = unit.z = judge->capture->z[l][i];
    ref_activation_forward(layer->activation, &unit.a, 1);
    activation_bound(judge->in, &unit);
    return unit;
}

/* dz_below = (dz W) a'(z_below), then the backward pass of batch normalization */
static void delta_below_judge(struct judge *judge, size_t l)
{
    const struct network *network = judge->trial->network;
    const struct dense_layer *layer = &network->layers[l];
    const size_t batch = judge->trial->batch, outputs = layer->outputs, inputs = layer->inputs;
    const double *w = judge->parameters + layer->weight_offset; /* [O][I] */
    const struct factor dz = {judge->capture->dz[l], NULL, outputs, 1};
    const struct factor weights = {w, NULL, 1, inputs};
    double *norms = judge->norms; /* [B] and [I] */
    const bool normed = network->layers[l - 1].batch_norm;
    struct check_result result;
    result_begin(&result, "delta", "dz");
    result_layer_shape(&result, l - 1, batch, inputs);
    factor_norms(&dz, batch, outputs, norms);
    factor_norms(&weights, inputs, outputs, norms + batch);
    ref_product_delta(dz.value, w, batch, inputs, outputs, judge->want);
    for (size_t row = 0; row < batch; row++)
        for (size_t j = 0; j < inputs; j++) {
            const size_t i = row * inputs + j;
            const struct activated unit = slope_unit(judge, l - 1, i);
            const double factor = ref_dropout_factor(judge->rule.draw, network, l - 1, i);
            const double product = judge->want[i] *= factor;
            double e = product_bound_of(judge->in, norms[row] * norms[batch + j], outputs, 0);
            if (network->layers[l - 1].dropout > 0.0f)
                e = dropout_bound(judge->in, product, e * factor);
            ref_activation_backward(unit.activation, &unit.z, &unit.a, &judge->want[i], 1);
            e = activation_backward_bound(judge->in, &unit, product, e);
            if (normed)
                judge->e_delta[i] = e;
            else
                result_note(&result, i, judge->capture->dz[l - 1][i], judge->want[i], e);
        }
    if (normed)
        judge_norm_backward(judge, l - 1);
    else
        judge_tell(judge, &result);
}

/* ---- the penalty ---- */

/* Judges sum |w| and sum w^2 before the update. */
static void penalty_judge(struct judge *judge)
{
    const size_t n = judge->trial->network->weight_count;
    double want[2], bounds[2];
    struct check_result result;
    if (!judge->trial->penalty)
        return;
    ref_penalty_terms(judge->parameters, n, &want[0], &want[1]);
    penalty_terms_bounds(judge->in, n, want, bounds);
    result_begin(&result, "penalty_terms", "sums");
    snprintf(result.shape, sizeof result.shape, "%zu weights", n);
    result_note(&result, 0, (double)judge->capture->metrics.weight_abs, want[0], bounds[0]);
    result_note(&result, 1, (double)judge->capture->metrics.weight_squares, want[1], bounds[1]);
    judge_tell(judge, &result);
}

/* ---- the whole step ---- */

static void stages_judge(struct judge *judge)
{
    const struct network *network = judge->trial->network;
    /* Both products over the samples run now, one after the other. Idle threads spin for a while.
     * By the end of the step, they no longer take a core from the device's threads. */
    weight_gradient_compute(judge, 0, judge->first_gradient, judge->first_norms);
    for (size_t l = 0; l < network->layer_count; l++) {
        forward_judge(judge, l);
        if (network->layers[l].batch_norm)
            judge_norm_forward(judge, l);
        if (layer_keeps_z(&network->layers[l]))
            activation_judge(judge, l);
    }
    head_judge(judge);
    for (size_t l = network->layer_count; l-- > 0;) {
        weight_gradient_judge(judge, l);
        if (network->layers[l].bias)
            bias_gradient_judge(judge, l);
        if (l > 0)
            delta_below_judge(judge, l);
    }
    penalty_judge(judge);
    judge_update(judge);
}

enum weft_status step_judge(const struct step_trial *trial, const struct step_capture *capture,
                            const struct check_sink *sink)
{
    struct judge judge = {.trial = trial,
                          .capture = capture,
                          .sink = sink,
                          .in = single_precision,
                          .rule = {.delta_factor = (double)trial->loss.delta_factor,
                                   .true_class_only = trial->loss.true_class_only,
                                   .targets = capture->y,
                                   .weights = capture->weight,
                                   .each = trial->targets.each,
                                   .l1 = (double)trial->update.l1,
                                   .l2 = (double)trial->update.l2}};
    if (trial->draw != NULL) {
        judge.draw = (struct ref_draw){trial->draw->seed, trial->draw->epoch, trial->draw->batch};
        judge.rule.draw = &judge.draw;
    }
    enum weft_status status = judge_init(&judge);
    if (status == WEFT_OK)
        status = batch_judge(trial, capture, judge.in, sink);
    if (status == WEFT_OK)
        stages_judge(&judge);
    judge_reset(&judge);
    return status;
}
