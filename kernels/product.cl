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

/* Terms of a panel: BLOCK_WIDTH vectors of each stay in the nearest cache. Where they lie in a
 * matrix, rows of 4096 bytes all fall on the same few lines of it. */
enum { PANEL_TERMS = 96 };

/* panel[k] = the vectors of row k of b at columns at[] b [terms][n], panel
 * [terms][BLOCK_WIDTH][LANES]. */
void panel_fill(__global const float *b, uint n, uint terms, const uint *at, float *panel)
{
    for (uint k = 0; k < terms; k++)
#pragma unroll
        for (uint j = 0; j < BLOCK_WIDTH; j++)
            vstore16(vload16(0, b + (ulong)k * n + at[j]), k * BLOCK_WIDTH + j, panel);
}

/* c[i][at[j]] = sum over k < terms of a[a_at[i] + k a_term] panel[k][j], for `rows` <=
 * BLOCK_COLUMNS rows i; `more`: added to what c holds. c [rows][n]. */
void panel_block(__global const float *a, const ulong *a_at, ulong a_term, const float *panel,
                 uint terms, const uint *at, bool more, uint rows, uint n, __global float *c)
{
    lanes sums[BLOCK_COLUMNS][BLOCK_WIDTH];
#pragma unroll
    for (uint i = 0; i < BLOCK_COLUMNS; i++)
#pragma unroll
        for (uint j = 0; j < BLOCK_WIDTH; j++)
            if (more)
                sums[i][j] = vload16(0, c + (ulong)min(i, rows - 1) * n + at[j]);
            else
                sums[i][j] = 0.0f;
    for (uint k = 0; k < terms; k++) {
        lanes columns[BLOCK_WIDTH];
#pragma unroll
        for (uint j = 0; j < BLOCK_WIDTH; j++)
            columns[j] = vload16(k * BLOCK_WIDTH + j, panel);
#pragma unroll
        for (uint i = 0; i < BLOCK_COLUMNS; i++) {
            const lanes factor = a[a_at[i] + k * a_term];
#pragma unroll
            for (uint j = 0; j < BLOCK_WIDTH; j++)
                sums[i][j] = multiply_add(factor, columns[j], sums[i][j]);
        }
    }
#pragma unroll
    for (uint i = 0; i < BLOCK_COLUMNS; i++)
#pragma unroll
        for (uint j = 0; j < BLOCK_WIDTH; j++)
            if (i < rows)
                vstore16(sums[i][j], 0, c + (ulong)i * n + at[j]);
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
    float panel[PANEL_TERMS * BLOCK_WIDTH * LANES];
    for (uint v = first; v < vectors_end; v += BLOCK_WIDTH) {
        uint at[BLOCK_WIDTH];
        columns_place(v, vectors_end, columns, at);
        for (uint k = 0; k < inner; k += PANEL_TERMS) {
            const uint terms = min((uint)PANEL_TERMS, inner - k);
            panel_fill(b + (ulong)k * columns, columns, terms, at, panel);
            for (uint m = row; m < row_end; m += BLOCK_COLUMNS) {
                ulong a_at[BLOCK_COLUMNS];
                for (uint i = 0; i < BLOCK_COLUMNS; i++)
                    a_at[i] = min(m + i, row_end - 1) * a_row + k * a_term;
                panel_block(a, a_at, a_term, panel, terms, at, k > 0,
                            min((uint)BLOCK_COLUMNS, row_end - m), columns, c + (ulong)m * columns);
            }
        }
    }
}

/* A tile of product_tiled, and the terms of it that lie in local memory at a time. Each of
 * GROUP_SIDE x GROUP_SIDE work-items has every GROUP_SIDE-th row and column of the tile. */
enum { TILE = 32, TILE_TERMS = 16, GROUP_SIDE = 8, SHARE = TILE / GROUP_SIDE };

/* tile[term][line] = terms first .. first + TILE_TERMS - 1 of lines `line_first` .. of a matrix, 0
 * beyond `lines` and `end`. Neighbors read neighbors, whichever way the matrix lies. */
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

/* As product_plain, for GPUs: a work-group has a tile of c, or of slice s of its sums: terms
 * s slice_inner .. of each; c [slices][rows][columns] from c_offset then.
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
    float sums[SHARE][SHARE];
    for (uint i = 0; i < SHARE; i++)
        for (uint j = 0; j < SHARE; j++)
            sums[i][j] = 0.0f;
    for (uint first = slice * slice_inner; first < end; first += TILE_TERMS) {
        tile_fill(a + a_offset, a_row, a_term, row, rows, first, end, a_tile);
        tile_fill(b + b_offset, b_column, b_term, column, columns, first, end, b_tile);
        barrier(CLK_LOCAL_MEM_FENCE);
        for (uint k = 0; k < TILE_TERMS; k++)
            for (uint i = 0; i < SHARE; i++)
                for (uint j = 0; j < SHARE; j++)
                    sums[i][j] = multiply_add(a_tile[k][y + i * GROUP_SIDE],
                                              b_tile[k][x + j * GROUP_SIDE], sums[i][j]);
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    c += c_offset + (ulong)slice * rows * columns;
    for (uint i = 0; i < SHARE; i++)
        for (uint j = 0; j < SHARE; j++)
            if (row + y + i * GROUP_SIDE < rows && column + x + j * GROUP_SIDE < columns)
                c[(ulong)(row + y + i * GROUP_SIDE) * columns + column + x + j * GROUP_SIDE] =
                    sums[i][j];
}

/* c[i] = sum over slices of partial[s][i], in order
 * partial [slices][n], c [n] from c_offset. Grid: n. Reference: a plain sum (check_product). */
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
