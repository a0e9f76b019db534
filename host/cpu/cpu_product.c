/* The layer products, by CBLAS.
 *
 * The BLAS runs its own threads. Where it is built on OpenMP and shares the runtime of this library
 * (libgomp with gcc; libomp also answers for libgomp) there is one pool; another BLAS brings a
 * second one, which is right but slower.
 */
#include "cpu/cpu_kernels.h"

#include <assert.h>
#include <cblas.h>
#include <limits.h>

enum weft_status cpu_product_size(const char *what, size_t size)
{
    if (size > INT_MAX)
        return fail(WEFT_ERROR_USAGE, "%s: %zu is more than CBLAS can count (%d)", what, size,
                    INT_MAX);
    return WEFT_OK;
}

void cpu_product(enum product_form form, const float *a, const float *b, size_t m, size_t n,
                 size_t k, float *c)
{
    assert(m <= INT_MAX && n <= INT_MAX && k <= INT_MAX);
    /* FORWARD c = a b', WEIGHT_GRADIENT c = a' b, DELTA c = a b */
    bool a_transposed = form == PRODUCT_WEIGHT_GRADIENT;
    bool b_transposed = form == PRODUCT_FORWARD;
    cblas_sgemm(CblasRowMajor, a_transposed ? CblasTrans : CblasNoTrans,
                b_transposed ? CblasTrans : CblasNoTrans, (int)m, (int)n, (int)k, 1.0f, a,
                (int)(a_transposed ? m : k), b, (int)(b_transposed ? k : n), 0.0f, c, (int)n);
}
