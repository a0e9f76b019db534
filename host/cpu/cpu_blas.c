/* Calls the BLAS in one thread and provides the memory that it works in.
 *
 * OpenBLAS allocates one buffer for each concurrent call and keeps it. If the system refuses,
 * OpenBLAS retries forever. So where address space is limited (`ulimit -v`, `ulimit -d`, a system
 * that does not overcommit), Weft first checks that there is space for one buffer, and then makes
 * OpenBLAS allocate it. That buffer stays the only one. Calls then come from one thread at a time,
 * which does not change any bit of the results.
 */
#include "cpu/cpu_blas.h"

#include <cblas.h>
#include <omp.h>

#include "base/memory.h"
#include "cpu/cpu.h"

enum {
    /* The size of an OpenBLAS buffer on any CPU (128 MiB with AVX-512), plus overhead. */
    BUFFER_BYTES = 132 << 20,
    WARM_SIZE = 192 /* large enough that OpenBLAS needs a buffer */
};

static bool shared = true;

const char *cpu_blas_name(void)
{
#ifdef WEFT_HAVE_OPENBLAS
    return openblas_get_config(); /* reports the version and the CPU type in use */
#else
    return "CBLAS";
#endif
}

bool cpu_blas_may_be_shared(void)
{
    return shared;
}

/* When OpenBLAS manages its own threads, their number applies to the whole process. */
int cpu_blas_begin(void)
{
#ifdef WEFT_HAVE_OPENBLAS
    const int threads = openblas_get_parallel() == OPENBLAS_THREAD ? openblas_get_num_threads() : 1;
    if (threads > 1)
        openblas_set_num_threads(1);
    return threads;
#else
    return 1;
#endif
}

void cpu_blas_end(int threads)
{
#ifdef WEFT_HAVE_OPENBLAS
    if (threads > 1)
        openblas_set_num_threads(threads);
#else
    (void)threads;
#endif
}

/* A BLAS built on OpenMP uses as many threads as the calling thread may have. Helper threads may
 * have only one, so this function limits every caller to one. */
void cpu_blas_call(const struct blas_call *call)
{
    const int threads = omp_get_max_threads();
    if (threads > 1)
        omp_set_num_threads(1);
    cblas_sgemm(CblasRowMajor, call->a_transposed ? CblasTrans : CblasNoTrans,
                call->b_transposed ? CblasTrans : CblasNoTrans, (int)call->m, (int)call->n,
                (int)call->k, 1.0f, call->a, (int)call->a_stride, call->b, (int)call->b_stride,
                0.0f, call->c, (int)call->c_stride);
    if (threads > 1)
        omp_set_num_threads(threads);
}

#ifdef WEFT_HAVE_OPENBLAS

static enum weft_status buffer_take(void)
{
    const size_t count = (size_t)WARM_SIZE * WARM_SIZE;
    float *matrix;
    TRY(NEW_ARRAY(matrix, count));
    const struct blas_call call = {.m = WARM_SIZE,
                                   .n = WARM_SIZE,
                                   .k = WARM_SIZE,
                                   .a = matrix,
                                   .a_stride = WARM_SIZE,
                                   .b = matrix,
                                   .b_stride = WARM_SIZE,
                                   .c = matrix,
                                   .c_stride = WARM_SIZE};
    const int threads = cpu_blas_begin();
    cpu_blas_call(&call);
    cpu_blas_end(threads);
    memory_free(matrix);
    return WEFT_OK;
}

enum weft_status cpu_blas_prepare(void)
{
    static bool prepared;
    if (prepared || !memory_is_limited())
        return WEFT_OK;
    if (!memory_can_map(BUFFER_BYTES))
        return fail(WEFT_ERROR_MEMORY,
                    "memory: OpenBLAS needs %d MiB of address space for itself, but the limit "
                    "(ulimit -v) does not leave that much",
                    BUFFER_BYTES >> 20);
    shared = false;
    TRY(buffer_take());
    prepared = true;
    return WEFT_OK;
}

#else

enum weft_status cpu_blas_prepare(void)
{
    return WEFT_OK;
}

#endif
