/* The stages of a training step against the reference, each from what the device gave it. See
 * step_trial.h; the bounds are those of error_analysis.h.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clones.h"
#include "base/memory.h"
#include "check/batch_judge.h"
#include "check/check_result.h"
#include "check/error_analysis.h"
#include "check/slab_products.h"
#include "check/step_trial.h"
#include "check/update_judge.h"
#include "reference/reference.h"

/* One judgement; arrays owned unless said. */
struct judge {
    const struct step_trial *trial;     /* borrowed */
    const struct step_capture *capture; /* borrowed */
    const struct check_sink *sink;      /* borrowed */
    struct precision in;
    struct ref_rule rule;
    float *changed;     /* [B][D] raw images as they were changed; NULL where they are not */
    const float *raw;   /* [B][D] borrowed: these, or the trial's */
    double share;       /* that samples keep where they are mixed; 1: they are not */
    double *parameters; /* [parameter_count] before the update */
    double *want;       /* [largest tensor] */
    double *row;        /* [widest] */
    double *norms;      /* [largest tensor's rows and columns]: of the factors of a product */
    double *bounds;     /* [largest of B, C, B * C] of the head */
    double *loss;       /* [B] */
    double *scratch;    /* [C] */
    uint32_t *correct;  /* [B] */
    struct slabs slabs;
    double *first_gradient; /* [O][I] of the first layer, without the penalty's: see stages_judge */
    double *first_norms;    /* [D] */
};

static enum weft_status judge_init(struct judge *judge)
{
    const struct network *network = judge->trial->network;
    const size_t batch = judge->trial->batch, outputs = network_outputs(network);
    const size_t widest = size_max(network_features(network), network_widest(network));
    /* The capture has tensors of all these sizes, so that no product overflows. */
    TRY(NEW_ARRAY(judge->parameters, network->parameter_count));
    TRY(NEW_ARRAY(judge->want, size_max(batch * network_widest(network), network->weight_count)));
    TRY(NEW_ARRAY(judge->norms, 2 * size_max(batch, widest)));
    TRY(NEW_ARRAY(judge->bounds, batch * outputs + batch));
    TRY(NEW_ARRAY(judge->loss, batch));
    TRY(NEW_ARRAY(judge->scratch, outputs));
    TRY(NEW_ARRAY(judge->correct, batch));
    TRY(NEW_ARRAY(judge->row, widest));
    TRY(NEW_ARRAY(judge->first_gradient, network->layers[0].outputs * network_features(network)));
    TRY(NEW_ARRAY(judge->first_norms, network_features(network)));
    TRY(slabs_init(&judge->slabs, batch, widest, network_widest(network)));
    TRY(batch_images_change(judge->trial, &judge->changed));
    judge->raw = judge->changed != NULL ? judge->changed : judge->trial->x;
    judge->share = batch_share(judge->trial);
    for (size_t i = 0; i < network->parameter_count; i++)
        judge->parameters[i] = (double)judge->trial->parameters[i];
    return WEFT_OK;
}

static void judge_reset(struct judge *judge)
{
    slabs_reset(&judge->slabs);
    memory_free(judge->changed);
    memory_free(judge->first_norms);
    memory_free(judge->first_gradient);
    memory_free(judge->row);
    memory_free(judge->correct);
    memory_free(judge->scratch);
    memory_free(judge->loss);
    memory_free(judge->bounds);
    memory_free(judge->norms);
    memory_free(judge->want);
    memory_free(judge->parameters);
}

static void tell(const struct judge *judge, const struct check_result *result)
{
    judge->sink->result(judge->sink->user, result);
}

static void layer_shape(struct check_result *result, size_t layer, size_t rows, size_t columns)
{
    snprintf(result->shape, sizeof result->shape, "layer %zu: %zux%zu", layer, rows, columns);
}

/* What layer `l` reads, [B][I]. */
static struct samples below_of(const struct judge *judge, size_t l)
{
    return (struct samples){.single = l == 0 ? judge->capture->x : NULL,
                            .exact = l == 0 ? NULL : judge->capture->a[l - 1],
                            .rows = judge->trial->batch,
                            .columns = judge->trial->network->layers[l].inputs};
}

