/* Expected values and error bounds of targets and losses. They belong to the table in
 * check_cases.c, whose conventions hold here.
 */
#include <float.h>
#include <math.h>
#include <string.h>

#include "check/check_cases.h"
#include "reference/reference.h"

static void bound_exact(struct check_case *c, size_t array, size_t n)
{
    memset(c->bound[array], 0, n * sizeof *c->bound[array]);
}

/* Expects the sample weights in the order of the batch. */
static void want_weights(struct check_case *c)
{
    for (size_t r = 0; r < c->rows; r++)
        c->want[4][r] = c->in[1][c->integers[2][r]];
    bound_exact(c, 4, c->rows);
}

/* y = keep + spread, or spread: at most one rounding. */
void expect_label_targets(struct check_case *c)
{
    ref_label_targets(c->integers[0], c->rows, c->columns, (double)c->scalars[0],
                      (double)c->scalars[1], c->want[3]);
    for (size_t i = 0; i < c->rows * c->columns; i++)
        c->bound[3][i] = U * fabs(c->want[3][i]);
    want_weights(c);
}

/* y = keep t + spread: a product and a sum. */
void expect_gather_targets(struct check_case *c)
{
    const double keep = (double)c->scalars[0], spread = (double)c->scalars[1];
    ref_gather_targets(c->in[0], c->integers[2], c->rows, c->columns, keep, spread, c->want[3]);
    for (size_t i = 0; i < c->rows * c->columns; i++)
        c->bound[3][i] = 1.01 * U * (fabs(c->want[3][i] - spread) + fabs(c->want[3][i])) + TINY;
    want_weights(c);
}

/* Expects the exact number of correct predictions. */
static void want_correct(struct check_case *c)
{
    for (size_t r = 0; r < c->rows; r++)
        c->want[5][r] = c->counts[r];
    bound_exact(c, 5, c->rows);
}

/* loss = weight sum y (log sum - (z - max)). The errors are the argument of the log, the log and
 * both differences, then two products and a sum of terms that are not negative. A difference that
 * overflows stays infinite unless y is 0. */
static void cross_entropy_expect(struct check_case *c, size_t r)
{
    const size_t columns = c->columns, row = r * columns;
    const double *z = c->in[0] + row, *y = c->in[1] + row, *p = c->scratch + row;
    const double largest = case_row_largest(z, columns), sum_error = case_sum_error(z, p, columns);
    double log_sum = 0.0, error = 0.0;
    for (size_t i = 0; i < columns; i++)
        log_sum += exp(z[i] - largest);
    /* cppcheck-suppress invalidFunctionArg ; a row has at least one column */
    log_sum = log(log_sum);
    for (size_t i = 0; i < columns; i++) {
        const double fall = largest - z[i];
        if (y[i] > 0.0 && isinf((float)fall))
            c->want[4][r] = HUGE_VAL;
        error += y[i] * (1.01 * sum_error + 3.0 * ULP * log_sum + U * fall + U * (log_sum + fall));
    }
    c->bound[4][r] = isinf(c->want[4][r])
                         ? 0.0
                         : c->in[2][r] * error + (double)(columns + 3) * U * c->want[4][r] +
                               (double)columns * TINY;
}

void expect_softmax_cross_entropy(struct check_case *c)
{
    const double factor = (double)c->scalars[0];
    ref_softmax_cross_entropy(c->in[0], c->in[1], c->in[2], c->rows, c->columns, factor, c->want[3],
                              c->want[4], c->counts);
    want_correct(c);
    ref_softmax_rows(c->in[0], c->rows, c->columns, c->scratch);
    for (size_t r = 0; r < c->rows; r++) {
        const size_t row = r * c->columns;
        double *bound = c->bound[3] + row, whole = 0.0;
        for (size_t i = 0; i < c->columns; i++)
            whole += c->in[1][row + i];
        /* dz = factor weight (p sum y - y): the errors of p, of the sum and of their product, then
         * one rounding each of the difference and the other products */
        case_softmax_row_bound(c->in[0] + row, c->scratch + row, c->columns, bound);
        for (size_t i = 0; i < c->columns; i++)
            bound[i] = 1.01 * factor * c->in[2][r] * whole *
                           (bound[i] + (double)(c->columns + 1) * U * c->scratch[row + i]) +
                       3.03 * U * fabs(c->want[3][row + i]) + TINY;
        cross_entropy_expect(c, r);
    }
}

void expect_sigmoid_cross_entropy(struct check_case *c)
{
    const double factor = (double)c->scalars[0];
    ref_sigmoid_cross_entropy(c->in[0], c->in[1], c->in[2], c->rows, c->columns, factor,
                              c->scalars[1] == 1.0f, c->scalars[1] == 2.0f, c->want[3], c->want[4],
                              c->counts);
    want_correct(c);
    /* The errors are two sigmoids, each with a product or two, their difference, and the scale. The
     * reference's own difference p - y is accurate to 2^-52 of 1. */
    for (size_t i = 0; i < c->rows * c->columns; i++) {
        const double scale = factor * c->in[2][i / c->columns], y = c->in[1][i];
        double p[2] = {c->in[0][i], -c->in[0][i]};
        ref_sigmoid_forward(p, 2);
        c->bound[3][i] =
            1.01 * scale * (SIGMOID_ULPS * ULP + 2.0 * U) * ((1.0 - y) * p[0] + y * p[1]) +
            3.03 * U * fabs(c->want[3][i]) + scale * 0x1p-52 + 2.0 * TINY;
    }
    /* A term is a log1p (2 ulp) of an exp (3 ulp), two products and two sums. All terms are
     * positive. */
    for (size_t r = 0; r < c->rows; r++)
        c->bound[4][r] = (6.0 * ULP + (double)(c->columns + 5) * U) * c->want[4][r] +
                         3.0 * (double)c->columns * TINY;
}

void expect_identity_squared_error(struct check_case *c)
{
    const double factor = (double)c->scalars[0];
    ref_identity_squared_error(c->in[0], c->in[1], c->in[2], c->rows, c->columns, factor,
                               c->scalars[1] == 1.0f, c->want[3], c->want[4], c->counts);
    want_correct(c);
    for (size_t i = 0; i < c->rows * c->columns; i++)
        c->bound[3][i] = 3.03 * U * fabs(c->want[3][i]) + TINY;
    for (size_t r = 0; r < c->rows; r++)
        c->bound[4][r] =
            ((double)c->columns + 5.0) * U * c->want[4][r] + 2.0 * (double)c->columns * TINY;
}
