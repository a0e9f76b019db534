/* Guesses the delimiter and the header of CSV text; see csv_sniff.h. */
#include "data/csv_sniff.h"

#include <stdio.h>
#include <string.h>

enum { MOST_ROWS = 100, LEAST_COUNTED = 3, MANY_COUNTED = 10, SEPARATOR = 4 };

static const char separator[] = "sep=", separator_capitals[] = "SEP=";
static const char candidates[] = ",\t;|"; /* in order of preference */

/* How well a delimiter fits. */
struct fit {
    size_t columns; /* values of the first row */
    size_t rows;    /* complete rows */
    size_t equal;   /* rows with as many values as the first one */
};

static struct fit fit_of(struct csv_text text, char delimiter)
{
    struct fit fit = {0};
    size_t next = 0;
    enum csv_fault fault;
    text.delimiter = delimiter;
    while (fit.rows < MOST_ROWS) {
        const size_t count = csv_count_values(&text, &next, &fault);
        if (count == 0)
            break;
        fit.columns = fit.rows == 0 ? count : fit.columns;
        fit.equal += count == fit.columns;
        fit.rows++;
    }
    return fit;
}

/* Ranks delimiters: first those that divide all rows alike, then those that divide most of them
 * alike, then those that divide the first row. */
static size_t rank(struct fit fit)
{
    if (fit.columns < 2)
        return 0;
    if (fit.equal == fit.rows)
        return 3;
    return fit.equal > fit.rows / 2 ? 2 : 1;
}

/* Takes `candidate` for `*best` if it fits better. */
static void consider(const struct csv_text *text, char candidate, char *best, struct fit *best_fit)
{
    const struct fit fit = fit_of(*text, candidate);
    const size_t new = rank(fit), old = rank(*best_fit);
    if (new > old || (new == old &&new > 0 && fit.columns > best_fit->columns)) {
        *best = candidate;
        *best_fit = fit;
    }
}

char csv_sniff_delimiter(const struct csv_text *text, char decimal)
{
    char best = decimal == ',' ? ';' : ',';
    struct fit best_fit = {0};
    for (const char *candidate = candidates; *candidate != '\0'; candidate++)
        if (*candidate != decimal)
            consider(text, *candidate, &best, &best_fit);
    const bool quoted = memchr(text->bytes, '"', text->size) != NULL;
    if (rank(best_fit) == 0 && decimal == ',' && quoted)
        consider(text, decimal, &best, &best_fit);
    return best;
}

/* Bytes above 127 are parts of characters. */
bool csv_may_delimit(char delimiter)
{
    static const char other[] = "\"\r\n+-.0123456789"; /* and its NUL */
    return (unsigned char)delimiter < 0x80 && memchr(other, delimiter, sizeof other) == NULL;
}

/* Tells whether bytes [at least SEPARATOR] begin with "sep=" in letters of any case. */
static bool begins_separator(const char *bytes)
{
    for (size_t i = 0; i < SEPARATOR; i++)
        if (bytes[i] != separator[i] && bytes[i] != separator_capitals[i])
            return false;
    return true;
}

size_t csv_sniff_separator(const char *bytes, size_t size, char *delimiter)
{
    const size_t quotes = size > 0 && bytes[0] == '"' ? 1 : 0;
    size_t end = SEPARATOR + 1 + 2 * quotes;
    if (size < end || !begins_separator(bytes + quotes) ||
        !csv_may_delimit(bytes[quotes + SEPARATOR]) || (quotes == 1 && bytes[end - 1] != '"'))
        return 0;
    if (end < size && bytes[end] != '\n' && bytes[end] != '\r')
        return 0;
    *delimiter = bytes[quotes + SEPARATOR];
    end += end + 1 < size && bytes[end] == '\r' && bytes[end + 1] == '\n' ? 2 : end < size;
    return end;
}

/* ---- header ---- */

/* What the rows say about their first one. */
struct evidence {
    bool names;   /* a text stands above a column of numbers */
    bool values;  /* a number that is no plausible name stands in the first row */
    bool numbers; /* there are numbers below */
};

/* Whole numbers without sign may be names, such as years. */
static bool is_digits(struct csv_value value)
{
    size_t i = 0;
    while (i < value.length && value.text[i] >= '0' && value.text[i] <= '9')
        i++;
    return i > 0 && i == value.length;
}

