/* Fills a preset into memory that had other contents. */
#ifndef WEFT_TESTS_PRESET_H
#define WEFT_TESTS_PRESET_H

#include "suite.h"
#include "weft.h"

static inline struct weft_options preset(const char *name)
{
    struct weft_options options;
    memset(&options, 0xa5, sizeof options);
    ck_ok(weft_options_init(&options, name));
    ck_assert_str_eq(options.preset, name);
    ck_ok(weft_options_check(&options));
    return options;
}

#endif