/* ---- forward ---- */

/* The largest |got - want| / bound of a row of standardised samples, about; infinite where a number
 * is not finite. Millions of numbers are right: this loop is vector code, which result_note is not.
 */
VECTOR_CLONES
static double row_worst(const float *x, const float *mean, const float *std, const float *got,
                        size_t features, double u)
{
    double worst = 0.0, poison = 0.0;
#pragma omp simd reduction(max : worst) reduction(+ : poison)
    for (size_t f = 0; f < features; f++) {
        const double want = ((double)x[f] - (double)mean[f]) / (double)std[f];
        const double ratio =
            fabs((double)got[f] - want) / ((1.0 + DIVIDE_U + 0.1) * u * fabs(want) + 0x1p-1000);
        worst = ratio > worst ? ratio : worst;
        poison += ratio * 0.0;
    }
    return poison == 0.0 ? worst : HUGE_VAL;
}

static void row_judge(const struct judge *judge, size_t row, struct check_result *result)
{
    const size_t features = network_features(judge->trial->network);
    for (size_t i = row * features; i < (row + 1) * features; i++) {
        const struct judged_number x =
            batch_feature(judge->trial, judge->raw, judge->share, judge->in, i);
        result_note(result, i, (double)judge->capture->x[i], x.want, x.bound);
    }
}

/* The samples themselves, standardised where there is a scale. */
static void gather_judge(struct judge *judge)
{
    const struct scale *scale = judge->trial->scale;
    const size_t features = network_features(judge->trial->network);
    const bool quick = scale != NULL && scale->features > 0 && judge->share == 1.0;
    struct check_result result;
    result_begin(&result, "gather", "x");
    snprintf(result.shape, sizeof result.shape, "%zux%zu", judge->trial->batch, features);
    double *worst = judge->norms; /* [B] */
#pragma omp parallel for schedule(static) if (judge->trial->batch * features > THREADS_PAY)
    for (size_t row = 0; row < judge->trial->batch; row++)
        worst[row] = quick ? row_worst(judge->raw + row * features, scale->mean, scale->std,
                                       judge->capture->x + row * features, features, judge->in.u)
                           : HUGE_VAL;
    for (size_t row = 0; row < judge->trial->batch; row++)
        if (row == 0 || worst[row] > result.worst)
            row_judge(judge, row, &result);
    tell(judge, &result);
}

/* a = activation(below W' + b); with a bias each term of the sum passes one rounding more, and b
 * one. */
static void forward_judge(struct judge *judge, size_t l)
{
    const struct dense_layer *layer = &judge->trial->network->layers[l];
    const size_t batch = judge->trial->batch, outputs = layer->outputs, inputs = layer->inputs;
    const double *w = judge->parameters + layer->weight_offset; /* [O][I] */
    const double *b = judge->parameters + layer->bias_offset;   /* [O] */
    const struct samples below = below_of(judge, l);
    const struct factor weights = {w, NULL, inputs, 1};
    double *norms = judge->norms; /* [B] and [O] */
    struct check_result result;
    result_begin(&result, "dense_forward", "a");
    layer_shape(&result, l, batch, outputs);
    slabs_dense_forward(&judge->slabs, &below, layer, judge->parameters, judge->want, norms);
    factor_norms(&weights, outputs, inputs, norms + batch);
    for (size_t row = 0; row < batch; row++)
        for (size_t j = 0; j < outputs; j++) {
            const size_t i = row * outputs + j;
            double e_z = product_bound_norms(judge->in, norms[row], norms[batch + j], inputs,
                                             inputs + layer->bias);
            if (layer->bias)
                e_z += judge->in.u * fabs(b[j]);
            result_note(&result, i, judge->capture->a[l][i], judge->want[i],
                        activation_bound(judge->in, layer->activation, judge->want[i], e_z));
        }
    tell(judge, &result);
}

/* ---- the head ---- */

/* Position of the largest of `y` [n]; the first of equal ones. */
static size_t row_largest(const double *y, size_t n)
{
    size_t best = 0;
    for (size_t i = 1; i < n; i++)
        best = y[i] > y[best] ? i : best;
    return best;
}

