/* The CPU backend computes in float32. Matrix products use CBLAS or Weft's own tiles; everything
 * else runs in vector loops that threads share.
 */
#ifndef WEFT_CPU_CPU_H
#define WEFT_CPU_CPU_H

#include "backend/backend.h"

/* Opens the CPU as a device. It works without OpenCL. */
WEFT_MUST_CHECK enum weft_status cpu_device_create(struct weft_device **device);

/* Returns a static description of the BLAS, for example "OpenBLAS 0.3.21 ...". */
const char *cpu_blas_name(void);

#endif
