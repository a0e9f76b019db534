/* The error line of each thread, and the version.
 *
 * fail() is the only maker of failure; everything else passes its code up.
 */
#include "base/status.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/plain_text.h"

#ifndef WEFT_VERSION /* the build defines it from the project's version */
#define WEFT_VERSION "0.0.0"
#endif

enum { LINE_BYTES = 2048 };

static _Thread_local char error_line[LINE_BYTES];

enum weft_status fail(enum weft_status code, const char *format, ...)
{
    assert(code != WEFT_OK);
    char line[LINE_BYTES]; /* apart from error_line, which may be among the arguments */
    va_list arguments;
    va_start(arguments, format);
    if (vsnprintf(line, sizeof line, format, arguments) < 0)
        line[0] = '\0';
    va_end(arguments);
    text_make_plain(line); /* file names may hold anything; a message is one line */
    memcpy(error_line, line, sizeof line);
    return code;
}

const char *weft_error(void)
{
    return error_line;
}

const char *weft_version(void)
{
    return WEFT_VERSION;
}
