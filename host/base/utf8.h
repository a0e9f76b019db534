/* Tells valid UTF-8 from other bytes. */
#ifndef WEFT_BASE_UTF8_H
#define WEFT_BASE_UTF8_H

#include <stddef.h>

/* Returns the length of the longest prefix of bytes [size] that is valid UTF-8. RFC 3629, section 4
 * allows the shortest forms of U+0000 to U+10FFFF without the surrogates U+D800 to U+DFFF. */
size_t utf8_prefix(const char *bytes, size_t size);

#endif