/* Deltas of the output layer; fills the losses and their bounds, counts who is surely right, and
 * who may be. */
static void delta_judge(struct judge *judge, size_t *right, size_t *right_most)
{
    const struct network *network = judge->trial->network;
    const size_t last = network->layer_count - 1, columns = network_outputs(network);
    const size_t batch = judge->trial->batch;
    double *e_loss = judge->bounds + batch * columns; /* [B] */
    struct check_result result;
    result_begin(&result, "output_delta", "dz");
    layer_shape(&result, last, batch, columns);
    ref_head_loss(network->head, judge->capture->a[last], judge->trial->labels, batch, columns,
                  &judge->rule, judge->want, judge->loss, judge->correct);
    for (size_t i = 0; i < batch; i++) {
        const double *y = judge->rule.targets != NULL ? judge->rule.targets + i * columns : NULL;
        const struct head_row row = {.head = network->head,
                                     .z = judge->capture->a[last] + i * columns,
                                     .dz = judge->want + i * columns,
                                     .e_dz = judge->bounds + i * columns,
                                     .scratch = judge->scratch,
                                     .columns = columns,
                                     .label = y != NULL ? row_largest(y, columns)
                                                        : (size_t)judge->trial->labels[i],
                                     .factor = judge->rule.delta_factor,
                                     .loss = judge->loss[i],
                                     .true_class_only = judge->rule.true_class_only,
                                     .y = y,
                                     .weight = y != NULL ? judge->rule.weights[i] : 1.0,
                                     .each = judge->rule.each};
        e_loss[i] = head_row_bounds(judge->in, &row);
        *right += head_row_verdict(judge->in, &row) == 1;
        *right_most += head_row_verdict(judge->in, &row) >= 0;
    }
    for (size_t i = 0; i < batch * columns; i++)
        result_note(&result, i, judge->capture->dz[last][i], judge->want[i], judge->bounds[i]);
    tell(judge, &result);
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
    tell(judge, &loss);
    /* The reference cannot say who is right where two outputs are nearer than their error. */
    const double middle = 0.5 * (double)(right + right_most);
    result_begin(&correct, "correct", "count");
    snprintf(correct.shape, sizeof correct.shape, "%zu samples", batch);
    result_note(&correct, 0, (double)judge->capture->metrics.correct, middle,
                (double)right_most - middle);
    tell(judge, &correct);
}

/* ---- backward ---- */

/* want [O][I] = dz' below; below_norms [I]: of the columns of below */
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
    layer_shape(&result, l, outputs, inputs);
    factor_norms(&dz, outputs, batch, norms);
    if (l > 0)
        weight_gradient_compute(judge, l, want, below_norms);
    ref_penalty_gradient(w, outputs * inputs, l1, l2, want);
    for (size_t row = 0; row < outputs; row++)
        for (size_t j = 0; j < inputs; j++) {
            const size_t i = row * inputs + j;
            double e = product_bound_norms(judge->in, norms[row], below_norms[j], batch, batch);
            if (l1 != 0.0 || l2 != 0.0)
                e += penalty_gradient_bound(judge->in, l1, l2, w[i], want[i], e);
            result_note(&result, i, judge->capture->gradient[layer->weight_offset + i], want[i], e);
        }
    tell(judge, &result);
}

/* db = column sums of dz */
static void bias_gradient_judge(struct judge *judge, size_t l)
{
    const struct dense_layer *layer = &judge->trial->network->layers[l];
    const size_t batch = judge->trial->batch, outputs = layer->outputs;
    const double *dz = judge->capture->dz[l]; /* [B][O] */
    struct check_result result;
    result_begin(&result, "bias_gradient", "db");
    layer_shape(&result, l, 1, outputs);
    ref_bias_gradient(dz, batch, outputs, judge->want);
    for (size_t j = 0; j < outputs; j++)
        result_note(&result, j, judge->capture->gradient[layer->bias_offset + j], judge->want[j],
                    sum_bound(judge->in, dz + j, NULL, batch, outputs));
    tell(judge, &result);
}

