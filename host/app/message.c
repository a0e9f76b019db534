/* Prints errors and notes on stderr. Every line goes through print_line. Thus no file name or
 * driver text can split a message into two lines or send escape sequences to a terminal. */
#include "message.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "terminal_text.h"

enum { LINE_LIMIT = 8192 };

static void print_line(const char *word, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

static enum { HELD_NOTHING, HELD_ERRORS, HELD_ALL } held;
static char last_error[LINE_LIMIT];

static void print_line(const char *word, const char *format, va_list arguments)
{
    char line[LINE_LIMIT];
    vsnprintf(line, sizeof line, format, arguments);
    terminal_text_make(line);
    const bool error = word != NULL && strcmp(word, "weft") == 0;
    if (error)
        memcpy(last_error, line, sizeof line);
    if (held == HELD_ALL || (held == HELD_ERRORS && error))
        return;
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

enum weft_status complain_errno(const char *subject, const char *otherwise)
{
    const int number = errno;
    return complain(number == ENOMEM ? WEFT_ERROR_MEMORY : WEFT_ERROR_IO, "%s: %s", subject,
                    number != 0 ? strerror(number) : otherwise);
}

/* Lists names like "train, evaluate or predict", with `last` before the last one. */
static void list_names(const char *const *names, size_t count, const char *last, char *text,
                       size_t size)
{
    size_t used = 0;
    for (size_t i = 0; i < count && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s",
                                 i == 0           ? ""
                                 : i + 1 == count ? last
                                                  : ", ",
                                 names[i]);
}

enum weft_status complain_word(const char *subject, const char *what, const char *word,
                               const char *const *names, size_t count)
{
    char near[256] = "", list[256] = "";
    if (word != NULL)
        weft_suggest(word, names, count, "", near, sizeof near);
    list_names(names, count, near[0] != '\0' ? ", " : " or ", list, sizeof list);
    if (near[0] != '\0')
        return complain(WEFT_ERROR_USAGE, "%s: unknown %s; did you mean %s? Known: %s", subject,
                        what, near, list);
    if (word == NULL)
        return complain(WEFT_ERROR_USAGE, "%s: missing; need %s", what, list);
    return complain(WEFT_ERROR_USAGE, "%s: unknown %s; need %s", subject, what, list);
}

void message_hold(void)
{
    held = HELD_ALL;
}

void message_hold_errors(void)
{
    held = HELD_ERRORS;
    last_error[0] = '\0';
}

void message_release(void)
{
    held = HELD_NOTHING;
}

const char *message_last(void)
{
    return last_error;
}

void library_line(char *text, size_t size)
{
    snprintf(text, size, "%s%s", weft_error_option() != NULL ? "--" : "", weft_error());
}

enum weft_status told(enum weft_status status)
{
    if (status == WEFT_OK)
        return WEFT_OK;
    char line[LINE_LIMIT];
    library_line(line, sizeof line);
    return complain(status, "%s", line);
}

void say(const char *word, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    print_line(word, format, arguments);
    va_end(arguments);
}
