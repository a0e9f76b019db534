/* Creates JSON values and flushes stdout. */
#include "output.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"
#include "terminal_text.h"

json_t *output_number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

json_t *output_text(const char *text)
{
    json_t *string = json_string(text);
    if (string != NULL)
        return string;
    size_t length = strlen(text);
    char *ascii = malloc(length + 1);
    if (ascii == NULL)
        return NULL;
    for (size_t i = 0; i <= length; i++)
        ascii[i] = (unsigned char)text[i] < 0x80 ? text[i] : '?';
    string = json_string(ascii);
    free(ascii);
    return string;
}

/* Escapes DEL and C1 control characters, which also control a terminal. They occur only inside
 * strings. jansson itself escapes only the control characters below U+0020. */
static void print_escaped(FILE *file, const char *line)
{
    const char *start = line;
    for (; *line != '\0'; line++) {
        const size_t control = terminal_text_control(line);
        if (control == 0)
            continue;
        fwrite(start, 1, (size_t)(line - start), file);
        line += control - 1;
        fprintf(file, "\\u%04X", (unsigned)(unsigned char)*line);
        start = line + 1;
    }
    fprintf(file, "%s\n", start);
}

enum weft_status output_json(FILE *file, json_t *object, size_t digits)
{
    if (object == NULL)
        return complain(WEFT_ERROR_MEMORY, "results as JSON: no memory");
    char *line = json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(digits));
    json_decref(object);
    if (line == NULL)
        return complain(WEFT_ERROR_MEMORY, "results as JSON: no memory");
    print_escaped(file, line);
    free(line);
    return WEFT_OK;
}

enum weft_status output_flush(void)
{
    bool failed = ferror(stdout) != 0;
    errno = 0;
    if (fflush(stdout) == 0 && !failed)
        return WEFT_OK;
    return complain_errno("standard output", "a write failed");
}

enum weft_status output_check_ending(const char *path, const char *what, const char *ending)
{
    static const char *const endings[] = {".csv", ".html", ".json", ".pdf", ".png", ".svg", ".txt"};
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot != NULL && i < sizeof endings / sizeof *endings; i++)
        if (strcmp(dot, endings[i]) == 0 && strcmp(dot, ending) != 0)
            return complain(WEFT_ERROR_USAGE, "%s: %s; need a name that ends in %s", path, what,
                            ending);
    return WEFT_OK;
}
