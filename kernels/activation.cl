/* Activations, their slopes, and element-wise passes over pre-activations.
 *
 * A slope is computed from the activation a, or from z where options/activation_traits.h says
 * FROM_Z. An unknown activation gives NaN, which no check passes.
 */

/* The same order as enum weft_activation. */
enum {
    ACTIVATION_IDENTITY,
    ACTIVATION_SIGMOID,
    ACTIVATION_TANH,
    ACTIVATION_RELU,
    ACTIVATION_LEAKY_RELU,
    ACTIVATION_ELU,
    ACTIVATION_GELU,
    ACTIVATION_SILU,
    ACTIVATION_SOFTPLUS,
    ACTIVATION_SELU,
    ACTIVATION_MISH
};

#define LEAK 0.01f /* the slope of a leaky ReLU below 0 */

/* SELU is lambda z above 0 and lambda alpha (exp(z) - 1) below. */
#define SELU_ABOVE 1.05070099f
#define SELU_BELOW 1.75809934f

/* The normal distribution function Phi(z).
 * Phi(-x) = exp(-x^2 / 2) t q(t) with t = 1 / (1 + 0.35 x) and x >= 0. The polynomial q is minimax
 * in relative error (4e-8). */
lanes normal_lanes(lanes z)
{
    const lanes t = 1.0f / multiply_add((lanes)0.35f, fabs(z), (lanes)1.0f);
    lanes q = -0.0291578844f;
    q = multiply_add(q, t, (lanes)0.144030914f);
    q = multiply_add(q, t, (lanes)-0.255838990f);
    q = multiply_add(q, t, (lanes)0.159319669f);
    q = multiply_add(q, t, (lanes)-0.0232123304f);
    q = multiply_add(q, t, (lanes)0.105552487f);
    q = multiply_add(q, t, (lanes)0.119821295f);
    q = multiply_add(q, t, (lanes)0.139863521f);
    q = multiply_add(q, t, (lanes)0.139621302f);
    const lanes below = exp(-0.5f * z * z) * (t * q);
    return select(1.0f - below, below, z < 0.0f);
}

/* Returns w = tanh(log(1 + exp(z))), and 1 - w in `rest`. With t = exp(-|z|) <= 1, w = n / (n +
 * gap) where n = t (t + 2) and gap = 2 for z < 0, n = 1 + 2 t and gap = 2 t^2 otherwise. No digits
 * cancel. */
lanes tanh_softplus_lanes(lanes z, lanes *rest)
{
    const lanes t = exp(-fabs(z));
    const lanes n = select(1.0f + 2.0f * t, t * (t + 2.0f), z < 0.0f);
    const lanes gap = select(2.0f * t * t, (lanes)2.0f, z < 0.0f);
    *rest = gap / (n + gap);
    return n / (n + gap);
}

lanes mish_slope_lanes(lanes z)
{
    lanes rest;
    const lanes w = tanh_softplus_lanes(z, &rest);
    return w + z * (rest * (1.0f + w) * sigmoid_lanes(z));
}

lanes activate(uint activation, lanes z)
{
    lanes rest;
    switch (activation) {
    case ACTIVATION_IDENTITY:
        return z;
    case ACTIVATION_SIGMOID:
        return sigmoid_lanes(z);
    case ACTIVATION_TANH:
        return tanh(z);
    case ACTIVATION_RELU: /* keeps a NaN */
        return select(z, (lanes)0.0f, z < 0.0f);
    case ACTIVATION_LEAKY_RELU:
        return select(z, LEAK * z, z < 0.0f);
    case ACTIVATION_ELU:
        return select(z, expm1(z), z < 0.0f);
    case ACTIVATION_GELU:
        return z * normal_lanes(z);
    case ACTIVATION_SILU:
        return z * sigmoid_lanes(z);
    case ACTIVATION_SOFTPLUS:
        return softplus_lanes(z);
    case ACTIVATION_SELU:
        return select(SELU_ABOVE * z, SELU_BELOW * expm1(z), z < 0.0f);
    case ACTIVATION_MISH:
        return z * tanh_softplus_lanes(z, &rest);
    default:
        return (lanes)NAN;
    }
}

