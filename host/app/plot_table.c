/* Draws tables: histograms of their columns by class, and points with the coordinates x and y. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data_options.h"
#include "message.h"
#include "plot.h"

enum { COLUMNS_SHOWN = 24, COLUMNS_LIMIT = 400, CLASSES_LIMIT = 1000, CLASSES_DRAWN = 8 };

/* A table, and the class of each row. */
struct table_plot {
    struct plot *plot;
    struct weft_table *table; /* owned */
    size_t rows;
    int32_t *labels;     /* [rows] owned; -1 where the class is missing; NULL without classes */
    const char **names;  /* [classes] owned; the strings belong to the table or to `numbers` */
    char (*numbers)[32]; /* [classes] owned; names of classes that are numbers */
    size_t classes;
    double *values;                 /* owned */
    struct weft_histogram *columns; /* owned */
};

static void table_plot_reset(struct table_plot *table)
{
    weft_table_destroy(table->table);
    free(table->labels);
    free(table->names);
    free(table->numbers);
    free(table->values);
    free(table->columns);
}

/* ---- classes ---- */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int by_number(const void *a, const void *b)
{
    const double one = *(const double *)a, two = *(const double *)b;
    return (one > two) - (one < two);
}

/* Removes repetitions from sorted `values` [count] of `size` bytes. Returns how many remain. */
static size_t distinct(void *values, size_t count, size_t size,
                       int (*order)(const void *, const void *))
{
    char *bytes = values;
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || order(bytes + (kept - 1) * size, bytes + i * size) != 0) {
            memmove(bytes + kept * size, bytes + i * size, size);
            kept++;
        }
    return kept;
}

/* The classes are the distinct texts, in their order. */
static enum weft_status label_texts(struct table_plot *table, size_t column)
{
    size_t count = 0;
    table->names = plot_allocate(table->rows, sizeof *table->names);
    if (table->names == NULL)
        return WEFT_ERROR_MEMORY;
    for (size_t row = 0; row < table->rows; row++) {
        const char *text = weft_table_text(table->table, column, row);
        if (text != NULL)
            table->names[count++] = text;
    }
    qsort(table->names, count, sizeof *table->names, by_text);
    table->classes = distinct(table->names, count, sizeof *table->names, by_text);
    for (size_t row = 0; row < table->rows; row++) {
        const char *text = weft_table_text(table->table, column, row);
        const char **found = text == NULL ? NULL
                                          : bsearch(&text, table->names, table->classes,
                                                    sizeof *table->names, by_text);
        table->labels[row] = found != NULL ? (int32_t)(found - table->names) : -1;
    }
    return WEFT_OK;
}

/* Names the classes `values` [classes], which are numbers. */
static enum weft_status name_numbers(struct table_plot *table, const double *values)
{
    table->names = plot_allocate(table->classes, sizeof *table->names);
    table->numbers = plot_allocate(table->classes, sizeof *table->numbers);
    if (table->names == NULL || table->numbers == NULL)
        return WEFT_ERROR_MEMORY;
    for (size_t c = 0; c < table->classes; c++) {
        snprintf(table->numbers[c], sizeof table->numbers[c], "%.15g", values[c]);
        table->names[c] = table->numbers[c];
    }
    return WEFT_OK;
}

/* The classes are the distinct numbers, in their order. `values` holds 2 [rows]. */
static enum weft_status label_numbers(struct table_plot *table, size_t column, double *values)
{
    double *sorted = values + table->rows;
    size_t count = 0;
    weft_table_copy_numbers(table->table, column, values);
    for (size_t row = 0; row < table->rows; row++)
        if (isfinite(values[row]))
            sorted[count++] = values[row];
    qsort(sorted, count, sizeof *sorted, by_number);
    table->classes = distinct(sorted, count, sizeof *sorted, by_number);
    for (size_t row = 0; row < table->rows; row++) {
        const double *found = isfinite(values[row]) ? bsearch(&values[row], sorted, table->classes,
                                                              sizeof *sorted, by_number)
                                                    : NULL;
        table->labels[row] = found != NULL ? (int32_t)(found - sorted) : -1;
    }
    return name_numbers(table, sorted);
}

