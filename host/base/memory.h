/* Host memory and arithmetic on sizes. The library allocates all memory through this header. */
#ifndef WEFT_BASE_MEMORY_H
#define WEFT_BASE_MEMORY_H

#include <stdint.h>

#include "base/status.h"

/* Allocates `count` zeroed elements of `size` bytes, aligned to 64 bytes. Returns NULL if memory is
 * short or if the product overflows. A count of 0 returns a pointer that is not NULL. Free the
 * result with memory_free. */
void *memory_zeroed(size_t count, size_t size);
void memory_free(void *pointer);

/* Below this size, a system call costs more than large pages gain. */
enum { LARGE_PAGES_LEAST = 1 << 22 };

/* Asks the system to back the `bytes` at `pointer` with large pages. Call it before the first
 * write.
 *
 * Code that reads a matrix across its rows needs a new page lookup for each row of 4 KiB. The call
 * does nothing for fewer than LARGE_PAGES_LEAST bytes, or if the system has no large pages.
 * memory_zeroed calls it by itself.
 */
void memory_wish_large_pages(void *pointer, size_t bytes);

/* Tells whether the system may refuse address space before memory runs out. It may if `ulimit -v`
 * or `ulimit -d` is set, or if it does not overcommit memory. */
bool memory_is_limited(void);

/* Tells whether the system would grant `bytes` of address space now. */
bool memory_can_map(size_t bytes);

/* Returns the most memory that this process can have, in bytes, or SIZE_MAX if it is unknown: the
 * memory of the machine, or the smaller limit of a control group, RLIMIT_AS or RLIMIT_DATA. Code
 * that would fill more can refuse before the system ends the process. */
size_t memory_limit(void);

/* Returns the smallest memory limit of the control groups that the file `groups` lists, with their
 * files below `root`. memory_limit() reads those of this process. */
size_t memory_limit_of_groups(const char *groups, const char *root);

/* Fails with WEFT_ERROR_MEMORY and a message that contains both numbers. */
WEFT_MUST_CHECK enum weft_status memory_exhausted(size_t count, size_t size);

/* Stores a new zeroed array of `count` elements in `pointer`; evaluates to a status. */
#define NEW_ARRAY(pointer, count)                                                                  \
    (((pointer) = memory_zeroed((count), sizeof *(pointer))) != NULL                               \
         ? WEFT_OK                                                                                 \
         : memory_exhausted((count), sizeof *(pointer)))

/* Makes room in an array for at least `need` elements of `size` bytes, and for a quarter more than
 * before, so that appending moves elements rarely. The array keeps its first `used` elements; the
 * others are zero.
 *
 * array      address of the pointer to the array, which may be NULL
 * capacity   number of elements that the array has room for; updated */
WEFT_MUST_CHECK enum weft_status memory_grow(void *array, size_t size, size_t used, size_t need,
                                             size_t *capacity);

/* Copies `text` to a new string in `*copy`; free it with memory_free. */
WEFT_MUST_CHECK enum weft_status text_copy(const char *text, char **copy);

/* Store a * b or a + b in `*result`; return false on overflow. */
bool size_multiply(size_t a, size_t b, size_t *result);
bool size_add(size_t a, size_t b, size_t *result);

/* Returns a * b, or SIZE_MAX, which no allocation can fulfill, on overflow. */
static inline size_t size_product(size_t a, size_t b)
{
    size_t product = SIZE_MAX;
    return size_multiply(a, b, &product) ? product : SIZE_MAX;
}

/* Returns the smaller of two sizes. */
static inline size_t size_min(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Returns the larger of two sizes. */
static inline size_t size_max(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* Returns n / by, rounded up. */
static inline size_t size_divide_up(size_t n, size_t by)
{
    return (n + by - 1) / by;
}

#endif
