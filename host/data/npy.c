/* Reads the values of NPY files; see npy.h. */
#include "data/npy.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "data/bytes.h"
#include "data/npy_header.h"

enum {
    CHUNK_VALUES = 1 << 16,
    DEFLATE_MOST_RATIO = 1032 /* deflate expands 2 bits to 258 bytes at most. */
};

/* ---- values ---- */

static uint64_t load(const unsigned char *bytes, const struct npy_header *header)
{
    const size_t size = header->value_bytes;
    uint64_t bits = 0;
    for (size_t i = 0; i < size; i++)
        bits = bits << 8 | bytes[header->big_endian ? i : size - 1 - i];
    return bits;
}

/* IEEE 754 half precision: 1 bit of sign, 5 of exponent, 10 of fraction */
static double half_value(uint64_t bits)
{
    enum { FRACTION = 10, BIAS = 15, ALL_ONES = 31 };
    const int exponent = (int)(bits >> FRACTION & ALL_ONES);
    const double fraction = (double)(bits & 0x3ff) / 1024.0;
    double value =
        exponent == 0 ? ldexp(fraction, 1 - BIAS) : ldexp(1.0 + fraction, exponent - BIAS);
    if (exponent == ALL_ONES)
        value = fraction > 0.0 ? (double)NAN : (double)INFINITY;
    return bits >> 15 & 1 ? -value : value;
}

static double float_value(uint64_t bits, size_t size)
{
    const uint32_t low = (uint32_t)bits;
    double wide;
    float narrow;
    if (size == 2)
        return half_value(bits);
    memcpy(&wide, &bits, sizeof wide);
    memcpy(&narrow, &low, sizeof narrow);
    return size == 4 ? (double)narrow : wide;
}

/* Returns the two's complement number of `size` bytes. */
static double signed_value(uint64_t bits, size_t size)
{
    const uint64_t sign = UINT64_C(1) << (8 * size - 1);
    const int64_t value = (int64_t)(bits & (sign - 1)); /* rounded only once, by the last cast */
    return (double)(bits & sign ? value - (int64_t)(sign - 1) - 1 : value);
}

static double value_of(const unsigned char *bytes, const struct npy_header *header)
{
    const uint64_t bits = load(bytes, header);
    if (header->kind == NPY_FLOAT)
        return float_value(bits, header->value_bytes);
    return header->kind == NPY_SIGNED ? signed_value(bits, header->value_bytes) : (double)bits;
}

/* ---- places ---- */

/* Where the values of a file belong in an array in C order. */
struct places {
    size_t rows, columns;
    size_t *column; /* [columns] owned: place of each feature in Fortran order; NULL: C order */
};

/* Fills column[] by counting through the features with the first of their dimensions fastest. */
static void count_columns(const struct array *array, size_t *column)
{
    size_t index[ARRAY_MOST_DIMENSIONS] = {0};
    for (size_t i = 0; i < array->columns; i++) {
        size_t place = 0;
        for (size_t d = 1; d < array->dimensions; d++)
            place = place * array->sizes[d] + index[d];
        column[i] = place;
        for (size_t d = 1; d < array->dimensions && ++index[d] == array->sizes[d]; d++)
            index[d] = 0;
    }
}

static size_t place_of(const struct places *places, size_t value)
{
    if (places->column == NULL)
        return value;
    return value % places->rows * places->columns + places->column[value / places->rows];
}

/* ---- reading ---- */

/* Types of at most 32 bits of which float32 holds every value. */
static bool is_narrow(const struct npy_header *header)
{
    return header->kind == NPY_FLOAT ? header->value_bytes <= 4 : header->value_bytes <= 2;
}

static void store(const struct npy_header *header, const unsigned char *chunk, size_t first,
                  size_t count, const struct places *places, struct array *array)
{
    for (size_t i = 0; i < count; i++) {
        const double value = value_of(chunk + i * header->value_bytes, header);
        const size_t place = place_of(places, first + i);
        if (array->floats != NULL)
            array->floats[place] = (float)value;
        else
            array->doubles[place] = value;
    }
}

/* Reads all values, and checks that the bytes end after them. */
static enum weft_status read_chunks(const struct npy_bytes *bytes, const struct npy_header *header,
                                    const struct places *places, unsigned char *chunk,
                                    struct array *array)
{
    const size_t all = array->rows * array->columns, size = header->value_bytes;
    size_t got;
    for (size_t first = 0; first < all; first += CHUNK_VALUES) {
        const size_t count = size_min(CHUNK_VALUES, all - first);
        TRY(bytes->read(bytes->from, chunk, count * size, &got));
        if (got < count * size)
            return fail(WEFT_ERROR_DATA, "%s: byte %zu: values end: got %zu bytes, need %zu",
                        bytes->name, header->bytes + first * size + got, first * size + got,
                        all * size);
        store(header, chunk, first, count, places, array);
    }
    TRY(bytes->read(bytes->from, chunk, 1, &got));
    if (got > 0)
        return fail(WEFT_ERROR_DATA,
                    "%s: byte %zu: longer than its header says: got more than %zu bytes of values",
                    bytes->name, header->bytes + all * size, all * size);
    return WEFT_OK;
}

