/* Implements the columns of tables; see table.h.
 *
 * Numbers enter and leave as doubles. Between, they have the narrowest type that keeps all of them
 * exactly. A column that meets a number beyond its type is copied into a wider one. Each column
 * widens four times at most, so this costs little.
 */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "data/table.h"

enum { BLOCK = 1024, LEAST_ROWS = 64 };

static const size_t type_bytes[] = {[COLUMN_UINT8] = sizeof(uint8_t),
                                    [COLUMN_INT16] = sizeof(int16_t),
                                    [COLUMN_INT32] = sizeof(int32_t),
                                    [COLUMN_FLOAT32] = sizeof(float),
                                    [COLUMN_FLOAT64] = sizeof(double)};

/* ---- arrays of a type ---- */

static bool is_whole(double number, int32_t least, int32_t most)
{
    return number >= least && number <= most && number == (double)(int32_t)number;
}

/* Tells whether the type keeps every number of numbers [count] exactly. NaN is missing, and fits
 * into every type. */
static bool type_holds(enum column_type type, const double *numbers, size_t count)
{
    static const struct {
        int32_t least, most;
    } whole[] = {[COLUMN_UINT8] = {0, UINT8_MAX},
                 [COLUMN_INT16] = {INT16_MIN, INT16_MAX},
                 [COLUMN_INT32] = {INT32_MIN, INT32_MAX}};
    size_t held = 0;
    if (type == COLUMN_FLOAT64)
        return true;
    if (type == COLUMN_FLOAT32)
        while (held < count &&
               (isnan(numbers[held]) || (double)number_to_float(numbers[held]) == numbers[held]))
            held++;
    else
        while (held < count && (is_whole(numbers[held], whole[type].least, whole[type].most) ||
                                isnan(numbers[held])))
            held++;
    return held == count;
}

/* array [first ..] = numbers [count], which the type holds. */
static void put_numbers(enum column_type type, void *array, size_t first, const double *numbers,
                        size_t count)
{
#define PUT(TYPE, VALUE)                                                                           \
    for (size_t i = 0; i < count; i++)                                                             \
    ((TYPE *)array)[first + i] = (VALUE)
    switch (type) {
    case COLUMN_UINT8:
        PUT(uint8_t, isnan(numbers[i]) ? 0 : (uint8_t)numbers[i]);
        break;
    case COLUMN_INT16:
        PUT(int16_t, isnan(numbers[i]) ? 0 : (int16_t)numbers[i]);
        break;
    case COLUMN_INT32:
        PUT(int32_t, isnan(numbers[i]) ? 0 : (int32_t)numbers[i]);
        break;
    case COLUMN_FLOAT32:
        PUT(float, number_to_float(numbers[i]));
        break;
    case COLUMN_FLOAT64:
        PUT(double, numbers[i]);
    }
#undef PUT
}

/* numbers [count] = array [first ..] */
static void get_numbers(enum column_type type, const void *array, size_t first, double *numbers,
                        size_t count)
{
#define GET(TYPE)                                                                                  \
    for (size_t i = 0; i < count; i++)                                                             \
    numbers[i] = (double)((const TYPE *)array)[first + i]
    switch (type) {
    case COLUMN_UINT8:
        GET(uint8_t);
        break;
    case COLUMN_INT16:
        GET(int16_t);
        break;
    case COLUMN_INT32:
        GET(int32_t);
        break;
    case COLUMN_FLOAT32:
        GET(float);
        break;
    case COLUMN_FLOAT64:
        GET(double);
    }
#undef GET
}

/* ---- reading ---- */

bool column_is_missing(const struct column *column, size_t row)
{
    if (column->kind == COLUMN_TEXT)
        return column->texts[row] == COLUMN_NO_TEXT;
    return column->missing != NULL && (column->missing[row / 8] >> row % 8 & 1) != 0;
}

void column_copy_numbers(const struct column *column, size_t first, size_t count, double *numbers)
{
    assert(column->kind == COLUMN_NUMBER);
    get_numbers(column->type, column->numbers, first, numbers, count);
    if (column->missing == NULL)
        return;
    for (size_t i = 0; i < count; i++)
        if (column_is_missing(column, first + i))
            numbers[i] = (double)NAN;
}

double column_number(const struct column *column, size_t row)
{
    double number = (double)NAN;
    column_copy_numbers(column, row, 1, &number);
    return number;
}

const char *column_text(const struct column *column, size_t row)
{
    assert(column->kind == COLUMN_TEXT);
    const uint32_t text = column->texts[row];
    return text == COLUMN_NO_TEXT ? NULL : column->words.words[text];
}

/* ---- memory ---- */

/* Moves the first `used` bytes of `*array` to a new array of `bytes` bytes. */
static enum weft_status move(void *array, size_t used, size_t bytes)
{
    size_t none = 0;
    return memory_grow(array, 1, used, bytes, &none);
}

static size_t bitmap_bytes(size_t rows)
{
    return size_divide_up(rows, 8);
}

