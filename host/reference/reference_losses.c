/* Targets, probabilities and losses of the reference. The formulas are written as in a textbook,
 * because cancellation does not matter in double.
 *
 * Every loss is finite for any finite pre-activation. Logarithms are taken of sums that contain a 1
 * (log-sum-exp, softplus), never of a probability that may have become 0.
 */
#include <math.h>

#include "base/memory.h"
#include "reference/reference.h"

void ref_label_targets(const int32_t *labels, size_t rows, size_t columns, double share,
                       double spread, double *y)
{
    /* y = share onehot + spread; a single column takes the label itself */
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++) {
            const double target =
                columns == 1 ? (double)labels[i] : (j == (size_t)labels[i] ? 1.0 : 0.0);
            y[i * columns + j] = share * target + spread;
        }
}

void ref_gather_targets(const double *targets, const int32_t *order, size_t rows, size_t columns,
                        double share, double spread, double *y)
{
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++)
            y[i * columns + j] = share * targets[(size_t)order[i] * columns + j] + spread;
}

enum weft_status ref_rule_complete(struct ref_rule *rule, const int32_t *labels, size_t rows,
                                   size_t columns, double **made)
{
    *made = NULL;
    if (rule->targets != NULL)
        return WEFT_OK;
    TRY(NEW_ARRAY(*made, rows * columns + rows));
    double *weights = *made + rows * columns; /* [rows] */
    ref_label_targets(labels, rows, columns, 1.0, 0.0, *made);
    for (size_t i = 0; i < rows; i++)
        weights[i] = 1.0;
    rule->targets = *made;
    rule->weights = weights;
    return WEFT_OK;
}

/* Returns the position of the largest of `z` [n]. The first one wins a tie. */
static size_t argmax(const double *z, size_t n)
{
    size_t best = 0;
    for (size_t i = 1; i < n; i++)
        best = z[i] > z[best] ? i : best;
    return best;
}

/* Returns whether each of `p` [n] is on its target's side of 1/2. */
static bool same_sides(const double *p, const double *y, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if ((p[i] > 0.5) != (y[i] > 0.5))
            return false;
    return true;
}

void ref_softmax_rows(const double *z, size_t rows, size_t columns, double *p)
{
    /* p_j = exp(z_j - m) / sum_k exp(z_k - m), m = max z */
    for (size_t i = 0; i < rows; i++) {
        const double *zi = z + i * columns; /* [columns] */
        double *pi = p + i * columns;       /* [columns] */
        double maximum = zi[argmax(zi, columns)], sum = 0.0;
        for (size_t j = 0; j < columns; j++)
            sum += exp(zi[j] - maximum);
        for (size_t j = 0; j < columns; j++)
            pi[j] = exp(zi[j] - maximum) / sum;
    }
}

void ref_softmax_cross_entropy(const double *z, const double *y, const double *weight, size_t rows,
                               size_t columns, double delta_factor, double *dz, double *loss,
                               uint32_t *correct)
{
    ref_softmax_rows(z, rows, columns, dz);
    for (size_t i = 0; i < rows; i++) {
        const double *zi = z + i * columns, *yi = y + i * columns; /* [columns] */
        double *dzi = dz + i * columns;                            /* [columns] p, then dz */
        const size_t best = argmax(zi, columns);
        double sum = 0.0, whole = 0.0;
        for (size_t j = 0; j < columns; j++) {
            sum += exp(zi[j] - zi[best]);
            whole += yi[j];
        }
        /* loss = -sum y log p, log p = z - max - log sum exp(z - max), dz = p sum y - y */
        loss[i] = 0.0;
        for (size_t j = 0; j < columns; j++) {
            /* cppcheck-suppress invalidFunctionArg ; a row has at least one column */
            loss[i] += weight[i] * yi[j] * (log(sum) + (zi[best] - zi[j]));
            dzi[j] = delta_factor * weight[i] * (dzi[j] * whole - yi[j]);
        }
        correct[i] = best == argmax(yi, columns);
    }
}

void ref_sigmoid_cross_entropy(const double *z, const double *y, const double *weight, size_t rows,
                               size_t columns, double delta_factor, bool each, bool true_class_only,
                               double *dz, double *loss, uint32_t *correct)
{
    for (size_t i = 0; i < rows; i++) {
        const double *zi = z + i * columns, *yi = y + i * columns; /* [columns] */
        double *dzi = dz + i * columns;                            /* [columns] p, then dz */
        loss[i] = 0.0;
        for (size_t j = 0; j < columns; j++) {
            /* -y log p - (1 - y) log(1 - p), -log p = softplus(-z), -log(1 - p) = softplus(z). A
             * single column represents both classes, so its one term already belongs to the true
             * class. */
            const double small = log1p(exp(-fabs(zi[j])));
            loss[i] += weight[i] * yi[j] * (fmax(-zi[j], 0.0) + small);
            if (!true_class_only || columns == 1)
                loss[i] += weight[i] * (1.0 - yi[j]) * (fmax(zi[j], 0.0) + small);
            dzi[j] = zi[j];
        }
        ref_sigmoid_forward(dzi, columns);
        correct[i] = each || columns == 1 ? same_sides(dzi, yi, columns)
                                          : argmax(zi, columns) == argmax(yi, columns);
        for (size_t j = 0; j < columns; j++)
            dzi[j] = delta_factor * weight[i] * (dzi[j] - yi[j]);
    }
}

void ref_identity_squared_error(const double *z, const double *y, const double *weight, size_t rows,
                                size_t columns, double delta_factor, bool each, double *dz,
                                double *loss, uint32_t *correct)
{
    /* loss = 1/2 weight sum (z - y)^2, dz = weight (z - y) */
    for (size_t i = 0; i < rows; i++) {
        const double *zi = z + i * columns, *yi = y + i * columns; /* [columns] */
        loss[i] = 0.0;
        for (size_t j = 0; j < columns; j++) {
            const double error = zi[j] - yi[j];
            loss[i] += 0.5 * weight[i] * error * error;
            dz[i * columns + j] = delta_factor * weight[i] * error;
        }
        correct[i] = each || columns == 1 ? same_sides(zi, yi, columns)
                                          : argmax(zi, columns) == argmax(yi, columns);
    }
}
