/* JSON out of a file that nobody vouches for. */
#ifndef WEFT_NETWORK_JSON_TEXT_H
#define WEFT_NETWORK_JSON_TEXT_H

#include <jansson.h>

#include "base/status.h"

/* More brackets and commas than this outside strings are refused before anything is built: the tree
 * then stays under 8 MiB (an empty object is 3 bytes of text and some 240 bytes of tree). */
enum { JSON_TEXT_MAX_VALUES = 32768 };

/* The tree of `text` [size]: duplicate keys and NUL characters refused. WEFT_ERROR_MODEL with
 * `subject`. The caller calls json_decref. */
WEFT_MUST_CHECK enum weft_status json_text_parse(const char *subject, const char *text, size_t size,
                                                 json_t **tree);

#endif
