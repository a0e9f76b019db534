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

/* Mish: w = tanh(softplus(z)) = n / d with t = exp(-|z|), which has EXP_U.
 *
 *   z < 0    n = t (t + 2): 6 + 3 + 1, because t / (t + 2) <= 1/3; d = n + 2: 10 n / d + 1 <= 7.
 *            w = n / d: 10 + 7 + DIVIDE_U = 22, and 1 - w = 2 / d: 7 + DIVIDE_U = 12.
 *   z >= 0   n = 1 + 2 t: 5, because 2 t / n <= 2/3; gap = 2 t^2: 13; d = n + gap: 9.2, because
 *            gap / d <= 2/5. w: 5 + 9.2 + DIVIDE_U = 19.2.
 *            1 - w = gap / d: 13 + 9.2 + DIVIDE_U = 27.2.
 *
 * MISH_W_U is 22, and 1 for the products of errors. MISH_TERM_U is for z (1 - w) (1 + w) g with the
 * sigmoid g: 27.2, at most MISH_W_U / 2 + 1, SIGMOID_U, three products, and 1.3 for those of
 * errors. */
enum { MISH_W_U = 23, MISH_TERM_U = 58 };

/* ---- a ---- */

/* The slope 1 - tanh^2 is largest where |z| is smallest. */
static double tanh_moved(double z, double e_z)
{
    const double nearest = tanh(fmax(fabs(z) - e_z, 0.0));
    return fmin((1.0 - nearest) * (1.0 + nearest) * e_z, 2.0);
}

/* The slope of SELU is below 1.76 exp(z) for z < 0, and 1.0507... above. */
static double selu_moved(double z, double e)
{
    if (z - e > 0.0)
        return 1.051 * e;
    return 1.7581 * exp(fmin(z + e, 0.0)) * e;
}

static double slope_at(const struct activated *unit)
{
    double s = 1.0;
    ref_activation_backward(unit->activation, &unit->z, &unit->a, &s, 1);
    return fabs(s);
}

/* The largest |ds/dz| between z - e(z) and z + e(z), for slopes that follow from z.
 *
 *   GELU  phi(z) |2 - z^2|, at most 0.8
 *   SiLU  g (1 - g) |2 + z (1 - 2g)| with the sigmoid g, at most 0.5; g (1 - g) <= exp(-|z|)
 *   Mish  (1 - w^2) g |2 + z (1 - g - 2 w g)|, at most 0.65; (1 - w^2) g <= exp(-|z|) for z < 0.
 *         Above, 1 - w^2 <= 4 exp(-2z), and the formula of SiLU is larger where it is below 0.65.
 *
 * All of them vanish where |z| is large. So does the slope if z is negative there, and its error
 * must not be larger. */
static double slope_change(const struct activated *unit)
{
    const double nearest = fmax(fabs(unit->z) - unit->e_z, 0.0);
    const double farthest = fabs(unit->z) + unit->e_z;
    if (unit->activation == WEFT_ACTIVATION_GELU)
        return fmin(0.4 * exp(-0.5 * nearest * nearest) * fmax(2.0, farthest * farthest - 2.0),
                    0.8);
    return fmin(exp(-nearest) * (2.0 + farthest),
                unit->activation == WEFT_ACTIVATION_SILU ? 0.5 : 0.65);
}

/* What the error of a consists of. */
struct terms {
    double moved;     /* how far e(z) moves a */
    double roundings; /* of a, in u relative to its size */
    double flushed;   /* results that are flushed to zero, in multiples of `tiny` */
};

/* The slopes of ELU (exp(z), at most 1) and softplus (the sigmoid) grow with z. The slopes of GELU,
 * SiLU and Mish change by at most `slope_change` times e(z), and never exceed 1.13, 1.1 and 1.09.
 *
 * The leak 0.01 is not exact in float32. In Phi(z) = exp(-z^2 / 2) ..., a rounding of z^2 / 2
 * changes Phi by z^2 / 2 in u, relative to Phi. Two roundings change it by twice as much. In GELU
 * and SiLU, z multiplies a result that may be flushed. The factors of SELU are not exact in float32
 * either, and round once more. */
