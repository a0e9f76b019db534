/* The optimizers of the CPU backend; formulas and scalars stand in backend/update_rule.h.
 *
 * As in cpu_elementwise.c: a leaf function with the vector loop over a part of the arrays, and
 * threads that share out the parts.
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

/* `keep` for all of the part. */
VECTOR_CLONES static void adam_update_part(const struct cpu_update *part,
                                           const struct update_rule *rule, float keep)
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
        w[i] = keep * w[i] - step * (m[i] / (sqrtf(v[i]) * root + epsilon));
    }
}

/* The elements first .. first + count - 1 of an update. */
static struct cpu_update part_of(const struct cpu_update *update, size_t states, size_t first,
                                 size_t count)
{
    struct cpu_update part = {
        update->w + first, update->dw + first, {NULL}, update->clip, count, count};
    for (size_t i = 0; i < states; i++)
        part.state[i] = update->state[i] + first;
    return part;
}

/* Weights decay, biases do not: a part may have both. */
static void adam_parts(const struct cpu_update *part, const struct update_rule *rule,
                       size_t weights)
{
    const struct cpu_update decayed = part_of(part, 2, 0, weights);
    const struct cpu_update rest = part_of(part, 2, weights, part->n - weights);
    adam_update_part(&decayed, rule, rule->keep);
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

void cpu_parameters_update(const struct cpu_update *update, const struct update_rule *rule)
{
    const size_t states = optimizer_states(rule->optimizer);
    const size_t parts = cpu_part_count(update->n, CPU_PART);
#pragma omp parallel for schedule(static) if (parts > 1)
    for (size_t i = 0; i < parts; i++) {
        const size_t first = i * CPU_PART, count = size_min(CPU_PART, update->n - first);
        const size_t weights = update->weights > first ? update->weights - first : 0;
        const struct cpu_update part = part_of(update, states, first, count);
        update_part(&part, rule, size_min(weights, count));
    }
}

/* ---- average = keep average + gain w ---- */

VECTOR_CLONES static void average_update_part(const float *w, size_t n, float keep, float gain,
                                              float *average)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        average[i] = keep * average[i] + gain * w[i];
}

void cpu_average_update(const float *w, size_t n, float keep, float gain, float *average)
{
    const size_t parts = cpu_part_count(n, CPU_PART);
#pragma omp parallel for schedule(static) if (parts > 1)
    for (size_t part = 0; part < parts; part++) {
        const size_t first = part * CPU_PART;
        average_update_part(w + first, size_min(CPU_PART, n - first), keep, gain, average + first);
    }
}
