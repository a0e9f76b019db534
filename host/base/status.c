/* The error line of each thread, and the version.
 *
 * Only fail(), fail_option(), fail_again() and fail_rank() create a failure; all other code passes
 * the status up.
 */
#include "base/status.h"

#include <assert.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/plain_text.h"

#ifndef WEFT_VERSION /* The build takes it from the project's version. */
#define WEFT_VERSION "0.0.0"
#endif

enum { LINE_BYTES = 2048 };

static _Thread_local char error_line[LINE_BYTES];
static _Thread_local const char *error_option; /* static text; NULL if the error is not about an
                                                  option */
static _Thread_local bool error_names_rank;

/* Stores `line` as the error line. `line` is a separate buffer, because error_line may be among the
 * arguments of the message. */
static enum weft_status keep(enum weft_status code, const char *option, char line[LINE_BYTES])
{
    assert(code != WEFT_OK);
    text_make_plain(line); /* File names may contain any bytes, but a message is one line. */
    memcpy(error_line, line, LINE_BYTES);
    error_option = option;
    error_names_rank = false;
    return code;
}

static enum weft_status keep_formatted(enum weft_status code, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

static enum weft_status keep_formatted(enum weft_status code, const char *format, va_list arguments)
{
    char line[LINE_BYTES];
    if (vsnprintf(line, sizeof line, format, arguments) < 0)
        line[0] = '\0';
    return keep(code, NULL, line);
}

enum weft_status fail(enum weft_status code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)!keep_formatted(code, format, arguments);
    va_end(arguments);
    return code;
}

/* Writes "option value: " to `line` and returns its length. Quotes an empty value or one with
 * blanks, and truncates a long one. */
static size_t write_subject(const char *option, const char *value, char line[LINE_BYTES])
{
    if (value == NULL)
        return (size_t)snprintf(line, LINE_BYTES, "%s: ", option);
    const char *quote = value[0] == '\0' || strpbrk(value, " \t\r\n") != NULL ? "\"" : "";
    return (size_t)snprintf(line, LINE_BYTES, "%s %s%.64s%s: ", option, quote, value, quote);
}

enum weft_status fail_option(const char *option, const char *value, const char *format, ...)
{
    char line[LINE_BYTES];
    const size_t used = write_subject(option, value, line);
    va_list arguments;
    va_start(arguments, format);
    if (vsnprintf(line + used, sizeof line - used, format, arguments) < 0)
        line[used] = '\0';
    va_end(arguments);
    return keep(WEFT_ERROR_USAGE, option, line);
}

enum weft_status fail_again(enum weft_status code, const char *option, const char *text)
{
    static _Thread_local char kept[64]; /* lives as long as the error of this thread */
    char line[LINE_BYTES];
    snprintf(line, sizeof line, "%s", text);
    snprintf(kept, sizeof kept, "%s", option);
    return keep(code, kept[0] != '\0' ? kept : NULL, line);
}

enum weft_status fail_rank(enum weft_status code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)!keep_formatted(code, format, arguments);
    va_end(arguments);
    error_names_rank = true;
    return code;
}

const char *weft_error(void)
{
    return error_line;
}

const char *weft_error_option(void)
{
    return error_option;
}

bool weft_error_names_rank(void)
{
    return error_names_rank;
}

const char *weft_version(void)
{
    return WEFT_VERSION;
}
