/* The BLAS: the only place that calls it, and what it wants of the system. Private to host/cpu. */
#ifndef WEFT_CPU_CPU_BLAS_H
#define WEFT_CPU_CPU_BLAS_H

#include "base/status.h"

/* c [M][N] = a b, row by row, each matrix with the distance of its rows. */
struct blas_call {
    bool a_turned, b_turned;
    size_t m, n, k;
    const float *a; /* [M][K], `a_turned` [K][M] */
    size_t a_stride;
    const float *b; /* [K][N], `b_turned` [N][K] */
    size_t b_stride;
    float *c; /* [M][N] */
    size_t c_stride;
};

/* Around the calls of a product, in the thread that hands them out: each then computes in the
 * thread that calls. What begin returns, end takes, so that the rest of the program finds the BLAS
 * as it was. */
int cpu_blas_begin(void);
void cpu_blas_end(int threads);

/* Sizes and strides fit an int. */
void cpu_blas_call(const struct blas_call *call);

/* Whether several threads may call at once. */
bool cpu_blas_may_be_shared(void);

/* To be called before the first product: WEFT_ERROR_MEMORY where the BLAS would not find the memory
 * that it works in. */
WEFT_MUST_CHECK enum weft_status cpu_blas_prepare(void);

#endif
