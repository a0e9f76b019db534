/* Batch normalization (Ioffe and Szegedy, Batch normalization: accelerating deep network training
 * by reducing internal covariate shift; ICML 2015). Each column of q is normalized to mean 0 and
 * variance 1 over the samples of the batch. Then a learned scale and shift are applied.
 *
 *   x = (q - mean) rstd, rstd = 1 / sqrt(variance + epsilon)
 *   u = scale x + shift
 *
 * Sums over the samples have two steps, as in reduce.cl: each slice of rows is summed, then the
 * slices are added in order. "Grid: slices" means (any number, slices): the work-items of a slice
 * share its vectors of LANES columns. Vectors with one number per column begin at `_first`.
 */

#define NORM_EPSILON 1e-5f

float norm_rstd(float variance)
{
    return 1.0f / sqrt(variance + NORM_EPSILON);
}

lanes norm_rstd_lanes(lanes variance)
{
    return 1.0f / sqrt(variance + NORM_EPSILON);
}

/* First step of the mean and variance, for the n rows of slice s
 *   d = q[r][c] - q[0][c]
 *   m = q[0][c] + mean(d), rounded
 *   e = q[r][c] - m
 *   partial[0] = (m - q[0][c]) + mean(e), the mean of d
 *   partial[1] = sum e^2 - (sum e) mean(e), the sum of squared distances from the mean of q
 * The first pass over the rows computes m; the second sums e and e^2. No d and no e is larger than
 * the spread of the numbers, however far they are from 0. If the first row is an outlier, every d
 * is large, but e stays small in the slices without it. Only e is squared. A slice is small enough
 * to be in a cache for the second pass.
 * Shapes: q [rows][columns]; partial [2][slices][columns]; slice_rows rows per slice.
 * Grid: slices. Reference: ref_norm_statistics. */
__kernel void norm_statistics_slices(__global const float *q, uint rows, uint columns,
                                     uint slice_rows, uint slices, __global float *partial)
{
    const uint s = get_global_id(1);
    if (s >= slices)
        return;
    const uint begin = s * slice_rows, end = min(begin + slice_rows, rows);
    const struct share share = share_of((columns + LANES - 1) / LANES);
    const lanes count_rows = (float)(end - begin);
    for (uint v = share.first; v < share.end; v += share.step) {
        const uint c = v * LANES, count = min((uint)LANES, columns - c);
        const lanes first = lanes_load(q + c, count);
        lanes sum = 0.0f, squares = 0.0f;
        for (uint r = begin; r < end; r++)
            sum += lanes_load(q + (ulong)r * columns + c, count) - first;
        const lanes middle = first + sum / count_rows;
        sum = 0.0f;
        for (uint r = begin; r < end; r++) {
            const lanes e = lanes_load(q + (ulong)r * columns + c, count) - middle;
            sum += e;
            squares = multiply_add(e, e, squares);
        }
        const lanes rest = sum / count_rows;
        lanes_store((middle - first) + rest, count, partial + (ulong)s * columns + c);
        lanes_store(squares - sum * rest, count, partial + (ulong)(slices + s) * columns + c);
    }
}

/* Second step: merges the slices (Chan, Golub and LeVeque, Algorithms for computing the sample
 * variance, 1983). Slice s has n_s rows, mean d_s and sum of squares M_s.
 *   d = sum n_s d_s / n
 *   mean = q[0] + d
 *   variance = sum (M_s + n_s (d_s - d)^2) / n
 * Shapes: partial [2][slices][columns]; q [rows][columns]; mean, variance [columns].
 * Grid: columns. Reference: ref_norm_statistics. */
__kernel void norm_statistics(__global const float *partial, __global const float *q,
                              uint slice_rows, uint slices, uint rows, uint columns,
                              __global float *mean, ulong mean_first, __global float *variance,
                              ulong variance_first)
{
    const uint c = get_global_id(0);
    if (c >= columns)
        return;
    float sum = 0.0f, squares = 0.0f;
    for (uint s = 0; s < slices; s++)
        sum += (float)min(slice_rows, rows - s * slice_rows) * partial[(ulong)s * columns + c];
    const float d = sum / (float)rows;
    for (uint s = 0; s < slices; s++) {
        const float apart = partial[(ulong)s * columns + c] - d;
        squares += partial[(ulong)(slices + s) * columns + c] +
                   (float)min(slice_rows, rows - s * slice_rows) * (apart * apart);
    }
    const float value = squares / (float)rows;
    mean[mean_first + c] = q[c] + d;
    variance[variance_first + c] = value < 0.0f ? 0.0f : value; /* keeps a NaN */
}

/* u = scale (q - mean) rstd + shift
 * Shapes: q, u [rows][columns], u may be q; mean, variance, scale, shift [columns].
 * Grid: slices. Reference: ref_norm_forward. */
__kernel void norm_forward(__global const float *q, __global const float *mean, ulong mean_first,
                           __global const float *variance, ulong variance_first,
                           __global const float *scale, ulong scale_first,
                           __global const float *shift, ulong shift_first, uint rows, uint columns,
                           uint slice_rows, uint slices, __global float *u)
{
    const uint s = get_global_id(1);
    if (s >= slices)
        return;
    const uint begin = s * slice_rows, end = min(begin + slice_rows, rows);
    const struct share share = share_of((columns + LANES - 1) / LANES);
    for (uint v = share.first; v < share.end; v += share.step) {
        const uint c = v * LANES, count = min((uint)LANES, columns - c);
        const lanes middle = lanes_load(mean + mean_first + c, count);
        const lanes factor = lanes_load(scale + scale_first + c, count) *
                             norm_rstd_lanes(lanes_load(variance + variance_first + c, count));
        const lanes term = lanes_load(shift + shift_first + c, count);
        for (uint r = begin; r < end; r++) {
            const ulong at = (ulong)r * columns + c;
            const lanes d = lanes_load(q + at, count) - middle;
            lanes_store(multiply_add(d, factor, term), count, u + at);
        }
    }
}

