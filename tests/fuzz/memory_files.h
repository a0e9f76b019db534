/* Files in memory, behind the doors through which the library reads and writes files.
 *
 * A program that links memory_files.c in place of host/base/file_input.c and file_replace.c never
 * makes a system call: that is what lets a fuzzer try a small file in microseconds.
 */
#ifndef WEFT_TESTS_FUZZ_MEMORY_FILES_H
#define WEFT_TESTS_FUZZ_MEMORY_FILES_H

#include <stddef.h>

/* From now on `path` is a file of these bytes, which are borrowed. */
void memory_files_set(const char *path, const void *data, size_t size);

/* The bytes of `path` as the library left them, borrowed; NULL if there is no such file. */
const void *memory_files_get(const char *path, size_t *size);

/* Forgets all files. */
void memory_files_clear(void);

#endif
