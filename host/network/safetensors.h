/* The safetensors container: 8 bytes length, a JSON header, raw little-endian tensors.
 * Format: huggingface.co/docs/safetensors. Knows nothing of networks. */
#ifndef WEFT_NETWORK_SAFETENSORS_H
#define WEFT_NETWORK_SAFETENSORS_H

#include "base/status.h"

enum {
    SAFETENSORS_MAX_DIMENSIONS = 8,
    SAFETENSORS_MAX_HEADER = 1 << 20 /* bytes of the JSON header; a larger one is refused */
};

struct safetensor {
    char *name; /* owned */
    size_t dimensions;
    size_t shape[SAFETENSORS_MAX_DIMENSIONS];
    size_t count;  /* product of the shape; 1 without dimensions */
    float *values; /* [count] owned; NULL while the file is open */
};

struct safetensors_entry {
    char *key, *value; /* owned */
};

struct safetensors_input; /* a file whose header was read, and whose values were not */

/* A file in memory: its tensors and its __metadata__. */
struct safetensors {
    size_t tensor_count;
    struct safetensor *tensors; /* [tensor_count] owned */
    size_t entry_count;
    struct safetensors_entry *entries; /* [entry_count] owned, sorted by key */
    struct safetensors_input *input;   /* owned; NULL unless it is open */
};

/* Reads and checks the header: shapes and metadata, which are enough to refuse a file for, without
 * the gigabytes behind them. Then safetensors_load, or safetensors_reset. Errors as below. */
WEFT_MUST_CHECK enum weft_status safetensors_open(const char *path, struct safetensors *file);

/* Reads the values of an open file, and closes it. */
WEFT_MUST_CHECK enum weft_status safetensors_load(struct safetensors *file);

/* Opens and loads a whole file: F32 tensors, and F64 ones rounded to float32.
 * WEFT_ERROR_MODEL: truncated, header not JSON, ranges that overlap, are missing or leave a gap,
 * a dtype that is not F32 or F64, shape and range that differ; WEFT_ERROR_IO: cannot be read. */
WEFT_MUST_CHECK enum weft_status safetensors_read(const char *path, struct safetensors *file);

/* Writes `file` to `path`, whole or not at all (file_replace). Header keys sorted, tensors in the
 * order given, header padded with spaces to 8 bytes: equal content gives equal bytes. */
WEFT_MUST_CHECK enum weft_status safetensors_write(const char *path,
                                                   const struct safetensors *file);
void safetensors_reset(struct safetensors *file);
void safetensors_input_close(struct safetensors_input *input); /* for safetensors_reset */

/* The tensor or metadata value of that name, borrowed; NULL if there is none. */
const struct safetensor *safetensors_find(const struct safetensors *file, const char *name);
const char *safetensors_entry(const struct safetensors *file, const char *key);

/* Adds a copy; for files that are about to be written. */
WEFT_MUST_CHECK enum weft_status safetensors_add(struct safetensors *file, const char *name,
                                                 const float *values, const size_t *shape,
                                                 size_t dimensions);
WEFT_MUST_CHECK enum weft_status safetensors_add_entry(struct safetensors *file, const char *key,
                                                       const char *value);

#endif
