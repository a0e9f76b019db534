/* A file that is read from front to back. Its size is known as soon as it is open, except for
 * standard input and pipes. */
#ifndef WEFT_BASE_FILE_INPUT_H
#define WEFT_BASE_FILE_INPUT_H

#include <stdbool.h>

#include "base/status.h"

struct file_input;

/* Opens `path`. Returns WEFT_ERROR_IO if it is missing, is a folder, or may not be read. Pipes and
 * devices fail too, because their size is unknown. */
WEFT_MUST_CHECK enum weft_status file_input_open(const char *path, struct file_input **input);

/* Does the same, and also opens a named pipe: it waits until a process writes to it. */
WEFT_MUST_CHECK enum weft_status file_input_open_pipe(const char *path, struct file_input **input);

/* Tells whether `path` is a pipe, whose bytes can be read only once. */
bool file_is_pipe(const char *path);

/* Opens standard input: a file, a pipe or a terminal. */
WEFT_MUST_CHECK enum weft_status file_input_standard(struct file_input **input);

#define FILE_SIZE_UNKNOWN UINT64_MAX

/* Returns the number of bytes that the file had when it was opened, or FILE_SIZE_UNKNOWN for a pipe
 * or a terminal. */
uint64_t file_input_size(const struct file_input *input);

/* Reads up to `size` bytes. `*got` is less than `size` only at the end of the file. Returns
 * WEFT_ERROR_IO on a read error. */
WEFT_MUST_CHECK enum weft_status file_input_read(struct file_input *input, void *buffer,
                                                 size_t size, size_t *got);
void file_input_close(struct file_input *input);

/* Makes sure that file_input_again works. A pipe is copied to a temporary file, which has no name,
 * while it is read. `first` [size] are all bytes that were read so far. */
WEFT_MUST_CHECK enum weft_status file_input_keep(struct file_input *input, const void *first,
                                                 size_t size);

/* Opens the same file once more, at its first byte. Of a pipe, it has the bytes that `input` has
 * read so far. Call file_input_keep before. */
WEFT_MUST_CHECK enum weft_status file_input_again(const struct file_input *input,
                                                  struct file_input **again);

#endif