enum weft_status column_reserve(struct column *column, size_t rows)
{
    const size_t old = column->capacity;
    size_t bytes, none = 0;
    if (rows <= old)
        return WEFT_OK;
    const size_t capacity = size_max(size_max(rows, LEAST_ROWS), old + old / 4);
    if (!size_multiply(capacity, sizeof(double), &bytes))
        return memory_exhausted(capacity, sizeof(double));
    if (column->missing != NULL)
        TRY(move(&column->missing, bitmap_bytes(old), bitmap_bytes(capacity)));
    if (column->kind == COLUMN_TEXT) {
        TRY(memory_grow(&column->texts, sizeof *column->texts, old, capacity, &none));
    } else {
        const size_t size = type_bytes[column->type];
        TRY(memory_grow(&column->numbers, size, old, capacity, &none));
    }
    column->capacity = capacity;
    return WEFT_OK;
}

/* Copies the first `rows` numbers into an array of a wider type. */
static enum weft_status widen(struct column *column, size_t rows, enum column_type type)
{
    double numbers[BLOCK];
    void *wide = memory_zeroed(column->capacity, type_bytes[type]);
    if (wide == NULL)
        return memory_exhausted(column->capacity, type_bytes[type]);
    for (size_t first = 0; first < rows; first += BLOCK) {
        const size_t count = size_min(rows - first, BLOCK);
        get_numbers(column->type, column->numbers, first, numbers, count);
        put_numbers(type, wide, first, numbers, count);
    }
    memory_free(column->numbers);
    column->numbers = wide;
    column->type = type;
    return WEFT_OK;
}

/* Tells whether float32 keeps the first `rows` numbers of a column of whole numbers exactly. */
static bool float32_holds(const struct column *column, size_t rows)
{
    double numbers[BLOCK];
    for (size_t first = 0; first < rows; first += BLOCK) {
        const size_t count = size_min(rows - first, BLOCK);
        get_numbers(column->type, column->numbers, first, numbers, count);
        if (!type_holds(COLUMN_FLOAT32, numbers, count))
            return false;
    }
    return true;
}

/* Returns the narrowest type for the first `rows` numbers of the column and numbers [count]. */
static enum column_type common_type(const struct column *column, size_t rows, const double *numbers,
                                    size_t count)
{
    enum column_type type = column->type;
    while (!type_holds(type, numbers, count))
        type++;
    if (type == COLUMN_FLOAT32 && column->type == COLUMN_INT32 && !float32_holds(column, rows))
        return COLUMN_FLOAT64; /* Every other type holds the narrower ones. */
    return type;
}

/* ---- appending ---- */

static void set_missing(struct column *column, size_t row)
{
    column->missing[row / 8] = (uint8_t)(column->missing[row / 8] | 1u << row % 8);
    column->missing_count++;
}

static enum weft_status mark_missing(struct column *column, size_t row)
{
    if (column->missing == NULL)
        TRY(NEW_ARRAY(column->missing, bitmap_bytes(column->capacity)));
    set_missing(column, row);
    return WEFT_OK;
}

enum weft_status column_append_numbers(struct column *column, size_t row, const double *numbers,
                                       size_t count)
{
    assert(column->kind == COLUMN_NUMBER);
    TRY(column_reserve(column, row + count));
    const enum column_type type = common_type(column, row, numbers, count);
    if (type != column->type)
        TRY(widen(column, row, type));
    put_numbers(type, column->numbers, row, numbers, count);
    for (size_t i = 0; i < count; i++)
        if (isnan(numbers[i]))
            TRY(mark_missing(column, row + i));
    return WEFT_OK;
}

bool column_put_numbers(struct column *column, size_t row, const double *numbers, size_t count)
{
    if (column->kind != COLUMN_NUMBER || row + count > column->capacity ||
        !type_holds(column->type, numbers, count))
        return false;
    size_t missing = 0;
    for (size_t i = 0; i < count; i++)
        missing += isnan(numbers[i]);
    if (missing > 0 && column->missing == NULL)
        return false;
    put_numbers(column->type, column->numbers, row, numbers, count);
    for (size_t i = 0; i < count && missing > 0; i++)
        if (isnan(numbers[i]))
            set_missing(column, row + i);
    return true;
}

enum weft_status column_append_text(struct column *column, size_t row, const char *text,
                                    size_t length)
{
    assert(column->kind == COLUMN_TEXT);
    if (text == NULL)
        return column_append_missing(column, row, 1);
    TRY(column_reserve(column, row + 1));
    return dictionary_add(&column->words, text, length, &column->texts[row]);
}

enum weft_status column_append_missing(struct column *column, size_t row, size_t count)
{
    TRY(column_reserve(column, row + count));
    for (size_t i = row; i < row + count; i++) {
        if (column->kind == COLUMN_NUMBER)
            TRY(mark_missing(column, i));
        else
            column->texts[i] = COLUMN_NO_TEXT;
    }
    if (column->kind == COLUMN_TEXT)
        column->missing_count += count;
    return WEFT_OK;
}

void column_make_text(struct column *column)
{
    dictionary_reset(&column->words);
    memory_free(column->numbers);
    memory_free(column->missing);
    memory_free(column->texts);
    *column = (struct column){.name = column->name, .kind = COLUMN_TEXT};
}
