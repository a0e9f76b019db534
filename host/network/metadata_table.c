/* Implements metadata_table.h with one pair of functions for each type of member. */
#include "network/metadata_table.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "base/words.h"

static const char *const truths[] = {"false", "true"};

enum weft_status metadata_text(struct metadata_source source, const char *key, const char **text)
{
    *text = safetensors_entry(source.file, key);
    if (*text == NULL)
        return fail(WEFT_ERROR_MODEL, "%s: %s: missing in the metadata", source.path, key);
    return WEFT_OK;
}

enum weft_status metadata_fail(struct metadata_source source, const char *key, const char *need)
{
    return fail(WEFT_ERROR_MODEL, "%s: %s: got \"%.64s\", need %s", source.path, key,
                safetensors_entry(source.file, key), need);
}

/* ---- members ---- */

/* Returns an enum, a bool or an unsigned integer. */
static uint64_t get_integer(const void *member, size_t size)
{
    uint64_t wide = 0;
    uint32_t narrow = 0;
    if (size == sizeof wide)
        return memcpy(&wide, member, size), wide;
    if (size == sizeof narrow)
        return memcpy(&narrow, member, size), narrow;
    assert(size == sizeof(bool));
    return *(const bool *)member;
}

static void set_integer(void *member, size_t size, uint64_t value)
{
    const uint32_t narrow = (uint32_t)value;
    if (size == sizeof value)
        memcpy(member, &value, size);
    else if (size == sizeof narrow)
        memcpy(member, &narrow, size);
    else
        *(bool *)member = value != 0;
}

static double get_real(const void *member, size_t size)
{
    return size == sizeof(float) ? (double)*(const float *)member : *(const double *)member;
}

static bool is_nothing(const struct metadata_field *field, const void *object)
{
    const char *member = (const char *)object + field->offset;
    if (field->type == METADATA_TEXT)
        return member[0] == '\0';
    if (field->type != METADATA_REAL)
        return get_integer(member, field->size) == 0;
    const double value = get_real(member, field->size);
    return isnan(value) || value == 0.0;
}

/* ---- writing ---- */

static enum weft_status write_member(struct safetensors *file, const struct metadata_field *field,
                                     const void *object)
{
    const void *member = (const char *)object + field->offset;
    const char *const *words = field->words != NULL ? field->words : truths;
    char text[NUMBER_TEXT_SIZE];
    switch (field->type) {
    case METADATA_TEXT:
        return safetensors_add_entry(file, field->key, member);
    case METADATA_WORD:
    case METADATA_TRUTH:
        return safetensors_add_entry(file, field->key, words[get_integer(member, field->size)]);
    case METADATA_INTEGER:
        snprintf(text, sizeof text, "%" PRIu64, get_integer(member, field->size));
        break;
    case METADATA_REAL:
        number_to_text(get_real(member, field->size), text);
        break;
    case METADATA_OWN:
        return field->write(file, field->key, object);
    }
    return safetensors_add_entry(file, field->key, text);
}

enum weft_status metadata_write(struct safetensors *file, const struct metadata_field *fields,
                                size_t count, const void *object)
{
    for (size_t i = 0; i < count; i++)
        if (fields[i].presence != METADATA_SPARSE || !is_nothing(&fields[i], object))
            TRY(write_member(file, &fields[i], object));
    return WEFT_OK;
}

/* ---- reading ---- */

static enum weft_status read_text(struct metadata_source source, const struct metadata_field *field,
                                  const char *text, void *member)
{
    if (strlen(text) >= field->size)
        return metadata_fail(source, field->key, "a shorter name");
    memcpy(member, text, strlen(text) + 1);
    return WEFT_OK;
}

/* Fails and lists the valid words: "sigmoid, softmax or identity". */
static enum weft_status fail_with_words(struct metadata_source source, const char *key,
                                        const char *const *words, size_t count)
{
    char need[512];
    words_join_or(words, count, need, sizeof need);
    return metadata_fail(source, key, need);
}

static enum weft_status read_word(struct metadata_source source, const struct metadata_field *field,
                                  const char *text, void *member)
{
    const char *const *words = field->words != NULL ? field->words : truths;
    const size_t count = field->words != NULL ? field->count : 2;
    const size_t position = words_find(text, words, count);
    if (position == count)
        return fail_with_words(source, field->key, words, count);
    set_integer(member, field->size, position);
    return WEFT_OK;
}

static enum weft_status fail_out_of_range(struct metadata_source source,
                                          const struct metadata_field *field)
{
    char least[NUMBER_TEXT_SIZE], most[NUMBER_TEXT_SIZE], need[2 * NUMBER_TEXT_SIZE + 32];
    number_to_text(field->least, least);
    number_to_text(field->most, most);
    if (isinf(field->most))
        snprintf(need, sizeof need, "%s or more", least);
    else
        snprintf(need, sizeof need, "%s to %s", least, most);
    return metadata_fail(source, field->key, need);
}

static bool in_range(const struct metadata_field *field, double value)
{
    return (field->least == 0.0 && field->most == 0.0) ||
           (value >= field->least && value <= field->most);
}

static enum weft_status read_integer(struct metadata_source source,
                                     const struct metadata_field *field, const char *text,
                                     void *member)
{
    uint64_t value = 0;
    if (!integer_from_text(text, &value))
        return metadata_fail(source, field->key, "a whole number");
    if (field->size == sizeof(uint32_t) && value > UINT32_MAX)
        return metadata_fail(source, field->key, "a smaller number");
    if (!in_range(field, (double)value))
        return fail_out_of_range(source, field);
    set_integer(member, field->size, value);
    return WEFT_OK;
}

static enum weft_status read_real(struct metadata_source source, const struct metadata_field *field,
                                  const char *text, void *member)
{
    double value = 0.0;
    if (!number_from_text(text, &value))
        return metadata_fail(source, field->key, "a number");
    if (!in_range(field, value))
        return fail_out_of_range(source, field);
    if (field->size == sizeof(float))
        *(float *)member = number_to_float(value);
    else
        *(double *)member = value;
    return WEFT_OK;
}

static enum weft_status read_member(struct metadata_source source,
                                    const struct metadata_field *field, void *object)
{
    void *member = (char *)object + field->offset;
    const char *text;
    TRY(metadata_text(source, field->key, &text));
    switch (field->type) {
    case METADATA_TEXT:
        return read_text(source, field, text, member);
    case METADATA_WORD:
    case METADATA_TRUTH:
        return read_word(source, field, text, member);
    case METADATA_INTEGER:
        return read_integer(source, field, text, member);
    case METADATA_REAL:
        return read_real(source, field, text, member);
    case METADATA_OWN:
        break;
    }
    return field->read(source, field->key, object);
}

enum weft_status metadata_read(struct metadata_source source, const struct metadata_field *fields,
                               size_t count, void *object)
{
    for (size_t i = 0; i < count; i++)
        if (fields[i].presence == METADATA_ALWAYS ||
            safetensors_entry(source.file, fields[i].key) != NULL)
            TRY(read_member(source, &fields[i], object));
    return WEFT_OK;
}
