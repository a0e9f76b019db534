/* Large arrays in temporary files, for work on data that are larger than memory.
 *
 * Between memory_spool_begin and memory_spool_end, arrays of SPOOLED_LEAST bytes or more that this
 * thread allocates are mapped from temporary files. The system writes their pages to disk when
 * memory is short. Such arrays are used and freed like all others. */
#ifndef WEFT_BASE_MEMORY_SPOOL_H
#define WEFT_BASE_MEMORY_SPOOL_H

#include "base/status.h"

enum { SPOOLED_LEAST = 1 << 16 };

/* Begins: temporary files, which have no names, go to `folder`, borrowed until the end. */
void memory_spool_begin(const char *folder);
void memory_spool_end(void);

/* Tells whether an array of `bytes` bytes belongs in a temporary file. Only memory.c asks. */
bool memory_spool_takes(size_t bytes);

/* Maps `bytes` zeroed bytes of a new temporary file, or returns NULL. */
void *memory_spool_map(size_t bytes);
void memory_spool_unmap(void *mapping, size_t bytes);

/* Fails with WEFT_ERROR_IO if the last memory_spool_map of this thread failed because of its file.
 * Otherwise, also if memory was short, it returns WEFT_OK. */
WEFT_MUST_CHECK enum weft_status memory_spool_fault(void);

#endif