/* First step of dscale and dshift: sums of du (q - mean) and of du over the rows of slice s
 * Shapes: q, du [rows][columns]; mean [columns]; partial [2][slices][columns].
 * Grid: slices. Reference: ref_norm_gradient. */
__kernel void norm_gradient_slices(__global const float *q, __global const float *du,
                                   __global const float *mean, ulong mean_first, uint rows,
                                   uint columns, uint slice_rows, uint slices,
                                   __global float *partial)
{
    const uint s = get_global_id(1);
    if (s >= slices)
        return;
    const uint begin = s * slice_rows, end = min(begin + slice_rows, rows);
    const struct share share = share_of((columns + LANES - 1) / LANES);
    for (uint v = share.first; v < share.end; v += share.step) {
        const uint c = v * LANES, count = min((uint)LANES, columns - c);
        const lanes middle = lanes_load(mean + mean_first + c, count);
        lanes products = 0.0f, sum = 0.0f;
        for (uint r = begin; r < end; r++) {
            const ulong at = (ulong)r * columns + c;
            const lanes delta = lanes_load(du + at, count);
            products = multiply_add(delta, lanes_load(q + at, count) - middle, products);
            sum += delta;
        }
        lanes_store(products, count, partial + (ulong)s * columns + c);
        lanes_store(sum, count, partial + (ulong)(slices + s) * columns + c);
    }
}

/* Second step: dscale = rstd sum du (q - mean), dshift = sum du
 * Shapes: partial [2][slices][columns]; variance, dscale, dshift [columns].
 * Grid: columns. Reference: ref_norm_gradient. */
__kernel void norm_gradient(__global const float *partial, __global const float *variance,
                            ulong variance_first, uint slices, uint columns, __global float *dscale,
                            ulong dscale_first, __global float *dshift, ulong dshift_first)
{
    const uint c = get_global_id(0);
    if (c >= columns)
        return;
    float products = 0.0f, sum = 0.0f;
    for (uint s = 0; s < slices; s++) {
        products += partial[(ulong)s * columns + c];
        sum += partial[(ulong)(slices + s) * columns + c];
    }
    dscale[dscale_first + c] = norm_rstd(variance[variance_first + c]) * products;
    dshift[dshift_first + c] = sum;
}

/* dq = scale rstd (du - dshift / B - x dscale / B), x = (q - mean) rstd, for B samples in the whole
 * batch, of which the rows may be a slice
 * Shapes: q [rows][columns]; du [rows][columns], becomes dq in place; mean, variance, scale,
 * dscale, dshift [columns].
 * Grid: slices. Reference: ref_norm_backward. */
__kernel void norm_backward(__global const float *q, __global const float *mean, ulong mean_first,
                            __global const float *variance, ulong variance_first,
                            __global const float *scale, ulong scale_first,
                            __global const float *dscale, ulong dscale_first,
                            __global const float *dshift, ulong dshift_first, uint samples,
                            uint rows, uint columns, uint slice_rows, uint slices,
                            __global float *du)
{
    const uint s = get_global_id(1);
    if (s >= slices)
        return;
    const uint begin = s * slice_rows, end = min(begin + slice_rows, rows);
    const struct share share = share_of((columns + LANES - 1) / LANES);
    const lanes count_samples = (float)samples;
    for (uint v = share.first; v < share.end; v += share.step) {
        const uint c = v * LANES, count = min((uint)LANES, columns - c);
        const lanes middle = lanes_load(mean + mean_first + c, count);
        const lanes rstd = norm_rstd_lanes(lanes_load(variance + variance_first + c, count));
        const lanes factor = lanes_load(scale + scale_first + c, count) * rstd;
        const lanes slope = lanes_load(dscale + dscale_first + c, count) / count_samples * rstd;
        const lanes even = lanes_load(dshift + dshift_first + c, count) / count_samples;
        for (uint r = begin; r < end; r++) {
            const ulong at = (ulong)r * columns + c;
            const lanes d = lanes_load(q + at, count) - middle;
            const lanes rest = lanes_load(du + at, count) - even - d * slope;
            lanes_store(factor * rest, count, du + at);
        }
    }
}

/* running_mean = (1 - momentum) running_mean + momentum mean
 * running_variance = (1 - momentum) running_variance + momentum unbiased variance
 * `unbiased` is B / (B - 1) for a batch of B samples.
 * Shapes: mean, variance, running_mean, running_variance [columns]; the last two in place.
 * Grid: columns. Reference: ref_norm_running. */
__kernel void norm_running(__global const float *mean, ulong mean_first,
                           __global const float *variance, ulong variance_first, uint columns,
                           float momentum, float unbiased, __global float *running_mean,
                           ulong running_mean_first, __global float *running_variance,
                           ulong running_variance_first)
{
    const uint c = get_global_id(0);
    if (c >= columns)
        return;
    const float keep = 1.0f - momentum;
    const float estimate = unbiased * variance[variance_first + c];
    running_mean += running_mean_first + c;
    running_variance += running_variance_first + c;
    *running_mean = keep * *running_mean + momentum * mean[mean_first + c];
    *running_variance = keep * *running_variance + momentum * estimate;
}
