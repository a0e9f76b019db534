/* Expected values and error bounds of the repulsion between the points of an embedding. They belong
 * to the table in check_cases.c, whose conventions hold here.
 */
#include <math.h>

#include "check/check_cases.h"
#include "reference/reference.h"

/* Relative error of q = 1 / a, a = 1 + dx^2 + dy^2: all terms of a are positive, so its error is
 * that of the squares, 3 U (the difference counts twice, the product once), and 2 U for the
 * additions. Then q = (1 / (a b)) b has two products and a division of 2.5 ulp. The computed b
 * enters twice and cancels. */
#define Q_ERROR (5.0 * U + 2.0 * U + 2.5 * ULP)

/* q^2 (y_i - y_j) has twice that error, the rounding of the square, of the difference and of the
 * product. */
#define TERM_ERROR (2.0 * Q_ERROR + 3.0 * U)

/* Most additions between a term and the result: within a slice, and then over the slices. */
static double additions(size_t n)
{
    const size_t slice = repulsion_slice_points(n);
    return (double)(size_min(n, slice) + size_divide_up(n, slice));
}

/* The factor 1.01 covers the products of errors. q^2 may be flushed to zero; the difference
 * multiplies that error. */
void expect_repulsion(struct check_case *c)
{
    const size_t n = c->rows;
    const double *y = c->in[0], more = additions(n) * U; /* y [2][n] */
    ref_repulsion(y, n, c->want[1], c->want[2]);
    for (size_t i = 0; i < n; i++) {
        double size[2] = {0.0, 0.0}, flushed[2] = {TINY, TINY};
        for (size_t j = 0; j < n; j++) {
            const double d[2] = {fabs(y[i] - y[j]), fabs(y[n + i] - y[n + j])};
            const double q = 1.0 / (1.0 + d[0] * d[0] + d[1] * d[1]);
            for (size_t k = 0; k < 2; k++) {
                size[k] += q * q * d[k];
                flushed[k] += TINY * (d[k] + 1.0);
            }
        }
        for (size_t k = 0; k < 2; k++)
            c->bound[1][k * n + i] = 1.01 * (TERM_ERROR + more) * size[k] + flushed[k];
        c->bound[2][i] = 1.01 * (Q_ERROR + more) * c->want[2][i] + (double)n * TINY;
    }
}
