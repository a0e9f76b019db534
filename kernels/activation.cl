/* Element-wise passes over pre-activations and activations. */

/* z[r][c] += b[c]
 * z [rows][columns], in place; b [columns] from b_offset.
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
 * z [n], in place. Grid: n. Reference: ref_sigmoid_forward. */
__kernel void sigmoid_forward(__global float *z, ulong n)
{
    const ulong i = get_global_id(0);
    if (i >= n)
        return;
    z[i] = sigmoid(z[i]);
}

/* da *= a (1 - a), the derivative of the sigmoid in terms of its value
 * a [n], da [n] in place. Grid: n. Reference: ref_sigmoid_backward. */
__kernel void sigmoid_backward(__global const float *a, __global float *da, ulong n)
{
    const ulong i = get_global_id(0);
    if (i >= n)
        return;
    da[i] *= a[i] * (1.0f - a[i]);
}

/* p = min(max(z, 0), 1)
 * z [n], p [n]; p may be z. Grid: n. Reference: ref_clip_unit. */
__kernel void clip_unit(__global const float *z, __global float *p, ulong n)
{
    const ulong i = get_global_id(0);
    if (i >= n)
        return;
    p[i] = clamp(z[i], 0.0f, 1.0f);
}
