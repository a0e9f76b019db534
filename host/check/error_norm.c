/* Error bounds of batch normalization. See error_norm.h. The formula of each number stands above
 * it. |.| always means the size of an exact number. s(x) = |x| + e(x) is the size of a computed x.
 */
#include "check/error_norm.h"

#include "backend/primitive.h"
#include "train/slice_group.h"

static const double epsilon = 1e-5;

/* rstd = 1 / sqrt(variance + epsilon). The root halves the roundings of epsilon and of the sum.
 * Then follow the root and the division. */
enum { RSTD_U = 1 + SQRT_U + DIVIDE_U };

/* A computed number and its error. */
struct computed {
    double value, e;
};

static double size_of(struct computed x)
{
    return fabs(x.value) + x.e;
}

/* x y with `roundings` roundings of its size */
static struct computed product_of(struct precision in, struct computed x, struct computed y,
                                  double roundings)
{
    const double size = size_of(x) * size_of(y), value = x.value * y.value;
    const double moved = x.e * size_of(y) + fabs(x.value) * y.e;
    if (!(size <= in.largest))
        return (struct computed){value, HUGE_VAL};
    return (struct computed){value, moved + roundings * in.u * size + in.tiny};
}

/* x - y */
static struct computed difference_of(struct precision in, struct computed x, struct computed y)
{
    const double value = x.value - y.value, e = x.e + y.e;
    if (!(fabs(value) + e <= in.largest))
        return (struct computed){value, HUGE_VAL};
    return (struct computed){value, e + in.u * (fabs(value) + e) + in.tiny};
}

/* Returns number `i` of `values`. `errors` may be NULL. */
static struct computed number(const double *values, const double *errors, size_t i)
{
    return (struct computed){values[i], errors != NULL ? errors[i] : 0.0};
}

/* Returns rstd of column j. A computed variance is never below 0. */
static struct computed rstd_of(struct precision in, const struct norm_layer *layer, size_t j)
{
    const struct computed variance = number(layer->variance, layer->e_variance, j);
    const double sum = variance.value + epsilon, rstd = 1.0 / sqrt(sum);
    const double least = fmax(sum - variance.e, epsilon);
    const double moved = 1.0 / sqrt(least) - rstd; /* the root is steeper below */
    return (struct computed){rstd, moved + roundings_bound(in, RSTD_U) * (rstd + moved)};
}

/* q - mean in row i of column j */
static struct computed centered(struct precision in, const struct norm_layer *layer, size_t i,
                                size_t j)
{
    return difference_of(in, number(layer->q, layer->e_q, i * layer->columns + j),
                         number(layer->mean, layer->e_mean, j));
}

/* ---- statistics ---- */

/* How the numbers q of a column are spread, as far apart as their errors allow. All means are over
 * its rows. */
struct spread {
    size_t rows;
    double largest;   /* largest |q| */
    double mean;      /* size of the mean of q */
    double size;      /* mean of |q| */
    double distance;  /* root of the mean of d^2, d = q - q_0 */
    double deviation; /* root of the mean of (q - mean)^2 */
};

/* Computes what the computation of mean and variance adds to e(mean) and e(variance).
 *
 * A backend uses at most k slices of h rows. D and V are the roots of the means of d^2 and
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
static void spread_bounds(struct precision in, const struct spread *spread, double *e_mean,
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
    *e_mean = whole + in.u * (spread->mean + whole) + (double)(h + k) * in.tiny;
    *e_variance = roundings_bound(in, h + k + 8 + 2 * DIVIDE_U) * root * root +
                  2.0 * middle * rest + rest * rest + 2.0 * near * part + whole * whole +
                  roundings_bound(in, k + 5 + DIVIDE_U) * squares * squares +
                  reference * reference + (4.0 + 4.0 * far) * (double)(h + k) * in.tiny;
}

/* Some rows of a column. */
struct column_rows {
    size_t column, first, count;
};

/* Returns the mean of q. */
static double rows_mean(const struct norm_layer *layer, struct column_rows rows)
{
    double mean = 0.0;
    for (size_t i = rows.first; i < rows.first + rows.count; i++)
        mean += layer->q[i * layer->columns + rows.column] / (double)rows.count;
    return mean;
}

