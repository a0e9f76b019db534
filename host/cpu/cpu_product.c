/* The layer products of training: by CBLAS, or by tiles of our own where those are faster.
 *
 * The BLAS runs its own threads. Where it is built on OpenMP and shares the runtime of this library
 * (libgomp with gcc; libomp also answers for libgomp) there is one pool; another BLAS brings a
 * second one, which is right but slower.
 */
#include "cpu/cpu_kernels.h"

#include <assert.h>
#include <cblas.h>
#include <limits.h>

#include "base/clones.h"

enum { TILED_ROWS = 128 }; /* rows from which on packing the weights for them pays */

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

/* FORWARD c = a b', WEIGHT_GRADIENT c = a' b, DELTA c = a b, FORWARD_TURNED c = a' b', by the BLAS
 */
static void blas_product(enum product_form form, const float *a, const float *b, size_t m, size_t n,
                         size_t k, float *c)
{
    assert(m <= INT_MAX && n <= INT_MAX && k <= INT_MAX);
    const bool a_transposed = product_a_turned(form), b_transposed = product_b_turned(form);
    cblas_sgemm(CblasRowMajor, a_transposed ? CblasTrans : CblasNoTrans,
                b_transposed ? CblasTrans : CblasNoTrans, (int)m, (int)n, (int)k, 1.0f, a,
                (int)(a_transposed ? m : k), b, (int)(b_transposed ? k : n), 0.0f, c, (int)n);
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
