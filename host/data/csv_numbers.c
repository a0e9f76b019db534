/* Reads the numbers of a block of CSV text, with several threads. No thread allocates memory or
 * fails: whatever needs that is left to table_reader.c. */
#include <math.h>

#include "base/memory.h"
#include "base/parallel.h"
#include "data/csv_reader.h"

/* Rows that a column takes at once, and the least number of values that is worth several threads.
 */
enum { STRIP = 1024, SHARED_VALUES = 4096 };

size_t csv_parse_numbers(const struct table_reader *reader, size_t column, size_t first,
                         size_t count, double *numbers)
{
    for (size_t i = 0; i < count; i++) {
        const struct csv_value value =
            csv_row_value(reader->bytes, &reader->rows, first + i, column);
        switch (csv_classify(&reader->words, value, &numbers[i])) {
        case CSV_NUMBER:
            break;
        case CSV_MISSING:
            numbers[i] = (double)NAN;
            break;
        case CSV_TEXT:
            return i;
        }
    }
    return count;
}

struct store {
    struct table_reader *reader;
    struct weft_table *table;
    size_t count; /* rows */
};

/* Returns the number of rows that column c got. */
static size_t store_column(const struct store *of, size_t c)
{
    double numbers[STRIP];
    const enum csv_rule rule = of->reader->rules[c];
    if (rule != CSV_ANYTHING && rule != CSV_NUMBERS)
        return 0;
    for (size_t first = 0; first < of->count; first += STRIP) {
        const size_t count = size_min(of->count - first, STRIP);
        if (csv_parse_numbers(of->reader, c, first, count, numbers) < count ||
            !column_put_numbers(&of->table->columns[c], of->table->rows + first, numbers, count))
            return first;
    }
    return of->count;
}

static void store_piece(const void *work, size_t first, size_t count)
{
    const struct store *of = work;
    for (size_t c = first; c < first + count; c++)
        of->reader->stored[c] = store_column(of, c);
}

void csv_store_numbers(struct table_reader *reader, size_t count, struct weft_table *table)
{
    const struct store work = {reader, table, count};
    const size_t columns = table->column_count;
    const bool shared = count * columns >= SHARED_VALUES;
    const size_t step = size_max(columns / (parallel_threads() * 8), 1);
    parallel_for(columns, step, shared, store_piece, &work);
}
