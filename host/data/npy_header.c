/* Reads the header of an NPY file; see npy_header.h.
 *
 * The header is a Python dictionary: {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }.
 * This parser accepts what NumPy writes, with any white space and order of the keys.
 */
#include "data/npy_header.h"

#include <ctype.h>
#include <string.h>

#include "base/memory.h"

enum {
    MAGIC_BYTES = 6,
    LENGTH_AT = 8, /* after the magic number and two bytes of version */
    MOST_HEADER = 1 << 16,
    MOST_TEXT = 32
};

/* The text that is being parsed. */
struct cursor {
    const char *name; /* borrowed; of the file */
    const char *text; /* borrowed; ends with NUL */
    size_t at;
    size_t before; /* bytes of the file before the text */
};

static enum weft_status fail_header(const struct cursor *cursor, const char *need)
{
    return fail(WEFT_ERROR_DATA, "%s: byte %zu: NPY header: got \"%.20s\", need %s", cursor->name,
                cursor->before + cursor->at, cursor->text + cursor->at, need);
}

static void skip_spaces(struct cursor *cursor)
{
    while (isspace((unsigned char)cursor->text[cursor->at]))
        cursor->at++;
}

/* Takes one character if it is next. */
static bool take(struct cursor *cursor, char c)
{
    skip_spaces(cursor);
    const bool next = cursor->text[cursor->at] == c;
    cursor->at += next;
    return next;
}

static bool take_word(struct cursor *cursor, const char *word)
{
    skip_spaces(cursor);
    const bool next = strncmp(cursor->text + cursor->at, word, strlen(word)) == 0;
    cursor->at += next ? strlen(word) : 0;
    return next;
}

/* Reads a text in single or double quotes. */
static enum weft_status read_text(struct cursor *cursor, char text[MOST_TEXT])
{
    skip_spaces(cursor);
    const char quote = cursor->text[cursor->at];
    const size_t begin = cursor->at + 1;
    if (quote != '\'' && quote != '"')
        return fail_header(cursor, "a text in quotes");
    const char *end = strchr(cursor->text + begin, quote);
    if (end == NULL || (size_t)(end - cursor->text) - begin >= MOST_TEXT)
        return fail_header(cursor, "a short text in quotes");
    const size_t length = (size_t)(end - cursor->text) - begin;
    memcpy(text, cursor->text + begin, length);
    text[length] = '\0';
    cursor->at = begin + length + 1;
    return WEFT_OK;
}

/* ---- the type ---- */

/* Types that Weft does not read, by their letter. */
static const struct {
    char letter;
    const char *what;
} foreign_types[] = {{'c', "complex numbers"}, {'O', "Python objects"}, {'S', "texts"},
                     {'a', "texts"},           {'U', "texts"},          {'V', "structures"},
                     {'M', "dates"},           {'m', "time spans"}};

static enum weft_status fail_type(const struct cursor *cursor, const char *type, const char *what)
{
    return fail(WEFT_ERROR_DATA,
                "%s: byte %zu: type \"%s\": got %s, need bool, integers of 8 to 64 bits or "
                "floating-point numbers of 16 to 64 bits",
                cursor->name, cursor->before + cursor->at, type, what);
}

static bool is_size(const char *digits, const char *const *sizes)
{
    for (; *sizes != NULL; sizes++)
        if (strcmp(digits, *sizes) == 0)
            return true;
    return false;
}

/* Reads a type such as "<f8": byte order, kind and size. */
static enum weft_status settle_type(const struct cursor *cursor, const char *type,
                                    struct npy_header *header)
{
    static const char *const integers[] = {"1", "2", "4", "8", NULL};
    static const char *const floats[] = {"2", "4", "8", NULL};
    static const char *const booleans[] = {"1", NULL};
    const char *letter = type + (type[0] != '\0' && strchr("<>|=", type[0]) != NULL);
    const char *const *sizes = letter[0] == 'f'                       ? floats
                               : letter[0] == 'b'                     ? booleans
                               : letter[0] == 'i' || letter[0] == 'u' ? integers
                                                                      : NULL;
    for (size_t i = 0; i < sizeof foreign_types / sizeof *foreign_types; i++)
        if (letter[0] == foreign_types[i].letter)
            return fail_type(cursor, type, foreign_types[i].what);
    if (sizes == NULL || !is_size(letter + 1, sizes))
        return fail_type(cursor, type, "another type");
    header->kind = letter[0] == 'f' ? NPY_FLOAT : letter[0] == 'i' ? NPY_SIGNED : NPY_UNSIGNED;
    header->value_bytes = (size_t)(letter[1] - '0');
    header->big_endian = type[0] == '>';
    return WEFT_OK;
}

static enum weft_status read_type(struct cursor *cursor, struct npy_header *header)
{
    char type[MOST_TEXT];
    skip_spaces(cursor);
    if (cursor->text[cursor->at] == '[')
        return fail_type(cursor, "[...]", "structures");
    TRY(read_text(cursor, type));
    return settle_type(cursor, type, header);
}

/* ---- order and shape ---- */

static enum weft_status read_order(struct cursor *cursor, struct npy_header *header)
{
    header->fortran = take_word(cursor, "True");
    return header->fortran || take_word(cursor, "False") ? WEFT_OK
                                                         : fail_header(cursor, "True or False");
}

