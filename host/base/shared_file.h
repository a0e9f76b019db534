/* Temporary files that the processes of one machine share. A file has no name, so nothing is left
 * of it when the processes end, however they end. Others find it through its writer, under /proc.
 */
#ifndef WEFT_BASE_SHARED_FILE_H
#define WEFT_BASE_SHARED_FILE_H

#include "base/file.h"

/* What other processes need to know. It may be copied, and sent to them. */
struct shared_file {
    int64_t process, descriptor; /* of the writer */
    uint64_t device, number;     /* which file this is */
};

enum { SHARED_FILE_PATH = 64 };

/* Writes the parts to a file in $TMPDIR or /tmp. Returns WEFT_ERROR_IO if there is no space for
 * them. The caller closes the file; other processes must have opened it by then. */
WEFT_MUST_CHECK enum weft_status shared_file_write(const struct file_part *parts, size_t count,
                                                   struct shared_file *file);
void shared_file_close(const struct shared_file *file);

/* Makes the path under which any process of this machine can open the file. Returns false if this
 * process cannot: it sees other processes than the writer does, or belongs to another user. */
bool shared_file_path(const struct shared_file *file, char path[SHARED_FILE_PATH]);

#endif