/* Compares the size of the values with the bytes that can be there. */
static enum weft_status check_size(const struct npy_bytes *bytes, const struct npy_header *header,
                                   const struct array *array)
{
    const uint64_t most = bytes->most > header->bytes ? bytes->most - header->bytes : 0;
    const uint64_t need = (uint64_t)array->rows * array->columns * header->value_bytes;
    if (need <= most)
        return WEFT_OK;
    return fail(WEFT_ERROR_DATA,
                "%s: byte %zu: values: got at most %" PRIu64 " bytes, need %" PRIu64
                " (%zu samples of %zu values of %zu bytes)",
                bytes->name, header->bytes, most, need, array->rows, array->columns,
                header->value_bytes);
}

static enum weft_status read_values(const struct npy_bytes *bytes, const struct npy_header *header,
                                    struct places *places, unsigned char **chunk,
                                    struct array *array)
{
    const size_t count = array->rows * array->columns;
    TRY(check_size(bytes, header, array));
    if (header->fortran && array->dimensions > 1) {
        TRY(NEW_ARRAY(places->column, array->columns));
        count_columns(array, places->column);
    }
    TRY(NEW_ARRAY(*chunk, size_min(count, CHUNK_VALUES) * header->value_bytes));
    TRY(is_narrow(header) ? NEW_ARRAY(array->floats, count) : NEW_ARRAY(array->doubles, count));
    TRY(read_chunks(bytes, header, places, *chunk, array));
    return array_narrow(array);
}

/* ---- mapping ---- */

/* Tells whether the values can be used where they lie. */
static bool can_map(const struct npy_bytes *bytes, const struct npy_header *header,
                    const struct array *array)
{
    const size_t size = header->value_bytes;
    const bool floats = header->kind == NPY_FLOAT && size == sizeof(float) &&
                        header->big_endian != bytes_are_little_endian() &&
                        header->bytes % sizeof(float) == 0;
    const bool whole = bytes->most == (uint64_t)array->rows * array->columns * size + header->bytes;
    const bool ordered = !header->fortran || array->dimensions == 1;
    return bytes->map && whole && ordered &&
           (floats || (header->kind == NPY_UNSIGNED && size == 1));
}

/* Maps the values. The size of the file was compared with the header before. */
static enum weft_status map_values(const struct npy_bytes *bytes, const struct npy_header *header,
                                   struct array *array)
{
    TRY(file_map_open(bytes->name, &array->map));
    const unsigned char *values = array->map->bytes + header->bytes;
    if (array->map->size != bytes->most)
        return fail(WEFT_ERROR_DATA, "%s: changes while it is read: got %zu bytes, need %" PRIu64,
                    bytes->name, array->map->size, bytes->most);
    if (header->kind == NPY_FLOAT)
        array->floats = (float *)(uintptr_t)values; /* nobody writes to a map */
    else
        array->bytes = values;
    return header->kind == NPY_FLOAT ? array_narrow(array) : WEFT_OK;
}

static enum weft_status read_array(const struct npy_bytes *bytes, struct array *array)
{
    struct npy_header header;
    unsigned char *chunk = NULL;
    TRY(text_copy(bytes->name, &array->name));
    TRY(npy_header_read(bytes, &header));
    array->integers = header.kind != NPY_FLOAT;
    array->dimensions = header.dimensions;
    memcpy(array->sizes, header.sizes, sizeof array->sizes);
    TRY(array_settle(array));
    if (can_map(bytes, &header, array))
        return map_values(bytes, &header, array);
    struct places places = {.rows = array->rows, .columns = array->columns};
    const enum weft_status status = read_values(bytes, &header, &places, &chunk, array);
    memory_free(places.column);
    memory_free(chunk);
    return status;
}

enum weft_status npy_read(const struct npy_bytes *bytes, struct array *array)
{
    *array = (struct array){.name = NULL};
    const enum weft_status status = read_array(bytes, array);
    if (status != WEFT_OK)
        array_reset(array);
    return status;
}

static enum weft_status read_source(void *from, void *buffer, size_t size, size_t *got)
{
    return byte_source_read(from, buffer, size, got);
}

static enum weft_status take_source(struct byte_source *source, const char *path, bool map,
                                    struct array *array)
{
    const uint64_t file = byte_source_file_bytes(source);
    const uint64_t ratio = byte_source_is_gzip(source) ? DEFLATE_MOST_RATIO : 1;
    const struct npy_bytes bytes = {.name = path,
                                    .read = read_source,
                                    .from = source,
                                    .most = file > UINT64_MAX / ratio ? UINT64_MAX : file * ratio,
                                    .map = map && ratio == 1 && file != FILE_SIZE_UNKNOWN};
    return npy_read(&bytes, array);
}

enum weft_status npy_read_source(struct byte_source *source, const char *path, struct array *array)
{
    return take_source(source, path, false, array);
}

enum weft_status npy_map_source(struct byte_source *source, const char *path, struct array *array)
{
    return take_source(source, path, strcmp(path, "standard input") != 0, array);
}
