/* Carries the errors of a whole step from stage to stage. See step_bounds.h. The formulas of single
 * stages are those of error_analysis.h and its subjects. */
#include "check/step_bounds.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "check/error_activation.h"
#include "check/error_loss.h"
#include "check/error_norm.h"
#include "check/error_update.h"

/* An analysis in progress. */
struct analysis {
    struct precision in;
    const struct exact_step *exact;
    struct step_bounds *bounds;
};

static enum weft_status bounds_allocate(struct step_bounds *bounds, const struct exact_step *exact)
{
    const struct network *network = exact->network;
    TRY(NEW_ARRAY(bounds->q, network->layer_count));
    TRY(NEW_ARRAY(bounds->z, network->layer_count));
    TRY(NEW_ARRAY(bounds->a, network->layer_count));
    TRY(NEW_ARRAY(bounds->dz, network->layer_count));
    bounds->layer_count = network->layer_count;
    /* The reference has arrays of these sizes, so no size overflows. */
    for (size_t l = 0; l < network->layer_count; l++) {
        if (network->layers[l].batch_norm)
            TRY(NEW_ARRAY(bounds->q[l], exact->batch * network->layers[l].outputs));
        TRY(NEW_ARRAY(bounds->z[l], exact->batch * network->layers[l].outputs));
        TRY(NEW_ARRAY(bounds->a[l], exact->batch * network->layers[l].outputs));
        TRY(NEW_ARRAY(bounds->dz[l], exact->batch * network->layers[l].outputs));
    }
    TRY(NEW_ARRAY(bounds->statistics, network->statistic_count));
    return NEW_ARRAY(bounds->gradient, network->parameter_count);
}

/* Returns the input of layer `l`, [B][I], transposed if asked. */
static struct factor below_of(const struct analysis *analysis, size_t l, bool transposed)
{
    const size_t inputs = analysis->exact->network->layers[l].inputs;
    struct factor below = {analysis->exact->x, NULL, inputs, 1};
    if (l > 0) {
        below.value = analysis->exact->step->a[l - 1];
        below.error = analysis->bounds->a[l - 1];
    }
    if (transposed) {
        below.row = 1;
        below.step = inputs;
    }
    return below;
}

static double dropout_factor(const struct analysis *analysis, size_t l, size_t i)
{
    return ref_dropout_factor(analysis->exact->rule->draw, analysis->exact->network, l, i);
}

/* Returns unit `i` of [B][O] of a layer, with the errors known so far. If the layer has dropout, it
 * computes the a before dropout again. */
static struct activated unit_of(const struct analysis *analysis, size_t l, size_t i)
{
    struct activated unit = {.activation = analysis->exact->network->layers[l].activation,
                             .z = analysis->exact->step->z[l][i],
                             .e_z = analysis->bounds->z[l][i],
                             .a = analysis->exact->step->a[l][i],
                             .e_a = analysis->bounds->a[l][i]};
    if (analysis->exact->network->layers[l].dropout > 0.0f) {
        unit.a = unit.z;
        ref_activation_forward(unit.activation, &unit.a, 1);
        activation_bound(analysis->in, &unit);
    }
    return unit;
}

/* Returns a layer with batch normalization, with the errors of its q and its statistics. */
static struct norm_layer norm_of(const struct analysis *analysis, size_t l)
{
    const struct network *network = analysis->exact->network;
    const struct dense_layer *layer = &network->layers[l];
    const size_t mean = layer->mean_offset - network->parameter_count;
    const size_t variance = layer->variance_offset - network->parameter_count;
    return (struct norm_layer){.rows = analysis->exact->batch,
                               .columns = layer->outputs,
                               .q = analysis->exact->step->q[l],
                               .e_q = analysis->bounds->q[l],
                               .mean = analysis->exact->step->statistics + mean,
                               .e_mean = analysis->bounds->statistics + mean,
                               .variance = analysis->exact->step->statistics + variance,
                               .e_variance = analysis->bounds->statistics + variance,
                               .scale = analysis->exact->parameters + layer->scale_offset,
                               .shift = analysis->exact->parameters + layer->shift_offset};
}

/* Turns the error e [B][O] of q into the error of z, and computes the errors of the statistics. */
static void norm_forward(const struct analysis *analysis, size_t l, double *e)
{
    const struct network *network = analysis->exact->network;
    const struct dense_layer *layer = &network->layers[l];
    const struct norm_layer norm = norm_of(analysis, l);
    double *e_mean = analysis->bounds->statistics + (layer->mean_offset - network->parameter_count);
    memcpy(analysis->bounds->q[l], e, norm.rows * norm.columns * sizeof *e);
    norm_statistics_errors(analysis->in, &norm, e_mean, e_mean + layer->outputs);
    norm_forward_errors(analysis->in, &norm, analysis->exact->step->z[l], e);
}

