/* Targets, probabilities and losses of the CPU backend: the CPU twins of kernels/losses.cl.
 *
 * A network has few outputs, often fewer than a vector has lanes. So element-wise steps (exp,
 * sigmoid, differences) treat a part of rows as one long array. Only steps that differ per row
 * (maximum, sum, weight) go row by row. dz holds the intermediate values.
 */
#include "base/memory.h"
#include "cpu/cpu_kernels.h"
#include "cpu/cpu_math.h"

/* ---- targets ---- */

static size_t sample_of(const struct cpu_targets *targets, size_t row)
{
    return targets->order != NULL ? targets->order[targets->first + row] : targets->first + row;
}

static float weight_of(const struct cpu_targets *targets, size_t sample)
{
    return targets->weights != NULL ? targets->weights[sample] : 1.0f;
}

void cpu_label_targets(const int32_t *labels, const struct cpu_targets *targets)
{
    const size_t rows = targets->rows, columns = targets->columns;
    for (size_t i = 0; i < rows * columns; i++)
        targets->y[i] = targets->spread;
    for (size_t i = 0; i < rows; i++) {
        const size_t hit = (size_t)(columns == 1 ? labels[i] - 1 : labels[i]);
        if (hit < columns)
            targets->y[i * columns + hit] = targets->share + targets->spread;
        targets->weight[i] = weight_of(targets, sample_of(targets, i));
    }
}

void cpu_gather_targets(const float *values, const struct cpu_targets *targets)
{
    const size_t columns = targets->columns;
    for (size_t i = 0; i < targets->rows; i++) {
        const size_t sample = sample_of(targets, i);
        for (size_t j = 0; j < columns; j++)
            targets->y[i * columns + j] =
                targets->share * values[sample * columns + j] + targets->spread;
        targets->weight[i] = weight_of(targets, sample);
    }
}

/* ---- code shared by all losses ---- */

/* Computes the loss of a part of the rows. All pointers point to the part's first row. */
typedef void loss_part(const struct cpu_loss *part, float *dz, float *losses, uint32_t *correct);

struct loss_work {
    loss_part *run;
    const struct cpu_loss *loss;
    float *dz, *losses;
    uint32_t *correct;
};

static void loss_piece(const void *work, size_t first, size_t count)
{
    const struct loss_work *of = work;
    const size_t offset = first * of->loss->columns;
    struct cpu_loss part = *of->loss;
    part.z += offset;
    part.y += offset;
    part.weight += first;
    part.rows = count;
    of->run(&part, of->dz + offset, of->losses + first, of->correct + first);
}

static void run_parts(loss_part *run, const struct cpu_loss *loss, float *dz, float *losses,
                      uint32_t *correct)
{
    const struct loss_work work = {run, loss, dz, losses, correct};
    parallel_for(loss->rows, cpu_part_rows(loss->columns),
                 loss->rows * loss->columns >= CPU_SLOW_SHARED, loss_piece, &work);
}

/* Sums in double, so that long sums keep their precision. A sum of 1 and a small term also keeps
 * the small term for the logarithm. */
static inline double row_sum(const float *x, size_t n)
{
    double sum = 0.0;
    for (size_t j = 0; j < n; j++)
        sum += (double)x[j];
    return sum;
}

/* Returns whether the prediction of row `i` is correct. `squash` means that the outputs are
 * sigmoid(z). */
static uint32_t row_correct(const struct cpu_loss *loss, size_t i, bool squash)
{
    const size_t columns = loss->columns;
    const float *z = loss->z + i * columns, *y = loss->y + i * columns; /* [columns] */
    if (!loss->each && columns > 1) /* if several probabilities round to 1, the larger
                                     * pre-activation wins */
        return cpu_argmax(z, columns) == cpu_argmax(y, columns);
    for (size_t j = 0; j < columns; j++)
        if (((squash ? sigmoid_float(z[j]) : z[j]) > 0.5f) != (y[j] > 0.5f))
            return 0;
    return 1;
}

/* dz = delta_factor weight d, in place */
VECTOR_CLONES static void scale_rows(const struct cpu_loss *loss, float *dz)
{
    const size_t columns = loss->columns;
    for (size_t i = 0; i < loss->rows; i++) {
        const float scale = loss->delta_factor * loss->weight[i];
#pragma omp simd
        for (size_t j = 0; j < columns; j++)
            dz[i * columns + j] *= scale;
    }
}

/* ---- softmax ---- */

