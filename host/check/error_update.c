/* Error bounds of penalties and updates. See error_update.h. Each formula stands above the function
 * that bounds its error. */
#include "check/error_update.h"

#include <math.h>

/* ---- penalties ---- */

/* dw + (l1 sign(w) + l2 w): the product l2 w, the inner sum and the outer one. */
double penalty_gradient_bound(struct precision in, double l1, double l2, double w, double dw,
                              double e_dw)
{
    const double sign = (w > 0.0) - (w < 0.0), penalty = l1 * sign + l2 * w;
    const double e_product = in.u * l2 * fabs(w);
    const double e_penalty = e_product + in.u * (fabs(penalty) + e_product);
    const double size = fabs(dw + penalty) + e_dw + e_penalty;
    return size <= in.largest ? e_penalty + in.u * size + 2.0 * in.tiny : HUGE_VAL;
}

double gradient_add_bound(struct precision in, double dw, double sum)
{
    return rounded_bound(in, 1, sum + dw);
}

void penalty_terms_bounds(struct precision in, size_t n, const double sums[2], double e[2])
{
    e[0] = sum_bound_of(in, sums[0], n);
    e[1] = product_bound_of(in, sums[1], n, 0);
}

/* ---- optimizers ---- */

struct ref_update optimizer_reference(const struct update_rule *rule, double clip)
{
    return (struct ref_update){.optimizer = rule->optimizer,
                               .learning_rate = (double)rule->learning_rate,
                               .clip = clip,
                               .momentum = (double)rule->momentum,
                               .beta1 = (double)rule->beta1,
                               .beta2 = (double)rule->beta2,
                               .gain1 = (double)rule->gain1,
                               .gain2 = (double)rule->gain2,
                               .epsilon = (double)rule->epsilon,
                               .step = (double)rule->step,
                               .root = (double)rule->root,
                               .decay_factor = (double)rule->decay_factor};
}

struct optimizer_move optimizer_move(const struct ref_update *rule, bool weight, double dw,
                                     const struct optimizer_element *before,
                                     const struct optimizer_element *after)
{
    const double g = rule->clip * dw, *state = after->state;
    struct optimizer_move move = {before->w, rule->learning_rate, g};
    switch (rule->optimizer) {
    case WEFT_OPTIMIZER_SGD:
        break;
    case WEFT_OPTIMIZER_MOMENTUM:
        move.direction = state[0];
        break;
    case WEFT_OPTIMIZER_NESTEROV:
        move.direction = g + rule->momentum * state[0];
        break;
    case WEFT_OPTIMIZER_RMSPROP:
        move.direction = g / (sqrt(state[0]) + rule->epsilon);
        break;
    case WEFT_OPTIMIZER_ADAM:
    case WEFT_OPTIMIZER_ADAMW:
        move.kept = weight ? rule->decay_factor * before->w : before->w;
        move.rate = rule->step;
        move.direction = state[0] / (sqrt(state[1]) * rule->root + rule->epsilon);
        break;
    }
    return move;
}

/* Returns the error of a sum of two numbers: `roundings` roundings, and results flushed to zero. */
static double sum_of_two(struct precision in, double one, double other, size_t roundings)
{
    const double size = fabs(one) + fabs(other);
    if (!(size <= in.largest))
        return HUGE_VAL;
    return roundings_bound(in, roundings) * size + (double)roundings * in.tiny;
}

/* A number and its error. */
struct inexact {
    double value, error;
};

/* e(q), q = a / (sqrt(v) root + epsilon):
 *   e(sqrt v) = min(e(v) / sqrt(v), sqrt(e(v))), then SQRT_U u
 *   e(d) = root e(sqrt v), and g_2 of d: the product and the sum
 *   e(q) = (e(a) + |q| e(d)) / (d - e(d)), then DIVIDE_U u */
static double quotient_bound(struct precision in, struct inexact a, struct inexact v, double root,
                             double epsilon)
{
    const double s = sqrt(v.value);
    const double moved = s > 0.0 ? fmin(v.error / s, sqrt(v.error)) : sqrt(v.error);
    const double e_s = moved + SQRT_U * in.u * (s + moved);
    const double d = s * root + epsilon;
    const double e_d = root * e_s + roundings_bound(in, 2) * (d + root * e_s);
    const double q = fabs(a.value) / d;
    if (!(e_d < d) || !(v.value + v.error <= in.largest) || !(q <= in.largest))
        return HUGE_VAL;
    const double e_q = (a.error + q * e_d) / (d - e_d);
    return e_q + DIVIDE_U * in.u * (q + e_q) + in.tiny;
}

/* e(w'), w' = kept - rate direction: the errors of kept, of the product and of the difference. */
static double moved_bound(struct precision in, const struct optimizer_move *move, double e)
{
    const double size = move->rate * (fabs(move->direction) + e);
    if (!(size <= in.largest))
        return HUGE_VAL;
    return move->rate * e + sum_of_two(in, move->kept, size, 2);
}

