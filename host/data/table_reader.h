/* Reads tables from text in CSV and similar formats, a block of rows at a time.
 *
 * The text is RFC 4180 with any delimiter: values may be quoted, quoted values may contain
 * delimiters, line breaks and doubled quotes, and lines end with LF, CRLF or CR. Empty lines are
 * skipped. Blanks around a number and around a word for a missing value are skipped; blanks in
 * other texts are kept.
 *
 * Other formats become data sets or tables without this reader; see data/source.h.
 */
#ifndef WEFT_DATA_TABLE_READER_H
#define WEFT_DATA_TABLE_READER_H

#include "data/byte_source.h"
#include "data/table.h"

/* How a text table is written. Zero and NULL mean: find out, or the default. All pointers are
 * borrowed until table_reader_open returns. */
struct table_format {
    char delimiter;      /* 0: comma, tab, semicolon or bar, found from the first rows */
    char decimal;        /* 0: '.' */
    bool no_header;      /* the first row has values; otherwise, the reader finds out */
    bool doubt_counts;   /* a first row that counts 0, 1, 2, ... has values, unless the rows below
                            are of another kind */
    const char *missing; /* words for missing values, separated by commas; NULL: NA, NaN, nan,
                            null, NULL and ?. The empty value and nan are always missing. */
    const char *const *text_columns; /* [text_column_count] read these columns as text, with their
                                        original spelling. A column is named, or numbered from 1 */
    size_t text_column_count;
    bool
        chosen; /* table_reader_choose follows; until then, all values of all columns are missing */
};

struct table_reader;

/* Opens a table that `source` holds. The source must be at its first byte; the reader owns it from
 * then on, even on failure.
 *
 * Returns WEFT_ERROR_DATA if the content is no text in UTF-8, has no rows, or has two columns of
 * one name, and WEFT_ERROR_USAGE if the delimiter and the decimal character do not fit. */
WEFT_MUST_CHECK enum weft_status table_reader_open(struct byte_source *source,
                                                   const struct table_format *format,
                                                   struct table_reader **reader);

/* Creates the empty table whose columns the file has. The columns `text_columns` are text. All
 * others are numbers until the reader meets a text. */
WEFT_MUST_CHECK enum weft_status table_reader_table(struct table_reader *reader,
                                                    struct weft_table **table);

/* How a column is read. */
enum table_use {
    TABLE_SKIP,     /* all values are missing */
    TABLE_ANYTHING, /* numbers until a text appears */
    TABLE_NUMBERS,  /* a value that is not a number is an error; a model needs numbers there */
    TABLE_TEXTS     /* with their original spelling */
};

/* Says how to read each column, in place of `text_columns`. Columns whose names are known only now,
 * or that have none, can be chosen so. Call it before the first row is read.
 *
 * uses    [column_count]; if the format has `chosen`, none is TABLE_ANYTHING
 * table   an empty table of this reader */
void table_reader_choose(struct table_reader *reader, const enum table_use *uses,
                         struct weft_table *table);

/* Appends at most `rows` rows to a table of this reader. `*got` is smaller only at the end of the
 * file. Between two calls, the caller may call table_clear, but not change the table otherwise.
 *
 * A text in a column that held only numbers so far turns the column into text. Its earlier values
 * get their original spelling, because the reader reads their rows once more.
 *
 * Returns WEFT_ERROR_DATA with file, line and column for a row with another number of values, a
 * quote that is not closed, a NUL byte, or invalid UTF-8. After a failure, the table may have rows
 * whose columns differ in length; only destroy it. */
WEFT_MUST_CHECK enum weft_status table_reader_next(struct table_reader *reader, size_t rows,
                                                   struct weft_table *table, size_t *got);

void table_reader_close(struct table_reader *reader);

/* Reads all rows. The function owns the source, even on failure. */
WEFT_MUST_CHECK enum weft_status table_read(struct byte_source *source,
                                            const struct table_format *format,
                                            struct weft_table **table);

#endif
