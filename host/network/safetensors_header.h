/* The JSON header of a safetensors file. It is fully checked before any value is read. */
#ifndef WEFT_NETWORK_SAFETENSORS_HEADER_H
#define WEFT_NETWORK_SAFETENSORS_HEADER_H

#include "network/safetensors.h"

/* Types of values. Models have floats alone. */
enum safetensor_type {
    SAFETENSOR_F32,
    SAFETENSOR_F64,
    SAFETENSOR_I32,
    SAFETENSOR_I64,
    SAFETENSOR_U8,
    SAFETENSOR_TYPES
};

struct safetensor_type_traits {
    const char *name;
    size_t size; /* of a value, in bytes */
};
extern const struct safetensor_type_traits safetensor_types[SAFETENSOR_TYPES];

/* The position of a tensor's values, in bytes after the header. */
struct tensor_place {
    struct safetensor tensor; /* `values` is NULL */
    enum safetensor_type type;
    size_t value_size; /* of the type, in bytes */
    uint64_t begin, end;
};

struct safetensors_header {
    size_t tensor_count;
    struct tensor_place *places; /* [tensor_count] owned, in the order of the data */
    size_t entry_count;
    struct safetensors_entry *entries; /* [entry_count] owned, sorted by key */
};

/* Reads the header `text` [size]. `data_size` is the number of bytes that follow the header in the
 * file; the tensors must cover them without overlap or gap. Without `integers`, all tensors must be
 * floats. Returns WEFT_ERROR_MODEL with a message that begins with `path`. */
WEFT_MUST_CHECK enum weft_status safetensors_header_read(const char *path, const char *text,
                                                         size_t size, uint64_t data_size,
                                                         bool integers,
                                                         struct safetensors_header *header);

/* Makes the first bytes of a file, up to the values: the length, and the header, padded with spaces
 * to a multiple of 8 bytes. Names, shapes, types and entries of `header` must be set; `begin` and
 * `end` of each tensor follow from their order, and are set. Free `*bytes` with memory_free. */
WEFT_MUST_CHECK enum weft_status safetensors_header_make(const char *path,
                                                         struct safetensors_header *header,
                                                         unsigned char **bytes, size_t *size);

void safetensors_header_reset(struct safetensors_header *header);

#endif
