/* Encodes pixels as PNG (ISO/IEC 15948), compressed as RFC 1951 says.
 *
 * The compression knows two repetitions, the pixel before and the row above, and the fixed Huffman
 * codes. This halves the images of data sets, which have an even background, and takes no library,
 * whose versions would differ in their bytes.
 */
#include "plot/png.h"

#include <string.h>

/* ---- bits ---- */

struct bits {
    struct buffer *buffer;
    unsigned pending; /* bits that do not fill a byte yet, the first lowest */
    unsigned count;
};

static void put_bits(struct bits *bits, unsigned value, unsigned count)
{
    bits->pending |= value << bits->count;
    for (bits->count += count; bits->count >= 8; bits->count -= 8) {
        const unsigned char byte = (unsigned char)bits->pending;
        buffer_add(bits->buffer, &byte, 1);
        bits->pending >>= 8;
    }
}

/* Puts a Huffman code, whose highest bit comes first. */
static void put_code(struct bits *bits, unsigned code, unsigned length)
{
    for (unsigned i = length; i > 0; i--)
        put_bits(bits, code >> (i - 1) & 1, 1);
}

/* Puts a symbol of the literals and lengths (RFC 1951, 3.2.6). */
static void put_symbol(struct bits *bits, unsigned symbol)
{
    if (symbol < 144)
        put_code(bits, 0x30 + symbol, 8);
    else if (symbol < 256)
        put_code(bits, 0x190 + symbol - 144, 9);
    else if (symbol < 280)
        put_code(bits, symbol - 256, 7);
    else
        put_code(bits, 0xc0 + symbol - 280, 8);
}

/* Puts a length of 3 to 258 and a distance of 1 to 32768 (RFC 1951, 3.2.5). */
static void put_match(struct bits *bits, size_t length, size_t distance)
{
    unsigned rest = (unsigned)length - 3, extra = 0, symbol;
    while (rest >> extra >= 8)
        extra++;
    symbol = length == 258 ? 285 : 257 + 4 * extra + (rest >> extra);
    put_symbol(bits, symbol);
    if (length < 258)
        put_bits(bits, rest & ((1u << extra) - 1), extra);
    rest = (unsigned)distance - 1;
    extra = 0;
    while (rest >> extra >= 4)
        extra++;
    put_code(bits, 2 * extra + (rest >> extra), 5);
    put_bits(bits, rest & ((1u << extra) - 1), extra);
}

/* Returns how many bytes at `at` repeat those `distance` before. */
static size_t match_length(const unsigned char *data, size_t size, size_t at, size_t distance)
{
    const size_t most = size_min(size - at, 258);
    size_t length = 0;
    if (distance > at || distance > 32768)
        return 0;
    while (length < most && data[at + length] == data[at + length - distance])
        length++;
    return length;
}

/* Adds `data` [size] in the format zlib (RFC 1950). */
static void compress(struct buffer *buffer, const unsigned char *data, size_t size, size_t pixel,
                     size_t row)
{
    struct bits bits = {.buffer = buffer};
    unsigned a = 1, b = 0;
    buffer_add(buffer, "\x78\x01", 2);
    put_bits(&bits, 3, 3); /* the last block, with fixed codes */
    for (size_t at = 0; at < size;) {
        const size_t near = match_length(data, size, at, pixel);
        const size_t above = match_length(data, size, at, row);
        if (size_max(near, above) >= 4) {
            put_match(&bits, size_max(near, above), near >= above ? pixel : row);
            at += size_max(near, above);
        } else {
            put_symbol(&bits, data[at++]);
        }
    }
    put_symbol(&bits, 256);
    put_bits(&bits, 0, 7); /* to the end of the byte */
    for (size_t i = 0; i < size; i++) {
        a = (a + data[i]) % 65521;
        b = (b + a) % 65521;
    }
    const unsigned char sum[] = {(unsigned char)(b >> 8), (unsigned char)b, (unsigned char)(a >> 8),
                                 (unsigned char)a};
    buffer_add(buffer, sum, sizeof sum);
}

