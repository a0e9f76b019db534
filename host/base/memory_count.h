/* Counts memory before it is allocated.
 *
 * The code that allocates the arrays of a training also counts them: the same lines run with a
 * count or without one. A plan of memory can therefore not differ from what a training allocates.
 */
#ifndef WEFT_BASE_MEMORY_COUNT_H
#define WEFT_BASE_MEMORY_COUNT_H

#include "base/memory.h"

struct memory_count {
    uint64_t bytes[WEFT_MEMORY_KINDS];
    uint64_t largest; /* bytes of the largest single array */
    enum weft_memory largest_kind;
};

/* The memory of the host, and the memory of the device. */
struct memory_counts {
    struct memory_count host, device;
};

/* Counts the `bytes` of an array. Sums that overflow stay at UINT64_MAX. */
void memory_count_bytes(struct memory_count *count, enum weft_memory kind, uint64_t bytes);

/* Counts rows x columns elements of `size` bytes. Returns WEFT_OK, so that it can take the place of
 * an allocation. */
enum weft_status memory_count_array(struct memory_count *count, enum weft_memory kind, size_t rows,
                                    size_t columns, size_t size);

/* Returns the sum over all kinds. */
uint64_t memory_count_total(const struct memory_count *count);

/* Returns where to count host memory, or NULL to allocate it. */
static inline struct memory_count *memory_count_host(struct memory_counts *counts)
{
    return counts != NULL ? &counts->host : NULL;
}

/* Stores a new zeroed array [rows][columns] in `pointer`, or only counts it if `count` is not NULL.
 * Evaluates to a status. */
#define TAKE_ARRAY(count, kind, pointer, rows, columns)                                            \
    ((count) != NULL ? memory_count_array((count), (kind), (rows), (columns), sizeof *(pointer))   \
                     : NEW_ARRAY((pointer), size_product((rows), (columns))))

#endif
