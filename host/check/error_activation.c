/* Error analysis of activations and their slopes. See error_activation.h.
 *
 * An error e(z) moves a by at most e(z) times the largest slope between z - e(z) and z + e(z).
 * Computing a adds an error that follows from the accuracies of the functions. The same holds for a
 * slope s, with the derivative of the slope. If the kink of a piecewise linear activation lies
 * between z - e(z) and z + e(z), either slope is right.
 */
#include "check/error_activation.h"

#include <math.h>

#include "reference/reference.h"

/* ---- a ---- */

/* The slope 1 - tanh^2 is largest where |z| is smallest. */
static double tanh_moved(double z, double e_z)
{
    const double nearest = tanh(fmax(fabs(z) - e_z, 0.0));
    return fmin((1.0 - nearest) * (1.0 + nearest) * e_z, 2.0);
}

static double slope_at(const struct activated *unit)
{
    double s = 1.0;
    ref_activation_backward(unit->activation, &unit->z, &unit->a, &s, 1);
    return fabs(s);
}

/* Returns how far e(z) moves a. The slopes of ELU (exp(z), at most 1) and softplus (the sigmoid)
 * grow with z. The slopes of GELU and SiLU change by at most 0.8 e(z) and 0.5 e(z), and never
 * exceed 1.13 and 1.1. */
static double moved(const struct activated *unit)
{
    const double z = unit->z, e = unit->e_z;
    switch (unit->activation) {
    case WEFT_ACTIVATION_IDENTITY:
    case WEFT_ACTIVATION_SIGMOID:
        break;
    case WEFT_ACTIVATION_TANH:
        return tanh_moved(z, e);
    case WEFT_ACTIVATION_RELU:
        return z + e <= 0.0 ? 0.0 : e;
    case WEFT_ACTIVATION_LEAKY_RELU:
        return z + e <= 0.0 ? 0.01 * e : e;
    case WEFT_ACTIVATION_ELU:
        return exp(fmin(z + e, 0.0)) * e;
    case WEFT_ACTIVATION_GELU:
        return fmin(slope_at(unit) + 0.8 * e, 1.13) * e;
    case WEFT_ACTIVATION_SILU:
        return fmin(slope_at(unit) + 0.5 * e, 1.1) * e;
    case WEFT_ACTIVATION_SOFTPLUS:
        return e / (1.0 + exp(-(z + e)));
    }
    return e;
}

/* Returns the roundings of a, in u relative to its size. In Phi(z) = exp(-z^2 / 2) ..., a rounding
 * of z^2 / 2 changes Phi by z^2 / 2 in u, relative to Phi. Two roundings change it by twice as
 * much. The leak 0.01 is not exact in float32. */
static double roundings(const struct activated *unit)
{
    const double size = fabs(unit->z) + unit->e_z;
    switch (unit->activation) {
    case WEFT_ACTIVATION_IDENTITY:
    case WEFT_ACTIVATION_SIGMOID:
    case WEFT_ACTIVATION_RELU:
        break;
    case WEFT_ACTIVATION_TANH:
        return TANH_U;
    case WEFT_ACTIVATION_LEAKY_RELU:
        return 2.0;
    case WEFT_ACTIVATION_ELU:
        return EXPM1_U;
    case WEFT_ACTIVATION_GELU:
        return NORMAL_U + 2.0 + size * size;
    case WEFT_ACTIVATION_SILU:
        return SIGMOID_U + 1.0;
    case WEFT_ACTIVATION_SOFTPLUS:
        return SOFTPLUS_U;
    }
    return 0.0;
}

/* Returns the error of results that are flushed to zero. In GELU and SiLU, z multiplies them. */
static double flushed(struct precision in, const struct activated *unit)
{
    const bool scaled =
        unit->activation == WEFT_ACTIVATION_GELU || unit->activation == WEFT_ACTIVATION_SILU;
    return in.tiny * (scaled ? 2.0 + fabs(unit->z) + unit->e_z : 1.0);
}

void activation_bound_of(struct precision in, struct activated *unit)
{
    const double e = moved(unit), most = fabs(unit->a) + e;
    unit->e_a = e + roundings(unit) * in.u * most + flushed(in, unit);
    if (!(roundings(unit) * in.u <
          1.0)) /* for a huge |z| the error of Phi may be as large as Phi */
        unit->e_a = unit->z > 0.0 ? unit->e_a : e + most + flushed(in, unit);
}

/* ---- s ---- */

static double kink(const struct activated *unit, double jump)
{
    return fabs(unit->z) < unit->e_z ? jump : 0.0;
}

/* s = Phi(z) + z phi(z), |ds/dz| = phi |2 - z^2| <= 0.8. Computing s adds NORMAL_U and a difference
 * for Phi, the exp and three products of phi, and the roundings of z^2 / 2. */
static double gelu_slope_error(struct precision in, const struct activated *unit, double s)
{
    const double size = fabs(unit->z), square = size * size;
    const double phi = 0.4 * exp(-0.5 * square) * size, normal = fabs(s) + phi;
    return 0.8 * unit->e_z +
           in.u * ((NORMAL_U + 1.0 + square) * normal + (EXP_U + 4.0 + square) * phi) +
           in.u * (normal + phi) + (2.0 + size) * in.tiny;
}

/* s = g (1 + z (1 - g)), where g is the sigmoid; |ds/dz| <= 0.5 and |ds/dg| <= 1 + |z|. */
static double silu_slope_error(struct precision in, const struct activated *unit)
{
    const double g = 1.0 / (1.0 + exp(-unit->z)), size = 1.0 + fabs(unit->z);
    return 0.5 * unit->e_z + in.u * (SIGMOID_U + 6.0) * g * size + 2.0 * size * in.tiny;
}

/* Sets *slope to s and returns its error before the product. */
static double slope_error(struct precision in, const struct activated *unit, double *slope)
{
    const double a = unit->a, e_a = unit->e_a;
    double s = 1.0;
    ref_activation_backward(unit->activation, &unit->z, &a, &s, 1);
    *slope = s;
    switch (unit->activation) {
    case WEFT_ACTIVATION_IDENTITY:
    case WEFT_ACTIVATION_SIGMOID:
        break;
    case WEFT_ACTIVATION_TANH: /* s = (1 - a) (1 + a), three roundings */
        return 2.0 * fabs(a) * e_a + e_a * e_a + 3.01 * in.u * s;
    case WEFT_ACTIVATION_RELU:
        return kink(unit, 1.0);
    case WEFT_ACTIVATION_LEAKY_RELU:
        return kink(unit, 0.99) + in.u * 0.01;
    case WEFT_ACTIVATION_ELU: /* s = 1 + min(a, 0) */
        return e_a + in.u * s;
    case WEFT_ACTIVATION_GELU:
        return gelu_slope_error(in, unit, s);
    case WEFT_ACTIVATION_SILU:
        return silu_slope_error(in, unit);
    case WEFT_ACTIVATION_SOFTPLUS: /* s = 1 - exp(-a) */
        return fmin((1.0 - s) * expm1(e_a), 1.0) + EXPM1_U * in.u * s;
    }
    return 0.0;
}

double activation_backward_bound_of(struct precision in, const struct activated *unit,
                                    double product, double e_product)
{
    double s = 1.0;
    const double e_s = slope_error(in, unit, &s), size = fabs(product);
    const double moved_by = e_product * (fabs(s) + e_s) + size * e_s;
    return moved_by + in.u * (size * fabs(s) + moved_by) + (3.0 + size) * in.tiny;
}
