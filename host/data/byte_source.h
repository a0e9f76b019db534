/* Presents a file, plain or gzip, as one stream of bytes.
 *
 * A gzip file is inflated while it is read. The code neither trusts nor allocates its claimed size
 * in advance.
 */
#ifndef WEFT_DATA_BYTE_SOURCE_H
#define WEFT_DATA_BYTE_SOURCE_H

#include "base/file_input.h"

struct byte_source;

/* Opens `path`, or standard input if it is "-". The first two bytes, not the name, identify a gzip
 * file. Returns WEFT_ERROR_IO if the file is missing, is a folder, or may not be read. */
WEFT_MUST_CHECK enum weft_status byte_source_open(const char *path, struct byte_source **source);

/* Does the same, and also opens a named pipe: it waits until a process writes to it. */
WEFT_MUST_CHECK enum weft_status byte_source_open_pipe(const char *path,
                                                       struct byte_source **source);

/* Tells whether `path` can be opened only once, because it is a pipe or standard input. */
bool byte_source_passes_once(const char *path);

/* Reads up to `size` bytes. `*got` is less than `size` only at the end of the stream. Returns
 * WEFT_ERROR_DATA if gzip data is truncated, fails its checksum, or has garbage after the last
 * member. Returns WEFT_ERROR_IO on a read error. */
WEFT_MUST_CHECK enum weft_status byte_source_read(struct byte_source *source, void *buffer,
                                                  size_t size, size_t *got);

enum { BYTE_SOURCE_PEEK = 4096 };

/* Shows the first BYTE_SOURCE_PEEK bytes of the stream, or all if it has fewer, without taking
 * them. Call it before the first read. The errors are those of byte_source_read. */
WEFT_MUST_CHECK enum weft_status byte_source_peek(struct byte_source *source,
                                                  const unsigned char **bytes, size_t *got);

/* Makes sure that byte_source_again works. A pipe is copied to a temporary file while it is read.
 * Call it before the first read; byte_source_peek may come earlier. */
WEFT_MUST_CHECK enum weft_status byte_source_keep(struct byte_source *source);

/* Opens another source for the bytes that `source` has read so far, and for those behind them
 * unless it is a pipe. It begins at the first byte. Call byte_source_keep before. */
WEFT_MUST_CHECK enum weft_status byte_source_again(const struct byte_source *source,
                                                   struct byte_source **again);

/* Returns the path, or "standard input", for messages. */
const char *byte_source_name(const struct byte_source *source);

/* Returns the size of the file on disk, or FILE_SIZE_UNKNOWN for a pipe. For a plain file, this is
 * the length of the stream. */
uint64_t byte_source_file_bytes(const struct byte_source *source);
bool byte_source_is_gzip(const struct byte_source *source);
void byte_source_close(struct byte_source *source);

#endif
