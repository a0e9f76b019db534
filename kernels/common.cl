/* Scalar functions that the kernels share. This file comes first in the program.
 *
 * All kernels in this folder follow these conventions. They use OpenCL C 1.2, float32 and row-major
 * matrices. Sizes are arguments. Sums run in a fixed order. There are no float atomics and no
 * fast-math. A name ending in `_first` or `_offset` counts elements from the start of its buffer.
 */

/* a b + c. It is rounded once if the device has a fast FMA; otherwise the device decides. */
#ifdef FP_FAST_FMAF
#define multiply_add(a, b, c) fma(a, b, c)
#else
#define multiply_add(a, b, c) ((a) * (b) + (c))
#endif

/* Marks a function that CPU drivers compile once for each kernel instead of once for each call.
 * Copies take most of the time in which PoCL compiles a kernel. Other compilers decide by
 * themselves. */
#if defined(__x86_64__) || defined(__aarch64__)
#define SEPARATE __attribute__((noinline))
#else
#define SEPARATE
#endif

/* Fetch memory that is needed soon, into the nearest cache or into the second-level cache. */
#if defined(__x86_64__) || defined(__aarch64__)
#define PREFETCH(p)        __builtin_prefetch((const void *)(ulong)(p))
#define PREFETCH_SECOND(p) __builtin_prefetch((const void *)(ulong)(p), 0, 2)
#else
#define PREFETCH(p)
#define PREFETCH_SECOND(p)
#endif

/* 1 / (1 + exp(-z)). The exponential never overflows, because its argument is never positive. */
float sigmoid(float z)
{
    const float e = exp(-fabs(z));
    return z >= 0.0f ? 1.0f / (1.0f + e) : e / (1.0f + e);
}

/* log(1 + exp(z)). It is finite for every finite z. */
float softplus(float z)
{
    return fmax(z, 0.0f) + log1p(exp(-fabs(z)));
}

/* Returns the column of the largest element of z [columns], the first one in a tie. */
uint largest_column(__global const float *z, uint columns)
{
    uint best = 0;
    for (uint c = 1; c < columns; c++)
        if (z[c] > z[best])
            best = c;
    return best;
}
