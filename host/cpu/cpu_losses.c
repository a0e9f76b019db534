/* The three heads of the CPU backend: probabilities, losses and the delta of the output layer.
 *
 * A network has few outputs, often fewer than a vector has lanes. So a part of rows is treated as
 * one long array where every element is handled alike (exp, sigmoid, factor), and row by row only
 * where rows differ (maximum, sum, the label's element). dz holds the values in between.
 *
 * The target y of a sample is one-hot; with one column, sigmoid and identity take the label itself.
 */
#include "cpu/cpu_kernels.h"

#include <string.h>

#include "base/memory.h"
#include "cpu/cpu_math.h"

/* What is the same for every part of a loss. */
struct rule {
    size_t columns;
    float delta_factor;
    bool true_class_only;
};

/* Turns rows z [rows][columns] into dz, loss [rows] and correct [rows]. */
typedef void loss_part(const float *z, const int32_t *labels, size_t rows, const struct rule *rule,
                       float *dz, float *loss, uint32_t *correct);

struct loss_work {
    loss_part *run;
    const float *z;
    const int32_t *labels;
    const struct rule *rule;
    float *dz, *loss;
    uint32_t *correct;
};

static void loss_piece(const void *work, size_t first, size_t count)
{
    const struct loss_work *of = work;
    const size_t offset = first * of->rule->columns;
    of->run(of->z + offset, of->labels + first, count, of->rule, of->dz + offset, of->loss + first,
            of->correct + first);
}

static void run_parts(loss_part *run, const float *z, const int32_t *labels, size_t rows,
                      const struct rule *rule, float *dz, float *loss, uint32_t *correct)
{
    const struct loss_work work = {run, z, labels, rule, dz, loss, correct};
    parallel_for(rows, cpu_part_rows(rule->columns), rows * rule->columns >= CPU_SLOW_SHARED,
                 loss_piece, &work);
}

/* Is a row with the outputs `y` [columns] (for one column its probability) predicted right? */
static inline uint32_t is_correct(const float *y, size_t columns, int32_t label)
{
    if (columns == 1)
        return (y[0] > 0.5f) == (label == 1);
    return cpu_argmax(y, columns) == (size_t)label;
}

/* y - target, in place, at the element where the target is not 0. */
static inline void subtract_target(float *y, size_t columns, int32_t label)
{
    if (columns == 1)
        y[0] -= (float)label;
    else
        y[label] -= 1.0f;
}

VECTOR_CLONES static void multiply(float *x, size_t n, float factor)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        x[i] *= factor;
}

/* ---- softmax ---- */

/* e = exp(z - max of the row); in place allowed. */
VECTOR_CLONES static void exp_rows(const float *z, size_t rows, size_t columns, float *e)
{
    for (size_t i = 0; i < rows; i++) {
        float maximum = z[i * columns + cpu_argmax(z + i * columns, columns)];
#pragma omp simd
        for (size_t j = 0; j < columns; j++)
            e[i * columns + j] = z[i * columns + j] - maximum;
    }
#pragma omp simd
    for (size_t i = 0; i < rows * columns; i++)
        e[i] = exp_float(e[i]);
}

/* In double: a sum of many terms loses nothing, and 1 + a small term keeps it for the logarithm. */
static inline double row_sum(const float *e, size_t n)
{
    double sum = 0.0;
    for (size_t j = 0; j < n; j++)
        sum += (double)e[j];
    return sum;
}

/* p_j = e_j / sum_k e_k, e = exp(z - max) */
static void softmax_rows_part(const float *z, size_t rows, size_t columns, float *p)
{
    exp_rows(z, rows, columns, p);
    for (size_t i = 0; i < rows; i++) {
        float *pi = p + i * columns; /* [columns] */
        float sum = (float)row_sum(pi, columns);
        for (size_t j = 0; j < columns; j++)
            pi[j] /= sum;
    }
}

struct softmax_rows {
    const float *z;
    size_t columns;
    float *p;
};

static void softmax_rows_piece(const void *work, size_t first, size_t count)
{
    const struct softmax_rows *of = work;
    const size_t offset = first * of->columns;
    softmax_rows_part(of->z + offset, count, of->columns, of->p + offset);
}

void cpu_softmax_rows(const float *z, size_t rows, size_t columns, float *p)
{
    const struct softmax_rows work = {z, columns, p};
    parallel_for(rows, cpu_part_rows(columns), rows * columns >= CPU_SLOW_SHARED,
                 softmax_rows_piece, &work);
}