static struct terms terms_of(const struct activated *unit)
{
    const double z = unit->z, e = unit->e_z, size = fabs(z) + e;
    switch (unit->activation) {
    case WEFT_ACTIVATION_IDENTITY: /* these two are in error_activation.h */
    case WEFT_ACTIVATION_SIGMOID:
        break;
    case WEFT_ACTIVATION_TANH:
        return (struct terms){tanh_moved(z, e), TANH_U, 1.0};
    case WEFT_ACTIVATION_RELU:
        return (struct terms){z + e <= 0.0 ? 0.0 : e, 0.0, z + e <= 0.0 ? 0.0 : 1.0};
    case WEFT_ACTIVATION_LEAKY_RELU:
        return (struct terms){z + e <= 0.0 ? 0.01 * e : e, 2.0, 1.0};
    case WEFT_ACTIVATION_ELU:
        return (struct terms){exp(fmin(z + e, 0.0)) * e, EXPM1_U, 1.0};
    case WEFT_ACTIVATION_GELU:
        return (struct terms){fmin(slope_at(unit) + slope_change(unit) * e, 1.13) * e,
                              NORMAL_U + 2.0 + size * size, 2.0 + size};
    case WEFT_ACTIVATION_SILU:
        return (struct terms){fmin(slope_at(unit) + slope_change(unit) * e, 1.1) * e,
                              SIGMOID_U + 1.0, 2.0 + size};
    case WEFT_ACTIVATION_SOFTPLUS:
        return (struct terms){e / (1.0 + exp(-(z + e))), SOFTPLUS_U, 1.0};
    case WEFT_ACTIVATION_SELU:
        return (struct terms){selu_moved(z, e), z - e > 0.0 ? 2.0 : EXPM1_U + 2.0, 3.0};
    case WEFT_ACTIVATION_MISH: /* t, n and w may be flushed, and z multiplies them */
        return (struct terms){fmin(slope_at(unit) + slope_change(unit) * e, 1.09) * e,
                              MISH_W_U + 1.0, 1.0 + 3.0 * size};
    }
    return (struct terms){e, 0.0, 1.0};
}

/* An exact z of 0 gives an exact a of 0: the activations that are 0 there are products of z, or
 * tanh(z) or expm1(z), which are exact at 0 (C99 F.9). This keeps the z of the next layer exact, so
 * that its kink, too, is decided. */
static bool zero_is_exact(const struct activated *unit)
{
    return unit->z == 0.0 && unit->e_z == 0.0 && unit->a == 0.0;
}

void activation_bound_of(struct precision in, struct activated *unit)
{
    const struct terms terms = terms_of(unit);
    const double e = terms.moved, most = fabs(unit->a) + e;
    const double flushed = zero_is_exact(unit) ? 0.0 : in.tiny * terms.flushed;
    unit->e_a = e + terms.roundings * in.u * most + flushed;
    /* for a huge |z| the error of Phi may be as large as Phi */
    if (!(terms.roundings * in.u < 1.0))
        unit->e_a = unit->z > 0.0 ? unit->e_a : e + most + flushed;
}

/* ---- s ---- */

static double kink(const struct activated *unit, double jump)
{
    return fabs(unit->z) < unit->e_z ? jump : 0.0;
}

/* s = Phi(z) + z phi(z). Computing s adds NORMAL_U and a difference for Phi, the exp and three
 * products of phi, and the roundings of z^2 / 2. */
static double gelu_slope_error(struct precision in, const struct activated *unit, double s)
{
    const double size = fabs(unit->z), square = size * size;
    const double phi = 0.4 * exp(-0.5 * square) * size, normal = fabs(s) + phi;
    return slope_change(unit) * unit->e_z +
           in.u * ((NORMAL_U + 1.0 + square) * normal + (EXP_U + 4.0 + square) * phi) +
           in.u * (normal + phi) + (2.0 + size) * in.tiny;
}

/* s = g (1 + z (1 - g)), where g is the sigmoid; |ds/dg| <= 1 + |z|. */
static double silu_slope_error(struct precision in, const struct activated *unit)
{
    const double g = 1.0 / (1.0 + exp(-unit->z)), size = 1.0 + fabs(unit->z);
    return slope_change(unit) * unit->e_z + in.u * (SIGMOID_U + 6.0) * g * size +
           2.0 * size * in.tiny;
}

/* s = a + lambda alpha below the kink, and lambda above it. Neither factor is exact in float32. */
static double selu_slope_error(struct precision in, const struct activated *unit, double s)
{
    if (unit->z - unit->e_z > 0.0)
        return in.u * s;
    return kink(unit, 0.71) + unit->e_a + in.u * (1.76 + s);
}

/* s = w + z (1 - w) (1 + w) g, where g is the sigmoid. */
static double mish_slope_error(struct precision in, const struct activated *unit, double s)
{
    const double w = unit->z == 0.0 ? 0.6 : unit->a / unit->z, size = 1.0 + fabs(unit->z);
    return slope_change(unit) * unit->e_z +
           in.u * (MISH_W_U * fabs(w) + MISH_TERM_U * fabs(s - w) + fabs(s)) + 3.0 * size * in.tiny;
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
    case WEFT_ACTIVATION_SELU:
        return selu_slope_error(in, unit, s);
    case WEFT_ACTIVATION_MISH:
        return mish_slope_error(in, unit, s);
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
