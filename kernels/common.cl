/* Scalar functions shared by the kernels; first in the program.
 *
 * Conventions of every kernel in this folder: OpenCL C 1.2, float32, row-major matrices; sizes are
 * arguments; sums run in a fixed order; no float atomics; no fast-math. A name ending in `_first`
 * or `_offset` counts elements from the start of its buffer.
 */

/* a b + c: rounded once where that is fast, else however the device likes. */
#ifdef FP_FAST_FMAF
#define multiply_add(a, b, c) fma(a, b, c)
#else
#define multiply_add(a, b, c) ((a) * (b) + (c))
#endif

/* 1 / (1 + exp(-z)). The exponential never overflows: its argument is never positive. */
float sigmoid(float z)
{
    const float e = exp(-fabs(z));
    return z >= 0.0f ? 1.0f / (1.0f + e) : e / (1.0f + e);
}

/* log(1 + exp(z)), finite for every finite z. */
float softplus(float z)
{
    return fmax(z, 0.0f) + log1p(exp(-fabs(z)));
}

/* Column of the first largest element of z [columns]. */
uint largest_column(__global const float *z, uint columns)
{
    uint best = 0;
    for (uint c = 1; c < columns; c++)
        if (z[c] > z[best])
            best = c;
    return best;
}
