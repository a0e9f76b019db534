/* Error bounds of the three heads. See error_loss.h. Targets y and weights w are exact. */
#include "check/error_loss.h"

#include <math.h>

#include "reference/reference.h"

static double error_of(const struct head_row *row, size_t column)
{
    return row->e != NULL ? row->e[column] : 0.0;
}

/* Returns e(factor w d) from e(d) and the size of d. The scale and its product round. */
static double scaled_bound(struct precision in, const struct head_row *row, double d, double e_d)
{
    return row->factor * row->weight * (e_d + roundings_bound(in, 2) * (d + e_d)) + in.tiny;
}

/* Returns |d|, where factor w d is the exact delta. */
static double size_of(const struct head_row *row, size_t j)
{
    return row->weight > 0.0 ? fabs(row->dz[j]) / (row->factor * row->weight) : 0.0;
}

/* The values that all elements of a softmax row share. row->scratch holds p [C]. */
struct softmax_row {
    double largest; /* largest z */
    double most;    /* largest e(z) */
    double mean;    /* sum p e(z) */
    double sum;     /* relative error of sum exp(z - largest) */
};

/* Also fills row->scratch with p_j = exp(z_j - m) / sum_k exp(z_k - m).
 *
 * The error from z: dp_j = p_j (dz_j - sum_k p_k dz_k), and no p changes by more than a factor of
 * exp(2 E), E = max e(z). So, with k over the other classes, the error is at most
 *
 *    e^(4E) p_j ((1 - p_j) e(z_j) + sum_k p_k e(z_k))
 *
 * The error of computing p: u |z_j - m| and EXP_U for the exponential, the mean of these and
 * (C - 1) u for the sum, and DIVIDE_U. The factor 1.01 covers the products of these errors. */
static struct softmax_row softmax_row_make(struct precision in, const struct head_row *row)
{
    const double *p = row->scratch;
    struct softmax_row softmax = {.largest = row->z[0], .sum = (double)(row->columns - 1) * in.u};
    ref_softmax_rows(row->z, 1, row->columns, row->scratch);
    for (size_t k = 0; k < row->columns; k++) {
        softmax.largest = fmax(softmax.largest, row->z[k]);
        softmax.most = fmax(softmax.most, error_of(row, k));
        softmax.mean += p[k] * error_of(row, k);
    }
    /* the relative errors of exp(z - m) and of their sum */
    for (size_t k = 0; k < row->columns; k++)
        softmax.sum += exp(2.0 * softmax.most) * p[k] *
                       (in.u * (softmax.largest - row->z[k] + 2.0 * softmax.most) + EXP_U * in.u);
    return softmax;
}

/* e(p_j) */
static double probability_bound(struct precision in, const struct head_row *row,
                                const struct softmax_row *softmax, size_t j)
{
    const double p = row->scratch[j], most = softmax->most;
    const double others = softmax->mean - p * error_of(row, j);
    const double moved = exp(4.0 * most) * p * ((1.0 - p) * error_of(row, j) + others);
    const double power = in.u * (softmax->largest - row->z[j] + 2.0 * most) + EXP_U * in.u;
    return moved + 1.01 * (p + moved) * (power + softmax->sum + DIVIDE_U * in.u) + in.tiny;
}

void softmax_row_bounds(struct precision in, const struct head_row *row, double *e_p)
{
    const struct softmax_row softmax = softmax_row_make(in, row);
    for (size_t j = 0; j < row->columns; j++)
        e_p[j] = probability_bound(in, row, &softmax, j);
}

/* d = p sum y - y: the errors of p, of the sum and of their product, then one rounding of the
 * difference. `whole` is sum y. */
static double softmax_delta_bound(struct precision in, const struct head_row *row,
                                  const struct softmax_row *softmax, double whole, size_t j)
{
    const double p = row->scratch[j], d = size_of(row, j);
    const double e_p = probability_bound(in, row, softmax, j);
    const double e = whole * (e_p + roundings_bound(in, row->columns) * (p + e_p));
    return scaled_bound(in, row, d, e + in.u * (d + e));
}

/* loss = w sum y (log sum - (z - m)).
 *
 * The error from z: the derivative of the loss is w (p sum y - y), so the error is at most
 * e^(2E) w sum |p sum y - y| e(z). The error of computing the loss: the error of the sum, the
 * logarithm and two differences under each y, then two products and the sum of terms that are not
 * negative. If a difference overflows, y keeps it infinite. */
static double softmax_bounds(struct precision in, const struct head_row *row)
{
    const double u = in.u, *p = row->scratch;
    const struct softmax_row softmax = softmax_row_make(in, row);
    double whole = 0.0, sum = 0.0, moved = 0.0, computed = 0.0;
    for (size_t k = 0; k < row->columns; k++) {
        whole += row->y[k];
        sum += exp(row->z[k] - softmax.largest);
    }
    const double e_argument = softmax.sum < 1.0 ? -log1p(-softmax.sum) : HUGE_VAL;
    const double e_log = e_argument + LOG_U * u * (log(sum) + e_argument);
    for (size_t j = 0; j < row->columns; j++) {
        const double fall = softmax.largest - row->z[j] + 2.0 * softmax.most;
        const double e = e_log + u * fall;
        row->e_dz[j] = softmax_delta_bound(in, row, &softmax, whole, j);
        moved += exp(2.0 * softmax.most) * fabs(p[j] * whole - row->y[j]) * error_of(row, j);
        if (row->y[j] > 0.0)
            computed += fall <= in.largest ? row->y[j] * (e + u * (log(sum) + fall + e)) : HUGE_VAL;
    }
    const double e = row->weight * (moved + computed);
    return e + roundings_bound(in, row->columns + 1) * (row->loss + e) +
           (double)row->columns * in.tiny;
}

