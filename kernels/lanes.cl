/* Vectors of LANES numbers, which kernels compute with.
 *
 * On a CPU a work-item is a whole thread with vectors of its own, of sixteen numbers. Its registers
 * hold a block of results. Work-items share nothing and never wait. If registers are shorter than
 * sixteen numbers, the compiler uses several for each vector. On a GPU a work-item is itself a lane
 * of a hardware vector. There a vector is a single number, and neighboring work-items read
 * neighboring numbers.
 */

/* 1, 4 or 16. host/opencl/device_shape.h chooses it for a kind of device. */
#ifndef LANES
#define LANES 16
#endif

/* Where a condition holds, a lane_mask is what a comparison of lanes gives: -1 in vectors, 1 in a
 * single number. lanes_at reads vector i of p, and lanes_put writes it, in any address space.
 * bytes_at reads a vector of numbers that are stored as bytes. */
#if LANES == 1
typedef float lanes;
typedef int lane_mask;
typedef uint lane_words;
typedef ulong lane_longs;
#define lanes_at(i, p)     ((p)[i])
#define lanes_put(v, i, p) ((p)[i] = (v))
#define bytes_at(p)        ((float)(p)[0])
#define lanes_any(mask)    ((mask) != 0)
#define as_lane_words      as_uint
#define words_of_longs     convert_uint
#define longs_of_words     convert_ulong
#define LANE_NUMBERS       0
#elif LANES == 4
typedef float4 lanes;
typedef int4 lane_mask;
typedef uint4 lane_words;
typedef ulong4 lane_longs;
#define lanes_at       vload4
#define lanes_put      vstore4
#define bytes_at(p)    convert_float4(vload4(0, p))
#define lanes_any      any
#define as_lane_words  as_uint4
#define words_of_longs convert_uint4
#define longs_of_words convert_ulong4
#define LANE_NUMBERS   (int4)(0, 1, 2, 3)
#else
typedef float16 lanes;
typedef int16 lane_mask;
typedef uint16 lane_words;
typedef ulong16 lane_longs;
#define lanes_at       vload16
#define lanes_put      vstore16
#define bytes_at(p)    convert_float16(vload16(0, p))
#define lanes_any      any
#define as_lane_words  as_uint16
#define words_of_longs convert_uint16
#define longs_of_words convert_ulong16
#define LANE_NUMBERS   (int16)(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
#endif

/* The results that a work-item keeps in registers: BLOCK_ROWS x BLOCK_COLUMNS, BLOCK_COLUMNS x
 * BLOCK_WIDTH or OUTER_ROWS x BLOCK_WIDTH sums of lanes, besides the lanes of one operand. 32
 * registers of 16 numbers hold 20 to 25 sums; 16 registers of 8 numbers hold 6. outer_block has 20
 * at most, because compilers read all factors of a term at once. BLOCK_ROWS divides LANES. */
#if LANES == 1
enum { BLOCK_ROWS = 1, BLOCK_COLUMNS = 4, BLOCK_WIDTH = 4, OUTER_ROWS = 4 };
#elif defined(__AVX512F__)
enum { BLOCK_ROWS = 4, BLOCK_COLUMNS = 5, BLOCK_WIDTH = 5, OUTER_ROWS = 4 };
#else
enum { BLOCK_ROWS = 2, BLOCK_COLUMNS = 3, BLOCK_WIDTH = 2, OUTER_ROWS = 3 };
#endif

/* 0, 1, 2, ... */
lane_mask lane_numbers(void)
{
    return LANE_NUMBERS;
}

/* Sums the lanes in a fixed tree. The loop avoids halves of vectors: compilers turn them into
 * shuffles that crash Oclgrind 21.10, which tracks uninitialized values and reads beyond the
 * operands of a shuffle. */
SEPARATE float lanes_sum(lanes v)
{
    float sums[LANES];
    lanes_put(v, 0, sums);
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
    return lanes_at(0, values);
}

/* Writes the first `count` lanes; count < LANES. */
SEPARATE void lanes_store_part(lanes v, uint count, __global float *p)
{
    float values[LANES];
    lanes_put(v, 0, values);
    for (uint i = 0; i < count; i++)
        p[i] = values[i];
}

