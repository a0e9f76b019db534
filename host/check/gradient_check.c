/* Compares gradients with finite differences. See gradient_check.h.
 *
 * The differentiated function is delta_factor times the sum of the losses over all classes. The
 * derivative of the penalty is known, so it is added to the difference quotients.
 */
#include "check/gradient_check.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "check/batch_judge.h"
#include "check/gradient_spans.h"
#include "check/step_bounds.h"
#include "weft_device.h"

/* Steps of the differences, for parameters of the order of 1. The reference's difference is
 * accurate to h^4. Its step is short where activations have kinks, so that it seldom crosses one.
 * It is also short with batch normalization, which bends as sharply where samples are hardly apart.
 * The device's loss has only 24 bits, and a small step would leave none of them. */
static const double smooth_step = 1e-3, sharp_step = 1e-6, device_step = 0x1p-5;

/* Relative difference between the reference's gradient and its difference quotient, as norms over
 * the directions of a tensor. */
static const double reference_tolerance = 1e-7;

/* Both sides of the check. The arrays are owned. */
struct gradient_run {
    struct weft_device *device;             /* borrowed */
    const struct gradient_subject *subject; /* borrowed */
    const struct network *network;          /* borrowed */
    const struct check_sink *sink;          /* borrowed */
    struct ref_rule rule;
    struct step_capture batch; /* the batch that gradient and differences are computed from */
    double *x;                 /* [B][D] of the batch */
    double *parameters;        /* [value_count] */
    float *moved;              /* [value_count] with one parameter changed */
    float *got;                /* [parameter_count] the device's gradient */
    double *ratio;             /* [parameter_count] |got - want| / bound */
    struct ref_step step;
    struct step_bounds bounds;
    struct device_data *data;
    struct workspace *workspace;
};

/* ---- the device's gradient ---- */

static struct step device_step_of(const struct gradient_run *run)
{
    return (struct step){.backend = run->device->backend,
                         .workspace = run->workspace,
                         .network = run->network,
                         .data = run->data,
                         .count = run->subject->trial->batch,
                         .draw = run->subject->trial->draw,
                         .loss = {.delta_factor = run->subject->trial->loss.delta_factor}};
}

/* Takes and judges the batch that the device has gathered. */
static enum weft_status batch_take(struct gradient_run *run)
{
    const struct step_trial *trial = run->subject->trial;
    const struct step step = device_step_of(run);
    const size_t count = trial->batch * network_features(run->network);
    TRY(step_capture_init(&run->batch, run->network, trial->batch, trial->targets.dense, 0));
    TRY(NEW_ARRAY(run->x, count));
    TRY(step_capture_take_batch(&run->batch, &step));
    for (size_t i = 0; i < count; i++)
        run->x[i] = (double)run->batch.x[i];
    run->rule.targets = run->batch.y; /* correct to the last bit or so */
    run->rule.weights = run->batch.weight;
    run->rule.each = trial->targets.each;
    return batch_judge(trial, &run->batch, single_precision, run->sink);
}

static enum weft_status run_prepare(struct gradient_run *run)
{
    const struct step_trial *trial = run->subject->trial;
    const struct backend *backend = run->device->backend;
    const size_t count = run->network->value_count;
    const struct data_source source = {.samples = trial->batch,
                                       .features = network_features(run->network),
                                       .x = trial->x,
                                       .labels = trial->labels,
                                       .scale = trial->scale,
                                       .targets = trial->y,
                                       .target_count = network_outputs(run->network),
                                       .weights = trial->weights,
                                       .images = augmentation_of_images(&trial->augmentation)};
    const struct workspace_plan plan = {.network = run->network,
                                        .batch = trial->batch,
                                        .slots = 1,
                                        .training = true,
                                        .products = run->subject->products,
                                        .targets = trial->targets,
                                        .augmentation = trial->augmentation};
    TRY(NEW_ARRAY(run->parameters, count));
    TRY(NEW_ARRAY(run->moved, count));
    TRY(NEW_ARRAY(run->got, count));
    TRY(NEW_ARRAY(run->ratio, count));
    TRY(backend->data_create(run->device, &source, &run->data));
    TRY(backend->workspace_create(run->device, &plan, &run->workspace));
    TRY(backend->batch_gather(run->workspace, run->data, 0, trial->batch, trial->draw));
    for (size_t i = 0; i < count; i++)
        run->parameters[i] = (double)trial->parameters[i];
    return batch_take(run);
}

