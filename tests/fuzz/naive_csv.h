/* A second parser of CSV text, as plain as possible: one byte after the other, every value a
 * string. It shares no code with Weft. */
#ifndef WEFT_TESTS_NAIVE_CSV_H
#define WEFT_TESTS_NAIVE_CSV_H

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { NAIVE_BYTES = 1 << 15 };

struct naive_value {
    const char *text;
    size_t length;
};

struct naive {
    bool valid;
    size_t rows, columns;
    struct naive_value values[NAIVE_BYTES]; /* [rows][columns] */
    size_t count;
    uint64_t lines[NAIVE_BYTES]; /* [rows] */
    char bytes[NAIVE_BYTES];     /* the texts of the values */
    size_t used;
};

static inline const struct naive_value *naive_at(const struct naive *naive, size_t row,
                                                 size_t column)
{
    return &naive->values[row * naive->columns + column];
}

/* ---- bytes ---- */

/* RFC 3629, the table of well-formed sequences in Unicode, chapter 3. */
static inline bool naive_is_utf8(const char *text, size_t size)
{
    static const struct {
        unsigned char first, last, low, high;
        int more;
    } forms[] = {
        {0x01, 0x7f, 0, 0, 0},       {0xc2, 0xdf, 0x80, 0xbf, 1}, {0xe0, 0xe0, 0xa0, 0xbf, 2},
        {0xe1, 0xec, 0x80, 0xbf, 2}, {0xed, 0xed, 0x80, 0x9f, 2}, {0xee, 0xef, 0x80, 0xbf, 2},
        {0xf0, 0xf0, 0x90, 0xbf, 3}, {0xf1, 0xf3, 0x80, 0xbf, 3}, {0xf4, 0xf4, 0x80, 0x8f, 3}};
    const unsigned char *at = (const unsigned char *)text, *end = at + size;
    while (at < end) {
        size_t f = 0;
        while (f < sizeof forms / sizeof *forms && !(*at >= forms[f].first && *at <= forms[f].last))
            f++;
        if (f == sizeof forms / sizeof *forms || end - at <= forms[f].more)
            return false;
        for (int i = 1; i <= forms[f].more; i++)
            if (at[i] < (i == 1 ? forms[f].low : 0x80) || at[i] > (i == 1 ? forms[f].high : 0xbf))
                return false;
        at += forms[f].more + 1;
    }
    return true;
}

static inline bool naive_is_break(char c)
{
    return c == '\n' || c == '\r';
}

/* Counts the line breaks that begin from byte `from` to byte `to`. CRLF is one line break. */
static inline uint64_t naive_breaks(const char *text, size_t from, size_t to)
{
    uint64_t count = 0;
    for (size_t i = from; i < to; i++)
        count += text[i] == '\r' || (text[i] == '\n' && (i == 0 || text[i - 1] != '\r'));
    return count;
}

/* ---- rows ---- */

/* Returns the offset behind the value at `at` and adds it, or SIZE_MAX for a fault. */
static inline size_t naive_read_value(struct naive *naive, const char *text, size_t size, size_t at,
                                      char delimiter)
{
    const size_t first = naive->used;
    if (at < size && text[at] == '"') {
        for (at++;; at++) {
            if (at == size)
                return SIZE_MAX;
            if (text[at] == '"' && (at + 1 == size || text[at + 1] != '"'))
                break;
            naive->bytes[naive->used++] = text[at];
            at += text[at] == '"';
        }
        at++;
        if (at < size && text[at] != delimiter && !naive_is_break(text[at]))
            return SIZE_MAX;
    } else {
        for (; at < size && text[at] != delimiter && !naive_is_break(text[at]); at++)
            naive->bytes[naive->used++] = text[at];
    }
    naive->values[naive->count++] = (struct naive_value){naive->bytes + first, naive->used - first};
    return at;
}

/* Returns the end of the line of blanks at `at`, or SIZE_MAX if it has other bytes. */
static inline size_t naive_empty_line(const char *text, size_t size, size_t at, char delimiter)
{
    while (at < size && (text[at] == ' ' || text[at] == '\t') && text[at] != delimiter)
        at++;
    return at == size || naive_is_break(text[at]) ? at : SIZE_MAX;
}

static inline size_t naive_skip_break(const char *text, size_t size, size_t at)
{
    return at + 1 < size && text[at] == '\r' && text[at + 1] == '\n' ? at + 2 : at + 1;
}

/* Reads the row at `at`. Returns the offset of its end, or SIZE_MAX for a fault. */
static inline size_t naive_read_row(struct naive *naive, const char *text, size_t size, size_t at,
                                    char delimiter)
{
    const size_t first = naive->count;
    for (;;) {
        at = naive_read_value(naive, text, size, at, delimiter);
        if (at == SIZE_MAX || at >= size || text[at] != delimiter)
            break;
        at++;
    }
    const size_t count = naive->count - first;
    naive->columns = naive->rows == 0 ? count : naive->columns;
    naive->rows++;
    return count == naive->columns ? at : SIZE_MAX;
}

