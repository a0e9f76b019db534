/* Vectors of sixteen numbers, which the kernels for CPUs compute with.
 *
 * On a CPU a work-item is a whole thread with vectors of its own. Its registers hold a block of
 * results. Work-items share nothing and never wait. If registers are shorter than sixteen numbers,
 * the compiler uses several for each vector.
 */

enum { LANES = 16 };
typedef float16 lanes;
typedef int16 lane_mask; /* -1 where a condition holds, as in comparisons of lanes */

/* The results that a work-item keeps in registers: BLOCK_ROWS x BLOCK_COLUMNS or BLOCK_COLUMNS x
 * BLOCK_WIDTH sums of lanes, besides the lanes of one operand. 32 registers of 16 numbers hold 20
 * to 25 sums; 16 registers of 8 numbers hold 6. */
#if defined(__AVX512F__)
enum { BLOCK_ROWS = 4, BLOCK_COLUMNS = 5, BLOCK_WIDTH = 5 };
#else
enum { BLOCK_ROWS = 2, BLOCK_COLUMNS = 3, BLOCK_WIDTH = 2 };
#endif

/* 0, 1, 2, ... */
lane_mask lane_numbers(void)
{
    return (lane_mask)(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}

/* Sums the lanes in a fixed tree. The loop avoids halves of vectors: compilers turn them into
 * shuffles that crash Oclgrind 21.10, which tracks uninitialized values and reads beyond the
 * operands of a shuffle. */
SEPARATE float lanes_sum(lanes v)
{
    float sums[LANES];
    vstore16(v, 0, sums);
#pragma unroll
    for (uint half_way = LANES / 2; half_way > 0; half_way /= 2)
#pragma unroll
        for (uint i = 0; i < half_way; i++)
            sums[i] += sums[i + half_way];
    return sums[0];
}

/* Reads p[0 .. count - 1] and fills the other lanes with zeros; count < LANES. */
SEPARATE lanes lanes_part(__global const float *p, uint count)
{
    float values[LANES];
    for (uint i = 0; i < LANES; i++)
        values[i] = i < count ? p[i] : 0.0f;
    return vload16(0, values);
}

/* Writes the first `count` lanes; count < LANES. */
SEPARATE void lanes_store_part(lanes v, uint count, __global float *p)
{
    float values[LANES];
    vstore16(v, 0, values);
    for (uint i = 0; i < count; i++)
        p[i] = values[i];
}

/* lanes_part and lanes_store_part for count <= LANES. */
lanes lanes_load(__global const float *p, uint count)
{
    return count < LANES ? lanes_part(p, count) : vload16(0, p);
}

void lanes_store(lanes v, uint count, __global float *p)
{
    if (count < LANES)
        lanes_store_part(v, count, p);
    else
        vstore16(v, 0, p);
}

/* Returns the first vector of the work-item's share of n vectors, and the end of the share. The
 * grid may have any size; neighbors have adjacent shares. */
uint2 share_of(ulong n)
{
    const ulong i = get_global_id(0), items = get_global_size(0);
    return (uint2)((uint)(n * i / items), (uint)(n * (i + 1) / items));
}

/* sigmoid() of each lane. */
lanes sigmoid_lanes(lanes z)
{
    const lanes e = exp(-fabs(z));
    const lanes small = e / (1.0f + e);
    return select(small, 1.0f / (1.0f + e), z >= 0.0f);
}

/* softplus() of each lane. */
lanes softplus_lanes(lanes z)
{
    return fmax(z, 0.0f) + log1p(exp(-fabs(z)));
}

/* sums[i][j] = sum over k < n of a[a_at[i] + k] b[b_at[j] + k]
 * Multiplies rows of two matrices. Each sum consists of LANES shares that are added in a tree.
 * Several positions may name the same row. */
SEPARATE void dot_block(__global const float *a, const ulong *a_at, __global const float *b,
                        const ulong *b_at, uint n, float sums[BLOCK_ROWS][BLOCK_COLUMNS])
{
    lanes shares[BLOCK_ROWS][BLOCK_COLUMNS];
#pragma unroll
    for (uint i = 0; i < BLOCK_ROWS; i++)
#pragma unroll
        for (uint j = 0; j < BLOCK_COLUMNS; j++)
            shares[i][j] = 0.0f;
    const uint whole = n / LANES * LANES;
    for (uint k = 0; k < whole; k += LANES) {
        lanes right[BLOCK_COLUMNS];
#pragma unroll
        for (uint j = 0; j < BLOCK_COLUMNS; j++)
            right[j] = vload16(0, b + b_at[j] + k);
#pragma unroll
        for (uint i = 0; i < BLOCK_ROWS; i++) {
            const lanes left = vload16(0, a + a_at[i] + k);
#pragma unroll
            for (uint j = 0; j < BLOCK_COLUMNS; j++)
                shares[i][j] = multiply_add(left, right[j], shares[i][j]);
        }
    }
    if (whole < n) {
        lanes right[BLOCK_COLUMNS];
#pragma unroll
        for (uint j = 0; j < BLOCK_COLUMNS; j++)
            right[j] = lanes_part(b + b_at[j] + whole, n - whole);
#pragma unroll
        for (uint i = 0; i < BLOCK_ROWS; i++) {
            const lanes left = lanes_part(a + a_at[i] + whole, n - whole);
#pragma unroll
            for (uint j = 0; j < BLOCK_COLUMNS; j++)
                shares[i][j] = multiply_add(left, right[j], shares[i][j]);
        }
    }
#pragma unroll
    for (uint i = 0; i < BLOCK_ROWS; i++)
#pragma unroll
        for (uint j = 0; j < BLOCK_COLUMNS; j++)
            sums[i][j] = lanes_sum(shares[i][j]);
}

/* Finds where BLOCK_WIDTH vectors begin in a row of n >= LANES columns, starting at vector `first`.
 * From `end` on, the positions repeat the last vector. The last vector of a row ends with the row,
 * so it may overlap the vector before it. Both then hold the same numbers. */
void columns_place(uint first, uint end, uint n, uint at[BLOCK_WIDTH])
{
#pragma unroll
    for (uint j = 0; j < BLOCK_WIDTH; j++)
        at[j] = min(min(first + j, end - 1) * LANES, n - LANES);
}

/* The terms that are added up while their rows stay in the first-level cache. */
enum { OUTER_CHUNK = 128 };

/* c[i][at[j]] = sum over begin <= k < end of a(i, k) b[k][at[j]]
 * Covers `rows` <= BLOCK_COLUMNS rows i and BLOCK_WIDTH vectors of columns. With `more`, the sum is
 * added to what c holds.
 * Shapes: b [..][n]; c [rows][n]; a(i, k) lies at
 * a_at[i] + k / LANES a_panel + k % LANES a_term. */
SEPARATE void outer_block(__global const float *a, const ulong *a_at, ulong a_term, ulong a_panel,
                          __global const float *b, uint n, uint begin, uint end, const uint *at,
                          bool more, uint rows, __global float *c)
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
    for (uint k = begin; k < end; k++) {
        __global const float *term = a + k / LANES * a_panel + k % LANES * a_term;
        lanes columns[BLOCK_WIDTH];
#pragma unroll
        for (uint j = 0; j < BLOCK_WIDTH; j++)
            columns[j] = vload16(0, b + (ulong)k * n + at[j]);
#pragma unroll
        for (uint i = 0; i < BLOCK_COLUMNS; i++) {
            const lanes factor = term[a_at[i]];
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