/* got [parameter_count], including the gradient of the penalty */
static enum weft_status device_gradient(struct gradient_run *run)
{
    const struct step step = device_step_of(run);
    struct update_rule update = run->subject->trial->update;
    update.learning_rate = 0.0f; /* adds only the gradient of the penalty */
    update.optimizer = WEFT_OPTIMIZER_SGD;
    update.clip_norm = update.average_gain = 0.0f;
    TRY(step.backend->parameters_upload(run->workspace, run->subject->trial->parameters));
    TRY(step_forward(&step));
    TRY(step_backward(&step));
    TRY(step_update(&step, false, &update));
    for (size_t l = 0; l < run->network->layer_count; l++) {
        const struct dense_layer *layer = &run->network->layers[l];
        TRY(step.backend->tensor_download(run->workspace, TENSOR_WEIGHT_GRADIENT, l,
                                          run->got + layer->weight_offset));
        if (layer->bias)
            TRY(step.backend->tensor_download(run->workspace, TENSOR_BIAS_GRADIENT, l,
                                              run->got + layer->bias_offset));
        if (layer->batch_norm)
            TRY(step.backend->tensor_download(run->workspace, TENSOR_NORM_GRADIENT, l,
                                              run->got + layer->scale_offset));
    }
    return WEFT_OK;
}

static struct exact_step exact_of(const struct gradient_run *run)
{
    return (struct exact_step){.network = run->network,
                               .batch = run->subject->trial->batch,
                               .x = run->x,
                               .labels = run->subject->trial->labels,
                               .parameters = run->parameters,
                               .rule = &run->rule,
                               .step = &run->step};
}

static enum weft_status reference_gradient(struct gradient_run *run)
{
    const struct exact_step exact = exact_of(run);
    TRY(ref_step_run(run->network, run->parameters, run->x, exact.labels, exact.batch, &run->rule,
                     &run->step));
    return step_bounds_init(&run->bounds, single_precision, &exact);
}

/* ---- tensors ---- */

/* Compares every element of the device's gradient. */
static void span_compare(struct gradient_run *run, const struct span *span)
{
    struct check_result result;
    span_begin(span, "gradient", &result);
    for (size_t i = 0; i < span->count; i++) {
        const size_t p = span->first + i;
        const double got = (double)run->got[p], want = run->step.gradient[p];
        const double bound = run->bounds.gradient[p], error = fabs(got - want);
        run->ratio[p] = error == 0.0 ? 0.0 : isfinite(error) ? error / bound : HUGE_VAL;
        result_note(&result, i, got, want, bound);
    }
    run->sink->result(run->sink->user, &result);
}

/* ---- differences ---- */

static double reference_step(const struct gradient_run *run)
{
    const bool sharp = ref_network_has_kinks(run->network) || network_has_norm(run->network);
    return sharp ? sharp_step : smooth_step;
}

/* Returns what the penalty adds to the gradient of parameter `p`. It is 0 unless `p` is a
 * weight. */
static double penalty_slope(const struct gradient_run *run, const struct span *span, size_t p)
{
    double slope = 0.0;
    if (span->kind == SPAN_WEIGHTS)
        ref_penalty_gradient(&run->parameters[p], 1, run->rule.l1, run->rule.l2, &slope);
    return slope;
}

/* Computes delta_factor times the losses with parameter `p` at `value`. `bound` (may be NULL)
 * receives the error that rounding to float32 may cause. `*crossed` becomes true if `value` lies
 * beyond a kink. */
static enum weft_status reference_loss(struct gradient_run *run, size_t p, double value,
                                       double *loss, double *bound, bool *crossed)
{
    const double before = run->parameters[p];
    struct ref_step step;
    struct exact_step exact = exact_of(run);
    run->parameters[p] = value;
    exact.step = &step;
    enum weft_status status = ref_step_run(run->network, run->parameters, run->x, exact.labels,
                                           exact.batch, &run->rule, &step);
    if (status == WEFT_OK && bound != NULL)
        status = step_loss_bound(single_precision, &exact, bound);
    run->parameters[p] = before;
    if (status == WEFT_OK) {
        *loss = run->rule.delta_factor * step.loss;
        *crossed = *crossed || ref_kink_crossed(run->network, exact.batch, run->step.z, step.z);
        if (bound != NULL)
            *bound *= run->rule.delta_factor;
    }
    ref_step_reset(&step);
    return status;
}

