/* Errors and notes on stderr. Every line passes through print_line, so that no file name and no
 * driver can break a message into two lines or send escapes to a terminal. */
#include "message.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "plain_text.h"

enum { LINE_LIMIT = 8192 };

static void print_line(const char *word, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

static void print_line(const char *word, const char *format, va_list arguments)
{
    char line[LINE_LIMIT];
    vsnprintf(line, sizeof line, format, arguments);
    plain_text_make(line);
    fprintf(stderr, "%s%s%s\n", word != NULL ? word : "", word != NULL ? ": " : "", line);
}

enum weft_status complain(enum weft_status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    print_line("weft", format, arguments);
    va_end(arguments);
    return status;
}

enum weft_status told(enum weft_status status)
{
    return status == WEFT_OK ? WEFT_OK : complain(status, "%s", weft_error());
}

enum weft_status told_of_option(const char *name, enum weft_status status)
{
    if (status == WEFT_OK)
        return WEFT_OK;
    const char *text = weft_error();
    size_t length = strlen(name);
    if (strncmp(text, name, length) == 0 && strncmp(text + length, ": ", 2) == 0)
        text += length + 2;
    return complain(status, "--%s: %s", name, text);
}

void say(const char *word, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    print_line(word, format, arguments);
    va_end(arguments);
}
