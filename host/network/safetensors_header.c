/* Reads the header of a safetensors file:
 *
 *   {"__metadata__": {KEY: TEXT, ...},
 *    NAME: {"dtype": "F32", "shape": [50, 784], "data_offsets": [BEGIN, END]}, ...}
 *
 * The header is untrusted. Sizes are multiplied with overflow checks and compared with the actual
 * size of the file. A name that could spoil a message is rejected before any message contains it.
 */
#include "network/safetensors_header.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "network/json_text.h"

enum { LONGEST_NAME = 255 };

static const char metadata_key[] = "__metadata__";

const struct safetensor_type_traits safetensor_types[SAFETENSOR_TYPES] = {
    [SAFETENSOR_F32] = {"F32", 4},
    [SAFETENSOR_F64] = {"F64", 8},
    [SAFETENSOR_I32] = {"I32", 4},
    [SAFETENSOR_I64] = {"I64", 8},
    [SAFETENSOR_U8] = {"U8", 1}};

static bool name_is_plain(const char *name)
{
    const size_t length = strlen(name);
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)name[i] < 0x20 || name[i] == 0x7f)
            return false;
    }
    return length >= 1 && length <= LONGEST_NAME;
}

static enum weft_status copy_name(const char *path, const char *name, char **copy)
{
    if (!name_is_plain(name))
        return fail(WEFT_ERROR_MODEL,
                    "%s: header: a name is empty, longer than %d bytes or has control characters",
                    path, LONGEST_NAME);
    return text_copy(name, copy);
}

/* Reads a non-negative JSON integer that fits into a size_t. */
static bool size_from_json(const json_t *json, size_t *size)
{
    if (!json_is_integer(json) || json_integer_value(json) < 0)
        return false;
    const uint64_t value = (uint64_t)json_integer_value(json);
    *size = (size_t)value;
    return *size == value;
}

static enum weft_status read_dtype(const char *path, const json_t *json, bool integers,
                                   struct tensor_place *place)
{
    const char *dtype = json_string_value(json);
    size_t type = 0;
    while (dtype != NULL && type < (integers ? SAFETENSOR_TYPES : SAFETENSOR_I32) &&
           strcmp(dtype, safetensor_types[type].name) != 0)
        type++;
    if (dtype == NULL || type == (integers ? SAFETENSOR_TYPES : SAFETENSOR_I32))
        return fail(WEFT_ERROR_MODEL, "%s: %s: dtype: got %.32s, need F32%s", path,
                    place->tensor.name, dtype == NULL ? "no text" : dtype,
                    integers ? ", F64, I32, I64 or U8" : " or F64");
    place->type = (enum safetensor_type)type;
    place->value_size = safetensor_types[type].size;
    return WEFT_OK;
}

static enum weft_status read_shape(const char *path, const json_t *json, struct safetensor *tensor)
{
    if (!json_is_array(json) || json_array_size(json) > SAFETENSORS_MAX_DIMENSIONS)
        return fail(WEFT_ERROR_MODEL, "%s: %s: shape: need a list of at most %d sizes", path,
                    tensor->name, SAFETENSORS_MAX_DIMENSIONS);
    tensor->dimensions = json_array_size(json);
    tensor->count = 1;
    for (size_t i = 0; i < tensor->dimensions; i++) {
        if (!size_from_json(json_array_get(json, i), &tensor->shape[i]) ||
            !size_multiply(tensor->count, tensor->shape[i], &tensor->count))
            return fail(WEFT_ERROR_MODEL,
                        "%s: %s: shape: size %zu is not a whole number of 0 or more, or overflows",
                        path, tensor->name, i);
    }
    return WEFT_OK;
}

static enum weft_status read_range(const char *path, const json_t *json, uint64_t data_size,
                                   struct tensor_place *place)
{
    size_t begin = 0, end = 0, bytes = 0;
    if (json_array_size(json) != 2 || !size_from_json(json_array_get(json, 0), &begin) ||
        !size_from_json(json_array_get(json, 1), &end) || begin > end)
        return fail(WEFT_ERROR_MODEL, "%s: %s: data_offsets: need two bytes, first and end", path,
                    place->tensor.name);
    if (end > data_size)
        return fail(WEFT_ERROR_MODEL,
                    "%s: %s: truncated: ends at byte %zu after the header, got %llu bytes", path,
                    place->tensor.name, end, (unsigned long long)data_size);
    if (!size_multiply(place->tensor.count, place->value_size, &bytes) || bytes != end - begin)
        return fail(WEFT_ERROR_MODEL, "%s: %s: data_offsets: got %zu bytes for %zu values of %zu",
                    path, place->tensor.name, end - begin, place->tensor.count, place->value_size);
    place->begin = begin;
    place->end = end;
    return WEFT_OK;
}

