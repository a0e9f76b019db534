/* Parsing untrusted JSON in bounded memory: jansson bounds the depth, this file the breadth. */
#include "network/json_text.h"

/* Brackets that open and commas outside strings; each value of a JSON text but the first follows
 * one. */
static size_t count_values(const char *text, size_t size)
{
    size_t count = 0;
    bool in_string = false;
    for (size_t i = 0; i < size; i++) {
        if (in_string && text[i] == '\\')
            ++i;
        else if (text[i] == '"')
            in_string = !in_string;
        else if (!in_string && (text[i] == ',' || text[i] == '[' || text[i] == '{'))
            ++count;
    }
    return count;
}

enum weft_status json_text_parse(const char *subject, const char *text, size_t size, json_t **tree)
{
    json_error_t error;
    const size_t values = count_values(text, size);
    if (values > JSON_TEXT_MAX_VALUES)
        return fail(WEFT_ERROR_MODEL, "%s: %zu values: need at most %d", subject, values,
                    JSON_TEXT_MAX_VALUES);
    *tree = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
    /* Of a text that is not JSON jansson says why; of memory that it did not get, nothing. */
    if (*tree == NULL && error.text[0] == '\0')
        return fail(WEFT_ERROR_MEMORY, "%s: no memory for its JSON", subject);
    if (*tree == NULL)
        return fail(WEFT_ERROR_MODEL, "%s: byte %d: not JSON: %s", subject, error.position,
                    error.text);
    return WEFT_OK;
}
