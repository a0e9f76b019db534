/* The header of an IDX file, checked against its file; for the IDX reader alone. */
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

enum { IDX_MAX_DIMENSIONS = 8, IDX_COUNTS_OFFSET = 4 /* byte of the number of samples */ };

struct idx_header {
    enum idx_type type;
    size_t value_bytes; /* of one value */
    size_t dimensions;
    size_t sizes[IDX_MAX_DIMENSIONS]; /* [dimensions]; sizes[0] counts samples */
    size_t features;                  /* product of the other sizes; 1 without */
    size_t bytes;                     /* of the header itself */
    size_t payload_bytes;             /* of all values */
};

/* Reads the header from the beginning of `source`. Afterwards its sizes are known to fit the file
 * (exactly for a plain one; for gzip, what such a file can hold at most) and a size_t, also as
 * float32. `path` is for messages. WEFT_ERROR_DATA otherwise. */
WEFT_MUST_CHECK enum weft_status idx_header_read(struct byte_source *source, const char *path,
                                                 struct idx_header *header);

/* Whether the header is one of targets: two dimensions, or one of floating-point numbers. */
bool idx_header_has_targets(const struct idx_header *header);

/* WEFT_ERROR_DATA unless the header is one of labels: one dimension, an integer type. `known`: of
 * classes that are known, which targets cannot be of. */
WEFT_MUST_CHECK enum weft_status idx_header_check_labels(const struct idx_header *header,
                                                         bool known, const char *path);

#endif