static enum weft_status device_loss(struct gradient_run *run, size_t p, float value, double *loss)
{
    const struct step step = device_step_of(run);
    struct batch_metrics metrics;
    memcpy(run->moved, run->subject->trial->parameters,
           run->network->value_count * sizeof *run->moved);
    run->moved[p] = value;
    TRY(step.backend->parameters_upload(run->workspace, run->moved));
    TRY(step_forward(&step));
    TRY(step.backend->metrics_download(run->workspace, 1, &metrics));
    *loss = run->rule.delta_factor * (double)metrics.loss;
    return WEFT_OK;
}

/* (8 (f(+h) - f(-h)) - (f(+2h) - f(-2h))) / 12h, accurate to h^4. */
static enum weft_status reference_difference(struct gradient_run *run, const struct span *span,
                                             size_t p, double *slope, bool *crossed)
{
    const double h = reference_step(run), w = run->parameters[p];
    double f[4] = {0.0};
    TRY(reference_loss(run, p, w + h, &f[0], NULL, crossed));
    TRY(reference_loss(run, p, w - h, &f[1], NULL, crossed));
    TRY(reference_loss(run, p, w + 2.0 * h, &f[2], NULL, crossed));
    TRY(reference_loss(run, p, w - 2.0 * h, &f[3], NULL, crossed));
    *slope = (8.0 * (f[0] - f[1]) - (f[2] - f[3])) / (12.0 * h) + penalty_slope(run, span, p);
    return WEFT_OK;
}

/* Computes (f(+h) - f(-h)) / 2h on the device, the same by the reference from the same floats, and
 * how far rounding may take the two apart. */
static enum weft_status device_difference(struct gradient_run *run, const struct span *span,
                                          size_t p, double *got, double *want, double *bound)
{
    const float w = run->subject->trial->parameters[p];
    const float up = w + (float)device_step, down = w - (float)device_step;
    const double width = (double)up - (double)down, penalty = penalty_slope(run, span, p);
    double f[2] = {0.0}, g[2] = {0.0}, e[2] = {0.0};
    bool crossed = false; /* does not matter, because both sides cross it */
    TRY(device_loss(run, p, up, &f[0]));
    TRY(device_loss(run, p, down, &f[1]));
    TRY(reference_loss(run, p, (double)up, &g[0], &e[0], &crossed));
    TRY(reference_loss(run, p, (double)down, &g[1], &e[1], &crossed));
    *got = (f[0] - f[1]) / width + penalty;
    *want = (g[0] - g[1]) / width + penalty;
    *bound = (e[0] + e[1]) / width;
    return WEFT_OK;
}

/* Returns parameter number `i` of `directions` in a span. A small span uses all its parameters, a
 * large one uses random parameters. */
static size_t direction(const struct gradient_run *run, const struct span *span, size_t i)
{
    const struct random_stream stream = {run->subject->seed, RANDOM_CHECK,
                                         (uint32_t)(SPAN_KINDS * span->layer + span->kind)};
    if (span->count <= run->subject->directions)
        return span->first + i;
    return span->first + random_bits(stream, i) % span->count;
}

/* Compares the reference's gradient with differences of its own loss. The numbers of the only
 * result are norms over the directions. If the gradient is nearly 0, the rounding of the loss
 * shows. */
static enum weft_status span_reference_check(struct gradient_run *run, const struct span *span)
{
    const size_t directions = size_min(run->subject->directions, span->count);
    double error = 0.0, size = 0.0;
    struct check_result result;
    for (size_t i = 0; i < directions; i++) {
        const size_t p = direction(run, span, i);
        double slope = 0.0;
        bool crossed = false;
        TRY(reference_difference(run, span, p, &slope, &crossed));
        if (crossed)
            continue;
        const double off = slope - run->step.gradient[p];
        error += off * off;
        size += slope * slope;
    }
    const double loss = run->rule.delta_factor * run->step.loss;
    const double rounding = 8.0 * 0x1p-53 * loss * 1.5 / reference_step(run);
    span_begin(span, "reference_difference", &result);
    result_note(&result, 0, sqrt(error), 0.0,
                reference_tolerance * sqrt(size) + sqrt((double)directions) * rounding);
    snprintf(result.array, sizeof result.array, "norm");
    run->sink->result(run->sink->user, &result);
    return WEFT_OK;
}

