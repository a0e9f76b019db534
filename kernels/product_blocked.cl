/* Matrix products on CPUs, whose work-items are threads with vectors of their own.
 *
 * A block is a part of c whose sums stay in registers while they grow: some rows of a few vectors.
 * A panel is a copy of the columns of b that belong to a block, for up to PANEL_TERMS terms of the
 * sums. It stays in the first-level cache and serves one block after the other. The copy is needed
 * because rows of 4096 bytes in a matrix all fall into the same few cache sets.
 */

/* A block has BLOCK_HEIGHT(width) rows of `width` vectors. With AVX-512, 24 sums, the vectors of a
 * term and one factor fill the 32 registers. Elsewhere a vector takes several registers. */
#if LANES == 1
enum { PANEL_VECTORS = 4, PANEL_TERMS = 96 };
#define BLOCK_HEIGHT(width) 2
#elif defined(__AVX512F__)
enum { PANEL_VECTORS = 4, PANEL_TERMS = 128 };
#define BLOCK_HEIGHT(width) ((width) == 4 ? 6 : (width) == 3 ? 8 : 12)
#define COPIES_FACTORS
#else
enum { PANEL_VECTORS = 1, PANEL_TERMS = 256 };
#define BLOCK_HEIGHT(width) 6
#endif

enum { PREFETCH_NUMBERS = 48, PREFETCH_ROWS = 8 };

/* A bias gradient has at most SUM_SLICES slices of at least SUM_SLICE_TERMS samples, as in
 * host/opencl/launch.c. */
enum { SUM_SLICE_TERMS = 32, SUM_SLICES = 64 };

/* Some vectors of the columns of b and c. Vector j begins at column at[j] and has `used` columns.
 * The last vector of a row ends with the row, so it may overlap the vector before it. Both then
 * hold the same numbers. */
struct panel {
    uint width, used;
    uint at[PANEL_VECTORS];
};

/* Returns the next panel of vectors first .. end - 1 of a row with n columns. The vectors are
 * spread evenly over the panels. */
struct panel panel_next(uint first, uint end, uint n)
{
    struct panel panel;
    const uint panels = (end - first + PANEL_VECTORS - 1) / PANEL_VECTORS;
    panel.width = LANES == 1 ? PANEL_VECTORS : (end - first + panels - 1) / panels;
    panel.used = min(n, (uint)LANES);
#pragma unroll
    for (uint j = 0; j < PANEL_VECTORS; j++)
        panel.at[j] = min(min(first + j, end - 1) * LANES, n - panel.used);
    return panel;
}

/* numbers[k][j] = vector j of b[k]; b [terms][n] */
SEPARATE void panel_copy(__global const float *b, uint n, uint terms, const struct panel *panel,
                         lanes *numbers)
{
    for (uint k = 0; k < terms; k++)
        for (uint j = 0; j < panel->width; j++)
            numbers[k * panel->width + j] = lanes_at(0, b + (ulong)k * n + panel->at[j]);
}

/* The same for the transposed b [n][..], whose rows are b_row numbers long. Squares of 4 x 4
 * numbers are transposed in registers, by shuffles that Oclgrind 21.10 understands; see
 * tests/README.md. Lanes beyond the last column repeat it. */
SEPARATE void panel_transpose(__global const float *b, ulong b_row, uint n, uint terms,
                              const struct panel *panel, float *numbers)
{
    const uint width = panel->width * LANES;
    for (uint column = 0; column < width; column += 4) {
        __global const float *row[4];
#pragma unroll
        for (uint i = 0; i < 4; i++)
            row[i] = b + min(panel->at[(column + i) / LANES] + (column + i) % LANES, n - 1) * b_row;
        float *to = numbers + column;
        uint k = 0;
        for (; k + 4 <= terms; k += 4, to += 4 * width) {
            const float8 pq = (float8)(vload4(0, row[0] + k), vload4(0, row[1] + k));
            const float8 rs = (float8)(vload4(0, row[2] + k), vload4(0, row[3] + k));
            const float8 left = (float8)(pq.s0415, rs.s0415);
            const float8 right = (float8)(pq.s2637, rs.s2637);
            vstore4(left.s0145, 0, to);
            vstore4(left.s2367, 0, to + width);
            vstore4(right.s0145, 0, to + 2 * width);
            vstore4(right.s2367, 0, to + 3 * width);
        }
        for (; k < terms; k++, to += width)
            for (uint i = 0; i < 4; i++)
                to[i] = row[i][k];
    }
}

