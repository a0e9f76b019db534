/* Tells where float32 leaves the slope of an activation undecided, so that a gradient of 0 is
 * right.
 *
 * A slope that follows from a is 0 at a limit L of a: 1 - a^2 of tanh at -1 and 1, a (1 - a) of
 * sigmoid at 1, 1 + a of ELU at -1, and lambda alpha + a of SELU at -lambda alpha. A computed a is
 * off by up to U u |L|, u = 2^-24, where OpenCL's accuracies of tanh, exp and expm1 give U
 * (check/error_analysis.h). If the exact a is that close to L, the computed a may be L. The
 * computed slope may then be 0, however small the error of z is. This holds for any correct device:
 * even a tanh(9.2) that is rounded correctly is 1.
 *
 * The slopes of GELU, SiLU and Mish follow from z, and the slope of softplus vanishes together with
 * a, whose error is relative. They are never lost.
 */
#ifndef WEFT_TESTS_LOST_SLOPES_H
#define WEFT_TESTS_LOST_SLOPES_H

#include "step_answer.h"

/* z is exact. */
static inline bool slope_is_lost(enum weft_activation activation, double z)
{
    const double u = 0x1p-24, limit = 1.0507009873554805 * 1.6732632423543772; /* of SELU */
    double a = z;
    ref_activation_forward(activation, &a, 1);
    switch (activation) {
    case WEFT_ACTIVATION_TANH:
        return 1.0 - fabs(a) <= 10.0 * u;
    case WEFT_ACTIVATION_SIGMOID:
        return 1.0 - a <= 14.0 * u;
    case WEFT_ACTIVATION_ELU:
        return 1.0 + a <= 6.0 * u;
    case WEFT_ACTIVATION_SELU:
        return limit + a <= 8.0 * u * limit;
    default:
        return false;
    }
}

/* Tells whether every nonzero dz of layer `l` has a lost slope in sample `i`. */
static inline bool row_ends(const struct problem *problem, const struct exact *exact, size_t l,
                            size_t i)
{
    const struct dense_layer *layer = &problem->network.layers[l];
    for (size_t j = i * layer->outputs; j < (i + 1) * layer->outputs; j++)
        if (exact->step.dz[l][j] != 0.0 && !slope_is_lost(layer->activation, exact->step.z[l][j]))
            return false;
    return true;
}

/* Tells whether dz of layer `l` may be computed as 0 in every sample: on its way down, the delta of
 * the sample meets nothing but lost slopes in some layer. Batch norm mixes samples; then no. */
static inline bool delta_is_lost(const struct problem *problem, const struct exact *exact, size_t l)
{
    const size_t hidden = problem->network.layer_count - 1;
    for (size_t i = 0; i < problem->recipe.batch; i++) {
        bool ends = false;
        for (size_t m = l; m < hidden && !ends; m++)
            ends = row_ends(problem, exact, m, i);
        if (!ends)
            return false;
    }
    return !problem->recipe.norm;
}

/* The same for the numbers of span `s`: the dz of a layer, and the gradients that it sums. */
static inline bool span_is_lost(const struct problem *problem, const struct exact *exact, size_t s)
{
    const enum span_kind kind = (enum span_kind)(s % SPAN_KINDS);
    const size_t l = s / SPAN_KINDS;
    return l < problem->network.layer_count &&
           (kind == SPAN_DZ || kind == SPAN_DW || kind == SPAN_DB) &&
           delta_is_lost(problem, exact, l);
}

/* Batch norm divides by the spread of a few samples, which may be hardly any: what roundings before
 * it can do to a whole step then grows beyond all numbers. A single input has no direction, so that
 * its weight has no gradient; nor has a shift that the next layer takes away again. Then stages
 * alone are sharp. */
static inline bool spread_is_lost(const struct recipe *recipe)
{
    return recipe->norm && (recipe->batch < 4 || recipe->widths[0] == 1 || recipe->layers > 2);
}

#endif
