/* Creates and removes temporary folders. */
#ifndef WEFT_BASE_FOLDER_H
#define WEFT_BASE_FOLDER_H

#include "base/status.h"

/* Creates an empty folder for this user alone in $TMPDIR or /tmp and stores its name in `*path`.
 * Free `*path` with memory_free. */
WEFT_MUST_CHECK enum weft_status folder_create_temporary(char **path);
/* Removes a folder and as much of its content as possible. Does not follow links. */
void folder_remove(const char *path);

#endif
