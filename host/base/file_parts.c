/* Writes the parts of a file; see file_parts.h. */
#define _XOPEN_SOURCE     700
#define _FILE_OFFSET_BITS 64
#include "base/file_parts.h"

#include <errno.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/system_error.h"

enum { MOST_BYTES_A_CALL = 1 << 30 }; /* write() may refuse more than SSIZE_MAX. */

static enum weft_status write_bytes(const char *path, int descriptor, const void *data, size_t size)
{
    const unsigned char *bytes = data;
    while (size > 0) {
        ssize_t written = write(descriptor, bytes, size_min(size, MOST_BYTES_A_CALL));
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return fail_errno(path, "write");
        if (written == 0)
            return fail(WEFT_ERROR_IO, "%s: cannot write: the system took 0 of %zu bytes", path,
                        size);
        bytes += written;
        size -= (size_t)written;
    }
    return WEFT_OK;
}

/* Writes a part whose bytes are produced block by block. */
static enum weft_status write_produced(const char *path, int descriptor,
                                       const struct file_part *part)
{
    unsigned char *block;
    enum weft_status status = NEW_ARRAY(block, size_min(part->size, FILE_PART_BLOCK));
    for (size_t first = 0; first < part->size && status == WEFT_OK; first += FILE_PART_BLOCK) {
        const size_t count = size_min(FILE_PART_BLOCK, part->size - first);
        part->produce(part->data, first, count, block);
        status = write_bytes(path, descriptor, block, count);
    }
    memory_free(block);
    return status;
}

enum weft_status file_parts_write(const char *path, int descriptor, const struct file_part *parts,
                                  size_t count)
{
    for (size_t i = 0; i < count; i++)
        TRY(parts[i].produce != NULL ? write_produced(path, descriptor, &parts[i])
                                     : write_bytes(path, descriptor, parts[i].data, parts[i].size));
    return WEFT_OK;
}
