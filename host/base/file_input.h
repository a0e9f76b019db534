/* A file that is read from front to back. Its size is known as soon as it is open. */
#ifndef WEFT_BASE_FILE_INPUT_H
#define WEFT_BASE_FILE_INPUT_H

#include "base/status.h"

struct file_input;

/* Opens `path`. Returns WEFT_ERROR_IO if it is missing, is a folder, or may not be read. Pipes and
 * devices fail too, because their size is unknown. */
WEFT_MUST_CHECK enum weft_status file_input_open(const char *path, struct file_input **input);

/* Returns the number of bytes that the file had when it was opened. */
uint64_t file_input_size(const struct file_input *input);

/* Reads up to `size` bytes. `*got` is less than `size` only at the end of the file. Returns
 * WEFT_ERROR_IO on a read error. */
WEFT_MUST_CHECK enum weft_status file_input_read(struct file_input *input, void *buffer,
                                                 size_t size, size_t *got);
void file_input_close(struct file_input *input);

#endif
