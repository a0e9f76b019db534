/* Parses JSON from untrusted files, and writes JSON. */
#ifndef WEFT_NETWORK_JSON_TEXT_H
#define WEFT_NETWORK_JSON_TEXT_H

#include <jansson.h>

#include "base/status.h"

/* The maximum number of opening brackets and commas outside strings. A text with more of them is
 * rejected before anything is built, so the tree stays under 8 MiB. For comparison, an empty object
 * takes 3 bytes of text and about 240 bytes of tree. */
enum { JSON_TEXT_MAX_VALUES = 32768 };

/* Parses `text` [size] and stores its tree in `*tree`; the caller calls json_decref. Refuses
 * duplicate keys and NUL characters. Returns WEFT_ERROR_MODEL with `subject` if the text is
 * invalid. */
WEFT_MUST_CHECK enum weft_status json_text_parse(const char *subject, const char *text, size_t size,
                                                 json_t **tree);

/* Writes a tree as compact text; free the text with memory_free. A tree of NULL means that there
 * was no memory to make it. Returns WEFT_ERROR_MEMORY with `subject`. */
WEFT_MUST_CHECK enum weft_status json_text_dump(const char *subject, const json_t *tree,
                                                char **text);

/* Counts the values of a text as json_text_parse does. */
size_t json_text_count_values(const char *text, size_t size);

#endif