static void softmax_cross_entropy_part(const float *z, const int32_t *labels, size_t rows,
                                       const struct rule *rule, float *dz, float *loss,
                                       uint32_t *correct)
{
    size_t columns = rule->columns;
    exp_rows(z, rows, columns, dz);
    for (size_t i = 0; i < rows; i++) {
        const float *zi = z + i * columns; /* [columns] */
        float *dzi = dz + i * columns;     /* [columns] e, then p, then p - y */
        size_t best = cpu_argmax(zi, columns);
        double sum = row_sum(dzi, columns);

        /* -log p_label = log sum_k exp(z_k - max) + max - z_label */
        loss[i] = (float)(log(sum) + ((double)zi[best] - (double)zi[labels[i]]));
        correct[i] = best == (size_t)labels[i];
        for (size_t j = 0; j < columns; j++)
            dzi[j] /= (float)sum;
        dzi[labels[i]] -= 1.0f;
    }
    multiply(dz, rows * columns, rule->delta_factor);
}

void cpu_softmax_cross_entropy(const float *z, const int32_t *labels, size_t rows, size_t columns,
                               float delta_factor, float *dz, float *loss, uint32_t *correct)
{
    struct rule rule = {.columns = columns, .delta_factor = delta_factor};
    run_parts(softmax_cross_entropy_part, z, labels, rows, &rule, dz, loss, correct);
}

/* ---- sigmoid ---- */

VECTOR_CLONES static void softplus_all(const float *z, size_t n, float *y)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        y[i] = softplus_float(z[i]);
}

VECTOR_CLONES static void sigmoid_all(const float *z, size_t n, float *p)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        p[i] = sigmoid_float(z[i]);
}

/* -y log p - (1 - y) log(1 - p) = softplus(-z) where y is 1, softplus(z) where it is 0. Not
 * softplus(z) - z y: that cancels for a large z. */
static inline float binary_cross_entropy(float z, bool y)
{
    return softplus_float(y ? -z : z);
}

/* loss_i = sum_j of the binary cross-entropies, or that of the true class alone. `terms`
 * [rows][columns] is scratch. A single column holds both classes: its term is the true class's. */
static void sigmoid_losses(const float *z, const int32_t *labels, size_t rows,
                           const struct rule *rule, float *terms, float *loss)
{
    size_t columns = rule->columns;
    bool whole = columns > 1 && !rule->true_class_only;
    if (whole)
        softplus_all(z, rows * columns, terms);
    for (size_t i = 0; i < rows; i++) {
        size_t j = columns == 1 ? 0 : (size_t)labels[i];
        bool y = columns > 1 || labels[i] == 1;
        loss[i] = binary_cross_entropy(z[i * columns + j], y);
        if (!whole)
            continue;
        terms[i * columns + j] = loss[i];
        loss[i] = (float)row_sum(terms + i * columns, columns);
    }
}

static void sigmoid_cross_entropy_part(const float *z, const int32_t *labels, size_t rows,
                                       const struct rule *rule, float *dz, float *loss,
                                       uint32_t *correct)
{
    size_t columns = rule->columns;
    sigmoid_losses(z, labels, rows, rule, dz, loss);
    sigmoid_all(z, rows * columns, dz);
    for (size_t i = 0; i < rows; i++) {
        /* of equal probabilities 1 the larger pre-activation wins */
        const float *judged = columns == 1 ? dz + i : z + i * columns;
        correct[i] = is_correct(judged, columns, labels[i]);
        size_t j = i * columns + (columns == 1 ? 0 : (size_t)labels[i]);
        if (columns > 1 || labels[i] == 1)
            dz[j] = -sigmoid_float(-z[j]); /* p - 1, which would cancel for a large z */
    }
    multiply(dz, rows * columns, rule->delta_factor);
}

void cpu_sigmoid_cross_entropy(const float *z, const int32_t *labels, size_t rows, size_t columns,
                               float delta_factor, bool true_class_only, float *dz, float *loss,
                               uint32_t *correct)
{
    struct rule rule = {columns, delta_factor, true_class_only};
    run_parts(sigmoid_cross_entropy_part, z, labels, rows, &rule, dz, loss, correct);
}

/* ---- identity ---- */

static void identity_squared_error_part(const float *z, const int32_t *labels, size_t rows,
                                        const struct rule *rule, float *dz, float *loss,
                                        uint32_t *correct)
{
    size_t columns = rule->columns;
    for (size_t i = 0; i < rows; i++) {
        float *error = dz + i * columns; /* [columns] z - y, then dz */
        memcpy(error, z + i * columns, columns * sizeof *error);
        correct[i] = is_correct(error, columns, labels[i]);
        subtract_target(error, columns, labels[i]);
        double sum = 0.0;
        for (size_t j = 0; j < columns; j++)
            sum += (double)error[j] * (double)error[j];
        loss[i] = (float)(0.5 * sum);
    }
    multiply(dz, rows * columns, rule->delta_factor);
}

void cpu_identity_squared_error(const float *z, const int32_t *labels, size_t rows, size_t columns,
                                float delta_factor, float *dz, float *loss, uint32_t *correct)
{
    struct rule rule = {.columns = columns, .delta_factor = delta_factor};
    run_parts(identity_squared_error_part, z, labels, rows, &rule, dz, loss, correct);
}
