/* A table in memory: named columns of numbers or text, with missing values.
 *
 * Readers append rows to it. Numbers are kept in the narrowest type that holds the whole column
 * exactly, so that 785 columns of pixels take one byte per value. Texts are kept once per column;
 * a row has the index of its text.
 */
#ifndef WEFT_DATA_TABLE_H
#define WEFT_DATA_TABLE_H

#include "base/status.h"

enum column_kind { COLUMN_NUMBER, COLUMN_TEXT };

/* Types of numbers, in the order in which a column widens. */
enum column_type { COLUMN_UINT8, COLUMN_INT16, COLUMN_INT32, COLUMN_FLOAT32, COLUMN_FLOAT64 };

#define COLUMN_NO_TEXT UINT32_MAX

struct column {
    char *name; /* owned; UTF-8 */
    enum column_kind kind;
    enum column_type type; /* of `numbers` */
    void *numbers;         /* [rows] owned; NULL for text */
    uint8_t *missing; /* [(rows + 7) / 8] owned, one bit per row; NULL if no number is missing */
    uint32_t *texts;  /* [rows] owned: indices into `words`, or COLUMN_NO_TEXT where the value is
                         missing; NULL for numbers */
    char **words;     /* [word_count] owned: the distinct texts, in order of appearance */
    size_t word_count;
    size_t missing_count;
    size_t capacity;          /* rows that the arrays have room for */
    struct word_index *index; /* owned: finds a word; see table.c */
};

struct weft_table {
    char *name; /* owned; the file, for messages */
    size_t rows;
    size_t column_count;
    struct column *columns; /* [column_count] owned */
    bool named;             /* false if the columns are named by number, from 1 */
    size_t first_line;      /* line of row 0 in the file, from 1; 0 if the source has no lines */
    uint64_t *lines;        /* [rows] owned: line of each row; NULL if row i is in line
                               first_line + i */
};

/* Returns the number in a row, or NaN if it is missing. The column must have kind COLUMN_NUMBER. */
double column_number(const struct column *column, size_t row);

/* Returns the text in a row, borrowed, or NULL if it is missing. The column must have kind
 * COLUMN_TEXT. */
const char *column_text(const struct column *column, size_t row);

/* Tells whether the value of a row is missing. */
bool column_is_missing(const struct column *column, size_t row);

/* Creates a table without columns and rows. */
WEFT_MUST_CHECK enum weft_status table_create(const char *name, struct weft_table **table);

/* Adds an empty column, whose first values belong to row 0. */
WEFT_MUST_CHECK enum weft_status table_add_column(struct weft_table *table, const char *name,
                                                  enum column_kind kind);

/* Append one value to a column. NaN means missing; so does NULL. The caller raises table->rows when
 * all columns have their value. */
WEFT_MUST_CHECK enum weft_status column_append_number(struct column *column, size_t row,
                                                      double number);
WEFT_MUST_CHECK enum weft_status column_append_text(struct column *column, size_t row,
                                                    const char *text, size_t length);

/* Forgets all rows and keeps the columns and their memory, so that the next block of a stream can
 * be read into the same table. Dictionaries of texts are kept. */
void table_clear(struct weft_table *table);

/* Returns the line of a row for messages, or 0 if the source has no lines. */
uint64_t table_line(const struct weft_table *table, size_t row);

/* Finds a column by name or, if no column has this name, by its number from 1. Returns
 * WEFT_ERROR_USAGE with the nearest names if there is none; `option` is the option that named it.
 */
WEFT_MUST_CHECK enum weft_status table_find(const struct weft_table *table, const char *option,
                                            const char *name, size_t *column);

#endif
