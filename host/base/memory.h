/* Host memory and arithmetic on sizes. All allocation of the library goes through here. */
#ifndef WEFT_BASE_MEMORY_H
#define WEFT_BASE_MEMORY_H

#include "base/status.h"

/* `count` zeroed elements of `size` bytes, aligned to 64 bytes; NULL when memory is short or the
 * product overflows. A count of 0 gives a pointer that is not NULL. Free with memory_free. */
void *memory_zeroed(size_t count, size_t size);
void memory_free(void *pointer);

/* Fewer bytes than these are not worth a system call. */
enum { LARGE_PAGES_LEAST = 1 << 22 };

/* Wishes for large pages behind the `bytes` at `pointer`, before they are first written: matrices
 * are read across rows, and each row of 4 KiB is another page to look up. Nothing happens where
 * there are fewer than LARGE_PAGES_LEAST, or where the system has none to give. memory_zeroed does
 * it by itself. */
void memory_wish_large_pages(void *pointer, size_t bytes);

/* Whether the system may refuse address space before memory is used up: `ulimit -v` or `ulimit -d`
 * is set, or the system promises no more memory than it has. */
bool memory_is_limited(void);

/* Whether `bytes` of address space could be had now. */
bool memory_can_map(size_t bytes);

/* WEFT_ERROR_MEMORY with both numbers. */
WEFT_MUST_CHECK enum weft_status memory_exhausted(size_t count, size_t size);

/* pointer = a new zeroed array of `count` of what it points to; gives a status. */
#define NEW_ARRAY(pointer, count)                                                                  \
    (((pointer) = memory_zeroed((count), sizeof *(pointer))) != NULL                               \
         ? WEFT_OK                                                                                 \
         : memory_exhausted((count), sizeof *(pointer)))

/* A copy of `text` in `*copy`; free with memory_free. */
WEFT_MUST_CHECK enum weft_status text_copy(const char *text, char **copy);

/* result = a op b; false where that overflows. */
bool size_multiply(size_t a, size_t b, size_t *result);
bool size_add(size_t a, size_t b, size_t *result);

static inline size_t size_min(size_t a, size_t b)
{
    return a < b ? a : b;
}

static inline size_t size_max(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* n / by, rounded up. */
static inline size_t size_divide_up(size_t n, size_t by)
{
    return (n + by - 1) / by;
}

#endif
