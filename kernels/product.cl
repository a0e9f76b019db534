/* Matrix products of the layers. Every kernel adds up the terms of an element in a fixed order. */

/* c[m][n] = sum over k of a[m][k] b[k][n], in the order of k, for any layout of a and b
 * Element (m, k) of a lies at a_offset + m a_row + k a_term. Element (k, n) of b lies at
 * b_offset + k b_term + n b_column.
 * Shapes: c [rows][columns] from c_offset; `inner` terms per sum.
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

/* A tile of product_tiled is TILE x TILE elements. Local memory holds TILE_TERMS terms of it at a
 * time. Each of GROUP_SIDE x GROUP_SIDE work-items computes every GROUP_SIDE-th row and column of
 * the tile. */
enum { TILE = 32, TILE_TERMS = 16, GROUP_SIDE = 8, SHARE = TILE / GROUP_SIDE };

/* Fills a tile with terms first .. first + TILE_TERMS - 1 of the matrix lines from line_first on.
 * Elements beyond `lines` or `end` become 0. Neighboring work-items read neighboring elements in
 * either layout of the matrix. */
void tile_fill(__global const float *matrix, ulong line_step, ulong term_step, uint line_first,
               uint lines, uint first, uint end, __local float tile[TILE_TERMS][TILE + 1])
{
    const uint item = get_local_id(1) * GROUP_SIDE + get_local_id(0);
    for (uint i = item; i < TILE * TILE_TERMS; i += GROUP_SIDE * GROUP_SIDE) {
        const uint line = term_step == 1 ? i / TILE_TERMS : i % TILE;
        const uint term = term_step == 1 ? i % TILE_TERMS : i / TILE;
        const bool inside = line_first + line < lines && first + term < end;
        tile[term][line] =
            inside ? matrix[(line_first + line) * line_step + (first + term) * term_step] : 0.0f;
    }
}

/* product_plain for GPUs: a work-group computes one tile of c, or of slice s of c
 * Slice s holds the part of every sum that begins at term s slice_inner. With slices, c is
 * [slices][rows][columns] from c_offset.
 * Grid: (slices x column_tiles, row tiles) work-groups of GROUP_SIDE x GROUP_SIDE.
 * Reference: a plain sum (check_product). */
__kernel void product_tiled(__global const float *a, ulong a_offset, ulong a_row, ulong a_term,
                            __global const float *b, ulong b_offset, ulong b_term, ulong b_column,
                            __global float *c, ulong c_offset, uint rows, uint columns, uint inner,
                            uint slice_inner, uint column_tiles)
{
    __local float a_tile[TILE_TERMS][TILE + 1], b_tile[TILE_TERMS][TILE + 1];
    const uint slice = get_group_id(0) / column_tiles;
    const uint column = (get_group_id(0) - slice * column_tiles) * TILE;
    const uint row = get_global_id(1) / GROUP_SIDE * TILE;
    const uint x = get_local_id(0), y = get_local_id(1);
    const uint end = min((slice + 1) * slice_inner, inner);
    float sums[SHARE][SHARE]; /* in registers, because all loops over it are unrolled */
#pragma unroll
    for (uint i = 0; i < SHARE; i++)
#pragma unroll
        for (uint j = 0; j < SHARE; j++)
            sums[i][j] = 0.0f;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (uint first = slice * slice_inner; first < end; first += TILE_TERMS) {
        tile_fill(a + a_offset, a_row, a_term, row, rows, first, end, a_tile);
        tile_fill(b + b_offset, b_column, b_term, column, columns, first, end, b_tile);
        barrier(CLK_LOCAL_MEM_FENCE);
        for (uint k = 0; k < TILE_TERMS; k++)
#pragma unroll
            for (uint i = 0; i < SHARE; i++)
#pragma unroll
                for (uint j = 0; j < SHARE; j++)
                    sums[i][j] = multiply_add(a_tile[k][y + i * GROUP_SIDE],
                                              b_tile[k][x + j * GROUP_SIDE], sums[i][j]);
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    c += c_offset + (ulong)slice * rows * columns;
#pragma unroll
    for (uint i = 0; i < SHARE; i++)
#pragma unroll
        for (uint j = 0; j < SHARE; j++)
            if (row + y + i * GROUP_SIDE < rows && column + x + j * GROUP_SIDE < columns)
                c[(ulong)(row + y + i * GROUP_SIDE) * columns + column + x + j * GROUP_SIDE] =
                    sums[i][j];
}

/* c[i] = sum over slices of partial[s][i], in order
 * Shapes: partial [slices][n]; c [n] from c_offset.
 * Grid: n. Reference: a plain sum (check_product). */
__kernel void product_slices_sum(__global const float *partial, uint slices, ulong n,
                                 __global float *c, ulong c_offset)
{
    const ulong i = get_global_id(0);
    if (i >= n)
        return;
    float sum = partial[i];
    for (uint s = 1; s < slices; s++)
        sum += partial[s * n + i];
    c[c_offset + i] = sum;
}
