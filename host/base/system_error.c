/* Turns errno into an error line. */
#define _POSIX_C_SOURCE 200809L
#include "base/system_error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum weft_status fail_errno(const char *path, const char *action)
{
    int number = errno;
    char reason[128];
    if (strerror_r(number, reason, sizeof reason) != 0)
        snprintf(reason, sizeof reason, "system error %d", number);
    return fail(number == ENOMEM ? WEFT_ERROR_MEMORY : WEFT_ERROR_IO, "%s: cannot %s: %s", path,
                action, reason);
}
