/* Computes the matrix products of training, with CBLAS or with Weft's own tiles where those are
 * faster.
 *
 * Each BLAS call computes one tile of the result in one thread, and Weft's helper threads share the
 * tiles. So there is only one pool of threads, and no call waits for another. How a product is cut
 * depends on its shape alone, so the bits of a training run do not depend on the number of threads.
 * (A BLAS other than OpenBLAS chooses the number of threads of a call itself.)
 */
#include "cpu/cpu_kernels.h"

#include <assert.h>
#include <limits.h>

#include "base/memory.h"
#include "cpu/cpu_blas.h"
#include "cpu/cpu_vectors.h"

enum {
    TILED_ROWS = 128, /* smallest number of rows that makes packing the weights worthwhile */
    /* These limits apply to a product that threads share: */
    BLAS_TILE = 256,      /* largest number of rows and columns of a BLAS call */
    BLAS_LEAST_TILE = 64, /* smallest limit after halving, because each call packs its operands */
    BLAS_TILES = 4        /* number of calls at which halving stops */
};

enum weft_status cpu_product_size(const char *what, size_t size)
{
    if (size > INT_MAX)
        return fail(WEFT_ERROR_USAGE, "%s: %zu is more than CBLAS can count (%d)", what, size,
                    INT_MAX);
    return WEFT_OK;
}

/* Returns whether Weft's tiles compute a product instead of the BLAS. Measurements showed the tiles
 * a third faster to twice as fast with 512-bit vectors. With 256-bit vectors, they are about as
 * fast, and give the same bits as with 512. Packing does not pay for small products, nor for
 * weights that few rows use. A product that is tiled for one batch size is also tiled for every
 * larger one. */
static bool is_tiled(enum product_form form, size_t m, size_t n, size_t k)
{
    return cpu_vectors() != CPU_VECTORS_128 && !cpu_product_is_small(m, n, k) &&
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

/* FORWARD c = a b', WEIGHT_GRADIENT c = a' b, DELTA c = a b */
struct blas_product {
    bool a_transposed, b_transposed;
    const float *a, *b;
    size_t m, n, k;
    float *c;             /* [M][N] */
    size_t rows, columns; /* the size of a tile */
};

static size_t blas_tiles(const struct blas_product *product)
{
    return cpu_part_count(product->m, product->rows) * cpu_part_count(product->n, product->columns);
}

/* Computes `count` tiles, counted row by row, starting at `tile`. */
static void blas_piece(const void *work, size_t tile, size_t count)
{
    const struct blas_product *of = work;
    const size_t across = cpu_part_count(of->n, of->columns);
    for (const size_t end = tile + count; tile < end; tile++) {
        const size_t row = tile / across * of->rows, column = tile % across * of->columns;
        const struct blas_call call = {
            .a_transposed = of->a_transposed,
            .b_transposed = of->b_transposed,
            .m = size_min(of->rows, of->m - row),
            .n = size_min(of->columns, of->n - column),
            .k = of->k,
            .a = of->a + (of->a_transposed ? row : row * of->k),
            .a_stride = of->a_transposed ? of->m : of->k,
            .b = of->b + (of->b_transposed ? column * of->k : column),
            .b_stride = of->b_transposed ? of->k : of->n,
            .c = of->c + row * of->n + column,
            .c_stride = of->n,
        };
        cpu_blas_call(&call);
    }
}

/* Cuts `n` into the fewest equal pieces of at most `most`, and returns their size, rounded up to a
 * multiple of a vector. */
static size_t even_piece(size_t n, size_t most)
{
    enum { VECTOR = 16 };
    return cpu_part_count(cpu_part_count(n, cpu_part_count(n, most)), VECTOR) * VECTOR;
}

/* Sets the rows and columns of a tile. */
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
    struct blas_product work = {.a_transposed = product_a_transposed(form),
                                .b_transposed = product_b_transposed(form),
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

void cpu_after_run(const struct cpu_after *after, size_t rows, size_t columns)
{
    if (after != NULL)
        parallel_for(rows, cpu_part_rows(columns), rows * columns >= CPU_SLOW_SHARED, after->run,
                     after->work);
}

void cpu_product(enum product_form form, const float *a, const float *b, size_t m, size_t n,
                 size_t k, float *panels, float *c, const struct cpu_after *after)
{
    const bool tiled = is_tiled(form, m, n, k), transposed = form == PRODUCT_FORWARD;
    if (tiled && form != PRODUCT_WEIGHT_GRADIENT && !cpu_panel_product_takes(n, k)) {
        cpu_panels_pack(b, transposed, n, k, panels);
        cpu_block_product(a, panels, m, n, k, c, after);
        return;
    }
    if (!tiled)
        blas_product(form, a, b, m, n, k, c);
    else if (form == PRODUCT_WEIGHT_GRADIENT)
        cpu_gradient_product(a, b, k, m, n, panels, c);
    else
        cpu_panel_product(a, b, transposed, m, n, k, c);
    cpu_after_run(after, m, n);
}