/* a'(z) for a = activation(z). */
lanes activation_slope(uint activation, lanes z, lanes a)
{
    const lanes one = 1.0f;
    switch (activation) {
    case ACTIVATION_IDENTITY:
        return one;
    case ACTIVATION_SIGMOID:
        return a * (one - a);
    case ACTIVATION_TANH:
        return (one - a) * (one + a);
    case ACTIVATION_RELU:
        return select((lanes)0.0f, one, a > 0.0f);
    case ACTIVATION_LEAKY_RELU:
        return select((lanes)LEAK, one, a > 0.0f);
    case ACTIVATION_ELU:
        return select(one, one + a, a < 0.0f);
    case ACTIVATION_GELU: /* Phi(z) + z phi(z), phi(z) = exp(-z^2 / 2) / sqrt(2 pi) */
        return normal_lanes(z) + z * (0.398942280f * exp(-0.5f * z * z));
    case ACTIVATION_SILU: {
        const lanes s = sigmoid_lanes(z);
        return s * (one + z * (one - s));
    }
    case ACTIVATION_SOFTPLUS: /* the sigmoid of z */
        return -expm1(-a);
    case ACTIVATION_SELU:
        return select(a + SELU_BELOW, (lanes)SELU_ABOVE, a > 0.0f);
    case ACTIVATION_MISH: /* w + z (1 - w^2) sigmoid(z) */
        return mish_slope_lanes(z);
    default:
        return (lanes)NAN;
    }
}

/* z[r][c] += b[c]
 * Shapes: z [rows][columns], in place; b [columns] from b_offset.
 * Grid: (columns, rows). Reference: ref_bias_add. */
__kernel void bias_add(__global float *z, __global const float *b, ulong b_offset, uint rows,
                       uint columns)
{
    const uint c = get_global_id(0);
    const uint r = get_global_id(1);
    if (c >= columns || r >= rows)
        return;
    z[(ulong)r * columns + c] += b[b_offset + c];
}

/* z = 1 / (1 + exp(-z))
 * Shapes: z [n], in place. Grid: n. Reference: ref_sigmoid_forward. */
__kernel void sigmoid_forward(__global float *z, ulong n)
{
    const ulong i = get_global_id(0);
    if (i >= n)
        return;
    z[i] = sigmoid(z[i]);
}

/* a = activation(z)
 * Shapes: z, a [n]; a may be z.
 * Grid: any number of work-items, which share the vectors of LANES numbers.
 * Reference: ref_activation_forward. */
__kernel void layer_forward(__global const float *z, uint activation, ulong n, __global float *a)
{
    const struct share share = share_of((n + LANES - 1) / LANES);
    for (ulong v = share.first; v < share.end; v += share.step) {
        const uint count = (uint)min((ulong)LANES, n - v * LANES);
        const lanes value = lanes_load(z + v * LANES, count);
        lanes_store(activate(activation, value), count, a + v * LANES);
    }
}

/* da *= a'(z)
 * Shapes: x [n] holds z if `from_z`, otherwise a; da [n], in place.
 * Grid: as in layer_forward. Reference: ref_activation_backward. */
__kernel void layer_backward(__global const float *x, uint activation, uint from_z, ulong n,
                             __global float *da)
{
    const struct share share = share_of((n + LANES - 1) / LANES);
    for (ulong v = share.first; v < share.end; v += share.step) {
        const uint count = (uint)min((ulong)LANES, n - v * LANES);
        const lanes value = lanes_load(x + v * LANES, count);
        const lanes a = from_z ? activate(activation, value) : value;
        const lanes delta = lanes_load(da + v * LANES, count);
        lanes_store(delta * activation_slope(activation, value, a), count, da + v * LANES);
    }
}

/* p = min(max(z, 0), 1)
 * Shapes: z, p [n]; p may be z. Grid: n. Reference: ref_clip_unit. */
__kernel void clip_unit(__global const float *z, __global float *p, ulong n)
{
    const ulong i = get_global_id(0);
    if (i >= n)
        return;
    p[i] = clamp(z[i], 0.0f, 1.0f);
}
