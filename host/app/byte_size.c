/* Implements byte_size.h. */
#include "byte_size.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "message.h"

/* Returns the bytes of a unit, or 0 if there is no such unit. No unit means bytes. */
static double unit_bytes(const char *unit)
{
    static const char letters[] = "kmgt";
    const char *letter = unit[0] != '\0' ? strchr(letters, unit[0] | 0x20) : NULL;
    if (unit[0] == '\0' || strcasecmp(unit, "b") == 0)
        return 1.0;
    if (letter == NULL)
        return 0.0;
    const double power = (double)(letter - letters + 1);
    if (strcasecmp(unit + 1, "ib") == 0)
        return pow(1024.0, power);
    return strcasecmp(unit + 1, "b") == 0 ? pow(1000.0, power) : 0.0;
}

enum weft_status option_size(const struct command_line *line, enum option option, uint64_t *bytes)
{
    static const char digits[] = "0123456789";
    const char *text = option_value(line, option);
    if (text == NULL)
        return WEFT_OK;
    size_t length = strspn(text, digits);
    if (length > 0 && text[length] == '.')
        length += 1 + strspn(text + length + 1, digits);
    const double size = length > 0 ? strtod(text, NULL) * unit_bytes(text + length) : 0.0;
    if (!(size >= 1.0 && size < 0x1p63))
        return complain(WEFT_ERROR_USAGE, "--%s \"%s\": need a size such as 512MiB or 2GiB",
                        app_options[option].name, text);
    *bytes = (uint64_t)size;
    return WEFT_OK;
}

const char *byte_size_format(uint64_t bytes, char text[BYTE_SIZE_TEXT])
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    double amount = (double)bytes;
    size_t unit = 0;
    for (; amount >= 1023.95 && unit + 1 < sizeof units / sizeof *units; unit++)
        amount /= 1024.0;
    snprintf(text, BYTE_SIZE_TEXT, unit == 0 ? "%.0f %s" : "%.1f %s", amount, units[unit]);
    return text;
}
