/* Error analysis of the three heads: their losses, the delta of the output layer, and which samples
 * are surely predicted right. See error_analysis.h. */
#include <math.h>

#include "check/error_analysis.h"
#include "reference/reference.h"

static double error_of(const struct head_row *row, size_t column)
{
    return row->e != NULL ? row->e[column] : 0.0;
}

/* e(factor d) from e(p), d = p - y: one rounding for the difference, one for the product. */
static double delta_bound(struct precision in, const struct head_row *row, size_t j, double e_p)
{
    const double d = fabs(row->dz[j]) / row->factor;
    const double e_d = e_p + in.u * (d + e_p);
    return row->factor * (e_d + in.u * (d + e_d)) + in.tiny;
}

/* p_j = exp(z_j - m) / sum_k exp(z_k - m).
 * From z: dp_j = p_j (dz_j - sum_k p_k dz_k), and no p changes by more than a factor of exp(2 E),
 * E = max e(z), so with k over the other classes
 *     e^(4E) p_j ((1 - p_j) e(z_j) + sum_k p_k e(z_k))
 * Computing it: u |z_j - m| and EXP_U for the exponential, the mean of these and C u for the sum,
 * DIVIDE_U; 1.01 stands for the products of these errors.
 *
 * loss = log sum - (z_y - m).
 * From z: its derivative is p - y, so e^(2E) sum |p - y| e(z).
 * Computing it: the error of the sum, the logarithm, two differences. Returns e(loss). */
struct softmax_row softmax_row_make(struct precision in, const struct head_row *row)
{
    const double *p = row->scratch;
    struct softmax_row softmax = {.largest = row->z[0], .sum = (double)row->columns * in.u};
    ref_softmax_rows(row->z, 1, row->columns, row->scratch);
    for (size_t k = 0; k < row->columns; k++) {
        softmax.largest = fmax(softmax.largest, row->z[k]);
        softmax.most = fmax(softmax.most, error_of(row, k));
        softmax.mean += p[k] * error_of(row, k);
    }
    /* relative errors of exp(z - m), and of their sum */
    for (size_t k = 0; k < row->columns; k++)
        softmax.sum += exp(2.0 * softmax.most) * p[k] *
                       (in.u * (softmax.largest - row->z[k] + 2.0 * softmax.most) + EXP_U * in.u);
    return softmax;
}

double softmax_bound(struct precision in, const struct head_row *row,
                     const struct softmax_row *softmax, size_t j, double rest)
{
    const double p = row->scratch[j], most = softmax->most;
    const double others = softmax->mean - p * error_of(row, j);
    const double moved = exp(4.0 * most) * p * (rest * error_of(row, j) + others);
    const double power = in.u * (softmax->largest - row->z[j] + 2.0 * most) + EXP_U * in.u;
    return moved + 1.01 * (p + moved) * (power + softmax->sum + DIVIDE_U * in.u);
}

static double softmax_bounds(struct precision in, const struct head_row *row)
{
    const double u = in.u, *p = row->scratch;
    const struct softmax_row softmax = softmax_row_make(in, row);
    double moved_loss = 0.0;
    for (size_t j = 0; j < row->columns; j++) {
        const double d = fabs(row->dz[j]) / row->factor;      /* |p - y| */
        const double rest = j == row->label ? d : 1.0 - p[j]; /* 1 - p */
        row->e_dz[j] = delta_bound(in, row, j, softmax_bound(in, row, &softmax, j, rest) + in.tiny);
        moved_loss += exp(2.0 * softmax.most) * d * error_of(row, j);
    }
    const double fall = softmax.largest - row->z[row->label], log_sum = fabs(row->loss - fall);
    return moved_loss +
           1.01 * (softmax.sum + LOG_U * u * log_sum + u * (fall + 2.0 * softmax.most) +
                   u * (fabs(row->loss) + moved_loss));
}

/* dz = factor (p - y), computed as factor times a sigmoid, s = |p - y|, without a difference; the
 * reference's own difference is right to 2^-52. The loss is a sum of softplus, whose derivative is
 * s: s (exp(e(z)) - 1) each. Returns e(loss). */
static double sigmoid_bounds(struct precision in, const struct head_row *row)
{
    const double u = in.u;
    double e_loss = 0.0;
    for (size_t j = 0; j < row->columns; j++) {
        const double s = fabs(row->dz[j]) / row->factor;
        const double moved = s * (1.0 - s) * expm1(error_of(row, j));
        row->e_dz[j] =
            row->factor * (moved + (SIGMOID_U + 1) * u * (s + moved) + 0x1p-52) + in.tiny;
        if (!row->true_class_only || row->columns == 1 || j == row->label)
            e_loss += s * expm1(error_of(row, j));
    }
    const double roundings = SOFTPLUS_U * u + roundings_bound(in, row->columns);
    return e_loss + roundings * (row->loss + e_loss) + (double)row->columns * in.tiny;
}

/* d = z - y, loss = sum d^2 / 2. Returns e(loss). */
static double identity_bounds(struct precision in, const struct head_row *row)
{
    double moved = 0.0, size = 0.0;
    for (size_t j = 0; j < row->columns; j++) {
        const double e = error_of(row, j), d = fabs(row->dz[j]) / row->factor;
        const double e_d = e + in.u * (d + e);
        row->e_dz[j] = delta_bound(in, row, j, e);
        moved += (d + 0.5 * e_d) * e_d; /* of d^2 / 2 */
        size += 0.5 * (d + e_d) * (d + e_d);
    }
    return moved + roundings_bound(in, row->columns + 1) * size + (double)row->columns * in.tiny;
}

double head_row_bounds(struct precision in, const struct head_row *row)
{
    if (row->y != NULL)
        return target_row_bounds(in, row);
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

/* Output `j` against 1/2, as its target is. */
static int side_verdict(struct precision in, const struct head_row *row, size_t j)
{
    const bool hit = row->y != NULL ? row->y[j] > 0.5 : row->label == 1;
    double above = row->z[j], e = error_of(row, j);
    if (row->head == WEFT_HEAD_SIGMOID) {
        ref_sigmoid_forward(&above, 1);
        e = above * (1.0 - above) * expm1(e) + SIGMOID_U * in.u * above;
    }
    const int side = above - e > 0.5 ? 1 : above + e < 0.5 ? -1 : 0;
    return hit ? side : -side;
}

/* Every output against 1/2. */
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
    int verdict = 1;
    if (row->columns == 1 || (row->y != NULL && row->each))
        return sides_verdict(in, row);
    for (size_t k = 0; k < row->columns; k++) {
        const double lead = row->z[row->label] - row->z[k];
        const double e = error_of(row, row->label) + error_of(row, k);
        if (k != row->label && lead < -e)
            return -1;
        if (k != row->label && !(lead > e)) /* true for a NaN too */
            verdict = 0;
    }
    return verdict;
}
