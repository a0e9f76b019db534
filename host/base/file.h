/* Files, folders, the environment and the clock. Only host/base makes platform calls. */
#ifndef WEFT_BASE_FILE_H
#define WEFT_BASE_FILE_H

#include "base/status.h"

/* The content of a whole file. `data` [size] is owned; free it with memory_free(file.data). */
struct file_content {
    unsigned char *data;
    size_t size;
};

/* Reads all of `path`. A file larger than `limit` bytes fails with `too_large` before anything is
 * allocated. Returns WEFT_ERROR_IO if the file is missing, is a folder, or cannot be read. */
WEFT_MUST_CHECK enum weft_status file_read(const char *path, size_t limit,
                                           enum weft_status too_large,
                                           struct file_content *content);

/* One piece of the bytes that file_replace writes. */
struct file_part {
    const void *data; /* [size] bytes; with `produce`, anything */
    size_t size;
    /* Unless NULL, produces the bytes first .. first + count - 1 of the part from `data`. It is
     * called for blocks of at most FILE_PART_BLOCK bytes, in order. */
    void (*produce)(const void *data, size_t first, size_t count, unsigned char *bytes);
};

enum { FILE_PART_BLOCK = 1 << 20 };

/* Writes the parts to `path`, completely or not at all.
 *
 * The function writes a temporary file in the same folder, calls fsync, renames the file, and calls
 * fsync on the folder. It follows symbolic links and keeps the permissions of an existing file. It
 * writes to a device or a pipe (/dev/full, /dev/stdout) in place. It refuses a pipe that no process
 * reads instead of waiting for a reader.
 *
 * Returns WEFT_ERROR_IO if the file cannot be written. The old file is then untouched, and the
 * temporary file is gone. There is one exception: if the fsync of the folder fails, the new file is
 * already in place.
 */
WEFT_MUST_CHECK enum weft_status file_replace(const char *path, const struct file_part *parts,
                                              size_t count);

/* These functions read and replace files, such as caches, that only this user or root may write.
 * They return WEFT_ERROR_IO if `path` is a symbolic link, or if it is not a file that this user or
 * root owns. If other users may write to the file, file_read_own returns WEFT_ERROR_DATA, and
 * file_replace_own replaces the file with one that they cannot write. */
WEFT_MUST_CHECK enum weft_status file_read_own(const char *path, size_t limit,
                                               enum weft_status too_large,
                                               struct file_content *content);
WEFT_MUST_CHECK enum weft_status file_replace_own(const char *path, const struct file_part *parts,
                                                  size_t count);

/* Returns WEFT_ERROR_IO unless this user or root owns the folder `path` and nobody else may write
 * to it. If `path` is a symbolic link, the link must also belong to this user or root. */
WEFT_MUST_CHECK enum weft_status folder_check_own(const char *path);

/* Checks that file_replace could write `path` now, so that a mistake shows before hours of
 * training. Leaves nothing behind. Returns WEFT_ERROR_IO with the reason if the file cannot be
 * written. */
WEFT_MUST_CHECK enum weft_status file_check_writable(const char *path);

bool file_exists(const char *path); /* Tells whether `path` exists and is not a folder. */
bool folder_exists(const char *path);

/* Extends a digest (digest.h) by which file or folder `path` is, whatever its name. Without such a
 * file, and for NULL, the digest stays the same. */
uint64_t path_digest(uint64_t digest, const char *path);

/* Creates the folder `path` for this user alone (mode 0700) unless it exists. Its parent must
 * exist. Returns WEFT_ERROR_IO if the folder cannot be created or if the name belongs to something
 * else. */
WEFT_MUST_CHECK enum weft_status folder_create(const char *path);

/* Stores folder/name as a new string in `*path`; free it with memory_free. */
WEFT_MUST_CHECK enum weft_status path_join(const char *folder, const char *name, char **path);

/* Returns the seconds of a clock that never goes backward. */
double clock_seconds(void);

enum { DATE_SIZE = 11 };

/* Stores today's date in UTC, such as "2026-11-22". */
void clock_date(char date[DATE_SIZE]);

#endif
