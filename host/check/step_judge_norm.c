/* The batch normalization stages of a judged step, each judged from what the device gave. See
 * judge.h.
 *
 * The delta that reaches such a layer is gone when a step is over, because dq takes its place. The
 * reference computes it from the delta above. Its bound enters the bounds of everything that
 * follows.
 */
#include <string.h>

#include "check/error_norm.h"
#include "check/judge.h"

/* Returns the batch mean [O] that the device computed, followed by the variance [O]. */
static const double *statistics_of(const struct judge *judge, size_t l)
{
    const struct network *network = judge->trial->network;
    return judge->capture->statistics + (network->layers[l].mean_offset - network->parameter_count);
}

static struct norm_layer norm_of(const struct judge *judge, size_t l)
{
    const struct dense_layer *layer = &judge->trial->network->layers[l];
    return (struct norm_layer){.rows = judge->trial->batch,
                               .slices = judge->trial->slices,
                               .columns = layer->outputs,
                               .q = judge->capture->q[l],
                               .mean = statistics_of(judge, l),
                               .variance = statistics_of(judge, l) + layer->outputs,
                               .scale = judge->parameters + layer->scale_offset,
                               .shift = judge->parameters + layer->shift_offset};
}

/* got, want and bounds [rows][columns] */
static void numbers_tell(const struct judge *judge, size_t l, const char *name, const char *array,
                         const double *got, const double *want, const double *bounds, size_t rows)
{
    const size_t columns = judge->trial->network->layers[l].outputs;
    struct check_result result;
    result_begin(&result, name, array);
    result_layer_shape(&result, l, rows, columns);
    for (size_t i = 0; i < rows * columns; i++)
        result_note(&result, i, got[i], want[i], bounds[i]);
    judge_tell(judge, &result);
}

/* Scratch for two numbers of each column and for their bounds. */
struct columns {
    double *first, *second;     /* [O] */
    double *e_first, *e_second; /* [O] */
};

static struct columns columns_of(const struct judge *judge, size_t l)
{
    const size_t outputs = judge->trial->network->layers[l].outputs;
    return (struct columns){judge->norm, judge->norm + outputs, judge->norm + 2 * outputs,
                            judge->norm + 3 * outputs};
}

static void statistics_judge(struct judge *judge, size_t l)
{
    const struct norm_layer norm = norm_of(judge, l);
    const struct columns want = columns_of(judge, l); /* mean and variance */
    ref_norm_statistics(norm.q, norm.rows, norm.columns, want.first, want.second);
    norm_statistics_errors(judge->in, &norm, want.e_first, want.e_second);
    numbers_tell(judge, l, "norm_statistics", "mean", norm.mean, want.first, want.e_first, 1);
    numbers_tell(judge, l, "norm_statistics", "variance", norm.variance, want.second, want.e_second,
                 1);
}

/* Judges the running statistics, which follow the parameters. A batch of one sample leaves them
 * unchanged. */
static void running_judge(struct judge *judge, size_t l)
{
    const struct dense_layer *layer = &judge->trial->network->layers[l];
    const struct norm_layer norm = norm_of(judge, l);
    const struct columns want = columns_of(judge, l);
    const double *mean = judge->parameters + layer->mean_offset;
    const double *variance = judge->parameters + layer->variance_offset;
    const double n = (double)norm.rows, unbiased = n / (n - 1.0);
    const double momentum = (double)NORM_MOMENTUM;
    const bool runs = norm.rows > 1;
    memcpy(want.first, mean, norm.columns * sizeof *mean);
    memcpy(want.second, variance, norm.columns * sizeof *variance);
    if (runs)
        ref_norm_running(norm.mean, norm.variance, norm.columns, momentum, unbiased, want.first,
                         want.second);
    for (size_t j = 0; j < norm.columns; j++) {
        want.e_first[j] =
            runs ? norm_running_bound(judge->in, momentum, mean[j], norm.mean[j]) : 0.0;
        want.e_second[j] =
            runs ? norm_running_bound(judge->in, momentum, variance[j], unbiased * norm.variance[j])
                 : 0.0;
    }
    numbers_tell(judge, l, "norm_running", "mean", judge->capture->updated + layer->mean_offset,
                 want.first, want.e_first, 1);
    numbers_tell(judge, l, "norm_running", "variance",
                 judge->capture->updated + layer->variance_offset, want.second, want.e_second, 1);
}

void judge_norm_forward(struct judge *judge, size_t l)
{
    const struct norm_layer norm = norm_of(judge, l);
    statistics_judge(judge, l);
    running_judge(judge, l);
    ref_norm_forward(norm.q, norm.rows, norm.columns, norm.mean, norm.variance, norm.scale,
                     norm.shift, judge->want);
    norm_forward_errors(judge->in, &norm, judge->want, judge->e_delta);
    numbers_tell(judge, l, "norm_forward", "z", judge->capture->z[l], judge->want, judge->e_delta,
                 norm.rows);
}

void judge_norm_backward(struct judge *judge, size_t l)
{
    const struct dense_layer *layer = &judge->trial->network->layers[l];
    const struct norm_layer norm = norm_of(judge, l);
    const struct columns want = columns_of(judge, l); /* dscale and dshift */
    /* as the device has them */
    const double *dscale = judge->capture->gradient + layer->scale_offset;
    const double *dshift = judge->capture->gradient + layer->shift_offset;
    const struct norm_deltas deltas = {
        .dz = judge->want, .e_dz = judge->e_delta, .dscale = dscale, .dshift = dshift};
    ref_norm_gradient(norm.q, judge->want, norm.rows, norm.columns, norm.mean, norm.variance,
                      want.first, want.second);
    norm_gradient_errors(judge->in, &norm, &deltas, want.e_first, want.e_second);
    numbers_tell(judge, l, "norm_gradient", "dscale", dscale, want.first, want.e_first, 1);
    numbers_tell(judge, l, "norm_gradient", "dshift", dshift, want.second, want.e_second, 1);
    norm_backward_errors(judge->in, &norm, &deltas, judge->e_delta);
    ref_norm_backward(norm.q, norm.rows, norm.columns, norm.mean, norm.variance, norm.scale, dscale,
                      dshift, judge->want);
    numbers_tell(judge, l, "delta", "dq", judge->capture->dz[l], judge->want, judge->e_delta,
                 norm.rows);
}
