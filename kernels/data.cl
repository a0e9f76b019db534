/* Kernels that gather samples on the device into batches. Samples are floats that were standardized
 * once, or bytes that are standardized as they are gathered. Both use the same operations. */

/* x = (x - mean) / std in each column
 * Shapes: x [rows][columns] from row_first, in place; mean, std [columns].
 * Grid: (columns, rows). Reference: ref_standardize_rows. */
__kernel void standardize_rows(__global float *x, __global const float *mean,
                               __global const float *std, ulong row_first, uint rows, uint columns)
{
    const uint c = get_global_id(0);
    const uint r = get_global_id(1);
    if (c >= columns || r >= rows)
        return;
    const ulong i = (row_first + r) * columns + c;
    x[i] = (x[i] - mean[c]) / std[c];
}

/* y[r] = x[order[order_first + r]], labels_y[r] = labels[order[order_first + r]]
 * From row `count` on, rows become zeros with label 0.
 * Shapes: x [N][columns]; labels, order [N]; y [rows][columns]; labels_y [rows].
 * Grid: (columns, rows). Reference: an indexed copy. */
__kernel void gather_rows(__global const float *x, __global const int *labels,
                          __global const uint *order, ulong order_first, uint count, uint rows,
                          uint columns, __global float *y, __global int *labels_y)
{
    const uint c = get_global_id(0);
    const uint r = get_global_id(1);
    if (c >= columns || r >= rows)
        return;
    const bool present = r < count;
    const ulong sample = present ? order[order_first + r] : 0;
    y[(ulong)r * columns + c] = present ? x[sample * columns + c] : 0.0f;
    if (c == 0)
        labels_y[r] = present ? labels[sample] : 0;
}

/* y[r] = (x[order[order_first + r]] - mean) / std; everything else as in gather_rows
 * Shapes: x [N][columns] bytes; mean, std [columns].
 * Grid: (columns, rows). Reference: an indexed copy and ref_standardize_rows. */
__kernel void gather_byte_rows(__global const uchar *x, __global const int *labels,
                               __global const uint *order, __global const float *mean,
                               __global const float *std, ulong order_first, uint count, uint rows,
                               uint columns, __global float *y, __global int *labels_y)
{
    const uint c = get_global_id(0);
    const uint r = get_global_id(1);
    if (c >= columns || r >= rows)
        return;
    const bool given = r < count;
    const ulong sample = given ? order[order_first + r] : 0;
    const float raw = (float)x[sample * columns + c];
    y[(ulong)r * columns + c] = given ? (raw - mean[c]) / std[c] : 0.0f;
    if (c == 0)
        labels_y[r] = given ? labels[sample] : 0;
}