static enum weft_status label_rows(struct table_plot *table, size_t column)
{
    struct weft_table_column about;
    weft_table_get_column(table->table, column, &about);
    table->labels = plot_allocate(table->rows, sizeof *table->labels);
    double *values = plot_allocate(2 * table->rows, sizeof *values);
    enum weft_status status = WEFT_ERROR_MEMORY;
    if (table->labels != NULL && values != NULL)
        status = about.text ? label_texts(table, column) : label_numbers(table, column, values);
    free(values);
    if (status == WEFT_OK && table->classes > CLASSES_LIMIT)
        return complain(WEFT_ERROR_DATA, "column \"%s\": got %zu classes, need at most %d",
                        about.name, table->classes, CLASSES_LIMIT);
    return status;
}

/* ---- reading ---- */

/* Tells whether a model uses a column in the given way. */
static bool is_used(const struct weft_model *model, const char *name, const char *use)
{
    struct weft_model_column column;
    for (size_t c = 0; weft_model_get_column(model, c, &column); c++)
        if (column.name != NULL && strcmp(column.name, name) == 0)
            return strcmp(column.use, use) == 0;
    return false;
}

/* Returns the column of the classes, or NULL: --target or, for a model with classes, its target. */
static const char *target_name(const struct plot *plot)
{
    struct weft_model_info info;
    struct weft_model_column column;
    if (plot->model == NULL)
        return option_value(plot->line, OPTION_TARGET);
    weft_model_get_info(plot->model, &info);
    for (size_t c = 0; weft_model_get_column(plot->model, c, &column); c++)
        if (info.task == WEFT_TASK_CLASSIFY && strcmp(column.use, "target") == 0)
            return column.name;
    return NULL;
}

/* Finds a column by its exact name. Returns false if there is none. */
static bool find_named(const struct weft_table *table, const char *name, size_t *index)
{
    struct weft_table_column column;
    for (*index = 0; weft_table_get_column(table, *index, &column); ++*index)
        if (strcmp(column.name, name) == 0)
            return true;
    return false;
}

/* Reads the table, and the classes from the column of --target, or else from `otherwise`. Stores
 * the index of this column, or SIZE_MAX. */
static enum weft_status open_table(struct table_plot *table, const char *otherwise, size_t *target)
{
    const char *name = target_name(table->plot);
    TRY(data_open_table(table->plot->line, &table->table));
    table->rows = weft_table_rows(table->table);
    if (table->rows == 0 || table->rows > INT32_MAX)
        return complain(WEFT_ERROR_DATA, "%s: got %zu rows, need some",
                        option_value(table->plot->line, OPTION_DATA), table->rows);
    if (name != NULL)
        TRY(told(weft_table_find(table->table, name, target)));
    else if (otherwise == NULL || !find_named(table->table, otherwise, target))
        *target = SIZE_MAX;
    return *target != SIZE_MAX ? label_rows(table, *target) : WEFT_OK;
}

/* ---- columns ---- */

/* Tells whether a list that is separated by commas has a name. */
static bool is_listed(const char *list, const char *name)
{
    const size_t length = strlen(name);
    while (list != NULL && *list != '\0') {
        const size_t word = strcspn(list, ",");
        if (word == length && memcmp(list, name, length) == 0)
            return true;
        list += word + (list[word] == ',');
    }
    return false;
}

/* Tells whether a column is drawn: it has numbers and is not the target, the id or ignored. */
static bool is_drawn(const struct table_plot *table, const struct weft_table_column *column,
                     bool target)
{
    const struct command_line *line = table->plot->line;
    if (table->plot->model != NULL)
        return !column->text && is_used(table->plot->model, column->name, "number");
    return !column->text && !target &&
           !is_listed(option_value(line, OPTION_IGNORE), column->name) &&
           !is_listed(option_value(line, OPTION_ID), column->name);
}

static size_t count_drawn(const struct table_plot *table, size_t target)
{
    struct weft_table_column column;
    size_t count = 0;
    for (size_t c = 0; weft_table_get_column(table->table, c, &column); c++)
        count += is_drawn(table, &column, c == target);
    return count;
}

