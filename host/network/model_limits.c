/* Checks that a model fits into a model file. A model file stores the class names as JSON inside a
 * JSON string. Therefore, a character takes up to 7 bytes: a quote becomes \" and then \\\", and a
 * control character becomes \u0001 and then \\u0001. */
#include "network/model_limits.h"

#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "network/json_text.h"
#include "network/safetensors.h"
#include "network/schema_metadata.h"

enum {
    MOST_CLASSES = JSON_TEXT_MAX_VALUES,                  /* one name per class */
    MOST_NAME_BYTES = SAFETENSORS_MAX_HEADER - (1 << 16), /* the rest is for everything else */
    BYTES_AROUND_A_NAME = 5                               /* \"\", */
};

static size_t bytes_of_character(char c)
{
    if (c == '"' || c == '\\')
        return 4;
    return (unsigned char)c < 0x20 ? 7 : 1;
}

static size_t bytes_of_name(const char *name)
{
    size_t bytes = BYTES_AROUND_A_NAME;
    for (; *name != '\0'; name++)
        bytes += bytes_of_character(*name);
    return bytes;
}

/* Tells whether jansson would accept the text. Calling jansson would take memory, and a lack of
 * memory would look like invalid text. */
static bool is_utf8(const char *text)
{
    const size_t bytes = strlen(text);
    return utf8_prefix(text, bytes) == bytes;
}

/* Checks the class names, and stores the bytes that they take in `*bytes`. */
static enum weft_status check_names(const char *subject, size_t classes,
                                    const char *const *class_names, size_t *bytes)
{
    *bytes = 0;
    if (classes > MOST_CLASSES)
        return fail(WEFT_ERROR_DATA, "%s: got %zu classes, need at most %d", subject, classes,
                    MOST_CLASSES);
    for (size_t c = 0; c < classes; c++) {
        if (!is_utf8(class_names[c]))
            return fail(WEFT_ERROR_DATA, "%s: the name of class %zu is not UTF-8", subject, c);
        *bytes += bytes_of_name(class_names[c]);
    }
    if (*bytes > MOST_NAME_BYTES)
        return fail(WEFT_ERROR_DATA,
                    "%s: class names take %zu bytes in a model file, need at most %d", subject,
                    *bytes, MOST_NAME_BYTES);
    return WEFT_OK;
}

/* Returns the bytes of a JSON text inside a JSON string. Control characters are escaped already. */
static size_t bytes_of_json(const char *text)
{
    size_t bytes = 0;
    for (; *text != '\0'; text++)
        bytes += *text == '"' || *text == '\\' ? 2 : 1;
    return bytes;
}

enum weft_status model_limits_check(const struct weft_dataset *dataset)
{
    size_t bytes;
    char *text = NULL;
    TRY(check_names(dataset->name, dataset->classes, (const char *const *)dataset->class_names,
                    &bytes));
    if (dataset->schema == NULL)
        return WEFT_OK;
    TRY(schema_to_text(dataset->schema, &text));
    const size_t values = json_text_count_values(text, strlen(text));
    bytes += bytes_of_json(text);
    memory_free(text);
    if (values > JSON_TEXT_MAX_VALUES || bytes > MOST_NAME_BYTES)
        return fail(WEFT_ERROR_DATA,
                    "%s: %zu columns and their categories: got %zu values of %zu bytes for a model "
                    "file, need at most %d of %d; name some columns in --ignore",
                    dataset->name, dataset->schema->column_count, values, bytes,
                    JSON_TEXT_MAX_VALUES, MOST_NAME_BYTES);
    return WEFT_OK;
}
