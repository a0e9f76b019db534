/* Replaces control characters: C0 and DEL of ASCII, and C1 (U+0080 to U+009F), which takes two
 * bytes in UTF-8. */
#include "base/plain_text.h"

#include <stdbool.h>

void text_make_plain(char *text)
{
    for (unsigned char *c = (unsigned char *)text; *c != '\0'; c++) {
        const bool c1 = c[0] == 0xc2 && c[1] >= 0x80 && c[1] <= 0x9f;
        if (c1)
            *c++ = '?';
        if (c1 || *c < ' ' || *c == 0x7f)
            *c = '?';
    }
}
