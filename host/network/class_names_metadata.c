/* Writes and reads names of classes; see class_names_metadata.h. */
#include "network/class_names_metadata.h"

#include <string.h>

#include "base/memory.h"
#include "network/json_text.h"

static json_t *names_to_json(char *const *names, size_t count)
{
    json_t *list = json_array();
    for (size_t c = 0; c < count; c++) {
        if (json_array_append_new(list, json_string(names[c])) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

enum weft_status class_names_write(struct safetensors *file, const char *key, char *const *names,
                                   size_t count)
{
    json_t *list = names_to_json(names, count);
    char *text = NULL;
    enum weft_status status = json_text_dump(key, list, &text);
    json_decref(list);
    if (status == WEFT_OK)
        status = safetensors_add_entry(file, key, text);
    memory_free(text);
    return status;
}

static enum weft_status copy_names(struct metadata_source source, const char *key,
                                   const json_t *list, size_t count, char ***names)
{
    if (!json_is_array(list) || json_array_size(list) != count)
        return fail(WEFT_ERROR_MODEL, "%s: %s: got %zu names, need %zu", source.path, key,
                    json_array_size(list), count);
    TRY(NEW_ARRAY(*names, count));
    for (size_t c = 0; c < count; c++) {
        const char *name = json_string_value(json_array_get(list, c));
        if (name == NULL)
            return fail(WEFT_ERROR_MODEL, "%s: %s: entry %zu is not a text", source.path, key, c);
        TRY(text_copy(name, &(*names)[c]));
    }
    return WEFT_OK;
}

enum weft_status class_names_read(struct metadata_source source, const char *key, size_t count,
                                  char ***names)
{
    const char *text;
    json_t *list = NULL;
    *names = NULL;
    TRY(metadata_text(source, key, &text));
    TRY(json_text_parse(source.path, text, strlen(text), &list));
    const enum weft_status status = copy_names(source, key, list, count, names);
    json_decref(list);
    return status;
}