/* Fills a panel with `terms` terms of b [inner][columns], or [columns][inner] if `transposed`, from
 * term k on. */
void panel_fill(__global const float *b, uint transposed, uint columns, uint inner, uint k,
                uint terms, const struct panel *panel, lanes *numbers)
{
    if (transposed)
        panel_transpose(b + k, inner, columns, terms, panel, (float *)numbers);
    else
        panel_copy(b + (ulong)k * columns, columns, terms, panel, numbers);
}

/* A part of a product: rows of c, and some terms of their sums. Factor (i, k) lies at
 * a + i a_row + k a_term. From one group of GROUP_ROWS rows to the next are a_group numbers. `n`
 * numbers of c separate its rows. With `more`, c holds the sums of earlier terms. */
enum { GROUP_ROWS = 24 }; /* a multiple of the height of every block */
struct part {
    __global const float *a;
    ulong a_row, a_term, a_group;
    __global float *c;
    uint n, rows, terms;
    bool more;
};

/* c[i][at[j]] = sum over k < terms of factor (i, k) numbers[k][j], in the order of k
 * Defines block_WIDTH, for a block at the top of the part. Missing rows repeat the last one. */
#define BLOCK(WIDTH)                                                                               \
    SEPARATE void block_##WIDTH(const struct part *part, const struct panel *panel,                \
                                const lanes *numbers)                                              \
    {                                                                                              \
        enum { HEIGHT = BLOCK_HEIGHT(WIDTH) };                                                     \
        const uint rows = part->rows, n = part->n, terms = part->terms;                            \
        const ulong a_term = part->a_term;                                                         \
        const uint used = (WIDTH) == 1 ? panel->used : LANES;                                      \
        lanes sums[HEIGHT][WIDTH];                                                                 \
        ulong at[HEIGHT];                                                                          \
        _Pragma("unroll") for (uint i = 0; i < HEIGHT; i++)                                        \
        {                                                                                          \
            at[i] = min(i, rows - 1) * part->a_row;                                                \
            __global const float *c = part->c + (ulong)min(i, rows - 1) * n;                       \
            _Pragma("unroll") for (uint j = 0; j < (WIDTH); j++) sums[i][j] =                      \
                part->more ? lanes_load(c + panel->at[j], used) : (lanes)0.0f;                     \
        }                                                                                          \
        __global const float *a = part->a;                                                         \
        const ulong ahead = a_term == 1 ? HEIGHT * part->a_row : PREFETCH_NUMBERS;                 \
        const ulong ahead_row = a_term == 1 ? part->a_row : 0;                                     \
        for (uint k = 0; k < terms; k++, a += a_term, numbers += (WIDTH)) {                        \
            PREFETCH(a + ahead + k % PREFETCH_ROWS * ahead_row);                                   \
            _Pragma("unroll") for (uint i = 0; i < HEIGHT; i++)                                    \
            {                                                                                      \
                const lanes factor = a[at[i]];                                                     \
                _Pragma("unroll") for (uint j = 0; j < (WIDTH); j++) sums[i][j] =                  \
                    multiply_add(factor, numbers[j], sums[i][j]);                                  \
            }                                                                                      \
        }                                                                                          \
        _Pragma("unroll") for (uint i = 0; i < HEIGHT; i++)                                        \
            _Pragma("unroll") for (uint j = 0; j < (WIDTH); j++) if (i < rows)                     \
                lanes_store(sums[i][j], used, part->c + (ulong)i * n + panel->at[j]);              \
    }

#if LANES == 1
BLOCK(4)
#elif defined(__AVX512F__)
BLOCK(1)
BLOCK(2)
BLOCK(3)
BLOCK(4)
#else
BLOCK(1)
#endif

/* Computes a block, and returns its height. */
uint block_compute(const struct part *part, const struct panel *panel, const lanes *numbers)
{
#if LANES == 1
    block_4(part, panel, numbers);
#elif defined(__AVX512F__)
    switch (panel->width) {
    case 1:
        block_1(part, panel, numbers);
        break;
    case 2:
        block_2(part, panel, numbers);
        break;
    case 3:
        block_3(part, panel, numbers);
        break;
    default:
        block_4(part, panel, numbers);
        break;
    }
#else
    block_1(part, panel, numbers);
#endif
    return BLOCK_HEIGHT(panel->width);
}

