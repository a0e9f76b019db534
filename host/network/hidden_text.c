/* "128,64": hidden layers as text. Parsing is strict, for both users and damaged files write it. */
#include "network/hidden_text.h"

#include <stdio.h>
#include <string.h>

#include "base/number.h"

/* Takes the width at `*text`, digits up to a comma or the end, and steps over both. */
static bool take_width(const char **text, size_t *width)
{
    char digits[16];
    uint64_t number = 0;
    const size_t length = strcspn(*text, ",");
    if (length >= sizeof digits)
        return false;
    memcpy(digits, *text, length);
    digits[length] = '\0';
    if (!integer_from_text(digits, &number) || number < 1 || number > INT32_MAX)
        return false;
    *width = (size_t)number;
    *text += length;
    return true;
}

bool hidden_from_text(const char *text, size_t hidden[WEFT_MAX_HIDDEN], size_t *count)
{
    size_t widths[WEFT_MAX_HIDDEN];
    size_t found = 0;
    if (strcmp(text, "none") == 0) {
        *count = 0;
        return true;
    }
    while (found < WEFT_MAX_HIDDEN && take_width(&text, &widths[found])) {
        ++found;
        if (*text == '\0') {
            memcpy(hidden, widths, found * sizeof *widths);
            *count = found;
            return true;
        }
        ++text;
    }
    return false;
}

void hidden_to_text(const size_t *hidden, size_t count, char text[HIDDEN_TEXT_SIZE])
{
    size_t used = (size_t)snprintf(text, HIDDEN_TEXT_SIZE, "%s", count == 0 ? "none" : "");
    for (size_t i = 0; i < count && used < HIDDEN_TEXT_SIZE; i++)
        used += (size_t)snprintf(text + used, HIDDEN_TEXT_SIZE - used, "%s%zu", i == 0 ? "" : ",",
                                 hidden[i]);
}
