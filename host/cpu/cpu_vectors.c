/* Chooses the width of vectors; see cpu_vectors.h. */
#include "cpu/cpu_vectors.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static _Atomic(enum cpu_vectors) limit = CPU_VECTORS_512;

static enum cpu_vectors widest(void)
{
#if defined(__x86_64__) && defined(__GNUC__)
    if (__builtin_cpu_supports("avx512f"))
        return CPU_VECTORS_512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return CPU_VECTORS_256;
#endif
    return CPU_VECTORS_128;
}

enum cpu_vectors cpu_vectors(void)
{
    const enum cpu_vectors most = atomic_load_explicit(&limit, memory_order_relaxed);
    const enum cpu_vectors own = widest();
    return own < most ? own : most;
}

enum weft_status cpu_vectors_choose(void)
{
    static const char *const names[] = {
        [CPU_VECTORS_128] = "128", [CPU_VECTORS_256] = "256", [CPU_VECTORS_512] = "512"};
    const char *name = getenv("WEFT_CPU_VECTORS");
    enum cpu_vectors most = CPU_VECTORS_512;
    if (name != NULL && name[0] != '\0')
        for (most = CPU_VECTORS_128; strcmp(name, names[most]) != 0; most++)
            if (most == CPU_VECTORS_512)
                return fail(WEFT_ERROR_USAGE,
                            "WEFT_CPU_VECTORS: unknown width \"%s\": need 128, 256 or 512", name);
    atomic_store_explicit(&limit, most, memory_order_relaxed);
    return WEFT_OK;
}
