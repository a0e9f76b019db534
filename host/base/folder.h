/* Temporary folders. */
#ifndef WEFT_BASE_FOLDER_H
#define WEFT_BASE_FOLDER_H

#include "base/status.h"

/* A new empty folder for this user alone, in $TMPDIR or /tmp; free `*path` with memory_free. */
WEFT_MUST_CHECK enum weft_status folder_create_temporary(char **path);
/* Removes a folder with all that is in it, as far as that is possible. Links are not followed. */
void folder_remove(const char *path);

#endif
