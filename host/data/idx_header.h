/* The header of an IDX file, verified against the file. Only the IDX reader uses it. */
#ifndef WEFT_DATA_IDX_HEADER_H
#define WEFT_DATA_IDX_HEADER_H

#include "data/byte_source.h"

enum idx_type {
    IDX_UINT8 = 0x08,
    IDX_INT8 = 0x09,
    IDX_INT16 = 0x0b,
    IDX_INT32 = 0x0c,
    IDX_FLOAT32 = 0x0d,
    IDX_FLOAT64 = 0x0e
};

enum { IDX_MAX_DIMENSIONS = 8, IDX_COUNTS_OFFSET = 4 /* byte offset of the number of samples */ };

struct idx_header {
    enum idx_type type;
    size_t value_bytes; /* size of one value */
    size_t dimensions;
    size_t sizes[IDX_MAX_DIMENSIONS]; /* [dimensions]; sizes[0] is the number of samples */
    size_t features;                  /* product of the other sizes; 1 if there are none */
    size_t bytes;                     /* size of the header */
    size_t payload_bytes;             /* size of all values */
};

/* Reads the header from the beginning of `source` and verifies it; `path` is for messages.
 *
 * Afterward, the sizes match the file: exactly for a plain file, and within the maximum expansion
 * for gzip. The values also fit a size_t, even as float32. Returns WEFT_ERROR_DATA otherwise.
 */
WEFT_MUST_CHECK enum weft_status idx_header_read(struct byte_source *source, const char *path,
                                                 struct idx_header *header);

/* Tells whether the file holds targets: two dimensions, or one of a floating-point type. */
bool idx_header_has_targets(const struct idx_header *header);

/* Checks that the file holds labels: one dimension of an integer type. `known` says that the
 * classes are known, which rules out targets. Returns WEFT_ERROR_DATA otherwise. */
WEFT_MUST_CHECK enum weft_status idx_header_check_labels(const struct idx_header *header,
                                                         bool known, const char *path);

#endif
