/* Sixteen numbers side by side: what the kernels for CPUs compute with.
 *
 * A work-item there is a whole thread, and its vectors are its own: registers hold a block of
 * results, nothing is shared, nothing waits. Where registers are shorter than sixteen numbers the
 * compiler takes several.
 */

enum { LANES = 16 };
typedef float16 lanes;
typedef int16 lane_mask; /* -1 where a condition holds, as comparisons of lanes give */

/* Results that a work-item keeps in registers: BLOCK_ROWS x BLOCK_COLUMNS sums of lanes, and one
 * operand's lanes beside them. 32 registers of 16 numbers take 20 to 25, 16 of 8 take 6. */
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

/* The sum of the lanes, in a fixed tree. A loop, not halves of vectors: what compilers make of
 * those ends Oclgrind 21.10 (its account of uninitialized values reads beyond a shuffle's
 * operands). */
float lanes_sum(lanes v)
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

/* p[0 .. count - 1] and zeros, count < LANES. */
lanes lanes_part(__global const float *p, uint count)
{
    float values[LANES];
    for (uint i = 0; i < LANES; i++)
        values[i] = i < count ? p[i] : 0.0f;
    return vload16(0, values);
}

/* Writes the first `count` lanes, count < LANES. */
void lanes_store_part(lanes v, uint count, __global float *p)
{
    float values[LANES];
    vstore16(v, 0, values);
    for (uint i = 0; i < count; i++)
        p[i] = values[i];
}

/* The same for count <= LANES. */
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

/* The part of n vectors that a work-item has in a grid of any size, next to its neighbors'. */
uint2 share_of(ulong n)
{
    const ulong i = get_global_id(0), items = get_global_size(0);
    return (uint2)((uint)(n * i / items), (uint)(n * (i + 1) / items));
}

/* As sigmoid(). */
lanes sigmoid_lanes(lanes z)
{
    const lanes e = exp(-fabs(z));
    const lanes small = e / (1.0f + e);
    return select(small, 1.0f / (1.0f + e), z >= 0.0f);
}

/* As softplus(). */
lanes softplus_lanes(lanes z)
{
    return fmax(z, 0.0f) + log1p(exp(-fabs(z)));
}

/* sums[i][j] = sum over k < n of a[a_at[i] + k] b[b_at[j] + k]: rows of two matrices, each sum in
 * LANES shares that are added in a tree. Positions may be the same row again. */
void dot_block(__global const float *a, const ulong *a_at, __global const float *b,
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

/* Where BLOCK_WIDTH vectors of a row of n >= LANES columns begin, from vector number `first` on;
 * those from `end` on are the last once more. The last vector of a row ends with it, and so may
 * begin within the one before: both then hold the same numbers. */
void columns_place(uint first, uint end, uint n, uint at[BLOCK_WIDTH])
{
#pragma unroll
    for (uint j = 0; j < BLOCK_WIDTH; j++)
        at[j] = min(min(first + j, end - 1) * LANES, n - LANES);
}

/* Terms that are added up while their rows stay in the nearest cache. */
enum { OUTER_CHUNK = 128 };

/* c[i][at[j]] = sum over begin <= k < end of a(i, k) b[k][at[j]], for `rows` <= BLOCK_COLUMNS rows
 * i and BLOCK_WIDTH vectors of columns; `more`: added to what c holds b [..][n], c [rows][n]; a(i,
 * k) lies at a_at[i] + k / LANES a_panel + k % LANES a_term. */
void outer_block(__global const float *a, const ulong *a_at, ulong a_term, ulong a_panel,
                 __global const float *b, uint n, uint begin, uint end, const uint *at, bool more,
                 uint rows, __global float *c)
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
