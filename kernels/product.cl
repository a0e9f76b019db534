/* Layer products. Every kernel here adds up the terms of an element in the order of k. */

/* c[m][n] = sum over k of a[m][k] b[k][n], for any layout of a and b: element (m, k) of a lies at
 * a_offset + m a_row + k a_term, element (k, n) of b at b_offset + k b_term + n b_column
 * c [rows][columns] from c_offset; inner terms to a sum.
 * Grid: (columns, rows). Reference: a plain sum in double (check_product). */
__kernel void product_plain(__global const float *a, ulong a_offset, ulong a_row, ulong a_term,
                            __global const float *b, ulong b_offset, ulong b_term, ulong b_column,
                            __global float *c, ulong c_offset, uint rows, uint columns, uint inner)
{
    const uint n = get_global_id(0);
    const uint m = get_global_id(1);
    if (n >= columns || m >= rows)
        return;
    a += a_offset + m * a_row;
    b += b_offset + n * b_column;
    float sum = 0.0f;
    for (uint k = 0; k < inner; k++)
        sum = multiply_add(a[k * a_term], b[k * b_term], sum);
    c[c_offset + (ulong)m * columns + n] = sum;
}
