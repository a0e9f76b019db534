/* Error analysis of the three heads: their losses, the delta of the output layer, and which samples
 * are surely predicted right. See error_analysis.h. */
#ifndef WEFT_TESTS_HEAD_BOUNDS_H
#define WEFT_TESTS_HEAD_BOUNDS_H

#include "error_analysis.h"

/* One row of the output layer. */
struct head_row {
    const double *z, *e; /* [C] pre-activations and their errors */
    const double *dz;    /* [C] */
    double *e_dz;        /* [C] */
    size_t columns, label;
    double factor, loss;
    bool true_class_only;
};

/* e(factor d) from e(p), d = p - y: one rounding for the difference, one for the product. */
static inline double delta_bound(const struct analysis *analysis, const struct head_row *row,
                                 size_t j, double e_p)
{
    const double u = analysis->in.u, d = fabs(row->dz[j]) / row->factor;
    const double e_d = e_p + u * (d + e_p);
    return row->factor * (e_d + u * (d + e_d)) + analysis->in.tiny;
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
static inline double softmax_bounds(const struct analysis *analysis, const struct head_row *row)
{
    const double u = analysis->in.u, *p = analysis->p;
    double largest = row->z[0], most = 0.0, mean = 0.0, sum = (double)row->columns * u;
    ref_softmax_rows(row->z, 1, row->columns, analysis->p);
    for (size_t k = 0; k < row->columns; k++) {
        largest = fmax(largest, row->z[k]);
        most = fmax(most, row->e[k]);
        mean += p[k] * row->e[k];
    }
    /* relative errors of exp(z - m), and of their sum */
    for (size_t k = 0; k < row->columns; k++)
        sum += exp(2.0 * most) * p[k] * (u * (largest - row->z[k] + 2.0 * most) + EXP_U * u);
    double moved_loss = 0.0;
    for (size_t j = 0; j < row->columns; j++) {
        const double d = fabs(row->dz[j]) / row->factor; /* |p - y| */
        const double others = mean - p[j] * row->e[j];
        const double q = j == row->label ? d : 1.0 - p[j]; /* 1 - p */
        const double moved = exp(4.0 * most) * p[j] * (q * row->e[j] + others);
        const double power = u * (largest - row->z[j] + 2.0 * most) + EXP_U * u;
        const double e_p = moved + 1.01 * (p[j] + moved) * (power + sum + DIVIDE_U * u);
        row->e_dz[j] = delta_bound(analysis, row, j, e_p + analysis->in.tiny);
        moved_loss += exp(2.0 * most) * d * row->e[j];
    }
    const double fall = largest - row->z[row->label], log_sum = fabs(row->loss - fall);
    return moved_loss + 1.01 * (sum + LOG_U * u * log_sum + u * (fall + 2.0 * most) +
                                u * (fabs(row->loss) + moved_loss));
}

/* dz = factor (p - y), computed as factor times a sigmoid, s = |p - y|, without a difference; the
 * reference's own difference is right to 2^-52. The loss is a sum of softplus, whose derivative is
 * s: s (exp(e(z)) - 1) each. Returns e(loss). */
static inline double sigmoid_bounds(const struct analysis *analysis, const struct head_row *row)
{
    const double u = analysis->in.u;
    double e_loss = 0.0;
    for (size_t j = 0; j < row->columns; j++) {
        const double s = fabs(row->dz[j]) / row->factor;
        const double moved = s * (1.0 - s) * expm1(row->e[j]);
        row->e_dz[j] =
            row->factor * (moved + (SIGMOID_U + 1) * u * (s + moved) + 0x1p-52) + analysis->in.tiny;
        if (!row->true_class_only || row->columns == 1 || j == row->label)
            e_loss += s * expm1(row->e[j]);
    }
    const double roundings = SOFTPLUS_U * u + gamma_of(analysis, row->columns);
    return e_loss + roundings * (row->loss + e_loss) + (double)row->columns * analysis->in.tiny;
}

/* d = z - y, loss = sum d^2 / 2. Returns e(loss). */
static inline double identity_bounds(const struct analysis *analysis, const struct head_row *row)
{
    const double u = analysis->in.u;
    double moved = 0.0, size = 0.0;
    for (size_t j = 0; j < row->columns; j++) {
        const double d = fabs(row->dz[j]) / row->factor, e_d = row->e[j] + u * (d + row->e[j]);
        row->e_dz[j] = delta_bound(analysis, row, j, row->e[j]);
        moved += (d + 0.5 * e_d) * e_d; /* of d^2 / 2 */
        size += 0.5 * (d + e_d) * (d + e_d);
    }
    return moved + gamma_of(analysis, row->columns + 1) * size +
           (double)row->columns * analysis->in.tiny;
}

/* Is the row surely predicted right (1), surely wrong (-1), or may both be (0)? A single output
 * counts as 1 where it, or its probability, exceeds 1/2. */
static inline int row_verdict(const struct analysis *analysis, const struct head_row *row)
{
    const enum weft_head head = analysis->problem->recipe.head;
    if (row->columns == 1) {
        double above = row->z[0], e = row->e[0];
        if (head == WEFT_HEAD_SIGMOID) {
            ref_sigmoid_forward(&above, 1);
            e = above * (1.0 - above) * expm1(e) + SIGMOID_U * analysis->in.u * above;
        }
        const int side = above - e > 0.5 ? 1 : above + e < 0.5 ? -1 : 0;
        return row->label == 1 ? side : -side;
    }
    int verdict = 1;
    for (size_t k = 0; k < row->columns; k++) {
        const double lead = row->z[row->label] - row->z[k], e = row->e[row->label] + row->e[k];
        if (k != row->label && lead < -e)
            return -1;
        if (k != row->label && lead <= e)
            verdict = 0;
    }
    return verdict;
}

static inline double row_bounds(const struct analysis *analysis, const struct head_row *row)
{
    switch (analysis->problem->recipe.head) {
    case WEFT_HEAD_SOFTMAX:
        return softmax_bounds(analysis, row);
    case WEFT_HEAD_SIGMOID:
        return sigmoid_bounds(analysis, row);
    case WEFT_HEAD_IDENTITY:
        break;
    }
    return identity_bounds(analysis, row);
}

/* Delta of the output layer, loss, and how many samples are right. */
static inline void head_bounds(const struct analysis *analysis)
{
    const struct network *network = &analysis->problem->network;
    const struct exact *exact = analysis->exact;
    const size_t last = network->layer_count - 1, columns = network_outputs(network);
    const size_t batch = analysis->problem->recipe.batch;
    double *dz = memory_of(batch * columns, sizeof *dz), *loss = memory_of(batch, sizeof *loss);
    double *e_loss = memory_of(batch, sizeof *e_loss);
    uint32_t *correct = memory_of(batch, sizeof *correct);
    head_exact(analysis->problem, exact, input_of(analysis, last, SPAN_A), dz, loss, correct);
    analysis->want->right = analysis->want->right_most = 0;
    for (size_t i = 0; i < batch; i++) {
        const struct head_row row = {.z = input_of(analysis, last, SPAN_A) + i * columns,
                                     .e = error_of(analysis, last, SPAN_A) + i * columns,
                                     .dz = want_of(analysis, last, SPAN_DZ) + i * columns,
                                     .e_dz = bounds_of(analysis, last, SPAN_DZ) + i * columns,
                                     .columns = columns,
                                     .label = (size_t)exact->labels[i],
                                     .factor = exact->rule.delta_factor,
                                     .loss = loss[i],
                                     .true_class_only = exact->rule.true_class_only};
        e_loss[i] = row_bounds(analysis, &row);
        analysis->want->right += row_verdict(analysis, &row) == 1;
        analysis->want->right_most += row_verdict(analysis, &row) >= 0;
    }
    analysis->bounds[sum_place(analysis->spans, SPAN_LOSS)] =
        sum_bound(analysis, loss, e_loss, batch, 1);
    free(dz);
    free(loss);
    free(e_loss);
    free(correct);
}

#endif
