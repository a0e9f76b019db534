/* Writes the parts of a file to a descriptor. Only host/base uses it. */
#ifndef WEFT_BASE_FILE_PARTS_H
#define WEFT_BASE_FILE_PARTS_H

#include "base/file.h"

/* Writes all bytes of the parts. `path` is for messages. Returns WEFT_ERROR_IO if the disk is full
 * or fails. */
WEFT_MUST_CHECK enum weft_status file_parts_write(const char *path, int descriptor,
                                                  const struct file_part *parts, size_t count);

#endif
