/* Checks that a model fits into a model file. A model file stores the class names as JSON inside a
 * JSON string. Therefore, a character takes up to 7 bytes: a quote becomes \" and then \\\", and a
 * control character becomes \u0001 and then \\u0001. */
#include "network/model_limits.h"

#include "network/json_text.h"
#include "network/safetensors.h"

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

/* Returns the length of the UTF-8 character at `text`, or 0 if it is invalid. RFC 3629, section 4
 * allows the shortest forms of U+0001 to U+10FFFF without the surrogates U+D800 to U+DFFF. */
static size_t utf8_length(const unsigned char *text)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000}; /* smallest of each length */
    const unsigned char first = text[0];
    if (first < 0x80)
        return 1;
    const size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    uint32_t code = first & (0xffu >> (length + 1));
    if (first < 0xc0 || first > 0xf7)
        return 0;
    for (size_t i = 1; i < length; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (text[i] & 0x3fu);
    }
    const bool surrogate = code >= 0xd800 && code <= 0xdfff;
    return code < smallest[length] || code > 0x10ffff || surrogate ? 0 : length;
}

/* Tells whether jansson would accept the text. Calling jansson would take memory, and a lack of
 * memory would look like invalid text. */
static bool is_utf8(const char *text)
{
    while (*text != '\0') {
        const size_t length = utf8_length((const unsigned char *)text);
        if (length == 0)
            return false;
        text += length;
    }
    return true;
}

enum weft_status model_limits_check(const char *subject, size_t classes,
                                    const char *const *class_names)
{
    size_t bytes = 0;
    if (classes > MOST_CLASSES)
        return fail(WEFT_ERROR_DATA, "%s: got %zu classes, need at most %d", subject, classes,
                    MOST_CLASSES);
    for (size_t c = 0; c < classes; c++) {
        if (!is_utf8(class_names[c]))
            return fail(WEFT_ERROR_DATA, "%s: the name of class %zu is not UTF-8", subject, c);
        bytes += bytes_of_name(class_names[c]);
    }
    if (bytes > MOST_NAME_BYTES)
        return fail(WEFT_ERROR_DATA,
                    "%s: class names take %zu bytes in a model file, need at most %d", subject,
                    bytes, MOST_NAME_BYTES);
    return WEFT_OK;
}
