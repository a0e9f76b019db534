/* The safetensors format: 8 bytes for the length of the header, a JSON header, and raw
 * little-endian tensors. It is described at huggingface.co/docs/safetensors. This code knows
 * nothing about networks. */
#ifndef WEFT_NETWORK_SAFETENSORS_H
#define WEFT_NETWORK_SAFETENSORS_H

#include "base/status.h"

enum {
    SAFETENSORS_MAX_DIMENSIONS = 8,
    SAFETENSORS_MAX_HEADER = 1 << 20 /* bytes of the JSON header; larger headers are rejected */
};

struct safetensor {
    char *name; /* owned */
    size_t dimensions;
    size_t shape[SAFETENSORS_MAX_DIMENSIONS];
    size_t count;  /* product of the shape; 1 without dimensions */
    float *values; /* [count] owned; NULL until the values are loaded */
};

struct safetensors_entry {
    char *key, *value; /* owned */
};

struct safetensors_input; /* see safetensors_input.h */

/* A file in memory: its tensors and its __metadata__. */
struct safetensors {
    size_t tensor_count;
    struct safetensor *tensors; /* [tensor_count] owned */
    size_t entry_count;
    struct safetensors_entry *entries; /* [entry_count] owned, sorted by key */
    struct safetensors_input *input;   /* owned; NULL unless the file is open */
};

/* Opens a file, and reads and checks its header. The shapes and metadata suffice to reject a
 * file without reading gigabytes of values. Call safetensors_load or safetensors_reset next.
 * Returns the errors of safetensors_read. */
WEFT_MUST_CHECK enum weft_status safetensors_open(const char *path, struct safetensors *file);

/* Reads the values of an open file and closes it. Does nothing if they are there already. */
WEFT_MUST_CHECK enum weft_status safetensors_load(struct safetensors *file);

/* Opens and loads a whole file. The tensors must be F32 or F64; F64 values are rounded to float32.
 *
 * Returns WEFT_ERROR_MODEL if the file is truncated or if its header is not JSON. It returns the
 * same error if ranges overlap or leave a gap, if a shape does not match its range, or if a dtype
 * is not supported. Returns WEFT_ERROR_IO if the file cannot be read.
 */
WEFT_MUST_CHECK enum weft_status safetensors_read(const char *path, struct safetensors *file);

/* Writes `file` to `path`, completely or not at all (see file_replace). Header keys are sorted,
 * tensors keep their order, and spaces pad the header to a multiple of 8 bytes. Therefore, equal
 * content gives equal bytes. */
WEFT_MUST_CHECK enum weft_status safetensors_write(const char *path,
                                                   const struct safetensors *file);
void safetensors_reset(struct safetensors *file);

/* Return the tensor or the metadata value of the given name, borrowed, or NULL if there is none. */
const struct safetensor *safetensors_find(const struct safetensors *file, const char *name);
const char *safetensors_entry(const struct safetensors *file, const char *key);

/* Add a copy of a tensor or of a metadata entry. Use these functions for files that are about to be
 * written. */
WEFT_MUST_CHECK enum weft_status safetensors_add(struct safetensors *file, const char *name,
                                                 const float *values, const size_t *shape,
                                                 size_t dimensions);
WEFT_MUST_CHECK enum weft_status safetensors_add_entry(struct safetensors *file, const char *key,
                                                       const char *value);

#endif
