/* Gradient of the penalty, and the step of the optimizer. */

/* dw += l1 sign(w) + l2 w, the gradient of l1 sum |w| + l2/2 sum w^2 (0 at w = 0)
 * w, dw [n]; dw in place. Grid: n. Reference: ref_penalty_gradient. */
__kernel void penalty_gradient(__global const float *w, __global float *dw, ulong n, float l1,
                               float l2)
{
    const ulong i = get_global_id(0);
    if (i >= n)
        return;
    dw[i] += l1 * sign(w[i]) + l2 * w[i];
}

/* w -= learning_rate dw, stochastic gradient descent
 * w [n] in place, dw [n]. Grid: n. Reference: ref_sgd_update. */
__kernel void sgd_update(__global float *w, __global const float *dw, ulong n, float learning_rate)
{
    const ulong i = get_global_id(0);
    if (i >= n)
        return;
    w[i] -= learning_rate * dw[i];
}