/* ---- PNG ---- */

static void add_number(struct buffer *buffer, unsigned long number)
{
    const unsigned char bytes[] = {(unsigned char)(number >> 24), (unsigned char)(number >> 16),
                                   (unsigned char)(number >> 8), (unsigned char)number};
    buffer_add(buffer, bytes, sizeof bytes);
}

static unsigned long crc32_of(const unsigned char *data, size_t size)
{
    unsigned long crc = 0xffffffff;
    for (size_t i = 0; i < size; i++) {
        crc ^= data[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xedb88320 : 0);
    }
    return crc ^ 0xffffffff;
}

static void add_chunk(struct buffer *png, const char *kind, const struct buffer *content)
{
    const size_t start = png->used + 4;
    add_number(png, (unsigned long)content->used);
    buffer_add(png, kind, 4);
    buffer_add(png, content->data, content->used);
    if (png->status == WEFT_OK)
        add_number(png, crc32_of(png->data + start, png->used - start));
}

/* Returns the bytes of a pixel: 1 if all are gray, 3 if all cover fully, otherwise 4. */
static size_t pixel_bytes(const unsigned char *pixels, size_t count)
{
    size_t bytes = 1;
    for (size_t i = 0; i < count; i++, pixels += 4) {
        if (pixels[3] != 255)
            return 4;
        if (pixels[0] != pixels[1] || pixels[1] != pixels[2])
            bytes = 3;
    }
    return bytes;
}

static void add_png(struct buffer *png, const unsigned char *pixels, size_t rows, size_t columns)
{
    static const unsigned char types[] = {0, 0, 0, 2, 6};
    const size_t bytes = pixel_bytes(pixels, rows * columns);
    struct buffer header = {0}, raw = {0}, packed = {0}, nothing = {0};
    const unsigned char form[] = {8, types[bytes], 0, 0, 0};
    add_number(&header, (unsigned long)columns);
    add_number(&header, (unsigned long)rows);
    buffer_add(&header, form, sizeof form);
    for (size_t r = 0; r < rows; r++) {
        buffer_add(&raw, "", 1); /* no filter */
        for (size_t c = 0; c < columns; c++)
            buffer_add(&raw, pixels + (r * columns + c) * 4, bytes);
    }
    if (raw.status == WEFT_OK)
        compress(&packed, raw.data, raw.used, bytes, columns * bytes + 1);
    buffer_add(png, "\x89PNG\r\n\x1a\n", 8);
    add_chunk(png, "IHDR", &header);
    add_chunk(png, "IDAT", &packed);
    add_chunk(png, "IEND", &nothing);
    if (header.status != WEFT_OK || raw.status != WEFT_OK || packed.status != WEFT_OK)
        png->status = WEFT_ERROR_MEMORY;
    buffer_reset(&header);
    buffer_reset(&raw);
    buffer_reset(&packed);
}

static void add_base64(struct buffer *file, const unsigned char *data, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < size; i += 3) {
        const size_t left = size - i;
        const unsigned bits = (unsigned)data[i] << 16 | (left > 1 ? data[i + 1] : 0u) << 8 |
                              (left > 2 ? data[i + 2] : 0u);
        const char four[] = {digits[bits >> 18], digits[bits >> 12 & 63],
                             left > 1 ? digits[bits >> 6 & 63] : '=',
                             left > 2 ? digits[bits & 63] : '='};
        buffer_add(file, four, sizeof four);
    }
}

void png_add_address(struct buffer *file, const unsigned char *pixels, size_t rows, size_t columns)
{
    struct buffer png = {0};
    add_png(&png, pixels, rows, columns);
    buffer_text(file, "data:image/png;base64,");
    if (png.status == WEFT_OK)
        add_base64(file, png.data, png.used);
    else
        file->status = png.status;
    buffer_reset(&png);
}
