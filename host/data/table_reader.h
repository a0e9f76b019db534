/* Reads tables from files of any format, a block of rows at a time.
 *
 * A reader recognizes the format by the content. Files that become arrays without named columns
 * (IDX, images, unsigned bytes and float32 in NPY and NPZ) are read into a data set directly; see
 * data/source.h.
 */
#ifndef WEFT_DATA_TABLE_READER_H
#define WEFT_DATA_TABLE_READER_H

#include "data/byte_source.h"
#include "data/table.h"

/* How a text table is written. Zero and NULL mean: find out, or the default. */
struct table_format {
    char delimiter;      /* 0: found from the first rows */
    char decimal;        /* 0: '.' */
    bool no_header;      /* the first row has values */
    const char *missing; /* words for missing values, separated by commas; NULL: the empty value,
                            NA, NaN, null and ? */
    const char *const *text_columns; /* [text_column_count] read these columns as text, with their
                                        original spelling */
    size_t text_column_count;
    const char *const *number_columns; /* [number_column_count] a value of these columns that is not
                                          a number is an error; a model needs numbers there */
    size_t number_column_count;
};

struct table_reader;

/* Opens a table that `source` holds. The reader owns the source from then on, even on failure.
 * Returns WEFT_ERROR_DATA if the content is no table. */
WEFT_MUST_CHECK enum weft_status table_reader_open(struct byte_source *source,
                                                   const struct table_format *format,
                                                   struct table_reader **reader);

/* Creates the empty table whose columns the file has. Their kinds are those of the first block. */
WEFT_MUST_CHECK enum weft_status table_reader_table(struct table_reader *reader,
                                                    struct weft_table **table);

/* Appends at most `rows` rows to the table. `*got` is smaller only at the end of the file.
 *
 * Returns WEFT_ERROR_DATA with file, line and column for a row with another number of values, an
 * unclosed quote, a NUL byte or invalid UTF-8. A text in a column that held only numbers so far
 * turns the column into text; the words of the earlier rows are read again from the file. */
WEFT_MUST_CHECK enum weft_status table_reader_next(struct table_reader *reader, size_t rows,
                                                   struct weft_table *table, size_t *got);

void table_reader_close(struct table_reader *reader);

/* Reads a whole file. */
WEFT_MUST_CHECK enum weft_status table_read(struct byte_source *source,
                                            const struct table_format *format,
                                            struct weft_table **table);

#endif