/* d = (1 - y) s(z) - y s(-z): the difference 1 - y, a sigmoid and a product, then the difference.
 * The reference's own difference p - y is accurate to 2^-52. Either product may be flushed.
 *
 * The error from z: s (1 - s) (exp(e(z)) - 1). The loss: |p - y| <= the larger of y and 1 - y. Its
 * terms are softplus, a sum or a product, and the weight, and all are positive. If only the true
 * class counts, the derivative is y s(-z). With one column it is still p - y. */
static double sigmoid_bounds(struct precision in, const struct head_row *row)
{
    const bool only = row->true_class_only && row->columns > 1;
    double moved_loss = 0.0;
    for (size_t j = 0; j < row->columns; j++) {
        const double z = row->z[j], y = row->y[j], tail = exp(-fabs(z)) / (1.0 + exp(-fabs(z)));
        const double p = z >= 0.0 ? 1.0 - tail : tail, q = z >= 0.0 ? tail : 1.0 - tail;
        const double moved = p * q * expm1(error_of(row, j)), d = size_of(row, j);
        const double parts = (1.0 - y) * p + y * q + moved;
        const double e = moved + roundings_bound(in, SIGMOID_U + 2) * parts;
        row->e_dz[j] = scaled_bound(in, row, d, e + in.u * (d + e) + 0x1p-52 + 2.0 * in.tiny);
        moved_loss += ((only ? y * q : d) + moved) * expm1(error_of(row, j));
    }
    const double e = row->weight * moved_loss;
    return e + roundings_bound(in, SOFTPLUS_U + row->columns + 1) * (row->loss + e) +
           3.0 * (double)row->columns * in.tiny;
}

/* d = z - y, loss = w sum d^2 / 2: the difference counts twice, then two products and the sum. */
static double identity_bounds(struct precision in, const struct head_row *row)
{
    double moved = 0.0, size = 0.0;
    for (size_t j = 0; j < row->columns; j++) {
        const double e = error_of(row, j), d = fabs(row->z[j] - row->y[j]);
        const double e_d = e + in.u * (d + e);
        row->e_dz[j] = scaled_bound(in, row, d, e_d);
        moved += (d + 0.5 * e_d) * e_d; /* error of d^2 / 2 */
        size += 0.5 * (d + e_d) * (d + e_d);
    }
    return row->weight * (moved + roundings_bound(in, row->columns + 1) * size) +
           2.0 * (double)row->columns * in.tiny;
}

double head_row_bounds(struct precision in, const struct head_row *row)
{
    switch (row->head) {
    case WEFT_HEAD_SOFTMAX:
        return softmax_bounds(in, row);
    case WEFT_HEAD_SIGMOID:
        return sigmoid_bounds(in, row);
    case WEFT_HEAD_IDENTITY:
        break;
    }
    return identity_bounds(in, row);
}

/* Judges output `j` against 1/2, the threshold of its target. */
static int side_verdict(struct precision in, const struct head_row *row, size_t j)
{
    double above = row->z[j], e = error_of(row, j);
    if (row->head == WEFT_HEAD_SIGMOID) {
        ref_sigmoid_forward(&above, 1);
        e = above * (1.0 - above) * expm1(e) + SIGMOID_U * in.u * above;
    }
    const int side = above - e > 0.5 ? 1 : above + e < 0.5 ? -1 : 0;
    return row->y[j] > 0.5 ? side : -side;
}

/* Judges every output against 1/2. One wrong output makes the row wrong. */
static int sides_verdict(struct precision in, const struct head_row *row)
{
    int verdict = 1;
    for (size_t j = 0; j < row->columns; j++) {
        const int side = side_verdict(in, row, j);
        verdict = side < verdict ? side : verdict;
    }
    return verdict;
}

int head_row_verdict(struct precision in, const struct head_row *row)
{
    size_t wanted = 0; /* the first column with the largest target */
    int verdict = 1;
    if (row->columns == 1 || row->each)
        return sides_verdict(in, row);
    for (size_t k = 1; k < row->columns; k++)
        wanted = row->y[k] > row->y[wanted] ? k : wanted;
    for (size_t k = 0; k < row->columns; k++) {
        const double lead = row->z[wanted] - row->z[k];
        const double e = error_of(row, wanted) + error_of(row, k);
        if (k != wanted && lead < -e)
            return -1;
        if (k != wanted && !(lead > e)) /* also true for a NaN */
            verdict = 0;
    }
    return verdict;
}
