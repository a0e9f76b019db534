/* The vector width of the matrix products. */
#ifndef WEFT_CPU_VECTORS_H
#define WEFT_CPU_VECTORS_H

#include "base/status.h"

enum cpu_vectors {
    CPU_VECTORS_128, /* any CPU */
    CPU_VECTORS_256, /* with fused multiply-adds, and 16 registers: AVX2 */
    CPU_VECTORS_512  /* with 32 registers: AVX-512 */
};

/* The attributes of functions that need such a CPU. */
#if defined(__x86_64__) && defined(__GNUC__)
#define HALF_TARGET __attribute__((target("avx2,fma")))
#define WIDE_TARGET __attribute__((target("avx512f")))
#else
#define HALF_TARGET
#define WIDE_TARGET
#endif

/* Returns the vector width to use: the widest of this CPU, or the limit if that is narrower. */
enum cpu_vectors cpu_vectors(void);

/* Reads the limit from the environment variable WEFT_CPU_VECTORS, which is for tests: 128, 256 or
 * 512. Returns WEFT_ERROR_USAGE if it is something else. The limit must not change while a
 * workspace exists. */
WEFT_MUST_CHECK enum weft_status cpu_vectors_choose(void);

#endif
