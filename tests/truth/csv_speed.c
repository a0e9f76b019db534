/* Reads a table of numbers and makes float32 samples of it: csv_speed FILE
 *
 * Prints `ROWS COLUMNS SECONDS`, for the table alone. The samples show how much memory a data set
 * takes beside its table; tools/csv-speed compares the peak. */
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "data/table.h"

enum { BLOCK = 4096 };

/* x [rows][columns] = the numbers of the table. Returns their sum, so that no compiler drops them.
 */
static double make_samples(const struct weft_table *table, float *x)
{
    double numbers[BLOCK], sum = 0;
    const size_t columns = table->column_count;
    for (size_t first = 0; first < table->rows; first += BLOCK) {
        const size_t count = size_min(table->rows - first, BLOCK);
        for (size_t c = 0; c < columns; c++) {
            column_copy_numbers(&table->columns[c], first, count, numbers);
            for (size_t i = 0; i < count; i++) {
                x[(first + i) * columns + c] = number_to_float(numbers[i]);
                sum += numbers[i];
            }
        }
    }
    return sum;
}

int main(int argc, char **argv)
{
    struct weft_table *table;
    const double begin = clock_seconds();
    if (argc != 2 || weft_table_read(argv[1], NULL, &table) != WEFT_OK) {
        fprintf(stderr, "csv_speed: %s\n", argc != 2 ? "need a file" : weft_error());
        return EXIT_FAILURE;
    }
    const double seconds = clock_seconds() - begin;
    float *x = memory_zeroed(table->rows * table->column_count, sizeof *x);
    if (x == NULL)
        return EXIT_FAILURE;
    printf("%zu %zu %.3f\n", table->rows, table->column_count, seconds);
    fprintf(stderr, "sum %g\n", make_samples(table, x));
    memory_free(x);
    weft_table_destroy(table);
    return EXIT_SUCCESS;
}
