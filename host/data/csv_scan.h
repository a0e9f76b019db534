/* Finds the rows and values of CSV text (RFC 4180), without looking into the values. */
#ifndef WEFT_DATA_CSV_SCAN_H
#define WEFT_DATA_CSV_SCAN_H

#include "base/status.h"

/* A quoted value longer than this has a quote that is not closed. */
enum { CSV_LONGEST_QUOTED = 1 << 24 };

enum csv_fault {
    CSV_FINE,
    CSV_RAGGED,      /* a row with another number of values */
    CSV_OPEN_QUOTE,  /* a quoted value that does not end, or is too long */
    CSV_AFTER_QUOTE, /* text between a closing quote and the next delimiter */
};

/* Text to scan. bytes[size] must be writable; the scanner places a line feed there. */
struct csv_text {
    char *bytes; /* [size + 1] borrowed */
    size_t size; /* at most UINT32_MAX - 1 */
    bool last;   /* nothing follows, so that the end of the text ends a row */
    char delimiter;
};

/* Rows that were found. Offsets count from the start of the text. */
struct csv_rows {
    size_t columns;   /* values in each row */
    size_t count;     /* number of complete rows */
    uint32_t *starts; /* [count] borrowed: offset of the first value */
    uint32_t *ends;   /* [count][columns] borrowed: offsets behind the values */
    uint64_t *lines;  /* [count] borrowed: line in which the row begins */

    size_t next;   /* offset behind the last complete row */
    uint64_t line; /* line of `next` */

    enum csv_fault fault; /* of the row behind the last complete one */
    uint64_t fault_line;  /* line of that row, or of its quote */
    size_t fault_column;  /* index of the faulty value; of ragged rows, the number of values */
};

/* Scans at most `most` rows from offset `next` and line `line` on, which the caller sets, and
 * stores them from row 0 on. Stops early at a fault, and at the end of the text if its last row is
 * not complete. Needs room for `most` rows, and for one value more than the text has bytes. */
void csv_scan_rows(const struct csv_text *text, size_t most, struct csv_rows *rows);

/* Counts the values of the row at offset *next and moves *next behind it. Stores CSV_RAGGED in
 * `*fault` if the row is not complete. Returns 0 at the end of the text, or after a fault. */
size_t csv_count_values(const struct csv_text *text, size_t *next, enum csv_fault *fault);

/* The value between two offsets, without its quotes. Doubled quotes are still doubled. */
struct csv_value {
    const char *text; /* [length] borrowed */
    size_t length;
    bool quoted;
};

/* Returns the value between two positions, without its quotes. */
static inline struct csv_value csv_value_at(const char *bytes, size_t start, size_t end)
{
    const bool quoted = end > start && bytes[start] == '"';
    return (struct csv_value){bytes + start + quoted, end - start - 2 * (size_t)quoted, quoted};
}

/* Returns the value of a row and a column. */
static inline struct csv_value csv_row_value(const char *bytes, const struct csv_rows *rows,
                                             size_t row, size_t column)
{
    const uint32_t *ends = &rows->ends[row * rows->columns];
    return csv_value_at(bytes, column == 0 ? rows->starts[row] : ends[column - 1] + 1u,
                        ends[column]);
}

/* Copies a value to `copy` [length], and replaces doubled quotes by single ones. Returns the new
 * length. */
size_t csv_unquote(struct csv_value value, char *copy);

#endif
