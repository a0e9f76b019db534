/* The only module that calls the BLAS. Private to host/cpu. */
#ifndef WEFT_CPU_CPU_BLAS_H
#define WEFT_CPU_CPU_BLAS_H

#include "base/status.h"

/* c [M][N] = a b. All matrices are row-major; a stride is the distance between rows. */
struct blas_call {
    bool a_transposed, b_transposed;
    size_t m, n, k;
    const float *a; /* [M][K], or [K][M] if `a_transposed` */
    size_t a_stride;
    const float *b; /* [K][N], or [N][K] if `b_transposed` */
    size_t b_stride;
    float *c; /* [M][N] */
    size_t c_stride;
};

/* These functions surround the BLAS calls of one matrix product. Between them, each call computes
 * in the thread that makes it. cpu_blas_end takes the value that cpu_blas_begin returns, and
 * restores the BLAS settings for the rest of the program. */
int cpu_blas_begin(void);
void cpu_blas_end(int threads);

/* Calls the BLAS. Sizes and strides must fit an int. */
void cpu_blas_call(const struct blas_call *call);

/* Returns whether several threads may call the BLAS at once. */
bool cpu_blas_may_be_shared(void);

/* Call this before the first matrix product. Returns WEFT_ERROR_MEMORY if the BLAS could not
 * allocate its workspace. */
WEFT_MUST_CHECK enum weft_status cpu_blas_prepare(void);

#endif
