/* Parses untrusted JSON with bounded memory. jansson limits the depth of the tree; this file limits
 * the number of values. */
#include "network/json_text.h"

#include "base/memory.h"

/* Counts opening brackets and commas outside strings. Every value of a JSON text except the first
 * follows one of them. */
size_t json_text_count_values(const char *text, size_t size)
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
    const size_t values = json_text_count_values(text, size);
    if (values > JSON_TEXT_MAX_VALUES)
        return fail(WEFT_ERROR_MODEL, "%s: %zu values: need at most %d", subject, values,
                    JSON_TEXT_MAX_VALUES);
    *tree = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
    /* jansson gives a reason if the text is not JSON, but none if it runs out of memory. */
    if (*tree == NULL && error.text[0] == '\0')
        return fail(WEFT_ERROR_MEMORY, "%s: no memory for its JSON", subject);
    if (*tree == NULL)
        return fail(WEFT_ERROR_MODEL, "%s: byte %d: not JSON: %s", subject, error.position,
                    error.text);
    return WEFT_OK;
}

static enum weft_status fail_without_memory(const char *subject)
{
    return fail(WEFT_ERROR_MEMORY, "%s: no memory for its JSON", subject);
}

enum weft_status json_text_dump(const char *subject, const json_t *tree, char **text)
{
    const size_t size = tree != NULL ? json_dumpb(tree, NULL, 0, JSON_COMPACT) : 0;
    *text = NULL;
    if (size == 0)
        return fail_without_memory(subject);
    TRY(NEW_ARRAY(*text, size + 1));
    if (json_dumpb(tree, *text, size, JSON_COMPACT) == size)
        return WEFT_OK;
    memory_free(*text);
    *text = NULL;
    return fail_without_memory(subject);
}
