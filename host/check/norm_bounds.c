/* Error bounds of batch normalization. See norm_bounds.h.
 *
 * Additions may run in any order, so each of n numbers in a sum counts n roundings.
 */
#include "check/norm_bounds.h"

#include "backend/primitive.h"
#include "base/memory.h"
#include "check/optimizer_bounds.h"

/* rstd = 1 / sqrt(variance + epsilon). The root leaves half of the roundings of epsilon and of the
 * sum. Then follow the root, the division, and one rounding for the products of their errors. */
enum { RSTD_U = 1 + SQRT_U + DIVIDE_U + 1 };

static double rstd_of(const struct norm_column *column)
{
    return 1.0 / sqrt(column->variance + 1e-5);
}

/* A backend uses at most k slices of h rows. D and V are the roots of the means of d^2 and
 * (q - mean)^2, so the means of |d| and |q - mean| are at most D and V.
 *
 * Within a slice, the middle m is off from the mean by `middle`: h additions of d, their own
 * rounding, the division, and the rounding of m. So e = q - m has the mean square T^2 = V^2 +
 * middle^2, and
 *
 *   e(sum e / h) = `rest`: h additions of e, its rounding, the division
 *   e(M / n) = g_(h + 4) T^2 of the squares, in which e counts twice; their correction, at most
 *       middle^2: 2 middle rest + rest^2 and g_(2 + DIVIDE_U) of it; the difference
 *   e(d_s) = `part`: rest, m - q_0 and their sum
 *
 * The merge weights, adds and divides the means d_s. `whole` is the error of d. The errors of the
 * distances d_s - d, which are V on average, count once. The error of d itself counts only squared,
 * because the distances sum to 0.
 *
 * So if the first row is an outlier, D is large and V is not. D then enters only by u V D and by
 * the squares of g_h D. The reference has two passes. Its mean is off by n 2^-53 mean |q|, which
 * its variance counts squared. The last terms also cover a backend that sums in double. */
void norm_spread_bound(struct precision in, const struct norm_spread *spread, double *e_mean,
                       double *e_variance)
{
    const size_t h = size_min(norm_slice_rows(spread->rows), spread->rows), k = NORM_SLICES;
    const double n = (double)spread->rows, far = spread->distance, near = spread->deviation;
    const double reference = n * 0x1p-53 * spread->size;
    const double middle = roundings_bound(in, h + 2 + DIVIDE_U) * far + in.u * spread->largest;
    const double root = sqrt(near * near + middle * middle);
    const double rest = roundings_bound(in, h + 2 + DIVIDE_U) * root;
    const double part = rest + roundings_bound(in, 3) * (far + middle + rest);
    const double whole = part + roundings_bound(in, k + 3 + DIVIDE_U) * (far + part);
    const double squares = near + part + whole;
    *e_mean = *e_variance = HUGE_VAL;
    if (!(n * far * far <= in.largest))
        return;
    *e_mean = whole + in.u * (fabs(spread->mean) + whole) + (double)(h + k) * in.tiny;
    *e_variance = roundings_bound(in, h + k + 8 + 2 * DIVIDE_U) * root * root +
                  2.0 * middle * rest + rest * rest + 2.0 * near * part + whole * whole +
                  roundings_bound(in, k + 5 + DIVIDE_U) * squares * squares +
                  reference * reference + (4.0 + 4.0 * far) * (double)(h + k) * in.tiny;
}

void norm_statistics_bound(struct precision in, const double *q, size_t rows, size_t stride,
                           double *e_mean, double *e_variance)
{
    const double n = (double)rows;
    struct norm_spread spread = {.rows = rows};
    double distances = 0.0, deviations = 0.0;
    for (size_t i = 0; i < rows; i++) {
        spread.mean += q[i * stride] / n;
        spread.size += fabs(q[i * stride]) / n;
        spread.largest = fmax(spread.largest, fabs(q[i * stride]));
    }
    for (size_t i = 0; i < rows; i++) {
        const double d = q[i * stride] - q[0], deviation = q[i * stride] - spread.mean;
        distances += d * d / n;
        deviations += deviation * deviation / n;
    }
    spread.distance = sqrt(distances);
    spread.deviation = sqrt(deviations);
    norm_spread_bound(in, &spread, e_mean, e_variance);
}

/* The roundings of q - mean, of the factor scale rstd, of their product, then of the sum. Later
 * factors multiply results that are flushed on the way. */
double norm_forward_bound(struct precision in, const struct norm_column *column, double q)
{
    const double d = fabs(q - column->mean), factor = fabs(column->scale) * rstd_of(column);
    const double x = factor * d, size = x + fabs(column->shift);
    if (!(size <= in.largest))
        return HUGE_VAL;
    return roundings_bound(in, RSTD_U + 3) * x + 1.01 * in.u * size + (factor + d + 2.0) * in.tiny;
}

/* P = sum |du (q - mean)|, and each term has two roundings. This gives g_(n + 2) P, then rstd and a
 * product. */
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
 * slope = rstd dscale / B. du passes through two differences, and the factor with its product. even
 * passes through one more division. slope d passes through a division, rstd, d and two products
 * more, and one difference less. */
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

/* The roundings are 1 - momentum, its product and the sum, and the two products of `batch` and the
 * sum. */
double norm_running_bound(struct precision in, double momentum, double running, double batch)
{
    const double size = fabs((1.0 - momentum) * running) + fabs(momentum * batch);
    const bool fits = size <= in.largest && fabs(batch) <= in.largest;
    return fits ? roundings_bound(in, 3) * size + 3.0 * in.tiny : HUGE_VAL;
}
