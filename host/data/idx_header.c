/* Reads and verifies the header of an IDX file.
 *
 * Nothing is allocated here. If a header does not match its file, the result is one error line and
 * no memory is used.
 */
#include "data/idx_header.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/memory.h"

enum {
    MAGIC_BYTES = 4,
    SIZE_BYTES = 4,
    DEFLATE_MOST_RATIO = 1032, /* deflate expands 2 bits to 258 bytes at most. */
    SHAPE_TEXT = 8 * 13
};

/* Returns the size of a value of this type, or 0 for an unknown type. */
static size_t type_bytes(unsigned type)
{
    switch (type) {
    case IDX_UINT8:
    case IDX_INT8:
        return 1;
    case IDX_INT16:
        return 2;
    case IDX_INT32:
    case IDX_FLOAT32:
        return 4;
    case IDX_FLOAT64:
        return 8;
    default:
        return 0;
    }
}

static size_t read_big_endian(const unsigned char *bytes)
{
    return (size_t)((uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
                    (uint32_t)bytes[3]);
}

/* Reads 00 00 TYPE DIMENSIONS. */
static enum weft_status read_magic(struct byte_source *source, const char *path,
                                   struct idx_header *header)
{
    unsigned char magic[MAGIC_BYTES];
    size_t got;
    TRY(byte_source_read(source, magic, sizeof magic, &got));
    if (got < sizeof magic)
        return fail(WEFT_ERROR_DATA, "%s: byte %zu: %s: got %zu bytes, need at least %d", path, got,
                    got == 0 ? "empty file" : "header ends", got, (int)MAGIC_BYTES);
    if (magic[0] != 0 || magic[1] != 0)
        return fail(WEFT_ERROR_DATA, "%s: byte 0: magic of an IDX file: got %02x %02x, need 00 00",
                    path, magic[0], magic[1]);
    header->value_bytes = type_bytes(magic[2]);
    if (header->value_bytes == 0)
        return fail(WEFT_ERROR_DATA,
                    "%s: byte 2: value type: got 0x%02x, need 0x08, 0x09, 0x0b, 0x0c, 0x0d or 0x0e",
                    path, magic[2]);
    header->type = (enum idx_type)magic[2];
    if (magic[3] < 1 || magic[3] > IDX_MAX_DIMENSIONS)
        return fail(WEFT_ERROR_DATA, "%s: byte 3: number of dimensions: got %d, need 1 to %d", path,
                    magic[3], (int)IDX_MAX_DIMENSIONS);
    header->dimensions = magic[3];
    header->bytes = MAGIC_BYTES + header->dimensions * SIZE_BYTES;
    return WEFT_OK;
}

static enum weft_status read_sizes(struct byte_source *source, const char *path,
                                   struct idx_header *header)
{
    unsigned char bytes[IDX_MAX_DIMENSIONS * SIZE_BYTES];
    size_t got;
    TRY(byte_source_read(source, bytes, header->dimensions * SIZE_BYTES, &got));
    if (got < header->dimensions * SIZE_BYTES)
        return fail(WEFT_ERROR_DATA, "%s: byte %zu: header ends: got %zu bytes, need %zu", path,
                    MAGIC_BYTES + got, MAGIC_BYTES + got, header->bytes);
    for (size_t i = 0; i < header->dimensions; i++) {
        header->sizes[i] = read_big_endian(&bytes[i * SIZE_BYTES]);
        if (header->sizes[i] == 0)
            return fail(WEFT_ERROR_DATA, "%s: byte %zu: %s: got 0, need at least 1", path,
                        MAGIC_BYTES + i * SIZE_BYTES,
                        i == 0 ? "number of samples" : "size of a dimension");
    }
    return WEFT_OK;
}

/* Writes the sizes as text: "60000 x 28 x 28". */
static void shape_text(const struct idx_header *header, char text[SHAPE_TEXT])
{
    size_t used = 0;
    for (size_t i = 0; i < header->dimensions && used < SHAPE_TEXT; i++)
        used += (size_t)snprintf(text + used, SHAPE_TEXT - used, "%s%zu", i == 0 ? "" : " x ",
                                 header->sizes[i]);
}

/* Multiplies the sizes: the features of a sample, and the bytes of all values. Checks that the
 * values also fit as float32. */
static enum weft_status multiply_sizes(const char *path, struct idx_header *header)
{
    size_t values = header->sizes[0], bytes;
    bool fits = true;
    header->features = 1;
    for (size_t i = 1; fits && i < header->dimensions; i++) {
        fits = size_multiply(values, header->sizes[i], &values);
        header->features *= fits ? header->sizes[i] : 1;
    }
    if (fits && size_multiply(values, header->value_bytes, &header->payload_bytes) &&
        size_multiply(values, sizeof(float), &bytes))
        return WEFT_OK;
    char shape[SHAPE_TEXT];
    shape_text(header, shape);
    return fail(WEFT_ERROR_DATA, "%s: byte %d: sizes overflow: got %s values, need at most %zu",
                path, (int)IDX_COUNTS_OFFSET, shape, (size_t)SIZE_MAX / sizeof(float));
}

/* Compares the bytes that the header promises with the bytes that the file has or, for gzip, can
 * have at most. */
static enum weft_status check_file_size(const struct byte_source *source, const char *path,
                                        const struct idx_header *header)
{
    const uint64_t file_bytes = byte_source_file_bytes(source);
    const uint64_t need = header->payload_bytes;
    char shape[SHAPE_TEXT];
    shape_text(header, shape);
    if (file_bytes == FILE_SIZE_UNKNOWN) /* of a pipe; its values end early or not */
        return WEFT_OK;
    if (byte_source_is_gzip(source)) {
        const uint64_t most = file_bytes > UINT64_MAX / DEFLATE_MOST_RATIO
                                  ? UINT64_MAX
                                  : file_bytes * DEFLATE_MOST_RATIO;
        return need <= most
                   ? WEFT_OK
                   : fail(WEFT_ERROR_DATA,
                          "%s: byte %zu: values: got at most %" PRIu64 " bytes from %" PRIu64
                          " of gzip, need %" PRIu64 " (%s of %zu)",
                          path, header->bytes, most, file_bytes, need, shape, header->value_bytes);
    }
    const uint64_t got = file_bytes > header->bytes ? file_bytes - header->bytes : 0;
    return got == need
               ? WEFT_OK
               : fail(WEFT_ERROR_DATA,
                      "%s: byte %zu: values: got %" PRIu64 " bytes, need %" PRIu64 " (%s of %zu)",
                      path, header->bytes, got, need, shape, header->value_bytes);
}

enum weft_status idx_header_read(struct byte_source *source, const char *path,
                                 struct idx_header *header)
{
    *header = (struct idx_header){0};
    TRY(read_magic(source, path, header));
    TRY(read_sizes(source, path, header));
    TRY(multiply_sizes(path, header));
    return check_file_size(source, path, header);
}

bool idx_header_has_targets(const struct idx_header *header)
{
    const bool floating = header->type == IDX_FLOAT32 || header->type == IDX_FLOAT64;
    return header->dimensions == 2 || (header->dimensions == 1 && floating);
}

enum weft_status idx_header_check_labels(const struct idx_header *header, bool known,
                                         const char *path)
{
    const bool integer = header->type != IDX_FLOAT32 && header->type != IDX_FLOAT64;
    if (header->dimensions != 1)
        return fail(WEFT_ERROR_DATA, "%s: byte 3: dimensions of labels: got %zu, need 1%s", path,
                    header->dimensions, known ? "" : ", or 2 of targets");
    if (!integer)
        return fail(WEFT_ERROR_DATA,
                    "%s: byte 2: type of labels: got 0x%02x, need an integer: 0x08, 0x09, 0x0b or "
                    "0x0c",
                    path, (unsigned)header->type);
    return WEFT_OK;
}
