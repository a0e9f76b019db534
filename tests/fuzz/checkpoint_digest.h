/* Computes the digest of a checkpoint from the bytes of its file, by other means than Weft: jansson
 * reads the header, and the values are digested where they lie. */
#ifndef WEFT_TESTS_FUZZ_CHECKPOINT_DIGEST_H
#define WEFT_TESTS_FUZZ_CHECKPOINT_DIGEST_H

#include <inttypes.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIGEST_TEXT = 17, DIGEST_TENSORS = 64, DIGEST_DIMENSIONS = 8 };

/* FNV-1a with 64 bits. */
static inline uint64_t fnv(uint64_t digest, const void *data, size_t size)
{
    for (size_t i = 0; i < size; i++)
        digest = (digest ^ ((const unsigned char *)data)[i]) * UINT64_C(1099511628211);
    return digest;
}

static inline uint64_t fnv_text(uint64_t digest, const char *text)
{
    return fnv(digest, text, strlen(text) + 1);
}

/* A tensor of the header. */
struct digest_tensor {
    const char *name;
    const json_t *shape;
    size_t begin, end; /* of its values, from the end of the header */
};

static inline int digest_tensor_order(const void *a, const void *b)
{
    const struct digest_tensor *one = a, *two = b;
    if (one->begin != two->begin)
        return one->begin < two->begin ? -1 : 1;
    return one->end < two->end ? -1 : one->end > two->end;
}

static inline int digest_text_order(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static inline uint64_t digest_of_entries(const json_t *entries, uint64_t digest)
{
    const size_t count = json_object_size(entries);
    const char **keys = malloc((count + 1) * sizeof *keys), *key;
    size_t n = 0;
    json_t *value;
    json_object_foreach((json_t *)entries, key, value) keys[n++] = key;
    qsort(keys, n, sizeof *keys, digest_text_order);
    for (size_t i = 0; i < n; i++) {
        const char *text = json_string_value(json_object_get(entries, keys[i]));
        if (strcmp(keys[i], "digest") != 0 && text != NULL)
            digest = fnv_text(fnv_text(digest, keys[i]), text);
    }
    free(keys);
    return digest;
}

static inline uint64_t digest_of_tensor(const struct digest_tensor *tensor, const uint8_t *values,
                                        uint64_t digest)
{
    size_t shape[DIGEST_DIMENSIONS] = {0};
    const size_t dimensions = json_array_size(tensor->shape);
    for (size_t i = 0; i < dimensions; i++)
        shape[i] = (size_t)json_integer_value(json_array_get(tensor->shape, i));
    digest = fnv_text(digest, tensor->name);
    digest = fnv(digest, &dimensions, sizeof dimensions);
    digest = fnv(digest, shape, dimensions * sizeof *shape);
    return fnv(digest, values + tensor->begin, tensor->end - tensor->begin);
}

/* Reads the tensors of the header to `tensors`. Returns false if one is not F32, or not within the
 * `size` bytes of values. */
static inline bool digest_tensors(const json_t *header, size_t size,
                                  struct digest_tensor tensors[DIGEST_TENSORS], size_t *count)
{
    const char *name;
    json_t *value;
    *count = 0;
    json_object_foreach((json_t *)header, name, value)
    {
        const json_t *offsets = json_object_get(value, "data_offsets");
        const char *type = json_string_value(json_object_get(value, "dtype"));
        const json_int_t begin = json_integer_value(json_array_get(offsets, 0)),
                         end = json_integer_value(json_array_get(offsets, 1));
        const json_t *shape = json_object_get(value, "shape");
        if (strcmp(name, "__metadata__") == 0)
            continue;
        if (*count == DIGEST_TENSORS || type == NULL || strcmp(type, "F32") != 0 || begin < 0 ||
            begin > end || (uint64_t)end > size || json_array_size(shape) > DIGEST_DIMENSIONS)
            return false;
        tensors[(*count)++] = (struct digest_tensor){name, shape, (size_t)begin, (size_t)end};
    }
    qsort(tensors, *count, sizeof *tensors, digest_tensor_order);
    for (size_t i = 1; i < *count; i++)
        if (digest_tensor_order(&tensors[i - 1], &tensors[i]) == 0)
            return false;
    return true;
}

/* Writes the digest of a file. Returns false if its header cannot be read, if it holds something
 * else than F32, or if the order of two tensors without values is open. */
static inline bool checkpoint_digest_of(const uint8_t *data, size_t size, char text[DIGEST_TEXT])
{
    struct digest_tensor tensors[DIGEST_TENSORS];
    uint64_t length = 0, digest = UINT64_C(14695981039346656037);
    size_t count;
    for (size_t i = 8; size >= 8 && i-- > 0;)
        length = length << 8 | data[i];
    if (size < 8 || length > size - 8)
        return false;
    const uint8_t *values = data + 8 + length;
    json_t *header = json_loadb((const char *)data + 8, (size_t)length, 0, NULL);
    const bool good = digest_tensors(header, size - 8 - (size_t)length, tensors, &count);
    if (good) {
        digest = digest_of_entries(json_object_get(header, "__metadata__"), digest);
        for (size_t i = 0; i < count; i++)
            digest = digest_of_tensor(&tensors[i], values, digest);
        snprintf(text, DIGEST_TEXT, "%016" PRIx64, digest);
    }
    json_decref(header);
    return good;
}

#endif