/* Returns the spread of the rows. `*e` receives the mean of e(q), and `*moved` the mean of
 * 2 |q - mean| e(q) + e(q)^2. */
static struct spread column_spread(const struct norm_layer *layer, struct column_rows rows,
                                   double *e, double *moved)
{
    const double n = (double)rows.count, mean = rows_mean(layer, rows);
    const struct computed first =
        number(layer->q, layer->e_q, rows.first * layer->columns + rows.column);
    struct spread spread = {.rows = rows.count};
    double distances = 0.0, deviations = 0.0;
    *e = *moved = 0.0;
    for (size_t i = rows.first; i < rows.first + rows.count; i++) {
        const struct computed q = number(layer->q, layer->e_q, i * layer->columns + rows.column);
        const double d = fabs(q.value - first.value) + q.e + first.e;
        const double deviation = fabs(q.value - mean);
        spread.largest = fmax(spread.largest, size_of(q));
        spread.size += fabs(q.value) / n;
        distances += d * d / n;
        deviations += deviation * deviation / n;
        *e += q.e / n;
        *moved += (2.0 * deviation + q.e) * q.e / n;
    }
    spread.distance = sqrt(distances);
    spread.deviation = sqrt(deviations + *moved);
    spread.mean = fabs(mean) + *e;
    return spread;
}

/* Computes the errors of the mean and the variance of some rows.
 *
 * The errors e(q) add their mean to e(mean). They add sum (2 |q - mean| e(q) + e(q)^2) / n to
 * e(variance), because the derivatives of the variance by q sum to 0. Computing the statistics adds
 * the bounds for such a column. */
static void rows_errors(struct precision in, const struct norm_layer *layer,
                        struct column_rows rows, double *e_mean, double *e_variance)
{
    double e = 0.0, moved = 0.0;
    const struct spread spread = column_spread(layer, rows, &e, &moved);
    spread_bounds(in, &spread, e_mean, e_variance);
    *e_mean += e;
    *e_variance += moved;
}

/* Computes the errors after the merge of slices, which the host computes in double. For slices of
 * n_s rows with the exact means m_s, and errors d_s of their means and v_s of their variances,
 *
 *   mean = sum n_s m_s / n
 *   variance = sum n_s (variance_s + (m_s - mean)^2) / n
 *
 *   e(mean) = sum n_s d_s / n, and its rounding to float
 *   e(variance) = sum n_s (v_s + 2 |m_s - mean| (d_s + e) + (d_s + e)^2) / n, and its rounding
 *
 * with e = e(mean) before its rounding. The roundings in double vanish in those to float; twice u
 * covers both. */
static void merged_errors(struct precision in, const struct norm_layer *layer, size_t column,
                          double *e_mean, double *e_variance)
{
    const double n = (double)layer->rows;
    const double mean = rows_mean(layer, (struct column_rows){column, 0, layer->rows});
    double e = 0.0, variance = 0.0, moved = 0.0;
    for (int pass = 0; pass < 2; pass++) /* e(variance) needs e */
        for (size_t s = 0; s < layer->slices; s++) {
            struct column_rows rows = {.column = column};
            double e_own = 0.0, v_own = 0.0;
            slice_range(layer->rows, layer->slices, s, &rows.first, &rows.count);
            if (rows.count == 0)
                continue;
            rows_errors(in, layer, rows, &e_own, &v_own);
            const double share = (double)rows.count / n;
            const double apart = fabs(rows_mean(layer, rows) - mean), off = e_own + e;
            if (pass == 0)
                e += share * e_own;
            else
                moved += share * (v_own + 2.0 * apart * off + off * off);
        }
    for (size_t i = 0; i < layer->rows; i++) {
        const double apart = layer->q[i * layer->columns + column] - mean;
        variance += apart * apart / n;
    }
    *e_mean = e + 2.0 * in.u * (fabs(mean) + e) + in.tiny;
    *e_variance = moved + 2.0 * in.u * (variance + moved) + in.tiny;
}

void norm_statistics_errors(struct precision in, const struct norm_layer *layer, double *e_mean,
                            double *e_variance)
{
    for (size_t j = 0; j < layer->columns; j++)
        if (layer->slices > 1)
            merged_errors(in, layer, j, &e_mean[j], &e_variance[j]);
        else
            rows_errors(in, layer, (struct column_rows){j, 0, layer->rows}, &e_mean[j],
                        &e_variance[j]);
}

