/* Checks UTF-8. Most files are pure ASCII, which is checked in blocks. */
#include "base/utf8.h"

#include <stdbool.h>
#include <stdint.h>

/* Returns the length of the character at bytes [size], or 0 if it is invalid. */
static size_t character(const unsigned char *bytes, size_t size)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000}; /* smallest of each length */
    const unsigned char first = bytes[0];
    if (first < 0x80)
        return 1;
    const size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    uint32_t code = first & (0xffu >> (length + 1));
    if (first < 0xc0 || first > 0xf7 || length > size)
        return 0;
    for (size_t i = 1; i < length; i++) {
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (bytes[i] & 0x3fu);
    }
    const bool surrogate = code >= 0xd800 && code <= 0xdfff;
    return code < smallest[length] || code > 0x10ffff || surrogate ? 0 : length;
}

static bool is_ascii(const unsigned char *bytes, size_t size)
{
    unsigned char all = 0;
    for (size_t i = 0; i < size; i++)
        all |= bytes[i];
    return all < 0x80;
}

size_t utf8_prefix(const char *bytes, size_t size)
{
    enum { BLOCK = 256 };
    const unsigned char *text = (const unsigned char *)bytes;
    size_t valid = 0;
    while (valid < size) {
        const size_t end = size - valid > BLOCK ? valid + BLOCK : size;
        if (is_ascii(text + valid, end - valid))
            valid = end;
        while (valid < end) {
            const size_t length = character(text + valid, size - valid);
            if (length == 0)
                return valid;
            valid += length;
        }
    }
    return valid;
}
