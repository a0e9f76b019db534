/* Error bounds of activations and their slopes. error_analysis.h has the method. */
#ifndef WEFT_CHECK_ERROR_ACTIVATION_H
#define WEFT_CHECK_ERROR_ACTIVATION_H

#include "check/error_analysis.h"
#include "weft.h"

/* A pre-activation and its activation, with their errors. */
struct activated {
    enum weft_activation activation;
    double z, e_z;
    double a, e_a;
};

/* These functions handle all activations except identity and sigmoid. */
void activation_bound_of(struct precision in, struct activated *unit);
double activation_backward_bound_of(struct precision in, const struct activated *unit,
                                    double product, double e_product);

/* Fills e_a of a = activation(z) from the other members.
 *
 * Sigmoid: |d log(a (1 - a)) / dz| <= 1, so e(z) moves a by at most a (1 - a) (exp(e(z)) - 1), and
 * never by more than 1. Computing it adds SIGMOID_U. */
static inline void activation_bound(struct precision in, struct activated *unit)
{
    unit->e_a = unit->e_z;
    if (unit->activation == WEFT_ACTIVATION_IDENTITY || !isfinite(unit->e_z))
        return;
    if (unit->activation == WEFT_ACTIVATION_SIGMOID) {
        /* exp(e) - 1 <= e + e^2 up to e = 1; this needs no call for each element */
        const double a = unit->a, e_z = unit->e_z;
        const double growth = e_z < 1.0 ? e_z + e_z * e_z : expm1(e_z);
        const double moved = fmin(a * (1.0 - a) * growth, 1.0);
        unit->e_a = moved + SIGMOID_U * in.u * (a + moved) + in.tiny;
        return;
    }
    activation_bound_of(in, unit);
}

/* Returns e(p s) for the product p s, where s = a'(z) is computed from a, or from z if the slope of
 * the activation is FROM_Z.
 *
 * Sigmoid: s = a (1 - a), e(s) = |1 - 2a| e(a) + e(a)^2, and three roundings: 1 - a and both
 * products. */
static inline double activation_backward_bound(struct precision in, const struct activated *unit,
                                               double product, double e_product)
{
    if (unit->activation == WEFT_ACTIVATION_IDENTITY)
        return e_product;
    if (!(fabs(product) + e_product <= in.largest))
        return HUGE_VAL; /* p may overflow, and an infinity times a slope of 0 is NaN */
    if (unit->activation == WEFT_ACTIVATION_SIGMOID) {
        const double a = unit->a, s = a * (1.0 - a), size = fabs(product);
        const double e_s = fabs(1.0 - 2.0 * a) * unit->e_a + unit->e_a * unit->e_a;
        const double moved = e_product * (s + e_s) + size * e_s;
        return moved + roundings_bound(in, 3) * (size * s + moved) + 3.0 * in.tiny;
    }
    return activation_backward_bound_of(in, unit, product, e_product);
}

#endif
