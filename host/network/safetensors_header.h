/* The JSON header of a safetensors file that is read: checked in full before any value is. */
#ifndef WEFT_NETWORK_SAFETENSORS_HEADER_H
#define WEFT_NETWORK_SAFETENSORS_HEADER_H

#include "network/safetensors.h"

/* Where the values of a tensor lie, in bytes after the header. */
struct tensor_place {
    struct safetensor tensor; /* `values` NULL */
    size_t value_size;        /* 4: F32, 8: F64 */
    uint64_t begin, end;
};

struct safetensors_header {
    size_t tensor_count;
    struct tensor_place *places; /* [tensor_count] owned, in the order of the data */
    size_t entry_count;
    struct safetensors_entry *entries; /* [entry_count] owned, sorted by key */
};

/* Checks `text` [size] against `data_size`, the bytes that the file has after the header: the
 * tensors cover these without overlap or gap. WEFT_ERROR_MODEL, the error begins with `path`. */
WEFT_MUST_CHECK enum weft_status safetensors_header_read(const char *path, const char *text,
                                                         size_t size, uint64_t data_size,
                                                         struct safetensors_header *header);
void safetensors_header_reset(struct safetensors_header *header);

#endif
