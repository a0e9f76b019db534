/* A table in memory: named columns of numbers or text, with missing values.
 *
 * Readers append rows to it. Numbers are kept in the narrowest type that holds the whole column
 * exactly, so that 785 columns of pixels take one byte per value. Texts are kept once per column;
 * a row has the index of its text.
 */
#ifndef WEFT_DATA_TABLE_H
#define WEFT_DATA_TABLE_H

#include "base/status.h"
#include "data/dictionary.h"

enum column_kind { COLUMN_NUMBER, COLUMN_TEXT };

/* Types of numbers, in the order in which a column widens. */
enum column_type { COLUMN_UINT8, COLUMN_INT16, COLUMN_INT32, COLUMN_FLOAT32, COLUMN_FLOAT64 };

#define COLUMN_NO_TEXT UINT32_MAX

struct column {
    char *name; /* owned; UTF-8 */
    enum column_kind kind;
    enum column_type type; /* of `numbers` */
    void *numbers;         /* [rows] owned; NULL for text and without rows */
    uint8_t *missing; /* [(rows + 7) / 8] owned, one bit per row; NULL if no number is missing */
    uint32_t *texts;  /* [rows] owned: indices into `words`, or COLUMN_NO_TEXT where the value is
                         missing; NULL for numbers and without rows */
    struct dictionary words; /* the distinct texts, in order of appearance */
    size_t missing_count;
    size_t capacity; /* rows that the arrays have room for */
};

/* Rows from `row` on are in consecutive lines, the first of them in `line`. */
struct table_lines {
    size_t row;
    uint64_t line;
};

struct weft_table {
    char *name; /* owned; the file, for messages */
    size_t rows;
    size_t column_count, column_capacity;
    struct column *columns;    /* [column_count] owned */
    bool named;                /* false if the columns are named by number, from 1 */
    bool indexed;              /* its first row names all columns but the first, as pandas does with
                                  an index */
    bool counting_index;       /* it is indexed, and its first column counts 0, 1, 2, ... below the
                                  empty name */
    bool counted;              /* its first row counts 0, 1, 2, ..., as pandas names columns: it may
                                  be names or values */
    char decimal;              /* the decimal separator of numbers in texts; 0 is a point */
    struct table_lines *lines; /* [line_count] owned; empty if the source has no lines */
    size_t line_count, line_capacity;
};

/* ---- values ---- */

/* Returns the number in a row, or NaN if it is missing. The column must have kind COLUMN_NUMBER. */
double column_number(const struct column *column, size_t row);

/* Copies the numbers of rows first .. first + count - 1 to numbers [count]; NaN where a number is
 * missing. This is faster than single calls of column_number. */
void column_copy_numbers(const struct column *column, size_t first, size_t count, double *numbers);

/* Returns the text in a row, borrowed, or NULL if it is missing. The column must have kind
 * COLUMN_TEXT. */
const char *column_text(const struct column *column, size_t row);

/* Tells whether the value of a row is missing. */
bool column_is_missing(const struct column *column, size_t row);

/* ---- writing ---- */

/* Creates a table without columns and rows. */
WEFT_MUST_CHECK enum weft_status table_create(const char *name, struct weft_table **table);

/* Adds an empty column, whose first values belong to row 0. */
WEFT_MUST_CHECK enum weft_status table_add_column(struct weft_table *table, const char *name,
                                                  enum column_kind kind);

/* Append values to a column that has values for rows 0 .. row - 1. NaN means missing; so does
 * NULL. The caller raises table->rows when all columns have their values. */
WEFT_MUST_CHECK enum weft_status column_append_numbers(struct column *column, size_t row,
                                                       const double *numbers, size_t count);

/* Appends values in the same way, but only if that needs no memory. Otherwise the column stays as
 * it is, and the result is false. */
bool column_put_numbers(struct column *column, size_t row, const double *numbers, size_t count);
WEFT_MUST_CHECK enum weft_status column_append_text(struct column *column, size_t row,
                                                    const char *text, size_t length);
WEFT_MUST_CHECK enum weft_status column_append_missing(struct column *column, size_t row,
                                                       size_t count);

/* Makes room for `rows` rows. Appending does so too, a quarter more at a time. */
WEFT_MUST_CHECK enum weft_status column_reserve(struct column *column, size_t rows);

/* Turns a column into an empty column of text. */
void column_make_text(struct column *column);

/* Says in which line of the source a row begins. Call it for each row, in order, or never. */
WEFT_MUST_CHECK enum weft_status table_set_line(struct weft_table *table, size_t row,
                                                uint64_t line);

/* Forgets all rows and texts, and keeps the columns, their types and their memory, so that the next
 * block of a stream can be read into the same table. */
void table_clear(struct weft_table *table);

/* ---- places ---- */

/* Returns the line of a row for messages, from 1, or 0 if the source has no lines. */
uint64_t table_line(const struct weft_table *table, size_t row);

/* Fails with WEFT_ERROR_DATA. The message begins with the place of a value: `houses.csv:17: column
 * "price": `, or `NAME: row 17: column "price": ` if the source has no lines. */
WEFT_MUST_CHECK enum weft_status table_fail(const struct weft_table *table, size_t row,
                                            size_t column, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Returns the index of the column with this name or, if no column has this name, with this number
 * from 1, or else of the only column with this name and blanks around it. Returns column_count if
 * there is none. */
size_t table_column(const struct weft_table *table, const char *name);

/* Finds a column as table_column does. Returns WEFT_ERROR_USAGE with the nearest names if there is
 * none; `option` is the option that named it. */
WEFT_MUST_CHECK enum weft_status table_find(const struct weft_table *table, const char *option,
                                            const char *name, size_t *column);

#endif
