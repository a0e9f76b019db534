/* Dense targets on the CPU: y and the weights of a batch, and the three losses that take them. The
 * twins of kernels/targets.cl; plain labels have the faster losses of cpu_losses.c.
 */
#include <math.h>

#include "base/memory.h"
#include "cpu/cpu_kernels.h"
#include "cpu/cpu_math.h"

void cpu_label_targets(const int32_t *labels, const float *class_weight, size_t rows,
                       size_t columns, float keep, float spread, float *y, float *weight)
{
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < columns; j++) {
            const bool hit = columns == 1 ? labels[i] == 1 : j == (size_t)labels[i];
            y[i * columns + j] = hit ? keep + spread : spread;
        }
        weight[i] = class_weight[labels[i]];
    }
}

void cpu_gather_targets(const float *targets, const uint32_t *order, size_t first, size_t rows,
                        size_t columns, float keep, float spread, float *y, float *weight)
{
    for (size_t i = 0; i < rows; i++) {
        const size_t sample = order != NULL ? order[first + i] : first + i;
        for (size_t j = 0; j < columns; j++)
            y[i * columns + j] = keep * targets[sample * columns + j] + spread;
        weight[i] = 1.0f;
    }
}

/* ---- losses ---- */

/* One row: z, y [columns] -> dz [columns]; returns the loss. scale = delta_factor weight. */
typedef float row_loss(const float *z, const float *y, size_t columns, float weight, float scale,
                       bool each, float *dz, uint32_t *correct);

struct rows_work {
    row_loss *run;
    const struct cpu_target_loss *loss;
    float *dz, *losses;
    uint32_t *correct;
};

static void rows_piece(const void *work, size_t first, size_t count)
{
    const struct rows_work *of = work;
    const struct cpu_target_loss *loss = of->loss;
    const size_t columns = loss->columns;
    for (size_t i = first; i < first + count; i++)
        of->losses[i] = of->run(loss->z + i * columns, loss->y + i * columns, columns,
                                loss->weight[i], loss->delta_factor * loss->weight[i],
                                loss->each || columns == 1, of->dz + i * columns, &of->correct[i]);
}

static void run_rows(row_loss *run, const struct cpu_target_loss *loss, float *dz, float *losses,
                     uint32_t *correct)
{
    const struct rows_work work = {run, loss, dz, losses, correct};
    parallel_for(loss->rows, cpu_part_rows(loss->columns),
                 loss->rows * loss->columns >= CPU_SLOW_SHARED, rows_piece, &work);
}

/* loss = weight sum y (log sum exp(z - max) - (z - max)), dz = scale (p sum y - y) */
VECTOR_CLONES
static float softmax_row(const float *z, const float *y, size_t columns, float weight, float scale,
                         bool each, float *dz, uint32_t *correct)
{
    (void)each;
    const size_t best = cpu_argmax(z, columns);
    const float largest = z[best];
#pragma omp simd
    for (size_t j = 0; j < columns; j++)
        dz[j] = exp_float(z[j] - largest);
    double sum = 0.0, whole = 0.0, total = 0.0;
    for (size_t j = 0; j < columns; j++) {
        sum += (double)dz[j];
        whole += (double)y[j];
    }
    /* cppcheck-suppress invalidFunctionArg ; a row has at least one column */
    const double log_sum = log(sum);
    for (size_t j = 0; j < columns; j++) {
        if (y[j] != 0.0f)
            total += (double)y[j] * (log_sum - (double)(z[j] - largest));
        dz[j] = scale * (dz[j] / (float)sum * (float)whole - y[j]);
    }
    *correct = best == cpu_argmax(y, columns);
    return (float)((double)weight * total);
}

/* loss = weight sum (log(1 + exp(-|z|)) + y max(-z, 0) + (1 - y) max(z, 0)),
 * dz = scale ((1 - y) sigmoid(z) - y sigmoid(-z)): nothing cancels. */
VECTOR_CLONES
static float sigmoid_row(const float *z, const float *y, size_t columns, float weight, float scale,
                         bool each, float *dz, uint32_t *correct)
{
    double total = 0.0;
    bool sides = true;
    for (size_t j = 0; j < columns; j++) {
        const float rest = 1.0f - y[j], p = sigmoid_float(z[j]);
        total += (double)softplus_float(-fabsf(z[j])) + (double)y[j] * (double)fmaxf(-z[j], 0.0f) +
                 (double)rest * (double)fmaxf(z[j], 0.0f);
        dz[j] = scale * (rest * p - y[j] * sigmoid_float(-z[j]));
        sides = sides && (p > 0.5f) == (y[j] > 0.5f);
    }
    *correct = each ? sides : cpu_argmax(z, columns) == cpu_argmax(y, columns);
    return (float)((double)weight * total);
}

/* loss = weight sum (z - y)^2 / 2, dz = scale (z - y) */
static float identity_row(const float *z, const float *y, size_t columns, float weight, float scale,
                          bool each, float *dz, uint32_t *correct)
{
    double total = 0.0;
    bool sides = true;
    for (size_t j = 0; j < columns; j++) {
        const float difference = z[j] - y[j];
        total += (double)difference * (double)difference;
        dz[j] = scale * difference;
        sides = sides && (z[j] > 0.5f) == (y[j] > 0.5f);
    }
    *correct = each ? sides : cpu_argmax(z, columns) == cpu_argmax(y, columns);
    return (float)(0.5 * (double)weight * total);
}

void cpu_softmax_cross_entropy_targets(const struct cpu_target_loss *loss, float *dz, float *losses,
                                       uint32_t *correct)
{
    run_rows(softmax_row, loss, dz, losses, correct);
}

void cpu_sigmoid_cross_entropy_targets(const struct cpu_target_loss *loss, float *dz, float *losses,
                                       uint32_t *correct)
{
    run_rows(sigmoid_row, loss, dz, losses, correct);
}

void cpu_identity_squared_error_targets(const struct cpu_target_loss *loss, float *dz,
                                        float *losses, uint32_t *correct)
{
    run_rows(identity_row, loss, dz, losses, correct);
}
