/* Presents a file, plain or gzip, as one stream of bytes.
 *
 * A gzip file is inflated while it is read. The code neither trusts nor allocates its claimed size
 * in advance.
 */
#ifndef WEFT_DATA_BYTE_SOURCE_H
#define WEFT_DATA_BYTE_SOURCE_H

#include "base/status.h"

struct byte_source;

/* Opens `path`. The first two bytes, not the name, identify a gzip file. Returns WEFT_ERROR_IO if
 * the file is missing, is a folder, or may not be read. */
WEFT_MUST_CHECK enum weft_status byte_source_open(const char *path, struct byte_source **source);

/* Reads up to `size` bytes. `*got` is less than `size` only at the end of the stream. Returns
 * WEFT_ERROR_DATA if gzip data is truncated, fails its checksum, or has garbage after the last
 * member. Returns WEFT_ERROR_IO on a read error. */
WEFT_MUST_CHECK enum weft_status byte_source_read(struct byte_source *source, void *buffer,
                                                  size_t size, size_t *got);

/* Returns the size of the file on disk. For a plain file, this is the length of the stream. */
uint64_t byte_source_file_bytes(const struct byte_source *source);
bool byte_source_is_gzip(const struct byte_source *source);
void byte_source_close(struct byte_source *source);

#endif
