/* A file that is read from front to back, whose size is known when it is opened. */
#ifndef WEFT_BASE_FILE_INPUT_H
#define WEFT_BASE_FILE_INPUT_H

#include "base/status.h"

struct file_input;

/* WEFT_ERROR_IO: missing, a folder, a pipe or device (their size is not known), not permitted. */
WEFT_MUST_CHECK enum weft_status file_input_open(const char *path, struct file_input **input);

/* Bytes in the file when it was opened. */
uint64_t file_input_size(const struct file_input *input);

/* Reads up to `size` bytes; `*got` is less only at the end. WEFT_ERROR_IO: a read error. */
WEFT_MUST_CHECK enum weft_status file_input_read(struct file_input *input, void *buffer,
                                                 size_t size, size_t *got);
void file_input_close(struct file_input *input);

#endif