static enum weft_status read_size(struct cursor *cursor, size_t *size)
{
    enum { TEN = 10 };
    *size = 0;
    skip_spaces(cursor);
    if (!isdigit((unsigned char)cursor->text[cursor->at]))
        return fail_header(cursor, "a size");
    for (; isdigit((unsigned char)cursor->text[cursor->at]); cursor->at++)
        if (!size_multiply(*size, TEN, size) ||
            !size_add(*size, (size_t)(cursor->text[cursor->at] - '0'), size))
            return fail_header(cursor, "a size of at most 64 bits");
    (void)take(cursor, 'L'); /* Python 2 wrote long integers like this. */
    return WEFT_OK;
}

static enum weft_status read_shape(struct cursor *cursor, struct npy_header *header)
{
    if (!take(cursor, '('))
        return fail_header(cursor, "the sizes in parentheses");
    header->dimensions = 0;
    while (!take(cursor, ')')) {
        if (header->dimensions == ARRAY_MOST_DIMENSIONS)
            return fail_header(cursor, "at most 32 dimensions");
        TRY(read_size(cursor, &header->sizes[header->dimensions++]));
        if (!take(cursor, ',')) {
            if (!take(cursor, ')'))
                return fail_header(cursor, "\",\" or \")\"");
            break;
        }
    }
    return WEFT_OK;
}

/* ---- the dictionary ---- */

static enum weft_status read_member(struct cursor *cursor, struct npy_header *header,
                                    unsigned *seen)
{
    static const char *const keys[] = {"descr", "fortran_order", "shape"};
    static enum weft_status (*const readers[])(struct cursor *, struct npy_header *) = {
        read_type, read_order, read_shape};
    char key[MOST_TEXT];
    size_t k = 0;
    TRY(read_text(cursor, key));
    while (k < 3 && strcmp(key, keys[k]) != 0)
        k++;
    if (k == 3 || (*seen >> k & 1) != 0 || !take(cursor, ':'))
        return fail_header(cursor, "descr, fortran_order and shape, once each");
    *seen |= 1u << k;
    return readers[k](cursor, header);
}

static enum weft_status read_dictionary(struct cursor *cursor, struct npy_header *header)
{
    enum { ALL = 7 };
    unsigned seen = 0;
    if (!take(cursor, '{'))
        return fail_header(cursor, "\"{\"");
    while (!take(cursor, '}')) {
        TRY(read_member(cursor, header, &seen));
        if (!take(cursor, ',')) {
            if (!take(cursor, '}'))
                return fail_header(cursor, "\",\" or \"}\"");
            break;
        }
    }
    skip_spaces(cursor);
    if (seen != ALL || cursor->text[cursor->at] != '\0')
        return fail_header(cursor, "descr, fortran_order and shape, and nothing else");
    return WEFT_OK;
}

/* ---- bytes ---- */

static enum weft_status read_exactly(const struct npy_bytes *bytes, size_t at, void *buffer,
                                     size_t size)
{
    size_t got;
    TRY(bytes->read(bytes->from, buffer, size, &got));
    if (got < size)
        return fail(WEFT_ERROR_DATA, "%s: byte %zu: NPY header ends: got %zu bytes, need %zu",
                    bytes->name, at + got, at + got, at + size);
    return WEFT_OK;
}

/* Reads the magic number, the version and the length of the text. */
static enum weft_status read_start(const struct npy_bytes *bytes, struct npy_header *header,
                                   size_t *length)
{
    unsigned char start[LENGTH_AT], sizes[4] = {0};
    TRY(read_exactly(bytes, 0, start, sizeof start));
    if (memcmp(start, "\x93NUMPY", MAGIC_BYTES) != 0)
        return fail(WEFT_ERROR_DATA,
                    "%s: byte 0: magic of an NPY file: got %02x %02x, need 93 4e 55 4d 50 59",
                    bytes->name, start[0], start[1]);
    if (start[6] < 1 || start[6] > 3)
        return fail(WEFT_ERROR_DATA, "%s: byte 6: version of NPY: got %d.%d, need 1.0, 2.0 or 3.0",
                    bytes->name, start[6], start[7]);
    const size_t length_bytes = start[6] == 1 ? 2 : 4;
    TRY(read_exactly(bytes, LENGTH_AT, sizes, length_bytes));
    *length =
        (size_t)sizes[0] | (size_t)sizes[1] << 8 | (size_t)sizes[2] << 16 | (size_t)sizes[3] << 24;
    header->bytes = LENGTH_AT + length_bytes + *length;
    if (*length > MOST_HEADER)
        return fail(WEFT_ERROR_DATA, "%s: byte %d: length of the header: got %zu, need at most %d",
                    bytes->name, (int)LENGTH_AT, *length, (int)MOST_HEADER);
    return WEFT_OK;
}

static enum weft_status read_and_parse(const struct npy_bytes *bytes, char *text, size_t length,
                                       struct npy_header *header)
{
    struct cursor cursor = {bytes->name, text, 0, header->bytes - length};
    TRY(read_exactly(bytes, cursor.before, text, length));
    if (memchr(text, '\0', length) != NULL)
        return fail_header(&cursor, "text without NUL bytes");
    return read_dictionary(&cursor, header);
}

enum weft_status npy_header_read(const struct npy_bytes *bytes, struct npy_header *header)
{
    size_t length = 0;
    char *text;
    *header = (struct npy_header){.bytes = 0};
    TRY(read_start(bytes, header, &length));
    TRY(NEW_ARRAY(text, length + 1));
    const enum weft_status status = read_and_parse(bytes, text, length, header);
    memory_free(text);
    return status;
}
