/* VECTOR_CLONES marks a function whose loops deserve one copy for each vector width.
 *
 * The loader picks the copy that suits the CPU, so one binary serves all CPUs. The attribute copies
 * only the function itself, not the code that OpenMP outlines from it. Therefore, vector loops live
 * in leaf functions that parallel loops call. These functions are static, because clang 14 cannot
 * link a cloned function that was declared earlier without the attribute. Builds under
 * ThreadSanitizer define WEFT_NO_CLONES.
 */
#ifndef WEFT_BASE_CLONES_H
#define WEFT_BASE_CLONES_H

#include <stddef.h> /* A header must declare something. */

#if defined(__x86_64__) && defined(__ELF__) && defined(__has_attribute) && !defined(WEFT_NO_CLONES)
#if __has_attribute(target_clones)
#define VECTOR_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#endif
#endif
#ifndef VECTOR_CLONES
#define VECTOR_CLONES
#endif

/* UNROLLED marks a short loop of constant length around vectors that should stay in registers.
 * Without it, clang vectorizes the outer loop and keeps the sums in memory, which is thirty times
 * slower. gcc stores and reloads these vectors before and after the innermost loop. */
#ifdef __clang__
#define UNROLLED _Pragma("unroll")
#else
#define UNROLLED _Pragma("GCC unroll 16")
#endif

#endif
