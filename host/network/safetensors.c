/* A safetensors file in memory: finds tensors and entries, and adds copies. */
#include "network/safetensors.h"

#include <string.h>

#include "base/memory.h"

const struct safetensor *safetensors_find(const struct safetensors *file, const char *name)
{
    for (size_t i = 0; i < file->tensor_count; i++) {
        if (strcmp(file->tensors[i].name, name) == 0)
            return &file->tensors[i];
    }
    return NULL;
}

const char *safetensors_entry(const struct safetensors *file, const char *key)
{
    for (size_t i = 0; i < file->entry_count; i++) {
        if (strcmp(file->entries[i].key, key) == 0)
            return file->entries[i].value;
    }
    return NULL;
}

/* Grows an array by one element. Each call copies the array, which is fine because the files that
 * Weft writes have only a few dozen tensors and entries. */
static enum weft_status grow(void **array, size_t count, size_t size)
{
    void *larger = memory_zeroed(count + 1, size);
    if (larger == NULL)
        return memory_exhausted(count + 1, size);
    if (count > 0)
        memcpy(larger, *array, count * size);
    memory_free(*array);
    *array = larger;
    return WEFT_OK;
}

static enum weft_status count_values(struct safetensor *tensor)
{
    tensor->count = 1;
    for (size_t i = 0; i < tensor->dimensions; i++) {
        if (!size_multiply(tensor->count, tensor->shape[i], &tensor->count))
            return fail(WEFT_ERROR_INTERNAL, "%s: the shape overflows", tensor->name);
    }
    return WEFT_OK;
}

enum weft_status safetensors_add(struct safetensors *file, const char *name, const float *values,
                                 const size_t *shape, size_t dimensions)
{
    void *tensors = file->tensors;
    TRY(grow(&tensors, file->tensor_count, sizeof *file->tensors));
    file->tensors = tensors;
    /* Count the tensor first: safetensors_reset then frees it even if it is half-built. */
    struct safetensor *tensor = &file->tensors[file->tensor_count++];
    tensor->dimensions = dimensions;
    memcpy(tensor->shape, shape, dimensions * sizeof *shape);
    TRY(text_copy(name, &tensor->name));
    TRY(count_values(tensor));
    TRY(NEW_ARRAY(tensor->values, tensor->count));
    memcpy(tensor->values, values, tensor->count * sizeof *values);
    return WEFT_OK;
}

enum weft_status safetensors_add_entry(struct safetensors *file, const char *key, const char *value)
{
    size_t place = file->entry_count;
    void *entries = file->entries;
    TRY(grow(&entries, file->entry_count, sizeof *file->entries));
    file->entries = entries;
    for (; place > 0 && strcmp(file->entries[place - 1].key, key) > 0; place--)
        file->entries[place] = file->entries[place - 1];
    file->entries[place] = (struct safetensors_entry){0};
    ++file->entry_count;
    TRY(text_copy(key, &file->entries[place].key));
    return text_copy(value, &file->entries[place].value);
}
