/* The state of a table reader, shared by the files that open it, read rows, and read texts again.
 */
#ifndef WEFT_DATA_CSV_READER_H
#define WEFT_DATA_CSV_READER_H

#include "data/csv_value.h"
#include "data/table_reader.h"

/* Bytes that the buffer has at first. */
enum { CSV_BLOCK_BYTES = 1 << 20 };

/* How a column is read. */
enum csv_rule {
    CSV_ANYTHING, /* numbers until a text appears */
    CSV_NUMBERS,  /* a text is an error */
    CSV_TEXTS,
    CSV_SKIPPED, /* all values are missing */
    CSV_LATE     /* a text has appeared; the texts of all rows are read at the end of the call */
};

/* A value in the buffer, with its quotes. */
struct csv_span {
    uint32_t start, end;
};

/* Whole lines of the buffer, which one thread parses. */
struct csv_piece {
    size_t end;         /* offset behind the last line */
    size_t next;        /* offset behind the last row that is parsed */
    size_t rows;        /* number of rows that are parsed */
    size_t taken, take; /* rows that a table has, and rows that follow now */
    double *values;     /* [columns][stride] borrowed: a number, NaN for a missing one, or the bytes
                           of a csv_span in columns of text */
};

struct csv_pieces {
    struct csv_piece *items; /* [capacity] owned */
    double *values;          /* [capacity][columns][stride] owned */
    size_t capacity, count;
    size_t bytes;   /* at most in a piece, unless one line is longer */
    size_t stride;  /* rows that a piece has room for */
    size_t waiting; /* rows that are parsed and not taken */
    bool stopped;   /* the scanner must read the row behind the last piece */
};

/* Returns the values of column c that piece p appends now. */
static inline const double *csv_piece_values(const struct csv_pieces *pieces, size_t p, size_t c)
{
    return &pieces->items[p].values[c * pieces->stride + pieces->items[p].taken];
}

struct table_reader {
    struct byte_source *source; /* owned */
    struct csv_words words;
    struct weft_table *header; /* owned: a table with the columns and without rows */
    enum csv_rule *rules;      /* [column_count] owned */
    size_t late_count;         /* columns with the rule CSV_LATE */

    /* The buffer: bytes [next .. used) are not read yet. */
    char *bytes; /* [capacity + 1] owned */
    size_t used, capacity, next;
    bool ended; /* the source has no more bytes */
    char delimiter;
    uint64_t line;       /* of byte `next` */
    uint64_t rows_read;  /* rows that the caller has received */
    uint64_t bytes_read; /* bytes of the source before the buffer */

    /* Room for the rows of one buffer. */
    struct csv_rows rows;
    size_t row_capacity;
    double *numbers; /* [row_capacity] owned */
    struct csv_pieces pieces;
    size_t *stored; /* [column_count] owned: number of pieces that csv_store_numbers stored */
    char *text;     /* [text_capacity] owned: a text without its doubled quotes */
    size_t text_capacity;
};

/* What a reader finds out from the first rows. */
struct csv_dialect {
    char delimiter;
    bool named;
};

/* Opens a reader whose buffer has `block_bytes` bytes at first. If `dialect` is not NULL, it
 * replaces what the reader would find out. */
WEFT_MUST_CHECK enum weft_status csv_open(struct byte_source *source,
                                          const struct table_format *format,
                                          const struct csv_dialect *dialect, size_t block_bytes,
                                          struct table_reader **reader);

/* Scans at most `most` rows from byte `next` of the buffer on, without taking them. */
WEFT_MUST_CHECK enum weft_status csv_scan(struct table_reader *reader, size_t most);

/* Reads more bytes behind those that are in the buffer. Makes the buffer larger if it is full. */
WEFT_MUST_CHECK enum weft_status csv_refill(struct table_reader *reader);

/* Cuts `count` rows off at the first NUL byte or invalid UTF-8: returns the number of rows before
 * it. Stores the offset of the faulty byte if there is one. */
size_t csv_valid_rows(const struct table_reader *reader, size_t count, size_t *offset);

/* Fails because of the byte at `offset`, which lies in `row`. */
WEFT_MUST_CHECK enum weft_status csv_fail_byte(const struct table_reader *reader, size_t row,
                                               size_t offset);

/* Fails because of the fault that the scanner has found. */
WEFT_MUST_CHECK enum weft_status csv_fail_scan(const struct table_reader *reader);

/* Fails because of a value that is not a number. */
WEFT_MUST_CHECK enum weft_status csv_fail_number(const struct table_reader *reader, size_t row,
                                                 size_t column);

/* Reads the texts of all rows of the table for the columns with the rule CSV_LATE, which becomes
 * CSV_TEXTS. */
WEFT_MUST_CHECK enum weft_status csv_read_again(struct table_reader *reader,
                                                struct weft_table *table);

/* Parses the plain rows of the buffer, which is filled if no row is complete. Does nothing while
 * rows are waiting. */
WEFT_MUST_CHECK enum weft_status csv_parse_pieces(struct table_reader *reader);

/* Chooses at most `most` of the waiting rows, returns their number, and appends their numbers to
 * the table; the columns are shared among threads. A column stops where it needs memory, so
 * reader->stored [columns] tells how many pieces each one has. */
size_t csv_store_numbers(struct table_reader *reader, size_t most, struct weft_table *table);

/* Marks the `count` rows that were chosen as taken. */
void csv_leave_pieces(struct table_reader *reader, size_t count);

#endif
