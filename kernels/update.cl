/* The gradient of the penalty, and the update of the optimizers. */

/* dw += l1 sign(w) + l2 w, the gradient of l1 sum |w| + l2/2 sum w^2, with sign(0) = 0
 * Shapes: w, dw [n]; dw in place. Grid: n. Reference: ref_penalty_gradient. */
__kernel void penalty_gradient(__global const float *w, __global float *dw, ulong n, float l1,
                               float l2)
{
    const ulong i = get_global_id(0);
    if (i >= n)
        return;
    dw[i] += l1 * sign(w[i]) + l2 * w[i];
}

/* sum += dw, the gradients of the slices of a batch
 * Shapes: dw, sum [n]; sum in place. Grid: n. Reference: ref_gradient_add. */
__kernel void gradient_add(__global const float *dw, __global float *sum, ulong n)
{
    const ulong i = get_global_id(0);
    if (i >= n)
        return;
    sum[i] += dw[i];
}

/* The optimizers, with g = clip dw. struct update_rule of host/backend/update_rule.h explains the
 * scalars.
 * Shapes: w [n], in place; dw [n]; clip [1]; optimizer state m, v [n], in place.
 * Grid: n, unless the kernel says otherwise. */

/* w -= learning_rate g, stochastic gradient descent. Reference: ref_sgd_update. */
__kernel void sgd_update(__global float *w, __global const float *dw, __global const float *clip,
                         ulong n, float learning_rate)
{
    const ulong i = get_global_id(0);
    if (i >= n)
        return;
    w[i] -= learning_rate * (clip[0] * dw[i]);
}

/* v = momentum v + g
 * w -= learning_rate v, or learning_rate (g + momentum v) with `nesterov`
 * Reference: ref_update. */
__kernel void momentum_update(__global float *w, __global const float *dw, __global float *v,
                              __global const float *clip, ulong n, float learning_rate,
                              float momentum, uint nesterov)
{
    const ulong i = get_global_id(0);
    if (i >= n)
        return;
    const float g = clip[0] * dw[i];
    const float velocity = momentum * v[i] + g;
    v[i] = velocity;
    w[i] -= learning_rate * (nesterov ? g + momentum * velocity : velocity);
}

/* v = beta v + (gain g) g
 * w -= learning_rate g / (sqrt(v) + epsilon)
 * Grid: as in layer_forward. Reference: ref_update. */
__kernel void rmsprop_update(__global float *w, __global const float *dw, __global float *v,
                             __global const float *clip, ulong n, float learning_rate, float beta,
                             float gain, float epsilon)
{
    const struct share share = share_of((n + LANES - 1) / LANES);
    for (ulong i = share.first; i < share.end; i += share.step) {
        const ulong at = i * LANES;
        const uint count = (uint)min((ulong)LANES, n - at);
        const lanes g = clip[0] * lanes_load(dw + at, count);
        const lanes square = beta * lanes_load(v + at, count) + gain * g * g;
        lanes_store(square, count, v + at);
        const lanes moved =
            lanes_load(w + at, count) - learning_rate * (g / (sqrt(square) + epsilon));
        lanes_store(moved, count, w + at);
    }
}

/* m = beta1 m + gain1 g
 * v = beta2 v + (gain2 g) g
 * w = decay_factor w - step m / (sqrt(v) root + epsilon)
 * Only the first `weights` elements are multiplied by decay_factor.
 * Grid: as in layer_forward. Reference: ref_update. */
__kernel void adam_update(__global float *w, __global const float *dw, __global float *m,
                          __global float *v, __global const float *clip, ulong n, ulong weights,
                          float beta1, float gain1, float beta2, float gain2, float epsilon,
                          float step, float root, float decay_factor)
{
    const struct share share = share_of((n + LANES - 1) / LANES);
    for (ulong i = share.first; i < share.end; i += share.step) {
        const ulong at = i * LANES;
        const uint count = (uint)min((ulong)LANES, n - at);
        const int decayed = (int)min((ulong)LANES, max(weights, at) - at);
        const lanes g = clip[0] * lanes_load(dw + at, count);
        const lanes mean = beta1 * lanes_load(m + at, count) + gain1 * g;
        const lanes square = beta2 * lanes_load(v + at, count) + gain2 * g * g;
        lanes_store(mean, count, m + at);
        lanes_store(square, count, v + at);
        const lanes old = lanes_load(w + at, count);
        const lanes kept = select(old, decay_factor * old, lane_numbers() < decayed);
        lanes_store(kept - step * (mean / (sqrt(square) * root + epsilon)), count, w + at);
    }
}

/* average += gain (w - average)
 * In this form, the average of equal weights is that weight to the bit. With separately rounded
 * factors gain and 1 - gain, it would not be.
 * Shapes: w, average [n]; average in place. Grid: n. Reference: ref_average_update. */
__kernel void average_update(__global const float *w, __global float *average, ulong n, float gain)
{
    const ulong i = get_global_id(0);
    if (i >= n)
        return;
    average[i] += gain * (w[i] - average[i]);
}
