/* Temporary files without names. One keeps what came through a pipe. Only host/base uses it. */
#ifndef WEFT_BASE_SPOOL_H
#define WEFT_BASE_SPOOL_H

#include "base/status.h"

/* Creates a spool in $TMPDIR or /tmp. The system removes it when its descriptor is closed. Returns
 * WEFT_ERROR_IO if it cannot be created. */
WEFT_MUST_CHECK enum weft_status spool_open(int *descriptor);

/* Appends bytes [size]. Returns WEFT_ERROR_IO if the disk is full or fails. */
WEFT_MUST_CHECK enum weft_status spool_write(int descriptor, const void *bytes, size_t size);

/* Returns $TMPDIR, or /tmp without it. */
const char *spool_folder_usual(void);

/* Creates a temporary file without a name in `folder`. Returns its descriptor, or -1 with errno. */
int spool_create(const char *folder);

#endif