/* lanes_part and lanes_store_part for count <= LANES. */
lanes lanes_load(__global const float *p, uint count)
{
    return LANES > 1 && count < LANES ? lanes_part(p, count) : lanes_at(0, p);
}

void lanes_store(lanes v, uint count, __global float *p)
{
    if (LANES > 1 && count < LANES)
        lanes_store_part(v, count, p);
    else
        lanes_put(v, 0, p);
}

/* A work-item's share of some vectors: first, first + step, ..., before end. */
struct share {
    ulong first, end, step;
};

/* Returns the work-item's share of n vectors. The grid may have any size. Threads on a CPU have
 * adjacent shares, each in one piece. On a GPU, neighboring work-items have neighboring vectors. */
struct share share_of(ulong n)
{
    const ulong i = get_global_id(0), items = get_global_size(0);
#if LANES == 16
    const struct share share = {n * i / items, n * (i + 1) / items, 1};
#else
    const struct share share = {i, n, items};
#endif
    return share;
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
 * Several positions may name the same row. Meanwhile it fetches the row of a at `ahead`. */
SEPARATE void dot_block(__global const float *a, const ulong *a_at, __global const float *b,
                        const ulong *b_at, ulong ahead, uint n,
                        float sums[BLOCK_ROWS][BLOCK_COLUMNS])
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
        PREFETCH_SECOND(a + ahead + k);
#pragma unroll
        for (uint j = 0; j < BLOCK_COLUMNS; j++)
            right[j] = lanes_at(0, b + b_at[j] + k);
#pragma unroll
        for (uint i = 0; i < BLOCK_ROWS; i++) {
            const lanes left = lanes_at(0, a + a_at[i] + k);
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

/* The terms that are added up while their rows, the next rows and c stay in the first-level
 * cache. */
enum { OUTER_CHUNK = 48 };

/* c[i][at[j]] = sum over begin <= k < end of a(i, k) b[k][at[j]]
 * Covers `rows` <= OUTER_ROWS rows i and BLOCK_WIDTH vectors of columns. With `more`, the sum is
 * added to what c holds.
 * Shapes: b [..][n]; c [rows][n]; a(i, k) lies at
 * a_at[i] + k / LANES a_panel + k % LANES a_term. Meanwhile it fetches column `ahead` of the rows
 * of b that OUTER_CHUNK terms later need. */
SEPARATE void outer_block(__global const float *a, const ulong *a_at, ulong a_term, ulong a_panel,
                          __global const float *b, uint n, uint begin, uint end, const uint *at,
                          uint ahead, bool more, uint rows, __global float *c)
{
    lanes sums[OUTER_ROWS][BLOCK_WIDTH];
#pragma unroll
    for (uint i = 0; i < OUTER_ROWS; i++)
#pragma unroll
        for (uint j = 0; j < BLOCK_WIDTH; j++)
            if (more)
                sums[i][j] = lanes_at(0, c + (ulong)min(i, rows - 1) * n + at[j]);
            else
                sums[i][j] = 0.0f;
    for (uint k = begin; k < end; k++) {
        __global const float *term = a + k / LANES * a_panel + k % LANES * a_term;
        lanes columns[BLOCK_WIDTH];
        PREFETCH(b + (ulong)(k + OUTER_CHUNK) * n + ahead);
#pragma unroll
        for (uint j = 0; j < BLOCK_WIDTH; j++)
            columns[j] = lanes_at(0, b + (ulong)k * n + at[j]);
#pragma unroll
        for (uint i = 0; i < OUTER_ROWS; i++) {
            const lanes factor = term[a_at[i]];
#pragma unroll
            for (uint j = 0; j < BLOCK_WIDTH; j++)
                sums[i][j] = multiply_add(factor, columns[j], sums[i][j]);
        }
    }
#pragma unroll
    for (uint i = 0; i < OUTER_ROWS; i++)
#pragma unroll
        for (uint j = 0; j < BLOCK_WIDTH; j++)
            if (i < rows)
                lanes_put(sums[i][j], 0, c + (ulong)i * n + at[j]);
}
