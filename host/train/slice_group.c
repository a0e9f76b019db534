/* Divides slices among ranks; see slice_group.h. */
#include "train/slice_group.h"

#include "base/memory.h"

struct slice_group slice_group_local = {.ranks = 1};

size_t slice_begin(size_t count, size_t parts, size_t part)
{
    return count / parts * part + count % parts * part / parts;
}

void slice_range(size_t count, size_t parts, size_t part, size_t *first, size_t *size)
{
    *first = slice_begin(count, parts, part);
    *size = slice_begin(count, parts, part + 1) - *first;
}

void slice_piece(size_t values, size_t count, size_t ranks, size_t rank, size_t *first,
                 size_t *size)
{
    enum { PAGE_NUMBERS = 1024 }; /* sub-buffers of OpenCL begin at a page */
    const size_t pages = size_divide_up(values, PAGE_NUMBERS);
    const size_t begin = slice_begin(pages, ranks, rank) * PAGE_NUMBERS;
    const size_t end = slice_begin(pages, ranks, rank + 1) * PAGE_NUMBERS;
    *first = size_min(begin, count);
    *size = size_min(end, count) - *first;
}
