/* The bytes of a file, plain or gzip, as one stream of known or unknown length.
 *
 * A gzip file is inflated as it is read: nothing of its size is believed or allocated ahead.
 */
#ifndef WEFT_DATA_BYTE_SOURCE_H
#define WEFT_DATA_BYTE_SOURCE_H

#include "base/status.h"

struct byte_source;

/* Opens `path`; gzip is known by its first two bytes, not by its name.
 * WEFT_ERROR_IO: missing, a folder, not permitted. */
WEFT_MUST_CHECK enum weft_status byte_source_open(const char *path, struct byte_source **source);

/* Reads up to `size` bytes; `*got` is less only at the end. WEFT_ERROR_DATA: gzip that is
 * truncated, fails its checksum, or has bytes after its member. WEFT_ERROR_IO: a read error. */
WEFT_MUST_CHECK enum weft_status byte_source_read(struct byte_source *source, void *buffer,
                                                  size_t size, size_t *got);

/* Bytes of the file on disk; for a plain file the length of the stream. */
uint64_t byte_source_file_bytes(const struct byte_source *source);
bool byte_source_is_gzip(const struct byte_source *source);
void byte_source_close(struct byte_source *source);

#endif
