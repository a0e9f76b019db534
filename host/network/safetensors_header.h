/* The JSON header of a safetensors file. It is fully checked before any value is read. */
#ifndef WEFT_NETWORK_SAFETENSORS_HEADER_H
#define WEFT_NETWORK_SAFETENSORS_HEADER_H

#include "network/safetensors.h"

/* The position of a tensor's values, in bytes after the header. */
struct tensor_place {
    struct safetensor tensor; /* `values` is NULL */
    size_t value_size;        /* 4: F32, 8: F64 */
    uint64_t begin, end;
};

struct safetensors_header {
    size_t tensor_count;
    struct tensor_place *places; /* [tensor_count] owned, in the order of the data */
    size_t entry_count;
    struct safetensors_entry *entries; /* [entry_count] owned, sorted by key */
};

/* Reads the header `text` [size]. `data_size` is the number of bytes that follow the header in the
 * file; the tensors must cover them without overlap or gap. Returns WEFT_ERROR_MODEL with a message
 * that begins with `path`. */
WEFT_MUST_CHECK enum weft_status safetensors_header_read(const char *path, const char *text,
                                                         size_t size, uint64_t data_size,
                                                         struct safetensors_header *header);
void safetensors_header_reset(struct safetensors_header *header);

#endif
