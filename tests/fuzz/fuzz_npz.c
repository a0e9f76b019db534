/* Fuzzes the reader of NPZ archives.
 *
 * The first byte of the input chooses one of two ways. Even: the rest is the archive. Odd: the rest
 * is an NPY file, from which an archive is written here. Bit 1 of the byte says whether it is
 * stored or deflated. The archive must then give exactly what the NPY file gives by itself.
 */
#include <string.h>
#include <zlib.h>

#include "data/npz.h"
#include "npy_of_bytes.h"

enum { MOST_FILE = 1 << 16, LOCAL = 30, CENTRAL = 46, END = 22, NAME = 5 };

static uint8_t archive[2 * MOST_FILE];

static void put(uint8_t *bytes, size_t count, size_t value)
{
    for (size_t i = 0; i < count; i++)
        bytes[i] = (uint8_t)(value >> 8 * i);
}

static size_t pack(const uint8_t *data, size_t size, bool deflated, uint8_t *to)
{
    z_stream stream = {0};
    memcpy(to, data, size);
    if (!deflated)
        return size;
    REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    stream.next_in = (Bytef *)(uintptr_t)data;
    stream.avail_in = (uInt)size;
    stream.next_out = to;
    stream.avail_out = MOST_FILE + 1024;
    REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    deflateEnd(&stream);
    return stream.total_out;
}

/* Method, checksum and sizes, which both headers have. */
static void put_member(uint8_t *bytes, const uint8_t *data, size_t size, size_t packed,
                       bool deflated)
{
    put(bytes, 2, deflated ? 8 : 0);
    put(bytes + 6, 4, crc32(0, data, (uInt)size));
    put(bytes + 10, 4, packed);
    put(bytes + 14, 4, size);
    put(bytes + 18, 2, NAME);
}

/* Writes an archive whose only member x.npy has these bytes, and returns its size. */
static size_t write_archive(const uint8_t *data, size_t size, bool deflated)
{
    memset(archive, 0, sizeof archive);
    const size_t packed = pack(data, size, deflated, archive + LOCAL + NAME);
    uint8_t *central = archive + LOCAL + NAME + packed, *end = central + CENTRAL + NAME;
    memcpy(archive, "PK\3\4\24", 5);
    put_member(archive + 8, data, size, packed, deflated);
    memcpy(archive + LOCAL, "x.npy", NAME);
    memset(central, 0, CENTRAL + NAME + END);
    memcpy(central, "PK\1\2\24\0\24", 7);
    put_member(central + 10, data, size, packed, deflated);
    memcpy(central + CENTRAL, "x.npy", NAME);
    memcpy(end, "PK\5\6", 4);
    put(end + 8, 2, 1);
    put(end + 10, 2, 1);
    put(end + 12, 4, CENTRAL + NAME);
    put(end + 16, 4, (size_t)(central - archive));
    return (size_t)(end + END - archive);
}

static enum weft_status open_npz(const uint8_t *data, size_t size, struct npz **npz)
{
    struct byte_source *source;
    memory_files_set("archive", data, size);
    REQUIRE(byte_source_open("archive", &source) == WEFT_OK);
    const enum weft_status status = npz_open(source, "archive", npz);
    byte_source_close(source);
    REQUIRE(status == WEFT_OK || status == WEFT_ERROR_DATA || status == WEFT_ERROR_MEMORY);
    return status;
}

static void require_same(const struct array *a, const struct array *b)
{
    const size_t count = a->rows * a->columns;
    REQUIRE(a->rows == b->rows && a->columns == b->columns && a->integers == b->integers);
    REQUIRE((a->floats == NULL) == (b->floats == NULL) && a->missing == b->missing);
    if (a->floats != NULL)
        REQUIRE(memcmp(a->floats, b->floats, count * sizeof *a->floats) == 0);
    else
        REQUIRE(memcmp(a->doubles, b->doubles, count * sizeof *a->doubles) == 0);
}

static void run_made(const uint8_t *data, size_t size, bool deflated)
{
    struct array alone, member;
    struct npz *npz;
    if (size == 0 || size > MOST_FILE || (size >= 2 && data[0] == 0x1f && data[1] == 0x8b))
        return;
    const enum weft_status status = npy_of_bytes(data, size, &alone);
    REQUIRE(open_npz(archive, write_archive(data, size, deflated), &npz) == WEFT_OK);
    REQUIRE(npz_count(npz) == 1 && strcmp(npz_names(npz)[0], "x") == 0);
    REQUIRE(npz_read(npz, 0, &member) == status);
    if (status == WEFT_OK)
        require_same(&alone, &member);
    array_reset(&alone);
    array_reset(&member);
    npz_close(npz);
}

static void run_raw(const uint8_t *data, size_t size)
{
    struct npz *npz;
    if (open_npz(data, size, &npz) != WEFT_OK)
        return;
    REQUIRE(npz_count(npz) >= 1);
    for (size_t i = 0; i < npz_count(npz) && i < 16; i++) {
        struct array array;
        const enum weft_status status = npz_read(npz, i, &array);
        REQUIRE(status == WEFT_OK || status == WEFT_ERROR_DATA || status == WEFT_ERROR_MEMORY);
        array_reset(&array);
    }
    npz_close(npz);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    if (data[0] % 2 == 0)
        run_raw(data + 1, size - 1);
    else
        run_made(data + 1, size - 1, data[0] >> 1 & 1);
    memory_files_clear();
    return 0;
}
