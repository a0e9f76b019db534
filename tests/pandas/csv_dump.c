/* Prints tables so that another program can compare them: csv_dump FILE...
 *
 * For each file: `table ROWS COLUMNS`, then `column HEX-NAME` and its values, one per line: `-` if
 * missing, `n` and a hexadecimal number, or `t` and the bytes of a text in hexadecimal. */
#include <stdio.h>
#include <stdlib.h>

#include "data/table.h"

static void print_hex(const char *text)
{
    for (; *text != '\0'; text++)
        printf("%02x", (unsigned)(unsigned char)*text);
    putchar('\n');
}

static void print_value(const struct column *column, size_t row)
{
    if (column_is_missing(column, row)) {
        puts("-");
    } else if (column->kind == COLUMN_NUMBER) {
        printf("n%a\n", column_number(column, row));
    } else {
        putchar('t');
        print_hex(column_text(column, row));
    }
}

static void print_table(const struct weft_table *table)
{
    printf("table %zu %zu\n", table->rows, table->column_count);
    for (size_t c = 0; c < table->column_count; c++) {
        printf("column ");
        print_hex(table->columns[c].name);
        for (size_t row = 0; row < table->rows; row++)
            print_value(&table->columns[c], row);
    }
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        struct weft_table *table;
        if (weft_table_read(argv[i], NULL, &table) != WEFT_OK) {
            fprintf(stderr, "%s\n", weft_error());
            return EXIT_FAILURE;
        }
        print_table(table);
        weft_table_destroy(table);
    }
    return EXIT_SUCCESS;
}
