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
 * Grid: (vectors of columns, rows). Reference: an indexed copy. */
__kernel void gather_rows(__global const float *x, __global const int *labels,
                          __global const uint *order, ulong order_first, uint count, uint rows,
                          uint columns, __global float *y, __global int *labels_y)
{
    const uint c = get_global_id(0) * LANES;
    const uint r = get_global_id(1);
    if (c >= columns || r >= rows)
        return;
    const uint width = min((uint)LANES, columns - c);
    const bool present = r < count;
    const ulong sample = present ? order[order_first + r] : 0;
    const lanes values = present ? lanes_load(x + sample * columns + c, width) : (lanes)0.0f;
    lanes_store(values, width, y + (ulong)r * columns + c);
    if (c == 0)
        labels_y[r] = present ? labels[sample] : 0;
}

/* lanes_load for bytes. */
lanes bytes_load(__global const uchar *p, uint count)
{
    float values[LANES];
    if (count == LANES)
        return bytes_at(p);
    for (uint i = 0; i < LANES; i++)
        values[i] = i < count ? (float)p[i] : 0.0f;
    return lanes_at(0, values);
}

/* y[r] = (x[order[order_first + r]] - mean) / std; everything else as in gather_rows
 * Shapes: x [N][columns] bytes; mean, std [columns].
 * Grid: (vectors of columns, rows). Reference: an indexed copy and ref_standardize_rows. */
__kernel void gather_byte_rows(__global const uchar *x, __global const int *labels,
                               __global const uint *order, __global const float *mean,
                               __global const float *std, ulong order_first, uint count, uint rows,
                               uint columns, __global float *y, __global int *labels_y)
{
    const uint c = get_global_id(0) * LANES;
    const uint r = get_global_id(1);
    if (c >= columns || r >= rows)
        return;
    const uint width = min((uint)LANES, columns - c);
    const bool given = r < count;
    const ulong sample = given ? order[order_first + r] : 0;
    const lanes raw = bytes_load(x + sample * columns + c, width);
    const lanes shifted = raw - lanes_load(mean + c, width);
    const lanes values = given ? shifted / lanes_load(std + c, width) : (lanes)0.0f;
    lanes_store(values, width, y + (ulong)r * columns + c);
    if (c == 0)
        labels_y[r] = given ? labels[sample] : 0;
}
