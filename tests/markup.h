/* Checks that HTML and SVG are well-formed. */
#ifndef WEFT_TESTS_MARKUP_H
#define WEFT_TESTS_MARKUP_H

#include <stdio.h>
#include <string.h>

#include "suite.h"

/* Steps over a tag, with quoted values. Returns NULL if the tag does not end. */
static inline const char *tag_end(const char *tag)
{
    bool quoted = false;
    for (; *tag != '\0' && (quoted || *tag != '>'); tag++)
        quoted ^= *tag == '"';
    return *tag == '>' ? tag : NULL;
}

/* Fails unless every element from the first tag at `text` on closes, in order. Elements named
 * `empty` have no end tag; NULL: there are none. */
static inline void markup_check(const char *text, const char *empty)
{
    char open[64][16];
    size_t depth = 0;
    for (const char *c = strchr(text, '<'); c != NULL; c = strchr(c + 1, '<')) {
        const char *end = tag_end(c);
        char name[16];
        ck_assert_msg(end != NULL, "a tag does not end: %.40s", c);
        ck_assert_int_eq(sscanf(c + 1 + (c[1] == '/'), "%15[a-z0-9]", name), 1);
        if (c[1] == '/') {
            ck_assert_uint_gt(depth, 0);
            ck_assert_str_eq(open[--depth], name);
        } else if (end[-1] != '/' && (empty == NULL || strcmp(name, empty) != 0)) {
            ck_assert_uint_lt(depth, 64);
            memcpy(open[depth++], name, sizeof name);
        }
    }
    ck_assert_uint_eq(depth, 0);
}

#endif