static enum weft_status span_device_check(struct gradient_run *run, const struct span *span)
{
    const size_t directions = size_min(run->subject->directions, span->count);
    struct check_result result;
    span_begin(span, "device_difference", &result);
    for (size_t i = 0; i < directions; i++) {
        const size_t p = direction(run, span, i);
        double got = 0.0, want = 0.0, bound = 0.0;
        TRY(device_difference(run, span, p, &got, &want, &bound));
        result_note(&result, p - span->first, got, want, bound);
    }
    run->sink->result(run->sink->user, &result);
    return WEFT_OK;
}

/* ---- the worst parameters ---- */

static enum weft_status parameter_describe(struct gradient_run *run, const struct span *span,
                                           size_t p, struct weft_parameter_gradient *parameter)
{
    double want = 0.0, bound = 0.0;
    bool crossed = false;
    *parameter = (struct weft_parameter_gradient){.layer = span->layer,
                                                  .tensor = span_kinds[span->kind].tensor,
                                                  .bias = span->kind == SPAN_BIASES,
                                                  .output = (p - span->first) / span->columns,
                                                  .input = (p - span->first) % span->columns,
                                                  .value = run->parameters[p],
                                                  .device = (double)run->got[p],
                                                  .reference = run->step.gradient[p],
                                                  .ratio = run->ratio[p]};
    TRY(reference_difference(run, span, p, &parameter->reference_difference, &crossed));
    return device_difference(run, span, p, &parameter->device_difference, &want, &bound);
}

/* Picks the largest ratio again and again, because `count` is small. */
static enum weft_status worst_collect(struct gradient_run *run,
                                      struct weft_parameter_gradient *worst, size_t *count)
{
    const size_t parameters = run->network->parameter_count;
    *count = size_min(*count, parameters);
    for (size_t i = 0; i < *count; i++) {
        size_t largest = 0;
        for (size_t p = 1; p < parameters; p++)
            if (run->ratio[p] > run->ratio[largest])
                largest = p;
        const struct span span = span_with(run->network, largest);
        TRY(parameter_describe(run, &span, largest, &worst[i]));
        run->ratio[largest] = -1.0; /* less than any ratio */
    }
    return WEFT_OK;
}

/* ---- the whole check ---- */

static enum weft_status spans_check(struct gradient_run *run)
{
    for (size_t l = 0; l < run->network->layer_count; l++)
        for (enum span_kind kind = SPAN_WEIGHTS; kind < SPAN_KINDS; kind++) {
            const struct span span = span_of(run->network, l, kind);
            if (span.count == 0)
                continue;
            span_compare(run, &span);
            TRY(span_reference_check(run, &span));
            TRY(span_device_check(run, &span));
        }
    return WEFT_OK;
}

static enum weft_status run_all(struct gradient_run *run, struct weft_parameter_gradient *worst,
                                size_t *count)
{
    TRY(run_prepare(run));
    TRY(device_gradient(run));
    TRY(reference_gradient(run));
    TRY(spans_check(run));
    return worst_collect(run, worst, count);
}

enum weft_status gradient_check(struct weft_device *device, const struct gradient_subject *subject,
                                const struct check_sink *sink,
                                struct weft_parameter_gradient *worst, size_t *count)
{
    const struct step_trial *trial = subject->trial;
    struct gradient_run run = {.device = device,
                               .subject = subject,
                               .network = trial->network,
                               .sink = sink,
                               .rule = {.delta_factor = (double)trial->loss.delta_factor,
                                        .l1 = (double)trial->update.l1,
                                        .l2 = (double)trial->update.l2}};
    const struct batch_draw none = {0}, *draw = trial->draw != NULL ? trial->draw : &none;
    const struct ref_draw exact = {draw->seed, draw->epoch, draw->batch};
    run.rule.draw = trial->draw != NULL ? &exact : NULL;
    const enum weft_status status = run_all(&run, worst, count);
    if (run.workspace != NULL)
        device->backend->workspace_destroy(run.workspace);
    if (run.data != NULL)
        device->backend->data_destroy(run.data);
    step_bounds_reset(&run.bounds);
    ref_step_reset(&run.step);
    memory_free(run.x);
    step_capture_reset(&run.batch);
    memory_free(run.ratio);
    memory_free(run.got);
    memory_free(run.moved);
    memory_free(run.parameters);
    return status;
}
