/* Expected values and bounds of the batch normalization primitives. They belong to the table in
 * check_cases.c, whose conventions hold here.
 */
#include <math.h>
#include <string.h>

#include "check/check_cases.h"
#include "check/norm_bounds.h"
#include "reference/reference.h"

void expect_norm_statistics(struct check_case *c)
{
    ref_norm_statistics(c->in[0], c->rows, c->columns, c->want[1], c->want[2]);
    for (size_t j = 0; j < c->columns; j++)
        norm_statistics_bound(single_precision, c->in[0] + j, c->rows, c->columns, &c->bound[1][j],
                              &c->bound[2][j]);
}

void expect_norm_forward(struct check_case *c)
{
    ref_norm_forward(c->in[0], c->rows, c->columns, c->in[1], c->in[2], c->in[3], c->in[4],
                     c->want[5]);
    for (size_t i = 0; i < c->rows * c->columns; i++) {
        const size_t j = i % c->columns;
        const struct norm_column column = {.mean = c->in[1][j],
                                           .variance = c->in[2][j],
                                           .scale = c->in[3][j],
                                           .shift = c->in[4][j]};
        c->bound[5][i] = norm_forward_bound(single_precision, &column, c->in[0][i]);
    }
}

void expect_norm_gradient(struct check_case *c)
{
    ref_norm_gradient(c->in[0], c->in[1], c->rows, c->columns, c->in[2], c->in[3], c->want[4],
                      c->want[5]);
    for (size_t j = 0; j < c->columns; j++) {
        const struct norm_column column = {
            .mean = c->in[2][j], .variance = c->in[3][j], .rows = c->rows};
        norm_gradient_bound(single_precision, &column, c->in[0] + j, c->in[1] + j, c->columns,
                            &c->bound[4][j], &c->bound[5][j]);
    }
}

void expect_norm_backward(struct check_case *c)
{
    memcpy(c->want[6], c->in[6], c->rows * c->columns * sizeof *c->want[6]);
    ref_norm_backward(c->in[0], c->rows, c->columns, c->in[1], c->in[2], c->in[3], c->in[4],
                      c->in[5], c->want[6]);
    for (size_t i = 0; i < c->rows * c->columns; i++) {
        const size_t j = i % c->columns;
        const struct norm_column column = {.mean = c->in[1][j],
                                           .variance = c->in[2][j],
                                           .scale = c->in[3][j],
                                           .dscale = c->in[4][j],
                                           .dshift = c->in[5][j],
                                           .rows = c->rows};
        c->bound[6][i] = norm_backward_bound(single_precision, &column, c->in[0][i], c->in[6][i]);
    }
}

void expect_norm_running(struct check_case *c)
{
    const double momentum = (double)c->scalars[0], unbiased = (double)c->scalars[1];
    memcpy(c->want[2], c->in[2], c->columns * sizeof *c->want[2]);
    memcpy(c->want[3], c->in[3], c->columns * sizeof *c->want[3]);
    ref_norm_running(c->in[0], c->in[1], c->columns, momentum, unbiased, c->want[2], c->want[3]);
    for (size_t j = 0; j < c->columns; j++) {
        c->bound[2][j] = norm_running_bound(single_precision, momentum, c->in[2][j], c->in[0][j]);
        c->bound[3][j] =
            norm_running_bound(single_precision, momentum, c->in[3][j], unbiased * c->in[1][j]);
    }
}