/* v = momentum v + g; the direction is v, or g + momentum v. Returns e(direction). */
static double momentum_bound(struct precision in, const struct ref_update *rule, double g,
                             const struct optimizer_element *before,
                             const struct optimizer_element *after, struct optimizer_element *e)
{
    e->state[0] = sum_of_two(in, rule->momentum * before->state[0], g, 2);
    if (rule->optimizer == WEFT_OPTIMIZER_MOMENTUM)
        return e->state[0];
    const double e_v = rule->momentum * e->state[0];
    return e_v + sum_of_two(in, g, rule->momentum * fabs(after->state[0]) + e_v, 2);
}

/* v = beta2 v + (gain2 g) g: g counts twice, then two products and the sum */
static double squares_bound(struct precision in, const struct ref_update *rule, double g,
                            double before)
{
    return sum_of_two(in, rule->beta2 * before, rule->gain2 * g * g, 5);
}

static double rmsprop_bound(struct precision in, const struct ref_update *rule, double g,
                            const struct optimizer_element *before,
                            const struct optimizer_element *after, struct optimizer_element *e)
{
    e->state[0] = squares_bound(in, rule, g, before->state[0]);
    return quotient_bound(in, (struct inexact){g, in.u * fabs(g) + in.tiny},
                          (struct inexact){after->state[0], e->state[0]}, 1.0, rule->epsilon);
}

/* m = beta1 m + gain1 g: g, its product and the sum */
static double adam_bound(struct precision in, const struct ref_update *rule, double g,
                         const struct optimizer_element *before,
                         const struct optimizer_element *after, struct optimizer_element *e)
{
    e->state[0] = sum_of_two(in, rule->beta1 * before->state[0], rule->gain1 * g, 3);
    e->state[1] = squares_bound(in, rule, g, before->state[1]);
    return quotient_bound(in, (struct inexact){after->state[0], e->state[0]},
                          (struct inexact){after->state[1], e->state[1]}, rule->root,
                          rule->epsilon);
}

double update_bound(struct precision in, double rate, double w, double g, double e_g)
{
    const double step = rate * (e_g + in.u * (fabs(g) + e_g));
    if (!(rate * (fabs(g) + e_g) <= in.largest))
        return HUGE_VAL;
    return step + in.u * (fabs(w - rate * g) + step) + 2.0 * in.tiny;
}

struct optimizer_element optimizer_bound(struct precision in, const struct ref_update *rule,
                                         bool weight, double dw,
                                         const struct optimizer_element *before,
                                         const struct optimizer_element *after)
{
    const double g = rule->clip * dw;
    struct optimizer_element e = {.w = 0.0};
    double e_direction = 0.0;
    switch (rule->optimizer) {
    case WEFT_OPTIMIZER_SGD:
        e.w = update_bound(in, rule->learning_rate, before->w, g,
                           rule->clip == 1.0 ? 0.0 : in.u * fabs(g) + in.tiny);
        return e;
    case WEFT_OPTIMIZER_MOMENTUM:
    case WEFT_OPTIMIZER_NESTEROV:
        e_direction = momentum_bound(in, rule, g, before, after, &e);
        break;
    case WEFT_OPTIMIZER_RMSPROP:
        e_direction = rmsprop_bound(in, rule, g, before, after, &e);
        break;
    case WEFT_OPTIMIZER_ADAM:
    case WEFT_OPTIMIZER_ADAMW:
        e_direction = adam_bound(in, rule, g, before, after, &e);
        break;
    }
    const struct optimizer_move move = optimizer_move(rule, weight, dw, before, after);
    e.w = moved_bound(in, &move, e_direction);
    return e;
}

/* ---- around the update ---- */

/* The root leaves half of the error of the sum of squares. Then follow the root, the sum and the
 * division. Squares below `tiny` are lost: n tiny of their sum,
 * and so at most sqrt(n tiny) of the norm. If the sum may overflow on its way, a device may square
 * 2^-96 dw instead. Then n tiny of 2^-192 norm^2 is lost, which is at most n tiny 2^192 / norm of
 * the norm. */
double clip_factor_bound(struct precision in, size_t n, double norm, double limit)
{
    const double factor = limit / (norm + 1e-6), lost = (double)n * in.tiny;
    const bool fits = norm * norm * (1.0 + products_bound(in, n, 0)) <= in.largest;
    const double flushed = fits ? sqrt(lost) : 0x1p192 * lost / norm;
    if (!isfinite(norm))
        return fmin(factor, 1.0);
    const double e_norm = norm * (0.5 * products_bound(in, n, 0) + SQRT_U * in.u) + flushed;
    const double relative = e_norm / (norm + 1e-6) + (2.0 + DIVIDE_U) * in.u;
    return 1.01 * fmin(factor, 1.0) * relative + in.tiny;
}

/* The difference and its product give g_2 of gain |w - average|. The sum rounds once more. */
double average_bound(struct precision in, double average, double gain, double w)
{
    const double moved = gain * (w - average), e = roundings_bound(in, 2) * fabs(moved);
    if (!(fabs(w - average) <= in.largest))
        return HUGE_VAL;
    return e + in.u * (fabs(average + moved) + e) + 3.0 * in.tiny;
}
