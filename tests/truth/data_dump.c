/* Prints data so that another program can compare them: data_dump [SIZE] WHAT...
 *
 * SIZE is WIDTHxHEIGHT of images; without it they keep their own. For each WHAT:
 *
 *   table ROWS COLUMNS            `column HEX-NAME` and its values, one per line: `-` if missing,
 * `n` and a hexadecimal number, or `t` and the bytes of a text in hexadecimal samples N D H W
 * CHANNELS C    `x` and N D numbers; then `labels` and N names of classes in hexadecimal, or
 * `targets` and N C numbers, or `nothing` refused CODE MESSAGE
 */
#include <stdio.h>
#include <stdlib.h>

#include "data/source.h"
#include "data/table_reader.h"

static void print_hex(const char *text)
{
    for (; *text != '\0'; text++)
        printf("%02x", (unsigned)(unsigned char)*text);
    putchar('\n');
}

/* ---- tables ---- */

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

static enum weft_status print_text(struct source *source)
{
    const struct table_format format = {.delimiter = 0};
    struct byte_source *text = source->text;
    struct weft_table *table;
    source->text = NULL;
    TRY(table_read(text, &format, &table));
    print_table(table);
    weft_table_destroy(table);
    return WEFT_OK;
}

/* ---- data sets ---- */

static void print_numbers(const char *title, const float *numbers, size_t count)
{
    puts(title);
    for (size_t i = 0; i < count; i++)
        printf("%a\n", (double)numbers[i]);
}

static void print_dataset(const struct weft_dataset *dataset)
{
    const size_t samples = dataset->samples;
    printf("samples %zu %zu %zu %zu %zu %zu\n", samples, dataset->features, dataset->height,
           dataset->width, dataset->channels, dataset->classes);
    print_numbers("x", dataset->x, samples * dataset->features);
    if (dataset->targets != NULL) {
        print_numbers("targets", dataset->targets, samples * dataset->classes);
        return;
    }
    puts(dataset->labels != NULL ? "labels" : "nothing");
    for (size_t i = 0; dataset->labels != NULL && i < samples; i++)
        print_hex(dataset->class_names[dataset->labels[i]]);
}

/* ---- all ---- */

static enum weft_status dump(const char *what, const struct weft_data_options *options)
{
    const struct source_request request = {.what = what, .options = options, .train = true};
    struct source source;
    enum weft_status status = WEFT_OK;
    TRY(source_open(&request, &source));
    if (source.form == SOURCE_TEXT)
        status = print_text(&source);
    else if (source.form == SOURCE_TABLES)
        print_table(source.train_table);
    else
        print_dataset(source.train);
    source_reset(&source);
    return status;
}

int main(int argc, char **argv)
{
    struct weft_data_options options;
    size_t width, height;
    char rest;
    weft_data_options_init(&options);
    const bool resize = argc > 1 && sscanf(argv[1], "%zux%zu%c", &width, &height, &rest) == 2;
    if (resize) {
        options.image_width = width;
        options.image_height = height;
    }
    for (int i = resize ? 2 : 1; i < argc; i++) {
        const enum weft_status status = dump(argv[i], &options);
        if (status != WEFT_OK)
            printf("refused %d %s\n", (int)status, weft_error());
    }
    return EXIT_SUCCESS;
}
