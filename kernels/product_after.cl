/* What follows a matrix product in its launch: the next operations of the layer, on the numbers
 * that a work-item has just computed. Kernels of the same names have the same formulas and give the
 * same bits.
 */

/* Operations, in the order in which they run; the same bits as in host/opencl/product.h.
 *   forward: c += bias, x = activation(c), dropout of x
 *   delta:   dropout of c, c *= activation'(x)
 *   weight gradient: the sums of the rows of a, which are the gradient of the bias */
enum {
    AFTER_BIAS = 1,
    AFTER_ACTIVATION = 2,
    AFTER_DROPOUT = 4,
    AFTER_SLOPE = 8,
    AFTER_SLOPE_FROM_Z = 16,
    AFTER_BIAS_GRADIENT = 32,
    AFTER_NUMBERS = AFTER_ACTIVATION | AFTER_DROPOUT | AFTER_SLOPE /* what after_value does */
};

struct after {
    uint steps, activation;
    __global const float *bias; /* [columns] */
    __global float *x;          /* [rows][columns], may be c */
    ulong first_number, seed;   /* of dropout, as in random.cl */
    uint epoch, batch, purpose, threshold;
    float scale;
};

/* The last parameters of a kernel that runs steps, and the struct of them. The bias, or its
 * gradient, lies in some buffer from bias_offset; x is [rows][columns]. */
#define AFTER_PARAMETERS                                                                           \
    uint steps, uint activation, ulong bias_offset, __global float *x, ulong first_number,         \
        ulong seed, uint epoch, uint batch, uint purpose, uint threshold, float scale
#define AFTER_OF(BIAS)                                                                             \
    {                                                                                              \
        .steps = steps, .activation = activation, .bias = (BIAS) + bias_offset, .x = x,            \
        .first_number = first_number, .seed = seed, .epoch = epoch, .batch = batch,                \
        .purpose = purpose, .threshold = threshold, .scale = scale                                 \
    }

/* Returns the numbers after the activation, dropout and the slope, as far as they are steps.
 * `bits` are the random words of the numbers, and x is what AFTER_SLOPE reads. */
lanes after_value(const struct after *after, lanes value, lane_words bits, lanes x)
{
    if (after->steps & AFTER_ACTIVATION)
        value = activate(after->activation, value);
    if (after->steps & AFTER_DROPOUT)
        value = select((lanes)0.0f, after->scale * value, bits >= after->threshold);
    if (after->steps & AFTER_SLOPE) {
        const lanes a = after->steps & AFTER_SLOPE_FROM_Z ? activate(after->activation, x) : x;
        value *= activation_slope(after->activation, x, a);
    }
    return value;
}
