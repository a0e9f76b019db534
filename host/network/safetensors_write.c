/* Writes a safetensors file. Equal content gives equal bytes: keys are sorted, tensors keep their
 * order, and the file contains nothing else, such as a time, a path or a host name. */
#include "network/safetensors.h"

#include <jansson.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "network/safetensors_header.h"

/* The data begin at a multiple of ALIGNMENT bytes, so a mapped file can be used in place. */
enum { LENGTH_BYTES = 8, ALIGNMENT = 8 };

static const size_t dump_flags = JSON_COMPACT | JSON_SORT_KEYS;

static enum weft_status no_tree(const char *what)
{
    return fail(WEFT_ERROR_MEMORY, "%s: no memory for its JSON, or the text is not UTF-8", what);
}

static enum weft_status add_entries(json_t *tree, const struct safetensors_header *header)
{
    json_t *metadata = json_object();
    if (json_object_set_new(tree, "__metadata__", metadata) != 0)
        return no_tree("__metadata__");
    for (size_t i = 0; i < header->entry_count; i++) {
        const struct safetensors_entry *entry = &header->entries[i];
        if (json_object_set_new(metadata, entry->key, json_string(entry->value)) != 0)
            return no_tree(entry->key);
    }
    return WEFT_OK;
}

static json_t *shape_to_json(const struct safetensor *tensor)
{
    json_t *shape = json_array();
    for (size_t i = 0; i < tensor->dimensions; i++) {
        if (json_array_append_new(shape, json_integer((json_int_t)tensor->shape[i])) != 0) {
            json_decref(shape);
            return NULL;
        }
    }
    return shape;
}

static enum weft_status add_tensors(json_t *tree, struct safetensors_header *header)
{
    uint64_t begin = 0;
    for (size_t i = 0; i < header->tensor_count; i++) {
        struct tensor_place *place = &header->places[i];
        const struct safetensor_type_traits *type = &safetensor_types[place->type];
        place->begin = begin;
        place->end = begin + (uint64_t)place->tensor.count * type->size;
        json_t *info = json_pack("{s:s, s:o, s:[I, I]}", "dtype", type->name, "shape",
                                 shape_to_json(&place->tensor), "data_offsets",
                                 (json_int_t)place->begin, (json_int_t)place->end);
        if (json_object_set_new(tree, place->tensor.name, info) != 0)
            return no_tree(place->tensor.name);
        begin = place->end;
    }
    return WEFT_OK;
}

/* Writes the low `size` bytes of `value` in little-endian order. */
static void put_little_endian(uint64_t value, size_t size, unsigned char *bytes)
{
    for (size_t i = 0; i < size; i++)
        bytes[i] = (unsigned char)(value >> 8 * i);
}

/* json_dumpb allocates memory to sort the keys, so it may fail here. */
static enum weft_status dump_header(const char *path, const json_t *tree, size_t json_size,
                                    unsigned char **bytes, size_t *size)
{
    const size_t header = (json_size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    *size = LENGTH_BYTES + header;
    TRY(NEW_ARRAY(*bytes, *size));
    put_little_endian(header, LENGTH_BYTES, *bytes);
    memset(*bytes + LENGTH_BYTES, ' ', header);
    return json_dumpb(tree, (char *)*bytes + LENGTH_BYTES, json_size, dump_flags) == json_size
               ? WEFT_OK
               : no_tree(path);
}

static enum weft_status make_header(const char *path, json_t *tree,
                                    struct safetensors_header *header, unsigned char **bytes,
                                    size_t *size)
{
    TRY(add_entries(tree, header));
    TRY(add_tensors(tree, header));
    const size_t json_size = json_dumpb(tree, NULL, 0, dump_flags);
    if (json_size == 0)
        return no_tree(path);
    if (json_size > SAFETENSORS_MAX_HEADER - ALIGNMENT)
        return fail(WEFT_ERROR_MODEL, "%s: header of %zu bytes: need at most %d", path, json_size,
                    SAFETENSORS_MAX_HEADER - ALIGNMENT);
    return dump_header(path, tree, json_size, bytes, size);
}

enum weft_status safetensors_header_make(const char *path, struct safetensors_header *header,
                                         unsigned char **bytes, size_t *size)
{
    json_t *tree = json_object();
    *bytes = NULL;
    if (tree == NULL)
        return no_tree(path);
    const enum weft_status status = make_header(path, tree, header, bytes, size);
    json_decref(tree);
    if (status != WEFT_OK) {
        memory_free(*bytes);
        *bytes = NULL;
    }
    return status;
}

/* ---- whole files ---- */

/* Produces the bytes of floats; a block begins with a whole value, and so does its end. */
static void floats_produce(const void *data, size_t first, size_t count, unsigned char *bytes)
{
    const float *values = (const float *)data + first / sizeof *values;
    for (size_t i = 0; i < count / sizeof *values; i++) {
        uint32_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        put_little_endian(bits, sizeof bits, bytes + i * sizeof bits);
    }
}

static enum weft_status write_parts(const char *path, const struct safetensors *file,
                                    struct safetensors_header *header, struct file_part *parts)
{
    unsigned char *bytes;
    for (size_t i = 0; i < file->tensor_count; i++) {
        header->places[i].tensor = file->tensors[i];
        parts[i + 1] = (struct file_part){.data = file->tensors[i].values,
                                          .size = file->tensors[i].count * sizeof(float),
                                          .produce = floats_produce};
    }
    TRY(safetensors_header_make(path, header, &bytes, &parts[0].size));
    parts[0].data = bytes;
    const enum weft_status status = file_replace(path, parts, file->tensor_count + 1);
    memory_free(bytes);
    return status;
}

enum weft_status safetensors_write(const char *path, const struct safetensors *file)
{
    struct safetensors_header header = {.tensor_count = file->tensor_count,
                                        .entry_count = file->entry_count,
                                        .entries = file->entries};
    struct file_part *parts = NULL; /* [1 + tensor_count] */
    enum weft_status status = NEW_ARRAY(header.places, file->tensor_count);
    if (status == WEFT_OK)
        status = NEW_ARRAY(parts, file->tensor_count + 1);
    if (status == WEFT_OK)
        status = write_parts(path, file, &header, parts);
    memory_free(parts);
    memory_free(header.places);
    return status;
}
