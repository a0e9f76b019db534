/* The optimizers of the CPU backend. kernels/update.cl has the formulas, and
 * backend/update_rule.h the scalars.
 *
 * As in cpu_elementwise.c, each optimizer has a leaf function with the vector loop over one part of
 * the arrays. Threads share the parts.
 */
#include <assert.h>
#include <math.h>

#include "base/clones.h"
#include "base/memory.h"
#include "cpu/cpu_kernels.h"

VECTOR_CLONES static void sgd_update_part(const struct cpu_update *part,
                                          const struct update_rule *rule)
{
    float *restrict w = part->w;
    const float *restrict dw = part->dw;
    const float clip = part->clip, rate = rule->learning_rate;
#pragma omp simd
    for (size_t i = 0; i < part->n; i++)
        w[i] -= rate * (clip * dw[i]);
}

VECTOR_CLONES static void momentum_update_part(const struct cpu_update *part,
                                               const struct update_rule *rule)
{
    float *restrict w = part->w, *restrict v = part->state[0];
    const float *restrict dw = part->dw;
    const float clip = part->clip, rate = rule->learning_rate, momentum = rule->momentum;
#pragma omp simd
    for (size_t i = 0; i < part->n; i++) {
        v[i] = momentum * v[i] + clip * dw[i];
        w[i] -= rate * v[i];
    }
}

VECTOR_CLONES static void nesterov_update_part(const struct cpu_update *part,
                                               const struct update_rule *rule)
{
    float *restrict w = part->w, *restrict v = part->state[0];
    const float *restrict dw = part->dw;
    const float clip = part->clip, rate = rule->learning_rate, momentum = rule->momentum;
#pragma omp simd
    for (size_t i = 0; i < part->n; i++) {
        const float g = clip * dw[i];
        v[i] = momentum * v[i] + g;
        w[i] -= rate * (g + momentum * v[i]);
    }
}

VECTOR_CLONES static void rmsprop_update_part(const struct cpu_update *part,
                                              const struct update_rule *rule)
{
    float *restrict w = part->w, *restrict v = part->state[0];
    const float *restrict dw = part->dw;
    const float clip = part->clip, rate = rule->learning_rate, epsilon = rule->epsilon;
    const float beta = rule->beta2, gain = rule->gain2;
#pragma omp simd
    for (size_t i = 0; i < part->n; i++) {
        const float g = clip * dw[i];
        v[i] = beta * v[i] + gain * g * g;
        w[i] -= rate * (g / (sqrtf(v[i]) + epsilon));
    }
}

/* `decay_factor` applies to every element of the part. */
VECTOR_CLONES static void adam_update_part(const struct cpu_update *part,
                                           const struct update_rule *rule, float decay_factor)
{
    float *restrict w = part->w, *restrict m = part->state[0], *restrict v = part->state[1];
    const float *restrict dw = part->dw;
    const float clip = part->clip, epsilon = rule->epsilon;
    const float beta1 = rule->beta1, gain1 = rule->gain1;
    const float beta2 = rule->beta2, gain2 = rule->gain2;
    const float step = rule->step, root = rule->root;
#pragma omp simd
    for (size_t i = 0; i < part->n; i++) {
        const float g = clip * dw[i];
        m[i] = beta1 * m[i] + gain1 * g;
        v[i] = beta2 * v[i] + gain2 * g * g;
        w[i] = decay_factor * w[i] - step * (m[i] / (sqrtf(v[i]) * root + epsilon));
    }
}

/* Returns elements first .. first + count - 1 of an update. */
static struct cpu_update part_of(const struct cpu_update *update, size_t states, size_t first,
                                 size_t count)
{
    struct cpu_update part = {
        update->w + first, update->dw + first, {NULL}, update->clip, count, count};
    for (size_t i = 0; i < states; i++)
        part.state[i] = update->state[i] + first;
    return part;
}

/* Weights decay, biases do not. A part may contain both. */
static void adam_parts(const struct cpu_update *part, const struct update_rule *rule,
                       size_t weights)
{
    const struct cpu_update decayed = part_of(part, 2, 0, weights);
    const struct cpu_update rest = part_of(part, 2, weights, part->n - weights);
    adam_update_part(&decayed, rule, rule->decay_factor);
    adam_update_part(&rest, rule, 1.0f);
}

static void update_part(const struct cpu_update *part, const struct update_rule *rule,
                        size_t weights)
{
    switch (rule->optimizer) {
    case WEFT_OPTIMIZER_SGD:
        sgd_update_part(part, rule);
        break;
    case WEFT_OPTIMIZER_MOMENTUM:
        momentum_update_part(part, rule);
        break;
    case WEFT_OPTIMIZER_NESTEROV:
        nesterov_update_part(part, rule);
        break;
    case WEFT_OPTIMIZER_RMSPROP:
        rmsprop_update_part(part, rule);
        break;
    case WEFT_OPTIMIZER_ADAM:
    case WEFT_OPTIMIZER_ADAMW:
        adam_parts(part, rule, weights);
        break;
    }
}

struct update_work {
    const struct cpu_update *update;
    const struct update_rule *rule;
};

static void update_piece(const void *work, size_t first, size_t count)
{
    const struct update_work *of = work;
    const size_t all = of->update->weights, weights = all > first ? all - first : 0;
    const struct cpu_update part =
        part_of(of->update, optimizer_states(of->rule->optimizer), first, count);
    update_part(&part, of->rule, size_min(weights, count));
}

void cpu_parameters_update(const struct cpu_update *update, const struct update_rule *rule)
{
    const struct update_work work = {update, rule};
    parallel_for(update->n, CPU_PART, update->n >= CPU_SHARED, update_piece, &work);
}

/* ---- average += gain (w - average) ---- */

VECTOR_CLONES static void average_update_part(const float *w, size_t n, float gain, float *average)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        average[i] += gain * (w[i] - average[i]);
}

struct average_update {
    const float *w;
    float gain;
    float *average;
};

static void average_update_piece(const void *work, size_t first, size_t count)
{
    const struct average_update *of = work;
    average_update_part(of->w + first, count, of->gain, of->average + first);
}

void cpu_average_update(const float *w, size_t n, float gain, float *average)
{
    const struct average_update work = {w, gain, average};
    parallel_for(n, CPU_PART, n >= CPU_SHARED, average_update_piece, &work);
}
