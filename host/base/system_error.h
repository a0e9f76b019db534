/* Reports failures of system calls. Only host/base uses it, because only host/base makes such
 * calls. */
#ifndef WEFT_BASE_SYSTEM_ERROR_H
#define WEFT_BASE_SYSTEM_ERROR_H

#include "base/status.h"

/* Fails with the line "PATH: cannot ACTION: REASON", where errno gives the reason. The status is
 * WEFT_ERROR_MEMORY if errno is ENOMEM, WEFT_ERROR_IO otherwise. Call it before anything changes
 * errno. */
WEFT_MUST_CHECK enum weft_status fail_errno(const char *path, const char *action);

#endif
