/* Recognizes control characters: C0 and DEL from ASCII, and C1 in UTF-8. */
#include "terminal_text.h"

#include <stdio.h>

size_t terminal_text_control(const char *text)
{
    const unsigned char first = (unsigned char)text[0];
    if ((first < 0x20 && first != '\0') || first == 0x7f)
        return 1;
    const unsigned char second = first == 0xc2 ? (unsigned char)text[1] : 0;
    return second >= 0x80 && second <= 0x9f ? 2 : 0;
}

void terminal_text_make(char *text)
{
    while (*text != '\0') {
        size_t control = terminal_text_control(text);
        if (control == 0)
            text++;
        for (; control > 0; control--)
            *text++ = '?';
    }
}

size_t terminal_text_print_one(const char *text)
{
    const size_t control = terminal_text_control(text);
    putchar(control > 0 ? '?' : *text);
    return control > 0 ? control : 1;
}

void terminal_text_print(const char *text)
{
    while (*text != '\0')
        text += terminal_text_print_one(text);
}
