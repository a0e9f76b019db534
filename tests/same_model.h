/* Compares models bit by bit through their files. Needs the folder of temporary.h. */
#ifndef WEFT_TESTS_SAME_MODEL_H
#define WEFT_TESTS_SAME_MODEL_H

#include "base/file.h"
#include "base/memory.h"
#include "suite.h"
#include "temporary.h"

static inline struct file_content file_of(const struct weft_model *model, const char *name)
{
    struct file_content content;
    ck_ok(weft_model_write(model, temporary_path(name)));
    ck_ok(file_read(temporary_path(name), 1 << 20, WEFT_ERROR_IO, &content));
    return content;
}

static inline void assert_same(const struct weft_model *a, const struct weft_model *b)
{
    const struct file_content one = file_of(a, "one"), other = file_of(b, "other");
    ck_assert_uint_eq(one.size, other.size);
    ck_assert_mem_eq(one.data, other.data, one.size);
    memory_free(one.data);
    memory_free(other.data);
}

#endif
