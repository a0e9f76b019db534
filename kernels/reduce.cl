/* Sums in a fixed order: the same numbers give the same bits on every run.
 *
 * Sums have two steps. First, many work-items each add up their share in order. The sizes alone
 * decide how the shares are cut. Then one work-group adds the shares in a fixed tree.
 */

/* Adds value[0 .. local size - 1] into value[0], for work-item 0 to read. The local size is a power
 * of two. All work-items of the group must call this function. Afterwards each may overwrite its
 * own value. */
void tree_sum(__local float *value)
{
    const uint i = get_local_id(0);
    barrier(CLK_LOCAL_MEM_FENCE);
    for (uint half_size = get_local_size(0) / 2; half_size > 0; half_size /= 2) {
        if (i < half_size)
            value[i] += value[i + half_size];
        barrier(CLK_LOCAL_MEM_FENCE);
    }
}

/* tree_sum for counts. */
void tree_count(__local uint *value)
{
    const uint i = get_local_id(0);
    barrier(CLK_LOCAL_MEM_FENCE);
    for (uint half_size = get_local_size(0) / 2; half_size > 0; half_size /= 2) {
        if (i < half_size)
            value[i] += value[i + half_size];
        barrier(CLK_LOCAL_MEM_FENCE);
    }
}

/* First step of db[c] = sum over rows of dz[r][c]: slice s adds its rows in order
 * Shapes: dz [rows][columns]; partial [slices][columns]; slice_rows rows per slice.
 * Grid: (columns, slices). Reference: ref_bias_gradient. */
__kernel void bias_gradient_slices(__global const float *dz, uint rows, uint columns,
                                   uint slice_rows, uint slices, __global float *partial)
{
    const uint c = get_global_id(0);
    const uint s = get_global_id(1);
    if (c >= columns || s >= slices)
        return;
    const uint end = min((s + 1) * slice_rows, rows);
    float sum = 0.0f;
    for (uint r = s * slice_rows; r < end; r++)
        sum += dz[(ulong)r * columns + c];
    partial[(ulong)s * columns + c] = sum;
}

/* Second step: db[c] = sum over slices of partial[s][c]
 * Shapes: partial [slices][columns]; db [columns] from db_offset.
 * Grid: columns. Reference: ref_bias_gradient. */
__kernel void bias_gradient(__global const float *partial, uint slices, uint columns,
                            __global float *db, ulong db_offset)
{
    const uint c = get_global_id(0);
    if (c >= columns)
        return;
    float sum = 0.0f;
    for (uint s = 0; s < slices; s++)
        sum += partial[(ulong)s * columns + c];
    db[db_offset + c] = sum;
}

/* First step of sum |w| and sum w^2: share i adds w[i], w[i + shares], w[i + 2 shares], ...
 * Shapes: w [n]; partial [2][shares]. Grid: shares. Reference: ref_penalty_terms. */
__kernel void penalty_shares(__global const float *w, ulong n, uint shares, __global float *partial)
{
    const uint share = get_global_id(0);
    if (share >= shares)
        return;
    float sum = 0.0f;
    float squares = 0.0f;
    for (ulong i = share; i < n; i += shares) {
        sum += fabs(w[i]);
        squares += w[i] * w[i];
    }
    partial[share] = sum;
    partial[shares + share] = squares;
}

/* scratch[0] = sum over shares of partial. Each work-item first adds its own shares in order. */
void penalty_term(__global const float *partial, uint shares, __local float *scratch)
{
    float sum = 0.0f;
    for (uint share = get_local_id(0); share < shares; share += get_local_size(0))
        sum += partial[share];
    scratch[get_local_id(0)] = sum;
    tree_sum(scratch);
}

/* Second step: sums[slot] = { sum |w|, sum w^2 }
 * Shapes: partial [2][shares]; sums [slots][2]; scratch [local size].
 * Grid: one work-group, whose size is a power of two. Reference: ref_penalty_terms. */
__kernel void penalty_terms(__global const float *partial, uint shares, __global float *sums,
                            uint slot, __local float *scratch)
{
    penalty_term(partial, shares, scratch);
    if (get_local_id(0) == 0)
        sums[2 * slot] = scratch[0];
    penalty_term(partial + shares, shares, scratch);
    if (get_local_id(0) == 0)
        sums[2 * slot + 1] = scratch[0];
}

/* Scales numbers down so far that the sum of 2^31 squares stays finite, even for the largest
 * floats. */
#define CLIP_SCALE 0x1p-96f

/* First step of ||dw||^2 and ||CLIP_SCALE dw||^2: share i adds the squares of
 * dw[i], dw[i + shares], dw[i + 2 shares], ...
 * The first sum overflows if the norm exceeds 2^64; the second never overflows. What the second
 * loses to underflow is negligible beside such a norm.
 * Shapes: dw [n]; partial [2][shares]. Grid: shares. Reference: ref_clip_factor. */
__kernel void clip_shares(__global const float *dw, ulong n, uint shares, __global float *partial)
{
    const uint share = get_global_id(0);
    if (share >= shares)
        return;
    float squares = 0.0f;
    float scaled = 0.0f;
    for (ulong i = share; i < n; i += shares) {
        const float small = CLIP_SCALE * dw[i];
        squares += dw[i] * dw[i];
        scaled += small * small;
    }
    partial[share] = squares;
    partial[shares + share] = scaled;
}

/* Second step: clip = min(1, limit / (||dw|| + 1e-6))
 * If the norm exceeds 2^64, the quotient is limit / ||CLIP_SCALE dw|| CLIP_SCALE. If the norm is
 * NaN, clip is 1.
 * Shapes: partial [2][shares]; clip [1]; scratch [2][local size].
 * Grid: one work-group, whose size is a power of two. Reference: ref_clip_factor. */
__kernel void clip_factor(__global const float *partial, uint shares, float limit,
                          __global float *clip, __local float *scratch)
{
    const uint i = get_local_id(0);
    __local float *squares = scratch, *scaled = scratch + get_local_size(0);
    float sum = 0.0f;
    float scaled_sum = 0.0f;
    for (uint share = i; share < shares; share += get_local_size(0)) {
        sum += partial[share];
        scaled_sum += partial[shares + share];
    }
    squares[i] = sum;
    scaled[i] = scaled_sum;
    tree_sum(squares);
    tree_sum(scaled);
    if (i == 0) {
        const float factor = squares[0] <= FLT_MAX ? limit / (sqrt(squares[0]) + 1e-6f)
                                                   : limit / sqrt(scaled[0]) * CLIP_SCALE;
        clip[0] = factor < 1.0f ? factor : 1.0f;
    }
}

/* sums[slot] = sum of loss, counts[slot] = sum of correct
 * Shapes: loss, correct [rows]; sums, counts [slots]; scratch, scratch_count [local size].
 * Grid: one work-group, whose size is a power of two. Reference: a plain sum. */
__kernel void metrics_sum(__global const float *loss, __global const uint *correct, uint rows,
                          __global float *sums, __global uint *counts, uint slot,
                          __local float *scratch, __local uint *scratch_count)
{
    const uint i = get_local_id(0);
    float sum = 0.0f;
    uint count = 0;
    for (uint r = i; r < rows; r += get_local_size(0)) {
        sum += loss[r];
        count += correct[r];
    }
    scratch[i] = sum;
    scratch_count[i] = count;
    tree_sum(scratch);
    tree_count(scratch_count);
    if (i == 0) {
        sums[slot] = scratch[0];
        counts[slot] = scratch_count[0];
    }
}
