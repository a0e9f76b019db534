/* NPY, the file format of a NumPy array
 * (numpy.org/doc/stable/reference/generated/numpy.lib.format). The file begins with a magic number
 * and a header that is a literal of a Python dictionary; the values follow. */
#ifndef WEFT_DATA_NPY_H
#define WEFT_DATA_NPY_H

#include "data/array.h"
#include "data/byte_source.h"

/* Bytes that hold an NPY file: a whole file, or a member of an NPZ file. */
struct npy_bytes {
    const char *name; /* borrowed; for messages */
    enum weft_status (*read)(void *from, void *buffer, size_t size, size_t *got); /* as
                                                                          byte_source_read */
    void *from;    /* borrowed; passed to `read` */
    uint64_t most; /* upper bound of their number */
    bool map;      /* `name` is a plain file: map its values if they can be used in place */
};

/* Reads an array of numbers or bool, in either byte order and in C or Fortran order.
 *
 * The sizes are compared with `bytes->most` before anything is allocated. Returns WEFT_ERROR_DATA
 * for a damaged file, and for values that are not real numbers: complex numbers, texts, dates,
 * structures and Python objects, which the message names. */
WEFT_MUST_CHECK enum weft_status npy_read(const struct npy_bytes *bytes, struct array *array);

/* Reads an NPY file, plain or gzip. npy_map_source maps the values instead if the file is plain and
 * they are float32 or bytes in the order and the byte order of this machine. */
WEFT_MUST_CHECK enum weft_status npy_read_source(struct byte_source *source, const char *path,
                                                 struct array *array);
WEFT_MUST_CHECK enum weft_status npy_map_source(struct byte_source *source, const char *path,
                                                struct array *array);

#endif
