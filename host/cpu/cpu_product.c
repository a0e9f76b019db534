/* The layer products of training: by CBLAS, or by tiles of our own where those are faster.
 *
 * The BLAS computes a tile of the result in a call, in one thread, and our own helpers share the
 * tiles: there is one pool of threads, no call waits for another, and how a product is cut depends
 * on its shape alone. So the bits of a training do not depend on the number of threads. (Another
 * BLAS than OpenBLAS decides for itself how many threads a call takes.)
 */
#include "cpu/cpu_kernels.h"

#include <assert.h>
#include <limits.h>

#include "base/clones.h"
#include "base/memory.h"
#include "cpu/cpu_blas.h"

enum {
    TILED_ROWS = 128, /* rows from which on packing the weights for them pays */
    /* Of a product that is shared: */
    BLAS_TILE = 256,      /* most rows and columns of a BLAS call, */
    BLAS_LEAST_TILE = 64, /* halved down to these, each call having its operands to pack, */
    BLAS_TILES = 4        /* until there are so many calls to share */
};

enum weft_status cpu_product_size(const char *what, size_t size)
{
    if (size > INT_MAX)
        return fail(WEFT_ERROR_USAGE, "%s: %zu is more than CBLAS can count (%d)", what, size,
                    INT_MAX);
    return WEFT_OK;
}

/* Whether Weft's tiles compute a product, and not the BLAS. They were measured faster by a third to
 * twice with vectors of 512 bits, slower with those of 256. Small products are not worth their
 * packing, nor are weights that meet few rows. What holds for a batch holds for larger ones. */
static bool is_tiled(enum product_form form, size_t m, size_t n, size_t k)
{
    return HAS_WIDE_VECTORS && !cpu_product_is_small(m, n, k) && form != PRODUCT_FORWARD_TURNED &&
           (form == PRODUCT_WEIGHT_GRADIENT || m >= TILED_ROWS);
}

bool cpu_product_panels(enum product_form form, size_t m, size_t n, size_t k, size_t *count)
{
    *count = 0;
    if (!is_tiled(form, m, n, k))
        return true;
    return form == PRODUCT_WEIGHT_GRADIENT ? cpu_gradient_panels_size(m, k, count)
                                           : cpu_panels_size(n, k, count);
}

/* FORWARD c = a b', WEIGHT_GRADIENT c = a' b, DELTA c = a b, FORWARD_TURNED c = a' b' */
struct blas_product {
    bool a_turned, b_turned;
    const float *a, *b;
    size_t m, n, k;
    float *c;             /* [M][N] */
    size_t rows, columns; /* of a tile */
};

static size_t blas_tiles(const struct blas_product *product)
{
    return cpu_part_count(product->m, product->rows) * cpu_part_count(product->n, product->columns);
}

/* Tiles are counted row by row. */
static void blas_piece(const void *work, size_t tile, size_t count)
{
    const struct blas_product *of = work;
    const size_t across = cpu_part_count(of->n, of->columns);
    for (const size_t end = tile + count; tile < end; tile++) {
        const size_t row = tile / across * of->rows, column = tile % across * of->columns;
        const struct blas_call call = {
            .a_turned = of->a_turned,
            .b_turned = of->b_turned,
            .m = size_min(of->rows, of->m - row),
            .n = size_min(of->columns, of->n - column),
            .k = of->k,
            .a = of->a + (of->a_turned ? row : row * of->k),
            .a_stride = of->a_turned ? of->m : of->k,
            .b = of->b + (of->b_turned ? column * of->k : column),
            .b_stride = of->b_turned ? of->k : of->n,
            .c = of->c + row * of->n + column,
            .c_stride = of->n,
        };
        cpu_blas_call(&call);
    }
}

/* The size of the fewest pieces, alike, that are at most `most` and multiples of a vector. */
static size_t even_piece(size_t n, size_t most)
{
    enum { VECTOR = 16 };
    return cpu_part_count(cpu_part_count(n, cpu_part_count(n, most)), VECTOR) * VECTOR;
}

/* Sets rows and columns of a tile. */
static void blas_cut(struct blas_product *product)
{
    for (size_t most = BLAS_TILE; most >= BLAS_LEAST_TILE; most /= 2) {
        product->rows = even_piece(product->m, most);
        product->columns = even_piece(product->n, most);
        if (blas_tiles(product) >= BLAS_TILES)
            return;
    }
}

static void blas_product(enum product_form form, const float *a, const float *b, size_t m, size_t n,
                         size_t k, float *c)
{
    assert(m <= INT_MAX && n <= INT_MAX && k <= INT_MAX);
    const bool shared = cpu_product_is_shared(m, n, k);
    struct blas_product work = {.a_turned = product_a_turned(form),
                                .b_turned = product_b_turned(form),
                                .a = a,
                                .b = b,
                                .m = m,
                                .n = n,
                                .k = k,
                                .c = c,
                                .rows = m,
                                .columns = n};
    if (shared)
        blas_cut(&work);
    const int threads = cpu_blas_begin();
    parallel_for(blas_tiles(&work), 1, shared && cpu_blas_may_be_shared(), blas_piece, &work);
    cpu_blas_end(threads);
}

void cpu_product(enum product_form form, const float *a, const float *b, size_t m, size_t n,
                 size_t k, float *panels, float *c)
{
    if (!is_tiled(form, m, n, k)) {
        blas_product(form, a, b, m, n, k, c);
    } else if (form == PRODUCT_WEIGHT_GRADIENT) {
        cpu_gradient_product(a, b, k, m, n, panels, c);
    } else {
        cpu_panels_pack(b, form == PRODUCT_FORWARD, n, k, panels);
        cpu_block_product(a, panels, m, n, k, c);
    }
}
