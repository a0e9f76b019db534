/* The tiles of the matrix products. See cpu_tile.h. */
#include "cpu/cpu_tile.h"

#include "base/clones.h"
#include "base/memory.h"

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
    return cpu_part_count(vectors, HAS_WIDE_VECTORS ? most : 1);
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

/* A vector, and a vector at any address. Compilers cut it for CPUs with smaller registers. */
typedef float vector __attribute__((vector_size(VECTOR * sizeof(float))));
typedef float stored_vector
    __attribute__((vector_size(VECTOR * sizeof(float)), aligned(sizeof(float)), may_alias));

/* Defines NAME, which computes the rows of one tile. Factor (r, i) is number r ROW + i TERM of a.
 */
#define TILE(NAME, ROWS, VECTORS, ROW, TERM)                                                       \
    VECTOR_CLONES static void NAME(const struct tile_product *of)                                  \
    {                                                                                              \
        const float *a = of->a, *b = of->b, *ahead = of->ahead;                                    \
        const size_t stride = of->a_stride, b_stride = of->b_stride;                               \
        const size_t inner = of->inner, ahead_stride = of->ahead_stride;                           \
        const vector zero = {0.0f};                                                                \
        vector tile[ROWS][VECTORS];                                                                \
        for (size_t r = 0; r < (ROWS); r++)                                                        \
            for (size_t v = 0; v < (VECTORS); v++)                                                 \
                if (of->add)                                                                       \
                    tile[r][v] = *(const stored_vector *)(of->c + r * of->c_stride + v * VECTOR);  \
                else                                                                               \
                    tile[r][v] = zero;                                                             \
        for (size_t i = 0; i < inner; i++) {                                                       \
            const stored_vector *line = (const stored_vector *)(b + i * b_stride);                 \
            __builtin_prefetch(ahead + i * ahead_stride);                                          \
            UNROLLED                                                                               \
            for (size_t r = 0; r < (ROWS); r++) {                                                  \
                const float value = a[r * (ROW) + i * (TERM)];                                     \
                UNROLLED                                                                           \
                for (size_t v = 0; v < (VECTORS); v++)                                             \
                    tile[r][v] += value * line[v];                                                 \
            }                                                                                      \
        }                                                                                          \
        for (size_t r = 0; r < (ROWS); r++)                                                        \
            for (size_t v = 0; v < (VECTORS); v++)                                                 \
                *(stored_vector *)(of->c + r * of->c_stride + v * VECTOR) = tile[r][v];            \
    }

