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
 * time, TILE_LINE numbers apart. Each of GROUP_SIDE x GROUP_SIDE work-items computes SHARE rows of
 * a quad: SHARE columns, whose first one is a multiple of SHARE. */
enum {
    TILE = 32,
    TILE_TERMS = 16,
    TILE_LINE = TILE + 4, /* so that few writes of a transposed line meet in a bank */
    GROUP_SIDE = 8,
    SHARE = TILE / GROUP_SIDE /* the width of a float4 */
};

/* Reads the first `count` <= 4 numbers of a quad, and 0 for the others. Neighboring work-items have
 * neighboring quads, so an access of 16 bytes reads whole sectors of memory. It needs rows that
 * begin at a multiple of 16 bytes. */
float4 quad_load(__global const float *p, uint count)
{
    if (count == SHARE && (ulong)p % sizeof(float4) == 0)
        return *(__global const float4 *)p;
    return (float4)(p[0], count > 1 ? p[1] : 0.0f, count > 2 ? p[2] : 0.0f,
                    count > 3 ? p[3] : 0.0f);
}

void quad_store(float4 quad, uint count, __global float *p)
{
    if (count == SHARE && (ulong)p % sizeof(float4) == 0) {
        *(__global float4 *)p = quad;
        return;
    }
    p[0] = quad.x;
    if (count > 1)
        p[1] = quad.y;
    if (count > 2)
        p[2] = quad.z;
    if (count > 3)
        p[3] = quad.w;
}

#if LANES <= 4
/* after_value() of a quad whose first element is number `first` of x, a multiple of 4 with dropout:
 * a block of random words serves one quad. */
float4 quad_after(const struct after *after, float4 quad, float4 x, ulong first)
{
    uint4 bits = 0;
    if (after->steps & AFTER_DROPOUT)
        bits = philox((uint4)((uint)((after->first_number + first) / 4), after->batch, after->epoch,
                              after->purpose),
                      (uint2)((uint)after->seed, (uint)(after->seed >> 32)));
#if LANES == 4
    return after_value(after, quad, bits, x);
#else
    /* The numbers rotate, so that the loop needs no index and everything stays in registers. They
     * are no vectors, because their shuffles would crash Oclgrind 21.10, as in lanes_sum(). */
    float v0 = quad.x, v1 = quad.y, v2 = quad.z, v3 = quad.w;
    float x0 = x.x, x1 = x.y, x2 = x.z, x3 = x.w;
    uint b0 = bits.x, b1 = bits.y, b2 = bits.z, b3 = bits.w;
#pragma unroll 1
    for (uint i = 0; i < SHARE; i++) {
        const float value = after_value(after, v0, b0, x0);
        v0 = v1, v1 = v2, v2 = v3, v3 = value;
        x0 = x1, x1 = x2, x2 = x3;
        b0 = b1, b1 = b2, b2 = b3;
    }
    return (float4)(v0, v1, v2, v3);
#endif
}
#endif

/* Runs the steps for the quad that begins at (row, column), and stores it in c, or in x after an
 * activation. Vectors of 16 numbers have no steps. */
void quad_finish(const struct after *after, float4 quad, uint row, uint column, uint columns,
                 __global float *c)
{
    const ulong at = (ulong)row * columns + column;
    const uint count = min(columns - column, (uint)SHARE);
    __global float *to = c + at;
#if LANES <= 4
    __global float *x = after->x + at;
    if (after->steps & AFTER_BIAS)
        quad += quad_load(after->bias + column, count);
    if ((after->steps & AFTER_ACTIVATION) && to != x) {
        quad_store(quad, count, to); /* z */
        to = x;
    }
    if (after->steps & AFTER_NUMBERS)
        quad = quad_after(after, quad, after->steps & AFTER_SLOPE ? quad_load(x, count) : 0.0f, at);
#else
    (void)after;
#endif
    quad_store(quad, count, to);
}

/* Fills a tile with terms first .. first + TILE_TERMS - 1 of the matrix lines from line_first on.
 * Elements beyond `lines` or `end` become 0. Neighboring work-items read neighboring elements in
 * either layout of the matrix. */
void tile_fill(__global const float *matrix, ulong line_step, ulong term_step, uint line_first,
               uint lines, uint first, uint end, __local float tile[TILE_TERMS][TILE_LINE])
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

/* sums[i] += a(4 y + i, k) b(k, 4 x .. 4 x + 3) for each term k of the tiles, in order
 * Work-items with the same x or the same y read the same numbers. */
void tile_multiply(__local const float a_tile[TILE_TERMS][TILE_LINE],
                   __local const float b_tile[TILE_TERMS][TILE_LINE], float4 sums[SHARE])
{
    const uint x = get_local_id(0), y = get_local_id(1);
#pragma unroll 4
    for (uint k = 0; k < TILE_TERMS; k++) {
        const float4 left = ((__local const float4 *)a_tile[k])[y];
        const float4 right = ((__local const float4 *)b_tile[k])[x];
        sums[0] = multiply_add((float4)left.x, right, sums[0]);
        sums[1] = multiply_add((float4)left.y, right, sums[1]);
        sums[2] = multiply_add((float4)left.z, right, sums[2]);
        sums[3] = multiply_add((float4)left.w, right, sums[3]);
    }
}

