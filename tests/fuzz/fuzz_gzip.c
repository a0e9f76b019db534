/* Fuzzes the reader of IDX files with gzip files.
 *
 * The input is the file. The expected result also comes from zlib, but from one pass in memory. If
 * that pass finds complete members up to the last byte or up to zero padding, Weft must read the
 * gzip file like the uncompressed file. Otherwise it must reject it. The mutator changes both the
 * contents and the packing, or no change would get past the checksum.
 */
#include <string.h>
#include <zlib.h>

#include "data/idx.h"
#include "fuzz_target.h"
#include "memory_files.h"

enum {
    GZIP_ONLY = MAX_WBITS + 16,
    LARGEST_PLAIN = 1 << 20, /* beyond, the truth is not asked for */
    LARGEST_MUTATED = 1 << 12
};

static unsigned char plain[LARGEST_PLAIN];

/* Zeros alone, as after the last member of a padded file. */
static bool is_padding(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i] != 0)
            return false;
    return true;
}

enum truth { DAMAGED, WHOLE, TOO_LARGE };

/* plain [*plain_size] = what `data` [size] packs, or as much of it as there is. */
static enum truth expand(const uint8_t *data, size_t size, size_t *plain_size)
{
    z_stream stream = {.next_in = (unsigned char *)(uintptr_t)data, .avail_in = (uInt)size};
    enum truth truth = DAMAGED;
    int result = Z_STREAM_END;
    stream.next_out = plain;
    stream.avail_out = sizeof plain;
    REQUIRE(inflateInit2(&stream, GZIP_ONLY) == Z_OK);
    while (result == Z_STREAM_END && !is_padding(stream.next_in, stream.avail_in)) {
        result = inflate(&stream, Z_FINISH);
        if (result == Z_STREAM_END)
            REQUIRE(inflateReset(&stream) == Z_OK);
    }
    *plain_size = sizeof plain - stream.avail_out;
    if (result == Z_STREAM_END)
        truth = WHOLE;
    else if (stream.avail_out == 0)
        truth = TOO_LARGE;
    inflateEnd(&stream);
    return truth;
}

static bool is_gzip(const uint8_t *bytes, size_t size)
{
    return size >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;
}

static struct weft_dataset *read_images(const char *path)
{
    struct weft_dataset *dataset;
    const enum weft_status status =
        idx_read_pair(path, NULL, false, IDX_BY_TYPE, "fuzz", 0, NULL, &dataset);
    REQUIRE(status == WEFT_OK || status == WEFT_ERROR_DATA);
    REQUIRE((dataset != NULL) == (status == WEFT_OK));
    REQUIRE(status == WEFT_OK || strstr(weft_error(), ": ") != NULL);
    return dataset;
}

static void check_same(struct weft_dataset *a, struct weft_dataset *b)
{
    struct weft_dataset_info one, two;
    REQUIRE((a != NULL) == (b != NULL));
    if (a == NULL)
        return;
    weft_dataset_get_info(a, &one);
    weft_dataset_get_info(b, &two);
    REQUIRE(one.samples == two.samples && one.features == two.features);
    REQUIRE(memcmp(one.x, two.x, one.samples * one.features * sizeof *one.x) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t plain_size = 0;
    memory_files_set("packed", data, size);
    struct weft_dataset *packed = read_images("packed"), *whole = NULL;
    if (is_gzip(data, size)) {
        const enum truth truth = expand(data, size, &plain_size);
        if (truth == WHOLE && !is_gzip(plain, plain_size)) { /* packed once, not twice */
            memory_files_set("plain", plain, plain_size);
            whole = read_images("plain");
        }
        if (truth != TOO_LARGE)
            check_same(packed, whole);
    }
    weft_dataset_destroy(packed);
    weft_dataset_destroy(whole);
    memory_files_clear();
    return 0;
}

/* data [max_size] = `plain_size` bytes of plain, packed; 0 where they do not fit. */
static size_t pack(uint8_t *data, size_t max_size, size_t plain_size, unsigned seed)
{
    z_stream stream = {.next_in = plain, .avail_in = (uInt)plain_size};
    const int level = (int)(seed % 10);
    stream.next_out = data;
    stream.avail_out = (uInt)max_size;
    /* the smallest state that zlib knows: setting it up is most of the work */
    REQUIRE(deflateInit2(&stream, level, Z_DEFLATED, 9 + 16, 1, Z_DEFAULT_STRATEGY) == Z_OK);
    const int result = deflate(&stream, Z_FINISH);
    deflateEnd(&stream);
    return result == Z_STREAM_END ? stream.total_out : 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    size_t plain_size = 0, packed;
    if (seed % 2 == 0 || expand(data, size, &plain_size) == TOO_LARGE)
        return LLVMFuzzerMutate(data, size, max_size);
    plain_size = plain_size < LARGEST_MUTATED ? plain_size : LARGEST_MUTATED;
    plain_size = LLVMFuzzerMutate(plain, plain_size, LARGEST_MUTATED);
    packed = pack(data, max_size, plain_size, seed / 2);
    return packed != 0 ? packed : LLVMFuzzerMutate(data, size, max_size);
}
