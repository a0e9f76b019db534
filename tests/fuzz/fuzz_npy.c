/* Fuzzes the reader of NPY files.
 *
 * The first byte of the input chooses one of two ways. Even: the rest is the file. Odd: the next
 * bytes choose type, orders and sizes, from which a header is written here, and the rest are the
 * values. Then the reader must accept the file exactly if the number of values is right, and return
 * what this file computes from their bytes.
 */
#include <math.h>
#include <string.h>

#include "npy_of_bytes.h"

enum { CHOICES = 7, MOST_FILE = 1 << 16, MOST_SIZE = 5 };

/* What the header says. */
struct made {
    char kind;
    size_t width;
    bool big, fortran;
    size_t dimensions, sizes[3];
};

static struct made choose(const uint8_t *choice)
{
    static const char kinds[] = "iufb";
    struct made made = {.kind = kinds[choice[0] % 4], .big = choice[1] & 1};
    made.fortran = choice[1] >> 1 & 1;
    made.width = made.kind == 'b'   ? 1
                 : made.kind == 'f' ? (size_t)2 << choice[2] % 3
                                    : (size_t)1 << choice[2] % 4;
    made.dimensions = 1 + choice[3] % 3;
    for (size_t d = 0; d < 3; d++)
        made.sizes[d] = choice[4 + d] % (MOST_SIZE + 1);
    return made;
}

static size_t write_header(const struct made *made, uint8_t *file)
{
    char text[256], shape[64] = "";
    for (size_t d = 0; d < made->dimensions; d++)
        snprintf(shape + strlen(shape), 16, "%zu, ", made->sizes[d]);
    const int length = snprintf(
        text, sizeof text, "{'descr': '%c%c%zu', 'fortran_order': %s, 'shape': (%s), }\n",
        made->big ? '>' : '<', made->kind, made->width, made->fortran ? "True" : "False", shape);
    memcpy(file, "\x93NUMPY\1\0", 8);
    file[8] = (uint8_t)length;
    file[9] = (uint8_t)(length >> 8);
    memcpy(file + 10, text, (size_t)length);
    return 10 + (size_t)length;
}

/* Value `index` of the file, from its definition. */
static double value_at(const struct made *made, const uint8_t *bytes, size_t index)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < made->width; i++) {
        const size_t place = made->big ? i : made->width - 1 - i;
        bits = bits * 256 + bytes[index * made->width + place];
    }
    if (made->kind == 'i') {
        int64_t value;
        bits <<= 64 - 8 * made->width;
        memcpy(&value, &bits, sizeof value);
        return (double)(value >> (64 - 8 * made->width));
    }
    if (made->kind != 'f')
        return (double)bits;
    if (made->width == 2) {
        const int exponent = (int)(bits >> 10 & 31);
        const double sign = bits >> 15 ? -1.0 : 1.0, fraction = (double)(bits & 1023);
        if (exponent == 31)
            return fraction > 0 ? (double)NAN : sign * (double)INFINITY;
        return sign *
               (exponent == 0 ? fraction * 0x1p-24 : ldexp(1024.0 + fraction, exponent - 25));
    }
    const uint32_t low = (uint32_t)bits;
    float narrow;
    double wide;
    memcpy(&narrow, &low, sizeof narrow);
    memcpy(&wide, &bits, sizeof wide);
    return made->width == 4 ? (double)narrow : wide;
}

/* Index in the file of the element (i, j, k). */
static size_t place_of(const struct made *made, const size_t *sizes, size_t i, size_t j, size_t k)
{
    return made->fortran ? i + sizes[0] * (j + sizes[1] * k) : (i * sizes[1] + j) * sizes[2] + k;
}

static void check_values(const struct made *made, const uint8_t *bytes, const struct array *array)
{
    size_t sizes[3] = {1, 1, 1}, index = 0;
    memcpy(sizes, made->sizes, made->dimensions * sizeof *sizes);
    REQUIRE(array->rows == sizes[0] && array->columns == sizes[1] * sizes[2]);
    for (size_t i = 0; i < sizes[0]; i++)
        for (size_t j = 0; j < sizes[1]; j++)
            for (size_t k = 0; k < sizes[2]; k++, index++) {
                const double want = value_at(made, bytes, place_of(made, sizes, i, j, k));
                const double got = array_value(array, index);
                REQUIRE(got == want || (isnan(got) && isnan(want) && array->missing));
            }
}

static enum weft_status read_file(const uint8_t *data, size_t size, struct array *array)
{
    const enum weft_status status = npy_of_bytes(data, size, array);
    memory_files_clear();
    REQUIRE(status == WEFT_OK || status == WEFT_ERROR_DATA || status == WEFT_ERROR_MEMORY);
    REQUIRE(status == WEFT_OK || strstr(weft_error(), "file: ") == weft_error());
    return status;
}

static void run_made(const uint8_t *data, size_t size)
{
    static uint8_t file[MOST_FILE];
    struct array array;
    const struct made made = choose(data);
    const size_t header = write_header(&made, file), rest = size - CHOICES;
    size_t need = made.width;
    if (rest > MOST_FILE - header)
        return;
    for (size_t d = 0; d < made.dimensions; d++)
        need *= made.sizes[d];
    memcpy(file + header, data + CHOICES, rest);
    const bool right = made.kind != 'b' || made.width == 1;
    const enum weft_status status = read_file(file, header + rest, &array);
    REQUIRE((status == WEFT_OK) == (right && need > 0 && need == rest));
    if (status != WEFT_OK)
        return;
    check_values(&made, file + header, &array);
    array_reset(&array);
}

/* Values and header of a file that is accepted fill it. */
static void run_raw(const uint8_t *data, size_t size)
{
    struct array array;
    if (size >= 2 && data[0] == 0x1f && data[1] == 0x8b)
        return;
    if (read_file(data, size, &array) != WEFT_OK)
        return;
    const size_t length_bytes = data[6] == 1 ? 2 : 4;
    size_t header = 0;
    for (size_t i = length_bytes; i-- > 0;)
        header = header << 8 | data[8 + i];
    const size_t rest = size - 8 - length_bytes - header, count = array.rows * array.columns;
    REQUIRE(rest == count || rest == 2 * count || rest == 4 * count || rest == 8 * count);
    array_reset(&array);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    if (data[0] % 2 == 0)
        run_raw(data + 1, size - 1);
    else if (size > CHOICES)
        run_made(data + 1, size - 1);
    return 0;
}
