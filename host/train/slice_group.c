/* Divides slices among ranks; see slice_group.h. */
#include "train/slice_group.h"

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
