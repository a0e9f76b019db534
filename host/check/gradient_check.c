/* Compares gradients with finite differences. See gradient_check.h. */
#include "check/gradient_check.h"

#include <math.h>
#include <stdio.h>

#include "base/memory.h"
#include "base/random.h"
#include "check/gradient_differences.h"

/* Relative difference between the reference's gradient and its difference quotient, as norms over
 * the directions of a tensor. */
static const double reference_tolerance = 1e-7;

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
        TRY(gradient_reference_difference(run, span, p, &slope, &crossed));
        if (crossed)
            continue;
        const double off = slope - run->step.gradient[p];
        error += off * off;
        size += slope * slope;
    }
    const double loss = run->rule.delta_factor * run->step.loss;
    const double rounding = 8.0 * 0x1p-53 * loss * 1.5 / gradient_reference_step(run);
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
        TRY(gradient_device_difference(run, span, p, &got, &want, &bound));
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
    TRY(gradient_reference_difference(run, span, p, &parameter->reference_difference, &crossed));
    return gradient_device_difference(run, span, p, &parameter->device_difference, &want, &bound);
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
    TRY(gradient_run_compute(run));
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
    gradient_run_reset(&run);
    return status;
}
