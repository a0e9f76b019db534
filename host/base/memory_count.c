/* Implements memory_count.h. */
#include "base/memory_count.h"

static uint64_t sum_of(uint64_t a, uint64_t b)
{
    return b > UINT64_MAX - a ? UINT64_MAX : a + b;
}

const char *weft_memory_name(enum weft_memory kind)
{
    static const char *const names[WEFT_MEMORY_KINDS] = {
        [WEFT_MEMORY_SAMPLES] = "samples",           [WEFT_MEMORY_PARAMETERS] = "parameters",
        [WEFT_MEMORY_OPTIMIZER] = "optimizer state", [WEFT_MEMORY_GRADIENT] = "gradient",
        [WEFT_MEMORY_ACTIVATIONS] = "activations",   [WEFT_MEMORY_WORKSPACE] = "workspace"};
    return names[kind];
}

void memory_count_bytes(struct memory_count *count, enum weft_memory kind, uint64_t bytes)
{
    count->bytes[kind] = sum_of(count->bytes[kind], bytes);
    if (bytes > count->largest) {
        count->largest = bytes;
        count->largest_kind = kind;
    }
}

enum weft_status memory_count_array(struct memory_count *count, enum weft_memory kind, size_t rows,
                                    size_t columns, size_t size)
{
    const size_t bytes = size_product(size_product(rows, columns), size);
    memory_count_bytes(count, kind, bytes < SIZE_MAX ? bytes : UINT64_MAX);
    return WEFT_OK;
}

uint64_t memory_count_total(const struct memory_count *count)
{
    uint64_t total = 0;
    for (size_t i = 0; i < WEFT_MEMORY_KINDS; i++)
        total = sum_of(total, count->bytes[i]);
    return total;
}