/* Turns the error e [B][O] of dz [B][O], as it reaches the layer, into the error of dq. */
static void norm_backward(const struct analysis *analysis, size_t l, const double *dz, double *e)
{
    const struct dense_layer *layer = &analysis->exact->network->layers[l];
    const struct norm_layer norm = norm_of(analysis, l);
    const double *gradient = analysis->exact->step->gradient;
    double *e_dscale = analysis->bounds->gradient + layer->scale_offset;
    double *e_dshift = analysis->bounds->gradient + layer->shift_offset;
    const struct norm_deltas deltas = {.dz = dz,
                                       .e_dz = e,
                                       .dscale = gradient + layer->scale_offset,
                                       .e_dscale = e_dscale,
                                       .dshift = gradient + layer->shift_offset,
                                       .e_dshift = e_dshift};
    norm_gradient_errors(analysis->in, &norm, &deltas, e_dscale, e_dshift);
    norm_backward_errors(analysis->in, &norm, &deltas, e);
}

/* a = activation(below W' + b). With a bias, each term of the sum passes through one more rounding,
 * and b through one. */
static void forward_bounds(const struct analysis *analysis, size_t l)
{
    const struct dense_layer *layer = &analysis->exact->network->layers[l];
    const double *parameters = analysis->exact->parameters;
    const size_t outputs = layer->outputs, count = analysis->exact->batch * outputs;
    const struct factor below = below_of(analysis, l, false);
    const struct factor weights = {parameters + layer->weight_offset, NULL, layer->inputs, 1};
    double *e = analysis->bounds->a[l]; /* [B][O] error of z, then of a */
    product_bound(analysis->in, &below, &weights, analysis->exact->batch, outputs, layer->inputs,
                  layer->bias, e);
    if (layer->batch_norm)
        norm_forward(analysis, l, e);
    for (size_t i = 0; i < count; i++) {
        if (layer->bias)
            e[i] += analysis->in.u * fabs(parameters[layer->bias_offset + i % outputs]);
        analysis->bounds->z[l][i] = e[i];
        struct activated unit = unit_of(analysis, l, i);
        activation_bound(analysis->in, &unit);
        e[i] = unit.e_a;
        if (layer->dropout > 0.0f) {
            const double factor = dropout_factor(analysis, l, i);
            e[i] = dropout_bound(analysis->in, unit.a * factor, e[i] * factor);
        }
    }
}

/* The arrays of the head's rows. */
struct head_rows {
    double *dz;        /* [B][C] */
    double *loss;      /* [B] */
    double *e_loss;    /* [B] */
    double *scratch;   /* [C] */
    uint32_t *correct; /* [B] */
};

/* `rule` is the rule of the step, with targets. */
static void head_rows_bounds(const struct analysis *analysis, const struct ref_rule *rule,
                             const struct head_rows *rows)
{
    const struct exact_step *exact = analysis->exact;
    const size_t last = exact->network->layer_count - 1, columns = network_outputs(exact->network);
    const double *z = exact->step->a[last]; /* [B][C] */
    ref_head_loss(exact->network->head, z, exact->batch, columns, rule, rows->dz, rows->loss,
                  rows->correct);
    for (size_t i = 0; i < exact->batch; i++) {
        const struct head_row row = {.head = exact->network->head,
                                     .z = z + i * columns,
                                     .e = analysis->bounds->a[last] + i * columns,
                                     .y = rule->targets + i * columns,
                                     .dz = rows->dz + i * columns,
                                     .e_dz = analysis->bounds->dz[last] + i * columns,
                                     .scratch = rows->scratch,
                                     .columns = columns,
                                     .factor = rule->delta_factor,
                                     .loss = rows->loss[i],
                                     .weight = rule->weights[i],
                                     .each = rule->each,
                                     .true_class_only = rule->true_class_only};
        rows->e_loss[i] = head_row_bounds(analysis->in, &row);
    }
    analysis->bounds->loss = sum_bound(analysis->in, rows->loss, rows->e_loss, exact->batch, 1);
}

static enum weft_status head_bounds(const struct analysis *analysis)
{
    const size_t batch = analysis->exact->batch;
    const size_t columns = network_outputs(analysis->exact->network);
    struct head_rows rows = {.dz = NULL};
    struct ref_rule rule = *analysis->exact->rule;
    double *made = NULL;
    enum weft_status status =
        ref_rule_complete(&rule, analysis->exact->labels, batch, columns, &made);
    if (status == WEFT_OK)
        status = NEW_ARRAY(rows.dz, batch * columns);
    if (status == WEFT_OK)
        status = NEW_ARRAY(rows.loss, batch);
    if (status == WEFT_OK)
        status = NEW_ARRAY(rows.e_loss, batch);
    if (status == WEFT_OK)
        status = NEW_ARRAY(rows.scratch, columns);
    if (status == WEFT_OK)
        status = NEW_ARRAY(rows.correct, batch);
    if (status == WEFT_OK)
        head_rows_bounds(analysis, &rule, &rows);
    memory_free(rows.correct);
    memory_free(rows.scratch);
    memory_free(rows.e_loss);
    memory_free(rows.loss);
    memory_free(rows.dz);
    memory_free(made);
    return status;
}

