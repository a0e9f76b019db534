/* The tiles of the matrix products. See cpu_tile.h. */
#include "cpu/cpu_tile.h"

#include "base/clones.h"
#include "base/memory.h"
#include "cpu/cpu_vectors.h"

/* ---- panels ---- */

/* Returns the number of columns in the thin panel. It needs some vectors along the inner index, and
 * begins at a whole vector. */
static size_t thin_columns(size_t inner, size_t columns)
{
    const size_t rest = columns % VECTOR;
    return inner >= MOST_VECTORS * VECTOR && rest <= MOST_THIN ? rest : 0;
}

/* CPUs with 16 vector registers have room for one vector in a row. */
static size_t vector_panels(size_t vectors, size_t most)
{
    return cpu_part_count(vectors, cpu_vectors() == CPU_VECTORS_512 ? most : 1);
}

size_t panel_count(size_t inner, size_t columns, size_t most)
{
    const size_t thin = thin_columns(inner, columns);
    return vector_panels(cpu_part_count(columns - thin, VECTOR), most) + (thin > 0);
}

/* The vectors are spread evenly over the panels. Narrower panels come first, because the first
 * thread gets one panel more if the threads cannot share them evenly. The thin panel is the last
 * one. */
struct panel panel_at(size_t inner, size_t columns, size_t most, size_t number)
{
    const size_t thin = thin_columns(inner, columns), thick = columns - thin;
    const size_t vectors = cpu_part_count(thick, VECTOR), panels = vector_panels(vectors, most);
    if (number == panels)
        return (struct panel){.first = thick, .columns = thin};
    const size_t least = vectors / panels, narrow = panels - vectors % panels;
    const size_t before = number * least + (number > narrow ? number - narrow : 0);
    const size_t own = least + (number >= narrow);
    return (struct panel){.first = before * VECTOR,
                          .columns = size_min(own * VECTOR, thick - before * VECTOR),
                          .vectors = own};
}

/* ---- tiles ---- */

/* A vector of LANES numbers, and one at any address. */
#define VECTOR_TYPE(LANES) float __attribute__((vector_size((LANES) * sizeof(float))))
#define STORED_TYPE(LANES)                                                                         \
    float __attribute__((vector_size((LANES) * sizeof(float)), aligned(sizeof(float)), may_alias))

/* Defines NAME, which computes the rows of one tile with vectors of LANES numbers. It is compiled
 * with the attribute TARGET. Factor (r, i) is number r ROW + i TERM of a. */
#define TILE(NAME, TARGET, LANES, ROWS, VECTORS, ROW, TERM)                                        \
    TARGET static void NAME(const struct tile_product *of)                                         \
    {                                                                                              \
        typedef VECTOR_TYPE(LANES) vector;                                                         \
        typedef STORED_TYPE(LANES) stored_vector;                                                  \
        enum { PARTS = (VECTORS)*VECTOR / (LANES) };                                               \
        const float *a = of->a, *b = of->b, *ahead = of->ahead;                                    \
        const size_t stride = of->a_stride, b_stride = of->b_stride;                               \
        const size_t inner = of->inner, ahead_stride = of->ahead_stride;                           \
        const vector zero = {0.0f};                                                                \
        vector tile[ROWS][PARTS];                                                                  \
        UNROLLED                                                                                   \
        for (size_t r = 0; r < (ROWS); r++) {                                                      \
            UNROLLED                                                                               \
            for (size_t v = 0; v < PARTS; v++)                                                     \
                if (of->add)                                                                       \
                    tile[r][v] = *(const stored_vector *)(of->c + r * of->c_stride + v * (LANES)); \
                else                                                                               \
                    tile[r][v] = zero;                                                             \
        }                                                                                          \
        for (size_t i = 0; i < inner; i++) {                                                       \
            const stored_vector *line = (const stored_vector *)(b + i * b_stride);                 \
            __builtin_prefetch(ahead + i * ahead_stride);                                          \
            UNROLLED                                                                               \
            for (size_t r = 0; r < (ROWS); r++) {                                                  \
                const float value = a[r * (ROW) + i * (TERM)];                                     \
                UNROLLED                                                                           \
                for (size_t v = 0; v < PARTS; v++)                                                 \
                    tile[r][v] += value * line[v];                                                 \
            }                                                                                      \
        }                                                                                          \
        UNROLLED                                                                                   \
        for (size_t r = 0; r < (ROWS); r++) {                                                      \
            UNROLLED                                                                               \
            for (size_t v = 0; v < PARTS; v++)                                                     \
                *(stored_vector *)(of->c + r * of->c_stride + v * (LANES)) = tile[r][v];           \
        }                                                                                          \
    }

