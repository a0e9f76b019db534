/* Finite differences of the losses of the reference and of a device. See gradient_differences.h.
 *
 * The differentiated function is delta_factor times the sum of the losses over all classes. The
 * derivative of the penalty is known, so it is added to the difference quotients.
 */
#include "check/gradient_differences.h"

#include <string.h>

#include "weft_device.h"

/* Steps of the differences, for parameters of the order of 1. The reference's difference is
 * accurate to h^4. Its step is short where activations have kinks, so that it seldom crosses one.
 * It is also short with batch normalization, which bends as sharply where samples are hardly apart.
 * The device's loss has only 24 bits, and a small step would leave none of them. */
static const double smooth_step = 1e-3, sharp_step = 1e-6, device_step = 0x1p-5;

double gradient_reference_step(const struct gradient_run *run)
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
    struct exact_step exact = gradient_exact(run);
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
    const struct step step = gradient_device_step(run);
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
enum weft_status gradient_reference_difference(struct gradient_run *run, const struct span *span,
                                               size_t p, double *slope, bool *crossed)
{
    const double h = gradient_reference_step(run), w = run->parameters[p];
    double f[4] = {0.0};
    TRY(reference_loss(run, p, w + h, &f[0], NULL, crossed));
    TRY(reference_loss(run, p, w - h, &f[1], NULL, crossed));
    TRY(reference_loss(run, p, w + 2.0 * h, &f[2], NULL, crossed));
    TRY(reference_loss(run, p, w - 2.0 * h, &f[3], NULL, crossed));
    *slope = (8.0 * (f[0] - f[1]) - (f[2] - f[3])) / (12.0 * h) + penalty_slope(run, span, p);
    return WEFT_OK;
}

/* (f(+h) - f(-h)) / 2h, where h is as exact as floats allow. */
enum weft_status gradient_device_difference(struct gradient_run *run, const struct span *span,
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
