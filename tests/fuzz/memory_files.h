/* Provides files in memory to the functions with which the library reads and writes files.
 *
 * A program links memory_files.c instead of host/base/file_input.c and file_replace.c. It then
 * makes no system calls, so a fuzzer can try a small file in microseconds.
 */
#ifndef WEFT_TESTS_FUZZ_MEMORY_FILES_H
#define WEFT_TESTS_FUZZ_MEMORY_FILES_H

#include <stddef.h>

/* Makes `path` a file with these bytes, which are borrowed. */
void memory_files_set(const char *path, const void *data, size_t size);

/* Returns the bytes of `path` as the library left them, borrowed. Returns NULL if there is no such
 * file. */
const void *memory_files_get(const char *path, size_t *size);

/* Forgets all files. */
void memory_files_clear(void);

#endif
