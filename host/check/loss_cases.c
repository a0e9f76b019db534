/* Expected values and error bounds of the losses that labels judge; a part of check_cases.c, whose
 * conventions hold here. Those of dense targets are in target_cases.c.
 */
#include <math.h>
#include <string.h>

#include "check/check_cases.h"
#include "reference/reference.h"

/* Hits are exact. */
static void want_correct(struct check_case *c)
{
    for (size_t r = 0; r < c->rows; r++)
        c->want[4][r] = c->counts[r];
    memset(c->bound[4], 0, c->rows * sizeof *c->bound[4]);
}

/* loss = log sum - (z_label - largest): the log's argument, the log, both differences. */
static double cross_entropy_bound(const double *z, const double *p, size_t columns, size_t label,
                                  double loss)
{
    const double largest = case_row_largest(z, columns);
    const double log_sum = loss + (z[label] - largest);
    return 1.01 * case_sum_error(z, p, columns) + 3.0 * ULP * fabs(log_sum) +
           U * fabs(z[label] - largest) + U * fabs(loss) + TINY;
}

void expect_softmax_cross_entropy(struct check_case *c)
{
    const double factor = (double)c->scalars[0];
    ref_softmax_cross_entropy(c->in[0], c->integers[1], c->rows, c->columns, factor, c->want[2],
                              c->want[3], c->counts);
    want_correct(c);
    ref_softmax_rows(c->in[0], c->rows, c->columns, c->scratch);
    for (size_t r = 0; r < c->rows; r++) {
        const size_t row = r * c->columns;
        const double *z = c->in[0] + row, *p = c->scratch + row;
        double *bound = c->bound[2] + row;
        /* dz = factor (p - y): p's error, one rounding each for the difference and the product */
        case_softmax_row_bound(z, p, c->columns, bound);
        for (size_t i = 0; i < c->columns; i++)
            bound[i] = factor * bound[i] + 1.01 * ULP * fabs(c->want[2][row + i]) + TINY;
        c->bound[3][r] =
            cross_entropy_bound(z, p, c->columns, (size_t)c->integers[1][r], c->want[3][r]);
    }
}

void expect_sigmoid_cross_entropy(struct check_case *c)
{
    const double factor = (double)c->scalars[0];
    const bool true_class_only = c->scalars[1] != 0.0f;
    ref_sigmoid_cross_entropy(c->in[0], c->integers[1], c->rows, c->columns, factor,
                              true_class_only, c->want[2], c->want[3], c->counts);
    want_correct(c);
    /* The reference's own difference p - y is good to 2^-52 of 1. */
    for (size_t i = 0; i < c->rows * c->columns; i++)
        c->bound[2][i] = (SIGMOID_ULPS + 1.0) * ULP * fabs(c->want[2][i]) + factor * 0x1p-52 + TINY;
    /* A term is a maximum and a log1p (2 ulp) of an exp (3 ulp), all terms are positive. */
    for (size_t r = 0; r < c->rows; r++)
        c->bound[3][r] =
            (6.0 * ULP + (double)c->columns * U) * c->want[3][r] + (double)c->columns * TINY;
}

void expect_identity_squared_error(struct check_case *c)
{
    const double factor = (double)c->scalars[0];
    ref_identity_squared_error(c->in[0], c->integers[1], c->rows, c->columns, factor, c->want[2],
                               c->want[3], c->counts);
    want_correct(c);
    for (size_t i = 0; i < c->rows * c->columns; i++)
        c->bound[2][i] = 1.01 * ULP * fabs(c->want[2][i]) + TINY;
    for (size_t r = 0; r < c->rows; r++)
        c->bound[3][r] = ((double)c->columns + 4.0) * U * c->want[3][r] + (double)c->columns * TINY;
}
