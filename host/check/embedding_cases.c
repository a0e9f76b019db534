/* Expected values and error bounds of the repulsion between the points of an embedding. They belong
 * to the table in check_cases.c. error_analysis.h explains the method. */
#include <math.h>

#include "check/check_cases.h"
#include "reference/reference.h"

/* Roundings of q = 1 / a, a = 1 + dx^2 + dy^2. All terms of a are positive, so its error is that of
 * the squares, 3 (the difference counts twice, the product once), and 2 for the additions. Then q =
 * (1 / (a b)) b has two products and a division. The computed b enters twice and cancels.
 *
 * q^2 (y_i - y_j) has twice these roundings, and one each of the square, the difference and the
 * product. */
enum { Q_U = 5 + 2 + DIVIDE_U, TERM_U = 2 * Q_U + 3 };

/* Returns the most additions between a term and the result: within a slice, and over the slices. */
static size_t additions(size_t n)
{
    const size_t slice = repulsion_slice_points(n);
    return size_min(n, slice) + size_divide_up(n, slice);
}

/* q^2 may be flushed to zero, and then the difference multiplies that error. */
void expect_repulsion(struct check_case *c)
{
    const struct precision in = single_precision;
    const size_t n = c->rows;
    const double *y = c->in[0]; /* [2][n] */
    const double term = roundings_bound(in, TERM_U + additions(n));
    const double q_error = roundings_bound(in, Q_U + additions(n));
    ref_repulsion(y, n, c->want[1], c->want[2]);
    for (size_t i = 0; i < n; i++) {
        double size[2] = {0.0, 0.0}, flushed[2] = {in.tiny, in.tiny};
        for (size_t j = 0; j < n; j++) {
            const double d[2] = {fabs(y[i] - y[j]), fabs(y[n + i] - y[n + j])};
            const double q = 1.0 / (1.0 + d[0] * d[0] + d[1] * d[1]);
            for (size_t k = 0; k < 2; k++) {
                size[k] += q * q * d[k];
                flushed[k] += in.tiny * (d[k] + 1.0);
            }
        }
        for (size_t k = 0; k < 2; k++)
            c->bound[1][k * n + i] = term * size[k] + flushed[k];
        c->bound[2][i] = q_error * c->want[2][i] + (double)n * in.tiny;
    }
}
