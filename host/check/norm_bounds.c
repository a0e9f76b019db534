/* Error bounds of batch normalization. See norm_bounds.h.
 *
 * Additions may run in any order: a sum of n numbers counts n roundings for each.
 */
#include "check/norm_bounds.h"

#include "check/optimizer_bounds.h"

/* rstd = 1 / sqrt(variance + epsilon): the roundings of epsilon and of the sum, of which the root
 * leaves half; the root; the divide; one for their products. */
enum { RSTD_U = 1 + SQRT_U + DIVIDE_U + 1 };

static double rstd_of(const struct norm_column *column)
{
    return 1.0 / sqrt(column->variance + 1e-5);
}

/* With d_i = q_i - q_0, S = sum |d_i| and T = sum d_i^2, rounded once, and three times each:
 *   e(S1 / n) = g_(n + 1 + DIVIDE_U) S / n, and e(mean) adds u (|mean| + e)
 *   variance = T / n - (S1 / n)^2: g_(n + 3 + DIVIDE_U) of T / n; twice what S1 / n has, and one,
 *   of its square, which is (S / n)^2 at most; one of the difference
 * Where the first sample lies z standard deviations from the mean, T / n is 1 + z^2 variances: so
 * much the bound exceeds that of two passes, wherever 0 is. The reference has two, and its mean is
 * off by n 2^-53 mean |q|, which its variance counts squared. */
void norm_statistics_bound(struct precision in, const double *q, size_t rows, size_t stride,
                           double *e_mean, double *e_variance)
{
    const double n = (double)rows;
    double sum = 0.0, size = 0.0, squares = 0.0, numbers = 0.0;
    for (size_t i = 0; i < rows; i++) {
        const double d = q[i * stride] - q[0];
        numbers += fabs(q[i * stride]);
        sum += d;
        size += fabs(d);
        squares += d * d;
    }
    if (!(squares <= in.largest)) {
        *e_mean = *e_variance = HUGE_VAL;
        return;
    }
    const double reference = 0x1p-53 * numbers;
    const double moved = roundings_bound(in, rows + 1 + DIVIDE_U) * size / n + in.tiny;
    *e_mean = moved + in.u * (fabs(q[0] + sum / n) + moved) + in.tiny;
    *e_variance = roundings_bound(in, rows + 4 + DIVIDE_U) * squares / n +
                  roundings_bound(in, 2 * (rows + 1 + DIVIDE_U) + 2) * size * size / (n * n) +
                  reference * reference + (3.0 + 2.0 * size / n) * in.tiny;
}

/* q - mean, the factor scale rstd, their product; then the sum. What is flushed on the way is
 * multiplied by what follows. */
double norm_forward_bound(struct precision in, const struct norm_column *column, double q)
{
    const double d = fabs(q - column->mean), factor = fabs(column->scale) * rstd_of(column);
    const double x = factor * d, size = x + fabs(column->shift);
    if (!(size <= in.largest))
        return HUGE_VAL;
    return roundings_bound(in, RSTD_U + 3) * x + 1.01 * in.u * size + (factor + d + 2.0) * in.tiny;
}

/* P = sum |du (q - mean)|, each term with two roundings: g_(n + 2) of it, then rstd and a product
 */
void norm_gradient_bound(struct precision in, const struct norm_column *column, const double *q,
                         const double *du, size_t stride, double *e_dscale, double *e_dshift)
{
    const size_t n = column->rows;
    const double rstd = rstd_of(column);
    double size = 0.0, deltas = 0.0;
    for (size_t i = 0; i < n; i++) {
        size += fabs(du[i * stride] * (q[i * stride] - column->mean));
        deltas += fabs(du[i * stride]);
    }
    *e_dshift = sum_bound(in, du, NULL, n, stride);
    *e_dscale = HUGE_VAL;
    if (size <= in.largest && rstd * size <= in.largest)
        *e_dscale = roundings_bound(in, n + 2 + RSTD_U + 1) * rstd * size +
                    (rstd * (deltas + (double)n) + 1.0) * in.tiny;
}

/* dq = factor (du - even - slope d), factor = scale rstd, even = dshift / B, d = q - mean,
 * slope = rstd dscale / B. du passes two differences and the factor with its product; even a
 * divide more; slope d besides a divide, rstd, d and two products, less one difference. */
double norm_backward_bound(struct precision in, const struct norm_column *column, double q,
                           double du)
{
    enum { LAST = RSTD_U + 2 }; /* the factor and its product */
    const double batch = (double)column->rows, rstd = rstd_of(column);
    const double factor = fabs(column->scale) * rstd, d = fabs(q - column->mean);
    const double even = fabs(column->dshift) / batch;
    const double slope = rstd * fabs(column->dscale) / batch;
    const double size = fabs(du) + even + slope * d;
    if (!(size <= in.largest) || !(factor * size <= in.largest))
        return HUGE_VAL;
    const double flushed = factor * (4.0 + slope + d * (1.0 + rstd)) + size + 1.0;
    return factor * (roundings_bound(in, 2 + LAST) * fabs(du) +
                     roundings_bound(in, DIVIDE_U + 2 + LAST) * even +
                     roundings_bound(in, DIVIDE_U + RSTD_U + 4 + LAST) * slope * d) +
           flushed * in.tiny;
}

/* 1 - momentum, its product and the sum; the batch's two products and the sum. */
double norm_running_bound(struct precision in, double momentum, double running, double batch)
{
    const double size = fabs((1.0 - momentum) * running) + fabs(momentum * batch);
    const bool fits = size <= in.largest && fabs(batch) <= in.largest;
    return fits ? roundings_bound(in, 3) * size + 3.0 * in.tiny : HUGE_VAL;
}
