/* The CPU backend: float32, products by CBLAS or in tiles of our own, everything else in vector
 * loops that threads share.
 */
#ifndef WEFT_CPU_CPU_H
#define WEFT_CPU_CPU_H

#include "backend/backend.h"

/* Opens the CPU as a device; works with no OpenCL installed. */
WEFT_MUST_CHECK enum weft_status cpu_device_create(struct weft_device **device);

/* "OpenBLAS 0.3.21 ..." or the little that is known of another BLAS; static. */
const char *cpu_blas_name(void);

#endif
