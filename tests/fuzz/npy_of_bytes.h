/* Reads an NPY file whose bytes are in memory. */
#ifndef WEFT_TESTS_FUZZ_NPY_OF_BYTES_H
#define WEFT_TESTS_FUZZ_NPY_OF_BYTES_H

#include "data/npy.h"
#include "fuzz_target.h"
#include "memory_files.h"

/* The bytes become the file "file", which stays. */
static inline enum weft_status npy_of_bytes(const uint8_t *data, size_t size, struct array *array)
{
    struct byte_source *source;
    memory_files_set("file", data, size);
    REQUIRE(byte_source_open("file", &source) == WEFT_OK);
    const enum weft_status status = npy_read_source(source, "file", array);
    byte_source_close(source);
    return status;
}

#endif