/* e = exp(z - max of the row); in place allowed */
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

/* loss = weight sum y (log sum exp(z - max) + max - z), d = p sum y - y */
static void softmax_part(const struct cpu_loss *loss, float *dz, float *losses, uint32_t *correct)
{
    const size_t columns = loss->columns;
    exp_rows(loss->z, loss->rows, columns, dz);
    for (size_t i = 0; i < loss->rows; i++) {
        const float *z = loss->z + i * columns, *y = loss->y + i * columns; /* [columns] */
        float *d = dz + i * columns; /* [columns] e, then d */
        const size_t best = cpu_argmax(z, columns);
        const double sum = row_sum(d, columns), log_sum = log(sum);
        const float whole = (float)row_sum(y, columns), share = (float)sum;
        double total = 0.0;
        for (size_t j = 0; j < columns; j++) {
            if (y[j] != 0.0f)
                total += (double)y[j] * (log_sum + (double)(z[best] - z[j]));
            d[j] = d[j] / share * whole - y[j];
        }
        losses[i] = (float)((double)loss->weight[i] * total);
        correct[i] = best == cpu_argmax(y, columns);
    }
    scale_rows(loss, dz);
}

void cpu_softmax_cross_entropy(const struct cpu_loss *loss, float *dz, float *losses,
                               uint32_t *correct)
{
    run_parts(softmax_part, loss, dz, losses, correct);
}

/* ---- sigmoid ---- */

/* log(1 + exp(-|z|)) + wrong |z|, where wrong = 1 - y for z > 0 and y otherwise. This equals
 * softplus(z) - y z without cancellation. An infinite z on the side of its target costs nothing. */
VECTOR_CLONES static void cross_entropies(const float *z, const float *y, size_t n, float *terms)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        const float size = fabsf(z[i]), wrong = z[i] > 0.0f ? 1.0f - y[i] : y[i];
        terms[i] = softplus_float(-size) + (wrong != 0.0f ? wrong * size : 0.0f);
    }
}

/* -y log p, p = sigmoid(z): y softplus(-z), and 0 where y is 0 */
VECTOR_CLONES static void class_terms(const float *z, const float *y, size_t n, float *terms)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        const float term = y[i] * softplus_float(-z[i]);
        terms[i] = y[i] != 0.0f ? term : 0.0f;
    }
}

/* d = (1 - y) sigmoid(z) - y sigmoid(-z). This equals p - y, which would cancel for a large z. */
VECTOR_CLONES static void sigmoid_deltas(const float *z, const float *y, size_t n, float *d)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        d[i] = (1.0f - y[i]) * sigmoid_float(z[i]) - y[i] * sigmoid_float(-z[i]);
}

static void sigmoid_part(const struct cpu_loss *loss, float *dz, float *losses, uint32_t *correct)
{
    const size_t columns = loss->columns, n = loss->rows * columns;
    if (loss->true_class_only && columns > 1) /* a single column represents both classes */
        class_terms(loss->z, loss->y, n, dz);
    else
        cross_entropies(loss->z, loss->y, n, dz);
    for (size_t i = 0; i < loss->rows; i++) {
        losses[i] = (float)((double)loss->weight[i] * row_sum(dz + i * columns, columns));
        correct[i] = row_correct(loss, i, true);
    }
    sigmoid_deltas(loss->z, loss->y, n, dz);
    scale_rows(loss, dz);
}

void cpu_sigmoid_cross_entropy(const struct cpu_loss *loss, float *dz, float *losses,
                               uint32_t *correct)
{
    run_parts(sigmoid_part, loss, dz, losses, correct);
}

/* ---- identity ---- */

/* loss = weight sum d^2 / 2, d = z - y */
static void identity_part(const struct cpu_loss *loss, float *dz, float *losses, uint32_t *correct)
{
    const size_t columns = loss->columns;
    for (size_t i = 0; i < loss->rows; i++) {
        double sum = 0.0;
        for (size_t j = i * columns; j < (i + 1) * columns; j++) {
            dz[j] = loss->z[j] - loss->y[j];
            sum += (double)dz[j] * (double)dz[j];
        }
        losses[i] = (float)(0.5 * (double)loss->weight[i] * sum);
        correct[i] = row_correct(loss, i, false);
    }
    scale_rows(loss, dz);
}

void cpu_identity_squared_error(const struct cpu_loss *loss, float *dz, float *losses,
                                uint32_t *correct)
{
    run_parts(identity_part, loss, dz, losses, correct);
}