/* Computes all blocks of a part, from top to bottom. `row` counts from the top of a group. */
void part_compute(struct part part, const struct panel *panel, const lanes *numbers)
{
    __global const float *group = part.a;
    for (uint left = part.rows, row = 0, height; left > 0; left -= min(left, height)) {
        part.rows = left;
        part.a = group + row * part.a_row;
        height = block_compute(&part, panel, numbers);
        part.c += (ulong)height * part.n;
        row += height;
        if (row == GROUP_ROWS) {
            row = 0;
            group += part.a_group;
        }
    }
}

#ifdef COPIES_FACTORS
/* A weight gradient whose terms lie far apart would read a line of memory for each term, and all
 * these lines would compete for a few cache sets. So its factors are copied, GROUP_ROWS rows at a
 * time. A work-item has at most COPY_ROWS rows, as in host/opencl/products_own.c. */
enum { COPY_ROWS = 264, COPY_DISTANCE = 512, COPY_NUMBERS = COPY_ROWS * PANEL_TERMS };

/* copy[g][k][i] = factor (g GROUP_ROWS + i, k) of the part, which reads the copy from then on.
 * CPUs have a single address space, so global pointers may point to private memory. */
SEPARATE void factors_copy(struct part *part, float *copy)
{
    for (uint row = 0; row < part->rows; row += GROUP_ROWS) {
        __global const float *from = part->a + row;
        float *to = copy + row * part->terms;
        const uint count = min(part->rows - row, (uint)GROUP_ROWS);
        for (uint k = 0; k < part->terms; k++, from += part->a_term, to += GROUP_ROWS)
            if (count == GROUP_ROWS) {
                vstore16(vload16(0, from), 0, to);
                vstore8(vload8(0, from + 16), 0, to + 16);
            } else {
                for (uint i = 0; i < count; i++)
                    to[i] = from[i];
            }
    }
    part->a = (__global const float *)(ulong)copy;
    part->a_term = GROUP_ROWS;
    part->a_group = (ulong)GROUP_ROWS * part->terms;
}
#endif

/* ---- what follows a product, while the part of c is in the cache ---- */

/* Fills the random words of the 4 LANES elements from element `first` on, a multiple of 4 LANES. */
SEPARATE void after_words(const struct after *after, ulong first, uint *words)
{
    lane_words x =
        (uint)((after->first_number + first) / (4 * LANES)) * LANES + as_lane_words(lane_numbers());
    lane_words y = after->batch, z = after->epoch, w = after->purpose;
    philox_lanes(&x, &y, &z, &w, (uint2)((uint)after->seed, (uint)(after->seed >> 32)));
    words_order(x, y, z, w, words);
}

/* Runs the steps for `count` elements of c and x from column `column` of a row on. */
void after_vector(const struct after *after, lane_words bits, uint column, uint count,
                  __global float *c, __global float *x)
{
    lanes value = lanes_load(c, count);
    if (after->steps & AFTER_BIAS) {
        value += lanes_load(after->bias + column, count);
        lanes_store(value, count, c);
    }
    const lanes z = after->steps & AFTER_SLOPE ? lanes_load(x, count) : value;
    value = after_value(after, value, bits, z);
    if (after->steps & AFTER_ACTIVATION)
        lanes_store(value, count, x);
    else
        lanes_store(value, count, c);
}

/* Runs the steps for columns column .. end - 1 of rows row .. row_end - 1 of c [rows][n]. With
 * dropout, n and `column` are multiples of 4 LANES. */
SEPARATE void after_run(const struct after *after, uint row, uint row_end, uint column, uint end,
                        uint n, __global float *c)
{
    uint words[4 * LANES];
    for (uint r = row; r < row_end; r++)
        for (uint v = column; v < end; v += LANES) {
            const ulong at = (ulong)r * n + v;
            const uint part = v / LANES % 4;
            lane_words bits = 0;
            if (after->steps & AFTER_DROPOUT) {
                if (part == 0)
                    after_words(after, at, words);
                bits = lanes_at(part, words);
            }
            after_vector(after, bits, v, min((uint)LANES, end - v), c + at, after->x + at);
        }
}