/* product_plain for GPUs: a work-group computes one tile of c, or of slice s of c
 * Slice s holds the part of every sum that begins at term s slice_inner. With slices, c is
 * [slices][rows][columns] from c_offset. The tile then runs `steps`; with slices, only
 * product_slices_sum can do that.
 * With AFTER_BIAS_GRADIENT, the groups of the first column of tiles also add up the rows of a:
 * [slices][rows] of c from bias_offset, in the order of k. Otherwise the bias lies in b.
 * Grid: (slices x column_tiles, row tiles) work-groups of GROUP_SIDE x GROUP_SIDE.
 * Reference: a plain sum (check_product). */
__kernel void product_tiled(__global const float *a, ulong a_offset, ulong a_row, ulong a_term,
                            __global const float *b, ulong b_offset, ulong b_term, ulong b_column,
                            __global float *c, ulong c_offset, uint rows, uint columns, uint inner,
                            uint slice_inner, uint column_tiles, AFTER_PARAMETERS)
{
    __local float tiles[2][TILE_TERMS][TILE_LINE] __attribute__((aligned(16))); /* of a and b */
    const uint slice = get_group_id(0) / column_tiles;
    const uint column = (get_group_id(0) - slice * column_tiles) * TILE;
    const uint row = get_global_id(1) / GROUP_SIDE * TILE;
    const uint item = get_local_id(1) * GROUP_SIDE + get_local_id(0);
    const bool adds = (steps & AFTER_BIAS_GRADIENT) && column == 0 && item < TILE;
    const uint end = min((slice + 1) * slice_inner, inner);
    float row_sum = 0.0f;
    float4 sums[SHARE]; /* in registers, because every index is a constant */
    sums[0] = sums[1] = sums[2] = sums[3] = 0.0f;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (uint first = slice * slice_inner; first < end; first += TILE_TERMS) {
        tile_fill(a + a_offset, a_row, a_term, row, rows, first, end, tiles[0]);
        tile_fill(b + b_offset, b_column, b_term, column, columns, first, end, tiles[1]);
        barrier(CLK_LOCAL_MEM_FENCE);
        tile_multiply(tiles[0], tiles[1], sums);
        for (uint k = 0; k < TILE_TERMS && adds; k++)
            row_sum += tiles[0][k][item];
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    if (adds && row + item < rows)
        c[bias_offset + (ulong)slice * rows + row + item] = row_sum;
    const struct after after = AFTER_OF(b);
    c += c_offset + (ulong)slice * rows * columns;
    /* The sums wait in the memory of the tiles, so that the steps need fewer registers. */
    __local float4 *waiting = (__local float4 *)tiles + item;
#pragma unroll
    for (uint i = 0; i < SHARE; i++)
        waiting[i * GROUP_SIDE * GROUP_SIDE] = sums[i];
    const uint top = row + get_local_id(1) * SHARE, left = column + get_local_id(0) * SHARE;
#pragma unroll 1
    for (uint i = 0; i < SHARE; i++)
        if (top + i < rows && left < columns)
            quad_finish(&after, waiting[i * GROUP_SIDE * GROUP_SIDE], top + i, left, columns, c);
}

/* c[m][n] = sum over slices of partial[s][m][n], in order, and then the steps
 * With AFTER_BIAS_GRADIENT, it also adds the sums of rows that follow all slices.
 * Shapes: partial [slices][rows][columns], then [slices][rows]; c [rows][columns] from c_offset.
 * The bias lies in b from bias_offset, and its gradient in c.
 * Grid: the quads of all rows, then an item for each row. Reference: a plain sum (check_product).
 */
__kernel void product_slices_sum(__global const float *partial, uint slices, uint rows,
                                 uint columns, __global const float *b, __global float *c,
                                 ulong c_offset, AFTER_PARAMETERS)
{
    const uint quads = (columns + SHARE - 1) / SHARE;
    const ulong item = get_global_id(0), items = (ulong)rows * quads;
    const bool bias = item >= items; /* adds one number for a row of a */
    if (bias && (!(steps & AFTER_BIAS_GRADIENT) || item - items >= rows))
        return;
    const uint row = bias ? item - items : item / quads;
    const uint column = bias ? 0 : (item - (ulong)row * quads) * SHARE;
    const uint count = bias ? 1 : min(columns - column, (uint)SHARE);
    const ulong n = (ulong)rows * columns, step = bias ? rows : n;
    partial += bias ? slices * n + row : (ulong)row * columns + column;
    float4 sum = quad_load(partial, count);
    for (uint s = 1; s < slices; s++)
        sum += quad_load(partial + s * step, count);
    const struct after after = AFTER_OF(b);
    if (bias)
        c[bias_offset + row] = sum.x;
    else
        quad_finish(&after, sum, row, column, columns, c + c_offset);
}
