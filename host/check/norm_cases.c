/* Expected values and bounds of batch normalization. See check_cases.h. Its inputs are moderate, so
 * the numbers that may overflow on their way are few, and their bounds are infinite. */
#include "check/check_cases.h"
#include "check/error_norm.h"
#include "reference/reference.h"

/* Returns a layer whose q is the first array, followed by mean and variance at `statistics`, then
 * scale and shift. */
static struct norm_layer layer_of(const struct check_case *c, size_t statistics)
{
    return (struct norm_layer){.rows = c->rows,
                               .columns = c->columns,
                               .q = c->in[0],
                               .mean = c->in[statistics],
                               .variance = c->in[statistics + 1],
                               .scale = c->in[statistics + 2],
                               .shift = c->in[statistics + 3]};
}

void expect_norm_statistics(struct check_case *c)
{
    const struct norm_layer layer = layer_of(c, 1);
    ref_norm_statistics(layer.q, c->rows, c->columns, c->want[1], c->want[2]);
    norm_statistics_errors(single_precision, &layer, c->bound[1], c->bound[2]);
}

void expect_norm_forward(struct check_case *c)
{
    const struct norm_layer layer = layer_of(c, 1);
    ref_norm_forward(layer.q, c->rows, c->columns, layer.mean, layer.variance, layer.scale,
                     layer.shift, c->want[5]);
    norm_forward_errors(single_precision, &layer, c->want[5], c->bound[5]);
}

void expect_norm_gradient(struct check_case *c)
{
    const struct norm_layer layer = layer_of(c, 2);
    const struct norm_deltas deltas = {.dz = c->in[1]};
    ref_norm_gradient(layer.q, deltas.dz, c->rows, c->columns, layer.mean, layer.variance,
                      c->want[4], c->want[5]);
    norm_gradient_errors(single_precision, &layer, &deltas, c->bound[4], c->bound[5]);
}

void expect_norm_backward(struct check_case *c)
{
    const struct norm_layer layer = layer_of(c, 1);
    const struct norm_deltas deltas = {.dz = c->in[6], .dscale = c->in[4], .dshift = c->in[5]};
    case_want_input(c, 6, case_size(c));
    ref_norm_backward(layer.q, c->rows, c->columns, layer.mean, layer.variance, layer.scale,
                      deltas.dscale, deltas.dshift, c->want[6]);
    norm_backward_errors(single_precision, &layer, &deltas, c->bound[6]);
}

void expect_norm_running(struct check_case *c)
{
    const double momentum = (double)c->scalars[0], unbiased = (double)c->scalars[1];
    case_want_input(c, 2, c->columns);
    case_want_input(c, 3, c->columns);
    ref_norm_running(c->in[0], c->in[1], c->columns, momentum, unbiased, c->want[2], c->want[3]);
    for (size_t j = 0; j < c->columns; j++) {
        c->bound[2][j] = norm_running_bound(single_precision, momentum, c->in[2][j], c->in[0][j]);
        c->bound[3][j] =
            norm_running_bound(single_precision, momentum, c->in[3][j], unbiased * c->in[1][j]);
    }
}
