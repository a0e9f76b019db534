/* The optimizers of the reference, in double, one parameter at a time.
 *
 * enum weft_optimizer in weft_options.h names the papers with the formulas. struct ref_update has
 * the scalars.
 */
#include <math.h>

#include "reference/reference.h"

double ref_clip_factor(const double *dw, size_t n, double limit)
{
    double squares = 0.0;
    for (size_t i = 0; i < n; i++)
        squares += dw[i] * dw[i];
    const double factor = limit / (sqrt(squares) + 1e-6);
    return factor < 1.0 ? factor : 1.0;
}

void ref_sgd_update(double *w, const double *dw, size_t n, double learning_rate)
{
    for (size_t i = 0; i < n; i++)
        w[i] -= learning_rate * dw[i];
}

static void momentum_update(double *w, const double *dw, double *v, size_t n,
                            const struct ref_update *rule)
{
    for (size_t i = 0; i < n; i++) {
        const double g = rule->clip * dw[i];
        v[i] = rule->momentum * v[i] + g;
        if (rule->optimizer == WEFT_OPTIMIZER_NESTEROV)
            w[i] -= rule->learning_rate * (g + rule->momentum * v[i]);
        else
            w[i] -= rule->learning_rate * v[i];
    }
}

static void rmsprop_update(double *w, const double *dw, double *v, size_t n,
                           const struct ref_update *rule)
{
    for (size_t i = 0; i < n; i++) {
        const double g = rule->clip * dw[i];
        v[i] = rule->beta2 * v[i] + rule->gain2 * g * g;
        w[i] -= rule->learning_rate * g / (sqrt(v[i]) + rule->epsilon);
    }
}

static void adam_update(double *w, const double *dw, double *m, double *v, size_t n, size_t weights,
                        const struct ref_update *rule)
{
    for (size_t i = 0; i < n; i++) {
        const double g = rule->clip * dw[i];
        m[i] = rule->beta1 * m[i] + rule->gain1 * g;
        v[i] = rule->beta2 * v[i] + rule->gain2 * g * g;
        if (i < weights)
            w[i] *= rule->decay_factor;
        w[i] -= rule->step * m[i] / (sqrt(v[i]) * rule->root + rule->epsilon);
    }
}

void ref_average_update(const double *w, size_t n, double gain, double *average)
{
    for (size_t i = 0; i < n; i++)
        average[i] += gain * (w[i] - average[i]);
}

/* The switch has no default, so -Wswitch names the place that a new optimizer needs. */
void ref_update(double *w, const double *dw, double *const *state, size_t n, size_t weights,
                const struct ref_update *rule)
{
    switch (rule->optimizer) {
    case WEFT_OPTIMIZER_SGD:
        ref_sgd_update(w, dw, n, rule->learning_rate * rule->clip);
        break;
    case WEFT_OPTIMIZER_MOMENTUM:
    case WEFT_OPTIMIZER_NESTEROV:
        momentum_update(w, dw, state[0], n, rule);
        break;
    case WEFT_OPTIMIZER_RMSPROP:
        rmsprop_update(w, dw, state[0], n, rule);
        break;
    case WEFT_OPTIMIZER_ADAM:
    case WEFT_OPTIMIZER_ADAMW:
        adam_update(w, dw, state[0], state[1], n, weights, rule);
        break;
    }
}