/* Both layouts of a. */
#define TILES(ROWS, VECTORS)                                                                       \
    TILE(tile_##ROWS##x##VECTORS, ROWS, VECTORS, stride, 1)                                        \
    TILE(transposed_##ROWS##x##VECTORS, ROWS, VECTORS, 1, stride)

/* Many sums hide the latency of additions. 24 to 26 of them, with the vectors of `b`, fill the 32
 * registers of AVX-512. Tiles of two rows and of one take the rows that are left. */
TILES(12, 1)
TILES(12, 2)
TILES(13, 1)
TILES(13, 2)
TILES(8, 3)
TILES(6, 4)
TILES(6, 1)
TILES(2, 1)
TILES(2, 2)
TILES(2, 3)
TILES(2, 4)
TILES(1, 1)
TILES(1, 2)
TILES(1, 3)
TILES(1, 4)

enum { MOST_ROWS = 13 };

struct tile_shape {
    size_t rows;
    void (*compute[2])(const struct tile_product *of); /* for each layout */
};
#define SHAPE(ROWS, VECTORS)                                                                       \
    {                                                                                              \
        ROWS,                                                                                      \
        {                                                                                          \
            tile_##ROWS##x##VECTORS, transposed_##ROWS##x##VECTORS                                 \
        }                                                                                          \
    }

static struct tile_shape tall_shape(size_t vectors)
{
    static const struct tile_shape shapes[MOST_VECTORS] = {SHAPE(12, 1), SHAPE(12, 2), SHAPE(8, 3),
                                                           SHAPE(6, 4)};
    static const struct tile_shape narrow = SHAPE(6, 1);
    return HAS_WIDE_VECTORS ? shapes[vectors - 1] : narrow;
}

/* Tiles of one row more than the tall shape, or none. Some of these and some of those may leave no
 * row: 50 = 2 * 13 + 2 * 12. */
static struct tile_shape tallest_shape(size_t vectors)
{
    static const struct tile_shape shapes[FEW_VECTORS] = {SHAPE(13, 1), SHAPE(13, 2)};
    return HAS_WIDE_VECTORS && vectors <= FEW_VECTORS ? shapes[vectors - 1]
                                                      : (struct tile_shape){0};
}

static struct tile_shape pair_shape(size_t vectors)
{
    static const struct tile_shape shapes[MOST_VECTORS] = {SHAPE(2, 1), SHAPE(2, 2), SHAPE(2, 3),
                                                           SHAPE(2, 4)};
    return shapes[vectors - 1];
}

static struct tile_shape row_shape(size_t vectors)
{
    static const struct tile_shape shapes[MOST_VECTORS] = {SHAPE(1, 1), SHAPE(1, 2), SHAPE(1, 3),
                                                           SHAPE(1, 4)};
    return shapes[vectors - 1];
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
    for (size_t fetched = 0; rows >= shape->rows; rows -= shape->rows) {
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

/* Returns the sum of the numbers of a vector, in a fixed order. */
static inline float lane_sum(const vector *sums)
{
    float lanes[VECTOR];
    memcpy(lanes, sums, sizeof lanes);
    for (size_t half = VECTOR / 2; half > 0; half /= 2)
        for (size_t i = 0; i < half; i++)
            lanes[i] += lanes[i + half];
    return lanes[0];
}

/* Defines thin_ROWSxCOLUMNS, which computes the rows of one thin tile. The numbers of `a` after the
 * last whole vector are read one by one. */
#define THIN(ROWS, COLUMNS)                                                                        \
    VECTOR_CLONES static void thin_##ROWS##x##COLUMNS(const struct tile_product *of)               \
    {                                                                                              \
        const float *a = of->a, *b = of->b;                                                        \
        const size_t a_stride = of->a_stride, inner = of->inner, b_stride = thin_inner(inner);     \
        const size_t whole = inner / VECTOR * VECTOR;                                              \
        vector tile[ROWS][COLUMNS] = {{{0.0f}}};                                                   \
        for (size_t i = 0; i < whole; i += VECTOR) {                                               \
            UNROLLED                                                                               \
            for (size_t r = 0; r < (ROWS); r++) {                                                  \
                const vector line = *(const stored_vector *)(a + r * a_stride + i);                \
                UNROLLED                                                                           \
                for (size_t j = 0; j < (COLUMNS); j++)                                             \
                    tile[r][j] += line * *(const stored_vector *)(b + j * b_stride + i);           \
            }                                                                                      \
        }                                                                                          \
        for (size_t r = 0; r < (ROWS); r++)                                                        \
            for (size_t j = 0; j < (COLUMNS); j++) {                                               \
                float *c = of->c + r * of->c_stride + j;                                           \
                float sum = lane_sum(&tile[r][j]);                                                 \
                for (size_t i = whole; i < inner; i++)                                             \
                    sum += a[r * a_stride + i] * b[j * b_stride + i];                              \
                *c = of->add ? *c + sum : sum;                                                     \
            }                                                                                      \
    }
THIN(4, 1)
THIN(4, 2)
THIN(4, 3)
THIN(4, 4)
THIN(1, 1)
THIN(1, 2)
THIN(1, 3)
THIN(1, 4)

static void thin_product(const struct tile_product *product, size_t columns)
{
    static void (*const tiles[2][MOST_THIN])(const struct tile_product *of) = {
        {thin_1x1, thin_1x2, thin_1x3, thin_1x4}, {thin_4x1, thin_4x2, thin_4x3, thin_4x4}};
    struct tile_product tile = *product;
    for (size_t row = 0; row < product->rows;) {
        const bool four = row + 4 <= product->rows;
        tile.a = product->a + row * product->a_stride;
        tile.c = product->c + row * product->c_stride;
        tiles[four][columns - 1](&tile);
        row += four ? 4 : 1;
    }
}

/* Returns how many of `rows` rows the tallest shape computes, so that tiles with one row less
 * complete them: 0 if that is impossible. */
static size_t tallest_end(size_t rows, const struct tile_shape *tallest)
{
    const size_t least = cpu_part_count(rows, tallest->rows) * (tallest->rows - 1);
    return rows >= least ? (rows - least) * tallest->rows : 0;
}

void cpu_tile_product(const struct tile_product *product, const struct panel *panel)
{
    if (panel->vectors == 0) {
        thin_product(product, panel->columns);
        return;
    }
    const struct tile_shape tallest = tallest_shape(panel->vectors);
    const struct tile_shape tall = tall_shape(panel->vectors);
    const struct tile_shape pair = pair_shape(panel->vectors), single = row_shape(panel->vectors);
    struct tile_product tile = *product;
    if (tallest.rows > 0)
        compute_rows(product, panel, &tallest, tallest_end(product->rows, &tallest), &tile);
    compute_rows(product, panel, &tall, tile.rows, &tile);
    compute_rows(product, panel, &pair, tile.rows, &tile);
    compute_rows(product, panel, &single, tile.rows, &tile);
}