static enum weft_status read_place(const char *path, const char *name, const json_t *json,
                                   uint64_t data_size, bool integers, struct tensor_place *place)
{
    TRY(copy_name(path, name, &place->tensor.name));
    if (json_object_size(json) != 3)
        return fail(WEFT_ERROR_MODEL, "%s: %s: need only dtype, shape and data_offsets", path,
                    name);
    TRY(read_dtype(path, json_object_get(json, "dtype"), integers, place));
    TRY(read_shape(path, json_object_get(json, "shape"), &place->tensor));
    return read_range(path, json_object_get(json, "data_offsets"), data_size, place);
}

static int compare_entries(const void *a, const void *b)
{
    const struct safetensors_entry *left = a, *right = b;
    return strcmp(left->key, right->key);
}

static enum weft_status read_entries(const char *path, json_t *metadata,
                                     struct safetensors_header *header)
{
    const char *key = NULL;
    json_t *value = NULL;
    if (metadata == NULL)
        return WEFT_OK;
    if (!json_is_object(metadata))
        return fail(WEFT_ERROR_MODEL, "%s: %s: need an object", path, metadata_key);
    TRY(NEW_ARRAY(header->entries, json_object_size(metadata)));
    json_object_foreach(metadata, key, value)
    {
        struct safetensors_entry *entry = &header->entries[header->entry_count++];
        TRY(copy_name(path, key, &entry->key));
        if (!json_is_string(value))
            return fail(WEFT_ERROR_MODEL, "%s: %s: %s: need a text", path, metadata_key, key);
        TRY(text_copy(json_string_value(value), &entry->value));
    }
    qsort(header->entries, header->entry_count, sizeof *header->entries, compare_entries);
    return WEFT_OK;
}

/* Models and checkpoints are floats alone. Packed data is not, so it is named before its types. */
static enum weft_status refuse_packed(const char *path, const struct safetensors_header *header)
{
    for (size_t i = 0; i < header->entry_count; i++)
        if (strcmp(header->entries[i].key, "format") == 0 &&
            strcmp(header->entries[i].value, "weft-pack") == 0)
            return fail(WEFT_ERROR_MODEL,
                        "%s: got packed data, need a model or a checkpoint; --data takes packed "
                        "data",
                        path);
    return WEFT_OK;
}

/* Orders places by where they begin. If two begin at the same byte, the empty one comes first. */
static int compare_places(const void *a, const void *b)
{
    const struct tensor_place *left = a, *right = b;
    if (left->begin != right->begin)
        return left->begin < right->begin ? -1 : 1;
    return left->end < right->end ? -1 : left->end > right->end;
}

static enum weft_status check_coverage(const char *path, const struct safetensors_header *header,
                                       uint64_t data_size)
{
    uint64_t covered = 0;
    for (size_t i = 0; i < header->tensor_count; i++) {
        const struct tensor_place *place = &header->places[i];
        if (place->begin != covered)
            return fail(WEFT_ERROR_MODEL,
                        "%s: %s: data_offsets: begins at byte %llu, %s: need byte %llu", path,
                        place->tensor.name, (unsigned long long)place->begin,
                        place->begin < covered ? "within another tensor" : "after a gap",
                        (unsigned long long)covered);
        covered = place->end;
    }
    if (covered != data_size)
        return fail(WEFT_ERROR_MODEL, "%s: got %llu bytes after the header, its tensors have %llu",
                    path, (unsigned long long)data_size, (unsigned long long)covered);
    return WEFT_OK;
}

static enum weft_status read_tree(const char *path, json_t *tree, uint64_t data_size, bool integers,
                                  struct safetensors_header *header)
{
    const char *name = NULL;
    json_t *value = NULL;
    if (!json_is_object(tree))
        return fail(WEFT_ERROR_MODEL, "%s: header: need a JSON object", path);
    TRY(read_entries(path, json_object_get(tree, metadata_key), header));
    if (!integers)
        TRY(refuse_packed(path, header));
    TRY(NEW_ARRAY(header->places, json_object_size(tree)));
    json_object_foreach(tree, name, value)
    {
        if (strcmp(name, metadata_key) != 0)
            TRY(read_place(path, name, value, data_size, integers,
                           &header->places[header->tensor_count++]));
    }
    qsort(header->places, header->tensor_count, sizeof *header->places, compare_places);
    return check_coverage(path, header, data_size);
}

enum weft_status safetensors_header_read(const char *path, const char *text, size_t size,
                                         uint64_t data_size, bool integers,
                                         struct safetensors_header *header)
{
    json_t *tree = NULL;
    *header = (struct safetensors_header){0};
    TRY(json_text_parse(path, text, size, &tree));
    const enum weft_status status = read_tree(path, tree, data_size, integers, header);
    json_decref(tree);
    if (status != WEFT_OK)
        safetensors_header_reset(header);
    return status;
}

void safetensors_header_reset(struct safetensors_header *header)
{
    for (size_t i = 0; i < header->tensor_count; i++)
        memory_free(header->places[i].tensor.name);
    for (size_t i = 0; i < header->entry_count; i++) {
        memory_free(header->entries[i].key);
        memory_free(header->entries[i].value);
    }
    memory_free(header->places);
    memory_free(header->entries);
    *header = (struct safetensors_header){0};
}