/* dw = dz' below + l1 sign(w) + l2 w, db = sum of dz */
static void gradient_bounds(const struct analysis *analysis, size_t l)
{
    const struct dense_layer *layer = &analysis->exact->network->layers[l];
    const struct ref_rule *rule = analysis->exact->rule;
    const size_t batch = analysis->exact->batch, outputs = layer->outputs;
    const double *w = analysis->exact->parameters + layer->weight_offset;
    const double *g = analysis->exact->step->gradient + layer->weight_offset;
    const double *dz = analysis->exact->step->dz[l], *e_dz = analysis->bounds->dz[l];
    const struct factor left = {dz, e_dz, 1, outputs}, below = below_of(analysis, l, true);
    double *e = analysis->bounds->gradient + layer->weight_offset; /* [O][I] */
    product_bound(analysis->in, &left, &below, outputs, layer->inputs, batch, 0, e);
    for (size_t i = 0; i < outputs * layer->inputs && (rule->l1 != 0.0 || rule->l2 != 0.0); i++) {
        double penalty = 0.0;
        ref_penalty_gradient(&w[i], 1, rule->l1, rule->l2, &penalty);
        e[i] +=
            penalty_gradient_bound(analysis->in, rule->l1, rule->l2, w[i], g[i] - penalty, e[i]);
    }
    for (size_t j = 0; j < outputs && layer->bias; j++)
        analysis->bounds->gradient[layer->bias_offset + j] =
            sum_bound(analysis->in, dz + j, e_dz + j, batch, outputs);
}

/* dz_below = (dz W) a'(z_below), then dq_below with batch normalization */
static enum weft_status delta_below_bounds(const struct analysis *analysis, size_t l)
{
    const struct dense_layer *layer = &analysis->exact->network->layers[l];
    const size_t batch = analysis->exact->batch, inputs = layer->inputs;
    const double *w = analysis->exact->parameters + layer->weight_offset;
    const double *dz = analysis->exact->step->dz[l]; /* [B][O] */
    const struct factor rows = {dz, analysis->bounds->dz[l], layer->outputs, 1};
    const struct factor columns = {w, NULL, 1, inputs};
    double *e = analysis->bounds->dz[l - 1]; /* [B][I] error of dz W, then of dz below */
    double *product = NULL;                  /* [B][I] */
    TRY(NEW_ARRAY(product, batch * inputs));
    product_bound(analysis->in, &rows, &columns, batch, inputs, layer->outputs, 0, e);
    ref_product_delta(dz, w, batch, inputs, layer->outputs, product);
    for (size_t i = 0; i < batch * inputs; i++) {
        const struct activated unit = unit_of(analysis, l - 1, i);
        if (analysis->exact->network->layers[l - 1].dropout > 0.0f) {
            const double factor = dropout_factor(analysis, l - 1, i);
            product[i] *= factor;
            e[i] = dropout_bound(analysis->in, product[i], e[i] * factor);
        }
        e[i] = activation_backward_bound(analysis->in, &unit, product[i], e[i]);
        ref_activation_backward(unit.activation, &unit.z, &unit.a, &product[i], 1);
    }
    if (analysis->exact->network->layers[l - 1].batch_norm)
        norm_backward(analysis, l - 1, product, e);
    memory_free(product);
    return WEFT_OK;
}

static enum weft_status analysis_run(const struct analysis *analysis, bool backward)
{
    const size_t layers = analysis->exact->network->layer_count;
    TRY(bounds_allocate(analysis->bounds, analysis->exact));
    for (size_t l = 0; l < layers; l++)
        forward_bounds(analysis, l);
    TRY(head_bounds(analysis));
    for (size_t l = layers; backward && l-- > 0;) {
        gradient_bounds(analysis, l);
        if (l > 0)
            TRY(delta_below_bounds(analysis, l));
    }
    return WEFT_OK;
}

enum weft_status step_bounds_init(struct step_bounds *bounds, struct precision in,
                                  const struct exact_step *exact)
{
    const struct analysis analysis = {in, exact, bounds};
    memset(bounds, 0, sizeof *bounds);
    const enum weft_status status = analysis_run(&analysis, true);
    if (status != WEFT_OK)
        step_bounds_reset(bounds);
    return status;
}

void step_bounds_reset(struct step_bounds *bounds)
{
    for (size_t l = 0; l < bounds->layer_count; l++) {
        memory_free(bounds->q[l]);
        memory_free(bounds->z[l]);
        memory_free(bounds->a[l]);
        memory_free(bounds->dz[l]);
    }
    memory_free(bounds->q);
    memory_free(bounds->statistics);
    memory_free(bounds->z);
    memory_free(bounds->a);
    memory_free(bounds->dz);
    memory_free(bounds->gradient);
    memset(bounds, 0, sizeof *bounds);
}

enum weft_status step_loss_bound(struct precision in, const struct exact_step *exact, double *bound)
{
    struct step_bounds bounds = {0};
    const struct analysis analysis = {in, exact, &bounds};
    const enum weft_status status = analysis_run(&analysis, false);
    *bound = bounds.loss;
    step_bounds_reset(&bounds);
    return status;
}
