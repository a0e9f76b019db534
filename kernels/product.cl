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

/* Form FORWARD on CPUs: c[m][n] = sum over k of a[m][k] b[n][k]
 * a [rows][inner], b [columns][inner], c [rows][columns], each from its offset. A work-item has
 * tile_rows x tile_columns elements: rows that stay in the second cache while BLOCK_COLUMNS rows of
 * b stay in the first. Each sum in LANES shares, added in a tree. Grid: (column tiles, row tiles),
 * in work-groups of one. Reference: a plain sum (check_product). */
__kernel void product_dot(__global const float *a, ulong a_offset, __global const float *b,
                          ulong b_offset, __global float *c, ulong c_offset, uint rows,
                          uint columns, uint inner, uint tile_rows, uint tile_columns)
{
    const uint column = get_global_id(0) * tile_columns;
    const uint column_end = min(column + tile_columns, columns);
    const uint row = get_global_id(1) * tile_rows;
    const uint row_end = min(row + tile_rows, rows);
    a += a_offset, b += b_offset, c += c_offset;
    for (uint n = column; n < column_end; n += BLOCK_COLUMNS) {
        ulong b_at[BLOCK_COLUMNS];
        for (uint j = 0; j < BLOCK_COLUMNS; j++)
            b_at[j] = (ulong)min(n + j, column_end - 1) * inner;
        for (uint m = row; m < row_end; m += BLOCK_ROWS) {
            ulong a_at[BLOCK_ROWS];
            float sums[BLOCK_ROWS][BLOCK_COLUMNS];
            for (uint i = 0; i < BLOCK_ROWS; i++)
                a_at[i] = (ulong)min(m + i, row_end - 1) * inner;
            dot_block(a, a_at, b, b_at, inner, sums);
            for (uint i = 0; i < BLOCK_ROWS && m + i < row_end; i++)
                for (uint j = 0; j < BLOCK_COLUMNS && n + j < column_end; j++)
                    c[(ulong)(m + i) * columns + n + j] = sums[i][j];
        }
    }
}

/* Forms WEIGHT_GRADIENT and DELTA on CPUs: c[m][n] = sum over k of a(m, k) b[k][n], columns >=
 * LANES a(m, k) at a_offset + m a_row + k a_term; b [inner][columns], c [rows][columns] from their
 * offsets. A work-item has tile_rows rows and its share of the vectors of a row, never less than
 * two where there are so many, so that no two write the same element. Each sum in the order of k.
 * Grid: (column items, row tiles), in work-groups of one. Reference: a plain sum (check_product).
 */
__kernel void product_outer(__global const float *a, ulong a_offset, ulong a_row, ulong a_term,
                            __global const float *b, ulong b_offset, __global float *c,
                            ulong c_offset, uint rows, uint columns, uint inner, uint tile_rows)
{
    const uint vectors = (columns + LANES - 1) / LANES;
    const uint first = get_global_id(0) * vectors / get_global_size(0);
    const uint vectors_end = (get_global_id(0) + 1) * vectors / get_global_size(0);
    const uint row = get_global_id(1) * tile_rows;
    const uint row_end = min(row + tile_rows, rows);
    a += a_offset, b += b_offset, c += c_offset;
    for (uint v = first; v < vectors_end; v += BLOCK_WIDTH) {
        uint at[BLOCK_WIDTH];
        columns_place(v, vectors_end, columns, at);
        for (uint k = 0; k < inner; k += OUTER_CHUNK)
            for (uint m = row; m < row_end; m += BLOCK_COLUMNS) {
                ulong a_at[BLOCK_COLUMNS];
                for (uint i = 0; i < BLOCK_COLUMNS; i++)
                    a_at[i] = min(m + i, row_end - 1) * a_row;
                outer_block(a, a_at, a_term, LANES * a_term, b, columns, k,
                            min(k + OUTER_CHUNK, inner), at, k > 0,
                            min((uint)BLOCK_COLUMNS, row_end - m), c + (ulong)m * columns);
            }
    }
}