/* Adds what a column says. */
static void look_at_column(const char *bytes, const struct csv_rows *rows,
                           const struct csv_words *words, size_t column, struct evidence *evidence)
{
    double number;
    size_t numbers = 0, texts = 0;
    const struct csv_value first = csv_row_value(bytes, rows, 0, column);
    const enum csv_class class = csv_classify(words, first, &number);
    for (size_t row = 1; row < rows->count; row++) {
        const struct csv_value value = csv_row_value(bytes, rows, row, column);
        const enum csv_class below = csv_classify(words, value, &number);
        numbers += below == CSV_NUMBER;
        texts += below == CSV_TEXT;
    }
    evidence->names |= class == CSV_TEXT && numbers > texts;
    evidence->values |= class == CSV_NUMBER && !is_digits(first);
    evidence->numbers |= numbers > 0;
}

static bool is_empty(const char *bytes, const struct csv_rows *rows, size_t row, size_t column)
{
    return csv_row_value(bytes, rows, row, column).length == 0;
}

/* Tells whether the first name is empty, and no value below it is. */
static bool has_index(const char *bytes, const struct csv_rows *rows)
{
    bool found = rows->count > 1 && is_empty(bytes, rows, 0, 0);
    for (size_t row = 1; row < rows->count; row++)
        found = found && !is_empty(bytes, rows, row, 0);
    return found;
}

static bool is_number(struct csv_value value, size_t number)
{
    char text[24];
    const int length = snprintf(text, sizeof text, "%zu", number);
    return value.length == (size_t)length && memcmp(value.text, text, value.length) == 0;
}

bool csv_sniff_counted_index(const char *bytes, const struct csv_rows *rows)
{
    bool counts = has_index(bytes, rows);
    for (size_t row = 1; row < rows->count; row++)
        counts = counts && is_number(csv_row_value(bytes, rows, row, 0), row - 1);
    return counts;
}

/* Tells whether the first row counts 0, 1, 2, ..., as pandas names columns without names. Its index
 * has an empty name in front. Below this name, the index of a table with a single column counts. */
static bool counts_columns(const char *bytes, const struct csv_rows *rows)
{
    const size_t start = is_empty(bytes, rows, 0, 0) ? 1 : 0;
    for (size_t c = start; c < rows->columns; c++)
        if (!is_number(csv_row_value(bytes, rows, 0, c), c - start))
            return false;
    return rows->count > 1 && (rows->columns >= LEAST_COUNTED ||
                               (rows->columns == 2 && csv_sniff_counted_index(bytes, rows)));
}

/* Tells whether most values below the first in a column are no whole numbers without sign. */
static bool differs_below(const char *bytes, const struct csv_rows *rows, size_t column)
{
    size_t differ = 0;
    for (size_t row = 1; row < rows->count; row++)
        differ += !is_digits(csv_row_value(bytes, rows, row, column));
    return 2 * differ > rows->count - 1;
}

/* Tells whether a first row that counts can hardly be a sample: it counts far, its first name is
 * empty above an index, or most columns have other values below it. */
static bool counts_clearly(const char *bytes, const struct csv_rows *rows)
{
    size_t differ = 0;
    for (size_t c = 0; c < rows->columns; c++)
        differ += differs_below(bytes, rows, c);
    return rows->columns >= MANY_COUNTED || has_index(bytes, rows) || 2 * differ > rows->columns;
}

/* Tells whether the first row has distinct texts only. `names` is empty. */
static enum weft_status find_distinct_texts(const char *bytes, const struct csv_rows *rows,
                                            const struct csv_words *words, struct dictionary *names,
                                            bool *distinct)
{
    double number;
    uint32_t index;
    *distinct = true;
    for (size_t c = 0; c < rows->columns && *distinct; c++) {
        const struct csv_value name = csv_row_value(bytes, rows, 0, c);
        TRY(dictionary_add(names, name.text, name.length, &index));
        *distinct = index == c && csv_classify(words, name, &number) == CSV_TEXT;
    }
    return WEFT_OK;
}

enum weft_status csv_sniff_header(const char *bytes, const struct csv_rows *rows,
                                  const struct csv_words *words, bool doubt,
                                  struct csv_first_row *first)
{
    struct evidence evidence = {false};
    struct dictionary names = {.words = NULL};
    for (size_t c = 0; c < rows->columns; c++)
        look_at_column(bytes, rows, words, c, &evidence);
    first->counts = counts_columns(bytes, rows);
    first->clear = first->counts && counts_clearly(bytes, rows);
    first->names = (evidence.names && !evidence.values) || (doubt ? first->clear : first->counts);
    if (first->names || evidence.names || evidence.numbers)
        return WEFT_OK;
    const enum weft_status status = find_distinct_texts(bytes, rows, words, &names, &first->names);
    dictionary_reset(&names);
    return status;
}
