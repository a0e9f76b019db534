/* A file whose bytes are in the address space of the process. The system reads a page when it is
 * first touched, and forgets pages when memory is short.
 *
 * Nobody may truncate the file in the meantime: touching a page behind its end ends the process
 * with SIGBUS. Nobody should write to it either, because the changes become visible. */
#ifndef WEFT_BASE_FILE_MAP_H
#define WEFT_BASE_FILE_MAP_H

#include "base/status.h"

struct file_map {
    size_t references;          /* owners: data sets share it */
    char *path;                 /* owned; for messages */
    const unsigned char *bytes; /* [size] */
    size_t size;                /* of the file when it was opened, at least 1 */
};

/* Tells whether `path` is a regular file with content. */
bool file_map_possible(const char *path);

/* Maps all of `path` for reading. The caller releases it. Returns WEFT_ERROR_IO if the file is
 * missing, is a folder, a pipe or empty, or may not be read; WEFT_ERROR_MEMORY if the address space
 * is too small. */
WEFT_MUST_CHECK enum weft_status file_map_open(const char *path, struct file_map **map);

/* Shares a map. Each owner releases it once; the last release unmaps the file. NULL is accepted. */
struct file_map *file_map_share(struct file_map *map);
void file_map_release(struct file_map *map);

/* Asks the system to read these bytes of a map soon. It is only a hint. */
void file_map_fetch(const void *bytes, size_t size);

/* Says whether pages will be read at random. The system then does not read others with them. */
void file_map_expect_random(const void *bytes, size_t size, bool random);

/* Tells the system that these bytes are not needed for now. */
void file_map_forget(const void *bytes, size_t size);

#endif
