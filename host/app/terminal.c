/* Describes a terminal. See terminal.h. */
#include "terminal.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "platform.h"

static bool is_set(const char *value)
{
    return value != NULL && value[0] != '\0';
}

/* Tells whether the locale of the user has UTF-8, by the variables that decide about characters.
 * The program itself stays in the locale "C", so that numbers are the same everywhere. */
static bool is_utf8(void)
{
    static const char *const variables[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *value = getenv(variables[i]);
        if (!is_set(value))
            continue;
        const char *codeset = strchr(value, '.');
        return codeset != NULL &&
               (strncasecmp(codeset, ".utf-8", 6) == 0 || strncasecmp(codeset, ".utf8", 5) == 0);
    }
    return false;
}

bool terminal_of(FILE *stream, struct terminal *terminal)
{
    const char *kind = getenv("TERM");
    *terminal = (struct terminal){.columns = platform_columns(stream),
                                  .color = !is_set(getenv("NO_COLOR")) && is_set(kind) &&
                                           strcmp(kind, "dumb") != 0,
                                  .unicode = is_utf8()};
    return terminal->columns > 0;
}