/* The roundings are 1 - momentum, its product and the sum, and the two products of `batch` and the
 * sum. */
double norm_running_bound(struct precision in, double momentum, double running, double batch)
{
    const double size = fabs((1.0 - momentum) * running) + fabs(momentum * batch);
    const bool fits = size <= in.largest && fabs(batch) <= in.largest;
    return fits ? roundings_bound(in, 3) * size + 3.0 * in.tiny : HUGE_VAL;
}

/* ---- forward ---- */

/* z = (q - mean) (scale rstd) + shift */
void norm_forward_errors(struct precision in, const struct norm_layer *layer, const double *z,
                         double *e_z)
{
    for (size_t j = 0; j < layer->columns; j++) {
        const struct computed rstd = rstd_of(in, layer, j);
        const struct computed factor = product_of(in, number(layer->scale, NULL, j), rstd, 1.0);
        for (size_t i = 0; i < layer->rows; i++) {
            const size_t at = i * layer->columns + j;
            const double e = product_of(in, centered(in, layer, i, j), factor, 1.0).e;
            e_z[at] = e + in.u * (fabs(z[at]) + e) + in.tiny;
        }
    }
}

/* ---- backward ---- */

/* dshift = sum dz; dscale = rstd sum dz (q - mean). In slices, the product with rstd comes before
 * the last additions, so it counts for each term. */
void norm_gradient_errors(struct precision in, const struct norm_layer *layer,
                          const struct norm_deltas *deltas, double *e_dscale, double *e_dshift)
{
    const size_t n = layer->rows, columns = layer->columns;
    for (size_t j = 0; j < columns; j++) {
        struct computed sum = {0.0, 0.0};
        double size = 0.0;
        for (size_t i = 0; i < n; i++) {
            const struct computed d = centered(in, layer, i, j);
            const struct computed dz = number(deltas->dz, deltas->e_dz, i * columns + j);
            const struct computed term = product_of(in, dz, d, 0.0);
            sum.value += term.value;
            sum.e += term.e;
            size += size_of(term);
        }
        sum.e += products_bound(in, n, layer->slices > 1) * size;
        e_dscale[j] =
            size <= in.largest ? product_of(in, rstd_of(in, layer, j), sum, 1.0).e : HUGE_VAL;
        e_dshift[j] = sum_bound(in, deltas->dz + j, deltas->e_dz != NULL ? deltas->e_dz + j : NULL,
                                n, columns);
    }
}

/* The numbers that all rows of a column share in the backward pass. */
struct column_back {
    struct computed factor; /* scale rstd */
    struct computed slope;  /* dscale / n rstd */
    struct computed even;   /* dshift / n */
};

static struct column_back column_back(struct precision in, const struct norm_layer *layer,
                                      const struct norm_deltas *deltas, size_t j)
{
    const struct computed share = {1.0 / (double)layer->rows, 0.0};
    const struct computed rstd = rstd_of(in, layer, j);
    const struct computed dscale = number(deltas->dscale, deltas->e_dscale, j);
    const struct computed dshift = number(deltas->dshift, deltas->e_dshift, j);
    return (struct column_back){product_of(in, number(layer->scale, NULL, j), rstd, 1.0),
                                product_of(in, product_of(in, dscale, share, DIVIDE_U), rstd, 1.0),
                                product_of(in, dshift, share, DIVIDE_U)};
}

/* dq = scale rstd (dz - dshift / n - (q - mean) (dscale / n rstd)) */
void norm_backward_errors(struct precision in, const struct norm_layer *layer,
                          const struct norm_deltas *deltas, double *e_dq)
{
    for (size_t j = 0; j < layer->columns; j++) {
        const struct column_back back = column_back(in, layer, deltas, j);
        for (size_t i = 0; i < layer->rows; i++) {
            const size_t at = i * layer->columns + j;
            const struct computed dz = number(deltas->dz, deltas->e_dz, at);
            const struct computed tilt = product_of(in, centered(in, layer, i, j), back.slope, 1.0);
            const struct computed rest = difference_of(in, difference_of(in, dz, back.even), tilt);
            e_dq[at] = product_of(in, back.factor, rest, 1.0).e;
        }
    }
}