/* db[m] = sum over k of a[k a_term + m], for m < rows: slices of the terms are summed in order, as
 * in bias_gradient_slices and bias_gradient. */
SEPARATE void after_row_sums(__global const float *a, ulong a_term, uint rows, uint inner,
                             __global float *db)
{
    const uint slice = max((uint)SUM_SLICE_TERMS, (inner + SUM_SLICES - 1) / SUM_SLICES);
    for (uint m = 0; m < rows; m += LANES) {
        const uint count = min((uint)LANES, rows - m);
        lanes total = 0.0f;
        for (uint first = 0; first < inner; first += slice) {
            const uint end = min(first + slice, inner);
            lanes sum = 0.0f;
            for (uint k = first; k < end; k++)
                sum += lanes_load(a + k * a_term + m, count);
            total += sum;
        }
        lanes_store(total, count, db + m);
    }
}

/* Every form on CPUs: c[m][n] = sum over k of a(m, k) b(k, n)
 * A work-item computes tile_rows rows and its share of the vectors of a row. If a row has two
 * vectors or more, each share has at least two, so that no two work-items write the same element.
 * Shares consist of whole quadruples of vectors if a row does, as dropout needs it.
 * Each sum is in the order of k. Then the work-item runs `steps`; 0 means none.
 * Shapes: a(m, k) lies at a_offset + m a_row + k a_term; b is [inner][columns], or
 * [columns][inner] if `transposed`, and c [rows][columns], from their offsets. A b that is not
 * transposed has at least LANES columns. The bias lies in b from bias_offset, and its gradient in
 * c; x [rows][columns].
 * Grid: (column items, row tiles), in work-groups of one.
 * Reference: a plain sum (check_product). */
__kernel void product_blocked(__global const float *a, ulong a_offset, ulong a_row, ulong a_term,
                              __global const float *b, ulong b_offset, uint transposed,
                              __global float *c, ulong c_offset, uint rows, uint columns,
                              uint inner, uint tile_rows, AFTER_PARAMETERS)
{
    const uint vectors = (columns + LANES - 1) / LANES;
    const uint unit = columns % (4 * LANES) == 0 ? 4 : 1;
    const uint first = get_global_id(0) * (vectors / unit) / get_global_size(0) * unit;
    const uint vectors_end = (get_global_id(0) + 1) * (vectors / unit) / get_global_size(0) * unit;
    const uint row = get_global_id(1) * tile_rows;
    const uint row_end = min(row + tile_rows, rows);
    const uint chunks = (inner + PANEL_TERMS - 1) / PANEL_TERMS;
    const uint chunk = (inner + chunks - 1) / chunks;
    lanes numbers[PANEL_TERMS * PANEL_VECTORS];
#ifdef COPIES_FACTORS
    float factors[COPY_NUMBERS];
#endif
    struct panel panel;
    a += a_offset;
    /* A panel of one vector may overlap the panel before it, so it runs all its terms at once. */
    const uint share = PANEL_VECTORS > 1 || columns % LANES == 0 ? vectors_end - first : 1;
    for (uint group = first; group < vectors_end; group += share)
        for (uint k = 0; k < inner; k += chunk) {
            struct part part = {.a = a + row * a_row + k * a_term,
                                .a_row = a_row,
                                .a_term = a_term,
                                .a_group = GROUP_ROWS * a_row,
                                .n = columns,
                                .rows = row_end - row,
                                .terms = min(chunk, inner - k),
                                .c = c + c_offset + (ulong)row * columns,
                                .more = k > 0};
#ifdef COPIES_FACTORS
            if (a_term >= COPY_DISTANCE && part.rows <= COPY_ROWS)
                factors_copy(&part, factors);
#endif
            for (uint v = group; v < group + share; v += panel.width) {
                panel = panel_next(v, group + share, columns);
                panel_fill(b + b_offset, transposed, columns, inner, k, part.terms, &panel,
                           numbers);
                part_compute(part, &panel, numbers);
            }
        }
    const struct after after = AFTER_OF(b);
    if (steps & AFTER_BIAS_GRADIENT) {
        if (first == 0)
            after_row_sums(a + row, a_term, row_end - row, inner, c + bias_offset + row);
    } else if (steps != 0) {
        after_run(&after, row, row_end, first * LANES, min(vectors_end * LANES, columns), columns,
                  c + c_offset);
    }
}