static enum weft_status fill_columns(struct table_plot *table, size_t target, size_t shown)
{
    struct weft_table_column column;
    size_t filled = 0;
    table->values = plot_allocate(shown * table->rows, sizeof *table->values);
    table->columns = plot_allocate(shown, sizeof *table->columns);
    if (table->values == NULL || table->columns == NULL)
        return WEFT_ERROR_MEMORY;
    for (size_t c = 0; filled < shown && weft_table_get_column(table->table, c, &column); c++) {
        if (!is_drawn(table, &column, c == target))
            continue;
        double *values = table->values + filled * table->rows;
        weft_table_copy_numbers(table->table, c, values);
        table->columns[filled++] = (struct weft_histogram){column.name, values};
    }
    return WEFT_OK;
}

static void set_column_texts(struct table_plot *table, size_t shown, size_t count)
{
    const bool many = table->classes > CLASSES_DRAWN;
    const bool by_class = table->classes > 1 && !many;
    char columns[64];
    snprintf(columns, sizeof columns, shown < count ? "%zu of %zu columns" : "%zu columns", shown,
             count);
    plot_set_title(table->plot, by_class ? "The columns by class" : "The columns");
    plot_set_subtitle(table->plot, "%zu rows, %s of numbers; the percentage is the highest %s%s",
                      table->rows, columns, by_class ? "share of a class" : "share of the rows",
                      many ? "; too many classes to draw one by one" : "");
}

static enum weft_status draw_columns(struct table_plot *table, struct weft_picture **picture)
{
    size_t target;
    TRY(open_table(table, NULL, &target));
    const size_t count = count_drawn(table, target), limit = table->plot->count;
    const size_t most = limit > COLUMNS_LIMIT ? COLUMNS_LIMIT : limit > 0 ? limit : COLUMNS_SHOWN;
    const size_t shown = count < most ? count : most;
    if (count == 0)
        return complain(WEFT_ERROR_DATA, "%s: no column has numbers",
                        option_value(table->plot->line, OPTION_DATA));
    TRY(fill_columns(table, target, shown));
    set_column_texts(table, shown, count);
    plot_set_description(table->plot, "Histograms of %zu columns of %zu rows.", shown, table->rows);
    const struct weft_histogram_chart chart = {.chart = table->plot->chart,
                                               .columns = table->columns,
                                               .column_count = shown,
                                               .count = table->rows,
                                               .labels = table->labels,
                                               .classes = table->classes,
                                               .names = table->names};
    return told(weft_plot_histograms(&chart, picture));
}

enum weft_status plot_columns(struct plot *plot, struct weft_picture **picture)
{
    struct table_plot table = {.plot = plot};
    const enum weft_status status = draw_columns(&table, picture);
    table_plot_reset(&table);
    return status;
}

/* ---- embedding ---- */

/* Copies the numbers of the column `name`, which must be there. */
static enum weft_status copy_coordinate(const struct table_plot *table, const char *name,
                                        double *values)
{
    struct weft_table_column column;
    size_t index;
    if (!find_named(table->table, name, &index) ||
        !weft_table_get_column(table->table, index, &column) || column.text)
        return complain(WEFT_ERROR_DATA, "%s: column \"%s\": missing, or no numbers",
                        option_value(table->plot->line, OPTION_DATA), name);
    weft_table_copy_numbers(table->table, index, values);
    return WEFT_OK;
}

static enum weft_status draw_embedding(struct table_plot *table, struct weft_picture **picture)
{
    size_t target;
    TRY(open_table(table, "label", &target));
    table->values = plot_allocate(2 * table->rows, sizeof *table->values);
    if (table->values == NULL)
        return WEFT_ERROR_MEMORY;
    TRY(copy_coordinate(table, "x", table->values));
    TRY(copy_coordinate(table, "y", table->values + table->rows));
    plot_set_title(table->plot, table->classes > 0 ? "%zu samples of %zu classes" : "%zu samples",
                   table->rows, table->classes);
    plot_set_description(table->plot, "An embedding of %zu samples of %zu classes.", table->rows,
                         table->classes);
    const struct weft_scatter_chart chart = {.chart = table->plot->chart,
                                             .count = table->rows,
                                             .x = table->values,
                                             .y = table->values + table->rows,
                                             .labels = table->labels,
                                             .classes = table->classes > 0 ? table->classes : 1,
                                             .names = table->names,
                                             .equal = true};
    return told(weft_plot_scatter(&chart, picture));
}

enum weft_status plot_embedding(struct plot *plot, struct weft_picture **picture)
{
    struct table_plot table = {.plot = plot};
    const enum weft_status status = draw_embedding(&table, picture);
    table_plot_reset(&table);
    return status;
}