/* dz_below = (dz W) a'(z_below) */
static void delta_below_judge(struct judge *judge, size_t l)
{
    const struct dense_layer *layer = &judge->trial->network->layers[l];
    const enum activation activation = judge->trial->network->layers[l - 1].activation;
    const size_t batch = judge->trial->batch, outputs = layer->outputs, inputs = layer->inputs;
    const double *w = judge->parameters + layer->weight_offset; /* [O][I] */
    const double *a = judge->capture->a[l - 1];                 /* [B][I] */
    const struct factor dz = {judge->capture->dz[l], NULL, outputs, 1};
    const struct factor weights = {w, NULL, 1, inputs};
    double *norms = judge->norms; /* [B] and [I] */
    struct check_result result;
    result_begin(&result, "delta", "dz");
    layer_shape(&result, l - 1, batch, inputs);
    factor_norms(&dz, batch, outputs, norms);
    factor_norms(&weights, inputs, outputs, norms + batch);
    ref_product_delta(dz.value, w, batch, inputs, outputs, judge->want);
    for (size_t row = 0; row < batch; row++) {
        double *product = judge->want + row * inputs; /* [I] of dz W */
        double *want = judge->row;                    /* [I] */
        memcpy(want, product, inputs * sizeof *want);
        ref_activation_backward(activation, a + row * inputs, want, inputs);
        for (size_t j = 0; j < inputs; j++) {
            const size_t i = row * inputs + j;
            const double e =
                product_bound_norms(judge->in, norms[row], norms[batch + j], outputs, outputs);
            result_note(&result, i, judge->capture->dz[l - 1][i], want[j],
                        activation_backward_bound(judge->in, activation, a[i], 0.0, product[j], e));
        }
    }
    tell(judge, &result);
}

/* ---- the penalty ---- */

/* sum |w| and sum w^2 before it: n - 1 additions, and the square. */
static void penalty_judge(struct judge *judge)
{
    const size_t n = judge->trial->network->weight_count;
    const double gamma = roundings_bound(judge->in, n), tiny = (double)n * judge->in.tiny;
    double want[2];
    struct check_result result;
    if (!judge->trial->penalty)
        return;
    ref_penalty_terms(judge->parameters, n, &want[0], &want[1]);
    result_begin(&result, "penalty_terms", "sums");
    snprintf(result.shape, sizeof result.shape, "%zu weights", n);
    result_note(&result, 0, (double)judge->capture->metrics.weight_abs, want[0],
                gamma * want[0] + tiny);
    result_note(&result, 1, (double)judge->capture->metrics.weight_squares, want[1],
                gamma * want[1] + tiny);
    tell(judge, &result);
}

/* ---- the whole ---- */

static void stages_judge(struct judge *judge)
{
    const struct network *network = judge->trial->network;
    gather_judge(judge);
    if (judge->trial->targets.dense) {
        batch_targets_judge(judge->trial, judge->capture, judge->in, judge->sink);
        judge->rule.targets = judge->capture->y;
        judge->rule.weights = judge->capture->weight;
        judge->rule.each = judge->trial->targets.each;
    }
    /* Both products over the samples run now, one after the other: threads that have nothing to do
     * spin for a while, and by the end they no longer take a core from the device's. */
    weight_gradient_compute(judge, 0, judge->first_gradient, judge->first_norms);
    for (size_t l = 0; l < network->layer_count; l++)
        forward_judge(judge, l);
    head_judge(judge);
    for (size_t l = network->layer_count; l-- > 0;) {
        weight_gradient_judge(judge, l);
        if (network->layers[l].bias)
            bias_gradient_judge(judge, l);
        if (l > 0)
            delta_below_judge(judge, l);
    }
    penalty_judge(judge);
    update_judge(judge->trial, judge->capture, judge->sink);
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
                                   .l1 = (double)trial->update.l1,
                                   .l2 = (double)trial->update.l2}};
    const enum weft_status status = judge_init(&judge);
    if (status == WEFT_OK)
        stages_judge(&judge);
    judge_reset(&judge);
    return status;
}
