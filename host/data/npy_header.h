/* The header of an NPY file. Only the NPY reader uses it. */
#ifndef WEFT_DATA_NPY_HEADER_H
#define WEFT_DATA_NPY_HEADER_H

#include "data/npy.h"

enum npy_kind { NPY_UNSIGNED, NPY_SIGNED, NPY_FLOAT };

struct npy_header {
    enum npy_kind kind;
    size_t value_bytes;
    bool big_endian;
    bool fortran; /* the first dimension is fastest */
    size_t dimensions;
    size_t sizes[ARRAY_MOST_DIMENSIONS];
    size_t bytes; /* size of the header */
};

/* Reads and checks the header. Returns the errors of npy_read. */
WEFT_MUST_CHECK enum weft_status npy_header_read(const struct npy_bytes *bytes,
                                                 struct npy_header *header);

#endif
