/* Shares temporary files between processes; see shared_file.h. */
#define _XOPEN_SOURCE     700
#define _FILE_OFFSET_BITS 64
#include "base/shared_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_parts.h"
#include "base/process.h"
#include "base/spool.h"
#include "base/system_error.h"

static const char action[] = "write a copy of the data in this folder (TMPDIR selects another)";

/* Reserves the space first, so that a full disk shows at once. */
static enum weft_status write_file(int descriptor, const struct file_part *parts, size_t count,
                                   struct shared_file *file)
{
    struct stat about;
    off_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes += (off_t)parts[i].size;
    do
        errno = posix_fallocate(descriptor, 0, bytes);
    while (errno == EINTR);
    if (errno != 0)
        return fail_errno(spool_folder_usual(), action);
    TRY(file_parts_write(spool_folder_usual(), descriptor, parts, count));
    if (fstat(descriptor, &about) != 0)
        return fail_errno(spool_folder_usual(), action);
    *file = (struct shared_file){process_number(), descriptor, (uint64_t)about.st_dev,
                                 (uint64_t)about.st_ino};
    return WEFT_OK;
}

enum weft_status shared_file_write(const struct file_part *parts, size_t count,
                                   struct shared_file *file)
{
    const int descriptor = spool_create(spool_folder_usual());
    if (descriptor < 0)
        return fail_errno(spool_folder_usual(), action);
    const enum weft_status status = write_file(descriptor, parts, count, file);
    if (status != WEFT_OK)
        close(descriptor);
    return status;
}

void shared_file_close(const struct shared_file *file)
{
    close((int)file->descriptor);
}

bool shared_file_path(const struct shared_file *file, char path[SHARED_FILE_PATH])
{
    struct stat about;
    snprintf(path, SHARED_FILE_PATH, "/proc/%" PRId64 "/fd/%" PRId64, file->process,
             file->descriptor);
    return stat(path, &about) == 0 && (uint64_t)about.st_dev == file->device &&
           (uint64_t)about.st_ino == file->number;
}
