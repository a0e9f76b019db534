/* Passes notes to the user; see notes.h. */
#include "data/notes.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/plain_text.h"

enum { LONGEST_NOTE = 1024 };

void notes_say(struct notes notes, const char *format, ...)
{
    char line[LONGEST_NOTE];
    va_list arguments;
    if (notes.function == NULL)
        return;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    text_make_plain(line);
    notes.function(notes.user, line);
}