/* Both layouts of a. */
#define TILES(WIDTH, TARGET, LANES, ROWS, VECTORS)                                                 \
    TILE(WIDTH##_##ROWS##x##VECTORS, TARGET, LANES, ROWS, VECTORS, stride, 1)                      \
    TILE(WIDTH##_transposed_##ROWS##x##VECTORS, TARGET, LANES, ROWS, VECTORS, 1, stride)

/* Many sums hide the latency of additions. With the vectors of `b`, 24 to 26 sums fill the 32
 * registers of AVX-512, and twelve fill the 16 registers of other CPUs. Tiles of two rows and of
 * one take the rows that are left. */
TILES(wide, WIDE_TARGET, 16, 12, 1)
TILES(wide, WIDE_TARGET, 16, 12, 2)
TILES(wide, WIDE_TARGET, 16, 13, 1)
TILES(wide, WIDE_TARGET, 16, 13, 2)
TILES(wide, WIDE_TARGET, 16, 8, 3)
TILES(wide, WIDE_TARGET, 16, 6, 4)
TILES(wide, WIDE_TARGET, 16, 2, 1)
TILES(wide, WIDE_TARGET, 16, 2, 2)
TILES(wide, WIDE_TARGET, 16, 2, 3)
TILES(wide, WIDE_TARGET, 16, 2, 4)
TILES(wide, WIDE_TARGET, 16, 1, 1)
TILES(wide, WIDE_TARGET, 16, 1, 2)
TILES(wide, WIDE_TARGET, 16, 1, 3)
TILES(wide, WIDE_TARGET, 16, 1, 4)
TILES(half, HALF_TARGET, 8, 6, 1)
TILES(half, HALF_TARGET, 8, 5, 1)
TILES(half, HALF_TARGET, 8, 2, 1)
TILES(half, HALF_TARGET, 8, 1, 1)
TILES(plain, , 4, 3, 1)
TILES(plain, , 4, 2, 1)
TILES(plain, , 4, 1, 1)

enum { MOST_ROWS = 13 };

struct tile_shape {
    size_t rows;
    void (*compute[2])(const struct tile_product *of); /* for each layout */
};
#define SHAPE(WIDTH, ROWS, VECTORS)                                                                \
    {                                                                                              \
        ROWS,                                                                                      \
        {                                                                                          \
            WIDTH##_##ROWS##x##VECTORS, WIDTH##_transposed_##ROWS##x##VECTORS                      \
        }                                                                                          \
    }

/* The shapes that compute the rows of a panel, in this order. The second has one row less than the
 * first, and tiles of both together may cover all rows: 50 = 2 * 13 + 2 * 12. A shape with 0 rows
 * does not exist. */
enum { SHAPES = 4 };

static const struct tile_shape *shapes_of(size_t vectors)
{
    static const struct tile_shape wide[MOST_VECTORS][SHAPES] = {
        {SHAPE(wide, 13, 1), SHAPE(wide, 12, 1), SHAPE(wide, 2, 1), SHAPE(wide, 1, 1)},
        {SHAPE(wide, 13, 2), SHAPE(wide, 12, 2), SHAPE(wide, 2, 2), SHAPE(wide, 1, 2)},
        {{0}, SHAPE(wide, 8, 3), SHAPE(wide, 2, 3), SHAPE(wide, 1, 3)},
        {{0}, SHAPE(wide, 6, 4), SHAPE(wide, 2, 4), SHAPE(wide, 1, 4)}};
    static const struct tile_shape half[SHAPES] = {SHAPE(half, 6, 1), SHAPE(half, 5, 1),
                                                   SHAPE(half, 2, 1), SHAPE(half, 1, 1)};
    static const struct tile_shape plain[SHAPES] = {
        {0}, SHAPE(plain, 3, 1), SHAPE(plain, 2, 1), SHAPE(plain, 1, 1)};
    switch (cpu_vectors()) {
    case CPU_VECTORS_512:
        return wide[vectors - 1];
    case CPU_VECTORS_256:
        return half;
    case CPU_VECTORS_128:
        break;
    }
    return plain;
}

/* Computes a tile that reaches beyond the last of `columns` columns, in a copy of its part of c. */
static void compute_edge(const struct tile_shape *shape, size_t columns, size_t width,
                         struct tile_product *tile)
{
    float copy[MOST_ROWS * MOST_VECTORS * VECTOR];
    float *c = tile->c;
    const size_t c_stride = tile->c_stride;
    for (size_t r = 0; r < shape->rows && tile->add; r++)
        row_copy(c + r * c_stride, columns, width, copy + r * width);
    tile->c = copy;
    tile->c_stride = width;
    shape->compute[tile->a_transposed](tile);
    tile->c = c;
    tile->c_stride = c_stride;
    for (size_t r = 0; r < shape->rows; r++)
        row_copy(copy + r * width, columns, columns, c + r * c_stride);
}

/* Computes up to `rows` rows with one shape, as far as whole tiles reach, and moves `tile`, which
 * begins as a copy of the product, to the rows that are left. Successive tiles fetch successive
 * vectors of the panel ahead. */
static void compute_rows(const struct tile_product *product, const struct panel *panel,
                         const struct tile_shape *shape, size_t rows, struct tile_product *tile)
{
    const size_t width = panel->vectors * VECTOR;
    const size_t next = shape->rows * (product->a_transposed ? 1 : product->a_stride);
    for (size_t fetched = 0; shape->rows > 0 && rows >= shape->rows; rows -= shape->rows) {
        if (product->ahead == NULL) {
            tile->ahead = tile->a + next;
            tile->ahead_stride = product->a_transposed ? product->a_stride : shape->rows;
        } else {
            tile->ahead = product->ahead + fetched;
            fetched = fetched + VECTOR < width ? fetched + VECTOR : 0;
        }
        if (panel->columns < width)
            compute_edge(shape, panel->columns, width, tile);
        else
            shape->compute[tile->a_transposed](tile);
        tile->a += next;
        tile->c += shape->rows * product->c_stride;
        tile->rows -= shape->rows;
    }
}

/* ---- thin panels ---- */

/* Returns the sum of VECTOR numbers, in a fixed order. */
static inline float lane_sum(const void *numbers)
{
    float lanes[VECTOR];
    memcpy(lanes, numbers, sizeof lanes);
    for (size_t half = VECTOR / 2; half > 0; half /= 2)
        for (size_t i = 0; i < half; i++)
            lanes[i] += lanes[i + half];
    return lanes[0];
}

/* Defines WIDTH_thin_ROWSxCOLUMNS, which computes the rows of one thin tile. What follows the last
 * whole vector of a row is copied and padded, as it is in `b`. */
#define THIN(WIDTH, TARGET, LANES, ROWS, COLUMNS)                                                  \
    TARGET static void WIDTH##_thin_##ROWS##x##COLUMNS(const struct tile_product *of)              \
    {                                                                                              \
        typedef VECTOR_TYPE(LANES) vector;                                                         \
        typedef STORED_TYPE(LANES) stored_vector;                                                  \
        enum { PARTS = VECTOR / (LANES) };                                                         \
        const size_t inner = of->inner, whole = inner / VECTOR * VECTOR;                           \
        const size_t b_stride = thin_inner(inner);                                                 \
        float rest[(ROWS)*VECTOR];                                                                 \
        vector tile[ROWS][COLUMNS][PARTS] = {{{{0.0f}}}};                                          \
        for (size_t r = 0; r < (ROWS); r++)                                                        \
            row_copy(of->a + r * of->a_stride + whole, inner - whole, VECTOR, rest + r * VECTOR);  \
        for (size_t i = 0; i < inner; i += VECTOR) {                                               \
            const float *a = i < whole ? of->a + i : rest, *b = of->b + i;                         \
            const size_t a_stride = i < whole ? of->a_stride : VECTOR;                             \
            UNROLLED                                                                               \
            for (size_t part = 0; part < PARTS; part++) {                                          \
                UNROLLED                                                                           \
                for (size_t r = 0; r < (ROWS); r++) {                                              \
                    const size_t at = part * (LANES);                                              \
                    const vector line = *(const stored_vector *)(a + r * a_stride + at);           \
                    UNROLLED                                                                       \
                    for (size_t j = 0; j < (COLUMNS); j++)                                         \
                        tile[r][j][part] +=                                                        \
                            line * *(const stored_vector *)(b + j * b_stride + at);                \
                }                                                                                  \
            }                                                                                      \
        }                                                                                          \
        for (size_t r = 0; r < (ROWS); r++)                                                        \
            for (size_t j = 0; j < (COLUMNS); j++) {                                               \
                float *c = of->c + r * of->c_stride + j;                                           \
                const float sum = lane_sum(tile[r][j]);                                            \
                *c = of->add ? *c + sum : sum;                                                     \
            }                                                                                      \
    }

/* Every number of columns. */
#define THINS(WIDTH, TARGET, LANES, ROWS)                                                          \
    THIN(WIDTH, TARGET, LANES, ROWS, 1)                                                            \
    THIN(WIDTH, TARGET, LANES, ROWS, 2)                                                            \
    THIN(WIDTH, TARGET, LANES, ROWS, 3)                                                            \
    THIN(WIDTH, TARGET, LANES, ROWS, 4)
THINS(wide, WIDE_TARGET, 16, 4)
THINS(wide, WIDE_TARGET, 16, 1)
THINS(half, HALF_TARGET, 8, 2)
THINS(half, HALF_TARGET, 8, 1)
THINS(plain, , 4, 1)

typedef void thin_tile(const struct tile_product *of);
#define THIN_ROW(WIDTH, ROWS)                                                                      \
    {                                                                                              \
        WIDTH##_thin_##ROWS##x1, WIDTH##_thin_##ROWS##x2, WIDTH##_thin_##ROWS##x3,                 \
            WIDTH##_thin_##ROWS##x4                                                                \
    }

static void thin_product(const struct tile_product *product, size_t columns)
{
    static const struct {
        size_t rows;
        thin_tile *several[MOST_THIN], *single[MOST_THIN];
    } widths[] = {[CPU_VECTORS_128] = {1, THIN_ROW(plain, 1), THIN_ROW(plain, 1)},
                  [CPU_VECTORS_256] = {2, THIN_ROW(half, 2), THIN_ROW(half, 1)},
                  [CPU_VECTORS_512] = {4, THIN_ROW(wide, 4), THIN_ROW(wide, 1)}};
    const enum cpu_vectors width = cpu_vectors();
    const size_t several = widths[width].rows;
    struct tile_product tile = *product;
    for (size_t row = 0; row < product->rows;) {
        const bool whole = row + several <= product->rows;
        tile.a = product->a + row * product->a_stride;
        tile.c = product->c + row * product->c_stride;
        (whole ? widths[width].several : widths[width].single)[columns - 1](&tile);
        row += whole ? several : 1;
    }
}

/* Returns how many of `rows` rows the tallest shape computes, so that tiles with one row less
 * complete them: 0 if that is impossible. */
static size_t tallest_end(size_t rows, const struct tile_shape *tallest)
{
    if (tallest->rows == 0)
        return 0;
    const size_t least = cpu_part_count(rows, tallest->rows) * (tallest->rows - 1);
    return rows >= least ? (rows - least) * tallest->rows : 0;
}

void cpu_tile_product(const struct tile_product *product, const struct panel *panel)
{
    if (panel->vectors == 0) {
        thin_product(product, panel->columns);
        return;
    }
    const struct tile_shape *shapes = shapes_of(panel->vectors);
    struct tile_product tile = *product;
    compute_rows(product, panel, &shapes[0], tallest_end(product->rows, &shapes[0]), &tile);
    for (size_t i = 1; i < SHAPES; i++)
        compute_rows(product, panel, &shapes[i], tile.rows, &tile);
}
