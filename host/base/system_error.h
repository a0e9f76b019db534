/* Failures of system calls; for host/base alone, where those calls are made. */
#ifndef WEFT_BASE_SYSTEM_ERROR_H
#define WEFT_BASE_SYSTEM_ERROR_H

#include "base/status.h"

/* WEFT_ERROR_IO: "PATH: cannot ACTION: what errno says". Call it before anything changes errno. */
WEFT_MUST_CHECK enum weft_status fail_errno(const char *path, const char *action);

#endif