/* Returns the length of a first line "sep=;", or 0. It may have quotes, capitals and no end. */
static inline size_t naive_separator(const char *text, size_t size)
{
    const char *const word = "sep=";
    const bool quoted = size > 0 && text[0] == '"';
    size_t at = quoted;
    for (size_t i = 0; i < 4; i++, at++)
        if (at >= size || tolower((unsigned char)text[at]) != word[i])
            return 0;
    if (at >= size || strchr("\"\r\n+-.", text[at]) != NULL || isdigit((unsigned char)text[at]) ||
        (unsigned char)text[at] > 127)
        return 0;
    at++;
    if (quoted && (at >= size || text[at++] != '"'))
        return 0;
    if (at == size)
        return at;
    return naive_is_break(text[at]) ? naive_skip_break(text, size, at) : 0;
}

static inline void naive_read(struct naive *naive, const char *text, size_t size, char delimiter)
{
    size_t at = size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    size_t counted = 0;
    uint64_t line = 1;
    naive->rows = naive->columns = naive->count = naive->used = 0;
    naive->valid = false;
    if (!naive_is_utf8(text, size))
        return;
    at += naive_separator(text + at, size - at);
    while (at < size) {
        size_t end = naive_empty_line(text, size, at, delimiter);
        if (end == SIZE_MAX) {
            line += naive_breaks(text, counted, at);
            counted = at;
            naive->lines[naive->rows] = line;
            end = naive_read_row(naive, text, size, at, delimiter);
        }
        if (end == SIZE_MAX)
            return;
        at = end < size ? naive_skip_break(text, size, end) : size;
    }
    naive->valid = true;
}

/* ---- values ---- */

enum naive_class { NAIVE_NUMBER, NAIVE_MISSING, NAIVE_TEXT };

/* Tells whether text [length] is a decimal number, and stores it. */
static inline bool naive_number(const char *text, size_t length, char decimal, double *number)
{
    char copy[256];
    size_t i = 0, digits = 0;
    if (length > 255)
        return false;
    i += length > 0 && (text[0] == '-' || text[0] == '+');
    for (; i < length && isdigit((unsigned char)text[i]); i++)
        digits++;
    i += i < length && text[i] == decimal;
    for (; i < length && isdigit((unsigned char)text[i]); i++)
        digits++;
    if (digits == 0)
        return false;
    if (i < length && (text[i] == 'e' || text[i] == 'E')) {
        i++;
        i += i < length && (text[i] == '-' || text[i] == '+');
        const size_t first = i;
        while (i < length && isdigit((unsigned char)text[i]))
            i++;
        if (i == first)
            return false;
    }
    if (i < length)
        return false;
    memcpy(copy, text, length);
    copy[length] = '\0';
    for (i = 0; i < length; i++)
        copy[i] = copy[i] == decimal ? '.' : copy[i];
    *number = strtod(copy, NULL); /* in the C locale; infinite if it is too large */
    return true;
}

static inline bool naive_is_any(const char *text, size_t length, const char *const *words,
                                bool any_case)
{
    for (; *words != NULL; words++) {
        size_t i = 0;
        while (i < length && (*words)[i] != '\0' &&
               (any_case ? tolower((unsigned char)text[i]) : text[i]) == (*words)[i])
            i++;
        if (i == length && (*words)[i] == '\0')
            return true;
    }
    return false;
}

static inline enum naive_class naive_classify(const struct naive_value *value, char decimal,
                                              double *number)
{
    static const char *const missing[] = {"", "NA", "null", "NULL", "?", NULL};
    static const char *const nan[] = {"nan", NULL};
    static const char *const infinite[] = {"inf", "+inf", "infinity", "+infinity", NULL};
    static const char *const negative[] = {"-inf", "-infinity", NULL};
    const char *text = value->text;
    size_t length = value->length;
    for (; length > 0 && (*text == ' ' || *text == '\t'); length--)
        text++;
    while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t'))
        length--;
    if (naive_is_any(text, length, missing, false) || naive_is_any(text, length, nan, true))
        return NAIVE_MISSING;
    if (naive_is_any(text, length, infinite, true))
        return *number = HUGE_VAL, NAIVE_NUMBER;
    if (naive_is_any(text, length, negative, true))
        return *number = -HUGE_VAL, NAIVE_NUMBER;
    return naive_number(text, length, decimal, number) ? NAIVE_NUMBER : NAIVE_TEXT;
}

#endif
