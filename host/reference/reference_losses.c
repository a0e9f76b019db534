/* The three heads of the reference: probabilities, losses and the delta of the output layer.
 *
 * Every loss is finite for any finite pre-activation: logarithms are taken of sums that hold a 1
 * (log-sum-exp, softplus), never of a probability that may have become 0.
 *
 * The target y of a sample is one-hot; with one column, sigmoid and identity take the label itself.
 */
#include "reference/reference.h"

#include <math.h>

/* The target of output `column` for a sample of class `label`. */
static double target(int32_t label, size_t column, size_t columns)
{
    if (columns == 1)
        return (double)label;
    return column == (size_t)label ? 1.0 : 0.0;
}

/* Position of the largest of `z` [n]; the first of equal ones. */
static size_t argmax(const double *z, size_t n)
{
    size_t best = 0;
    for (size_t i = 1; i < n; i++) {
        if (z[i] > z[best])
            best = i;
    }
    return best;
}

static double row_maximum(const double *z, size_t n)
{
    return z[argmax(z, n)];
}

/* log(1 + exp(z)) - z y, the binary cross-entropy of sigmoid(z) and the target y. */
static double binary_cross_entropy(double z, double y)
{
    return fmax(z, 0.0) - z * y + log1p(exp(-fabs(z)));
}

void ref_softmax_rows(const double *z, size_t rows, size_t columns, double *p)
{
    /* p_j = exp(z_j - m) / sum_k exp(z_k - m), m = max z */
    for (size_t i = 0; i < rows; i++) {
        const double *zi = z + i * columns; /* [columns] */
        double *pi = p + i * columns;       /* [columns] */
        double maximum = row_maximum(zi, columns), sum = 0.0;
        for (size_t j = 0; j < columns; j++)
            sum += exp(zi[j] - maximum);
        for (size_t j = 0; j < columns; j++)
            pi[j] = exp(zi[j] - maximum) / sum;
    }
}

void ref_softmax_cross_entropy(const double *z, const int32_t *labels, size_t rows, size_t columns,
                               double delta_factor, double *dz, double *loss, uint32_t *correct)
{
    ref_softmax_rows(z, rows, columns, dz);
    for (size_t i = 0; i < rows; i++) {
        const double *zi = z + i * columns; /* [columns] */
        double *dzi = dz + i * columns;     /* [columns] p, then dz */
        size_t label = (size_t)labels[i];

        /* -log p_label = log sum_k exp(z_k - m) + m - z_label */
        double maximum = row_maximum(zi, columns), sum = 0.0;
        for (size_t j = 0; j < columns; j++)
            sum += exp(zi[j] - maximum);
        /* cppcheck-suppress invalidFunctionArg ; a row has at least one column */
        loss[i] = log(sum) + (maximum - zi[label]);
        correct[i] = argmax(zi, columns) == label;
        for (size_t j = 0; j < columns; j++)
            dzi[j] = delta_factor * (dzi[j] - (j == label ? 1.0 : 0.0));
    }
}

void ref_sigmoid_cross_entropy(const double *z, const int32_t *labels, size_t rows, size_t columns,
                               double delta_factor, bool true_class_only, double *dz, double *loss,
                               uint32_t *correct)
{
    for (size_t i = 0; i < rows; i++) {
        const double *zi = z + i * columns; /* [columns] */
        double *dzi = dz + i * columns;     /* [columns] */
        loss[i] = 0.0;
        for (size_t j = 0; j < columns; j++) {
            /* loss = -sum_j (y log p + (1 - y) log(1 - p)), dz = p - y; a single column holds both
             * classes, so its one term is the true class's already */
            double y = target(labels[i], j, columns);
            if (!true_class_only || columns == 1 || j == (size_t)labels[i])
                loss[i] += binary_cross_entropy(zi[j], y);
            double p = zi[j];
            ref_sigmoid_forward(&p, 1);
            dzi[j] = delta_factor * (p - y);
            if (columns == 1)
                correct[i] = (p > 0.5) == (labels[i] == 1);
        }
        if (columns > 1)
            correct[i] = argmax(zi, columns) == (size_t)labels[i];
    }
}

void ref_identity_squared_error(const double *z, const int32_t *labels, size_t rows, size_t columns,
                                double delta_factor, double *dz, double *loss, uint32_t *correct)
{
    /* loss = 1/2 sum (z - y)^2, dz = z - y */
    for (size_t i = 0; i < rows; i++) {
        const double *zi = z + i * columns; /* [columns] */
        loss[i] = 0.0;
        for (size_t j = 0; j < columns; j++) {
            double error = zi[j] - target(labels[i], j, columns);
            loss[i] += 0.5 * error * error;
            dz[i * columns + j] = delta_factor * error;
        }
        if (columns == 1)
            correct[i] = (zi[0] > 0.5) == (labels[i] == 1);
        else
            correct[i] = argmax(zi, columns) == (size_t)labels[i];
    }
}
