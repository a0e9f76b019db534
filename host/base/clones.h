/* VECTOR_CLONES: in front of a function whose loops are worth a copy for each width of vectors.
 *
 * The loader picks the copy for the CPU at hand, so that one binary serves all. Only the function
 * itself is copied, not what OpenMP outlines from it: vector loops stand in leaf functions that
 * parallel loops call. They are static: clang 14 does not link a cloned function that was declared
 * before without the attribute. WEFT_NO_CLONES is for builds under ThreadSanitizer.
 */
#ifndef WEFT_BASE_CLONES_H
#define WEFT_BASE_CLONES_H

#include <stddef.h> /* a header declares something */

#if defined(__x86_64__) && defined(__ELF__) && defined(__has_attribute) && !defined(WEFT_NO_CLONES)
#if __has_attribute(target_clones)
#define VECTOR_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#endif
#endif
#ifndef VECTOR_CLONES
#define VECTOR_CLONES
#endif

/* UNROLLED: in front of a short loop of constant length around a vector loop. Without it clang
 * takes the outer loop for the vectors and keeps sums in memory: thirty times slower. gcc unrolls
 * unasked. */
#ifdef __clang__
#define UNROLLED _Pragma("unroll")
#else
#define UNROLLED
#endif

/* Whether the CPU at hand has vectors of 512 bits, and with them 32 vector registers. */
#if defined(__x86_64__) && defined(__GNUC__)
#define HAS_WIDE_VECTORS (__builtin_cpu_supports("avx512f") != 0)
#else
#define HAS_WIDE_VECTORS false
#endif

#endif
