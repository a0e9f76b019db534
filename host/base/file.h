/* Files, folders, the environment and the clock: the only room with platform calls. */
#ifndef WEFT_BASE_FILE_H
#define WEFT_BASE_FILE_H

#include "base/status.h"

/* A whole file: `data` [size], owned; memory_free(file.data). */
struct file_content {
    unsigned char *data;
    size_t size;
};

/* Reads all of `path`. WEFT_ERROR_IO: missing, a folder, not permitted, read error.
 * A file larger than `limit` bytes fails with `too_large` before anything is allocated. */
WEFT_MUST_CHECK enum weft_status file_read(const char *path, size_t limit,
                                           enum weft_status too_large,
                                           struct file_content *content);

/* One part of what file_replace writes. */
struct file_part {
    const void *data;
    size_t size;
};

/* Writes the parts to `path`, whole or not at all: a temporary file in the same folder, fsync,
 * rename, fsync of the folder. A device or pipe (/dev/full, /dev/stdout) is written in place; a
 * pipe that nobody reads is refused, not waited for. WEFT_ERROR_IO on any failure; an old file is
 * then untouched and the temporary one is gone (only where the fsync of the folder fails is the new
 * file there already). A link is written through, permissions of an old file are kept. */
WEFT_MUST_CHECK enum weft_status file_replace(const char *path, const struct file_part *parts,
                                              size_t count);

/* The same for files that this user (or root) alone writes, as caches are. WEFT_ERROR_IO also for a
 * symbolic link and for anything else under this name that is not a file of this user. A file that
 * others may write to is not read, WEFT_ERROR_DATA, and is replaced by one that they may not. */
WEFT_MUST_CHECK enum weft_status file_read_own(const char *path, size_t limit,
                                               enum weft_status too_large,
                                               struct file_content *content);
WEFT_MUST_CHECK enum weft_status file_replace_own(const char *path, const struct file_part *parts,
                                                  size_t count);

/* WEFT_ERROR_IO unless `path` is a folder of this user (or root) that nobody else may write to; a
 * symbolic link to it must be this user's, too. */
WEFT_MUST_CHECK enum weft_status folder_check_own(const char *path);

/* WEFT_ERROR_IO with the reason unless file_replace could write `path` now: checked before hours of
 * training, not after. Leaves nothing behind. */
WEFT_MUST_CHECK enum weft_status file_check_writable(const char *path);

bool file_exists(const char *path); /* anything that is not a folder */
bool folder_exists(const char *path);

/* Creates the folder `path` for this user alone (mode 0700), unless it is there; its parent must
 * be. WEFT_ERROR_IO: it cannot be created, or something else has its name. */
WEFT_MUST_CHECK enum weft_status folder_create(const char *path);

/* folder/name in a new text; free with memory_free. */
WEFT_MUST_CHECK enum weft_status path_join(const char *folder, const char *name, char **path);

/* Seconds of a clock that only goes forward. */
double clock_seconds(void);

enum { DATE_SIZE = 11 };

/* Today, "2026-11-22", in UTC. */
void clock_date(char date[DATE_SIZE]);

#endif
