/* Shows how far a command is; see status_line.h. */
#include "status_line.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "platform.h"

void status_line_show(struct status_line *line, const char *format, ...)
{
    const double time = platform_seconds();
    char text[sizeof line->text];
    if (line->quiet || time - line->shown < 1.0)
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (strcmp(text, line->text) == 0)
        return;
    line->bar = platform_stderr_is_terminal();
    fprintf(stderr, line->bar ? "\r\033[K%s" : "%s\n", text);
    memcpy(line->text, text, sizeof text);
    line->shown = time;
}

void status_line_wipe(struct status_line *line)
{
    if (line->bar)
        fprintf(stderr, "\r\033[K");
    line->bar = false;
}
