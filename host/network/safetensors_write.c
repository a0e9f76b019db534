/* Writes a safetensors file. Equal content gives equal bytes: keys are sorted, tensors keep their
 * order, and the file contains nothing else, such as a time, a path or a host name. */
#include "network/safetensors.h"

#include <jansson.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"

/* The data begin at a multiple of ALIGNMENT bytes, so a mapped file can be used in place. */
enum { LENGTH_BYTES = 8, ALIGNMENT = 8 };

static const size_t dump_flags = JSON_COMPACT | JSON_SORT_KEYS;

static enum weft_status no_tree(const char *what)
{
    return fail(WEFT_ERROR_MEMORY, "%s: no memory for its JSON, or the text is not UTF-8", what);
}

static enum weft_status add_entries(json_t *tree, const struct safetensors *file)
{
    json_t *metadata = json_object();
    if (json_object_set_new(tree, "__metadata__", metadata) != 0)
        return no_tree("__metadata__");
    for (size_t i = 0; i < file->entry_count; i++) {
        const struct safetensors_entry *entry = &file->entries[i];
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

static enum weft_status add_tensors(json_t *tree, const struct safetensors *file)
{
    size_t begin = 0;
    for (size_t i = 0; i < file->tensor_count; i++) {
        const struct safetensor *tensor = &file->tensors[i];
        const size_t end = begin + tensor->count * sizeof(float);
        json_t *info =
            json_pack("{s:s, s:o, s:[I, I]}", "dtype", "F32", "shape", shape_to_json(tensor),
                      "data_offsets", (json_int_t)begin, (json_int_t)end);
        if (json_object_set_new(tree, tensor->name, info) != 0)
            return no_tree(tensor->name);
        begin = end;
    }
    return WEFT_OK;
}

static size_t data_bytes(const struct safetensors *file)
{
    size_t bytes = 0;
    for (size_t i = 0; i < file->tensor_count; i++)
        bytes += file->tensors[i].count * sizeof(float);
    return bytes;
}

/* Writes the low `size` bytes of `value` in little-endian order. */
static void put_little_endian(uint64_t value, size_t size, unsigned char *bytes)
{
    for (size_t i = 0; i < size; i++)
        bytes[i] = (unsigned char)(value >> 8 * i);
}

static void put_values(const struct safetensors *file, unsigned char *bytes)
{
    for (size_t i = 0; i < file->tensor_count; i++) {
        for (size_t k = 0; k < file->tensors[i].count; ++k, bytes += sizeof(float)) {
            uint32_t bits;
            memcpy(&bits, &file->tensors[i].values[k], sizeof bits);
            put_little_endian(bits, sizeof bits, bytes);
        }
    }
}

static enum weft_status write_image(const char *path, const json_t *tree, size_t json_size,
                                    const struct safetensors *file)
{
    const size_t header = (json_size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    struct file_part image = {.size = LENGTH_BYTES + header + data_bytes(file)};
    unsigned char *bytes = NULL;
    TRY(NEW_ARRAY(bytes, image.size));
    put_little_endian(header, LENGTH_BYTES, bytes);
    memset(bytes + LENGTH_BYTES, ' ', header);
    put_values(file, bytes + LENGTH_BYTES + header);
    image.data = bytes;
    /* json_dumpb allocates memory to sort the keys, so it may fail here. */
    const bool dumped =
        json_dumpb(tree, (char *)bytes + LENGTH_BYTES, json_size, dump_flags) == json_size;
    const enum weft_status status = dumped ? file_replace(path, &image, 1) : no_tree(path);
    memory_free(bytes);
    return status;
}

static enum weft_status write_tree(const char *path, json_t *tree, const struct safetensors *file)
{
    TRY(add_entries(tree, file));
    TRY(add_tensors(tree, file));
    const size_t json_size = json_dumpb(tree, NULL, 0, dump_flags);
    if (json_size == 0)
        return no_tree(path);
    if (json_size > SAFETENSORS_MAX_HEADER - ALIGNMENT)
        return fail(WEFT_ERROR_MODEL, "%s: header of %zu bytes: need at most %d", path, json_size,
                    SAFETENSORS_MAX_HEADER - ALIGNMENT);
    return write_image(path, tree, json_size, file);
}

enum weft_status safetensors_write(const char *path, const struct safetensors *file)
{
    json_t *tree = json_object();
    if (tree == NULL)
        return no_tree(path);
    const enum weft_status status = write_tree(path, tree, file);
    json_decref(tree);
    return status;
}
