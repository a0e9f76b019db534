/* Draws what `weft bench --json` measured: bars for one benchmark; for a sweep, a line for each
 * device and network over the batch sizes. */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "message.h"
#include "plot.h"
#include "results_file.h"

enum { ROWS_LIMIT = 4096, SIDES_LIMIT = 64, NAME_SIZE = 200 };

static const char *side_name(const json_t *side)
{
    const char *name = json_string_value(json_object_get(side, "device"));
    return name != NULL ? name : "unnamed device";
}

static const char *network_of(const json_t *row)
{
    const char *network = json_string_value(json_object_get(row, "network"));
    return network != NULL ? network : "";
}

static double median_of(const json_t *side)
{
    return results_number(json_object_get(side, "epoch_seconds"), "median");
}

static const json_t *sides_of(const json_t *row)
{
    return json_object_get(row, "sides");
}

static enum weft_status check_row(const char *path, const json_t *row)
{
    const size_t sides = json_array_size(sides_of(row));
    if (sides > 0 && sides <= SIDES_LIMIT)
        return WEFT_OK;
    return complain(WEFT_ERROR_DATA,
                    "%s: sides: got %zu, need 1 to %d, as 'weft bench --json' prints", path, sides,
                    SIDES_LIMIT);
}

/* ---- one benchmark ---- */

static void set_texts(struct plot *plot, const json_t *row)
{
    const json_t *sides = sides_of(row);
    const json_t *one = json_array_get(sides, 0), *two = json_array_get(sides, 1);
    const double a = median_of(one), b = median_of(two);
    if (isfinite(a) && isfinite(b) && a > 0.0 && b > 0.0)
        plot_set_title(plot, "%.80s is %.3g times as fast as %.80s", side_name(a < b ? one : two),
                       a < b ? b / a : a / b, side_name(a < b ? two : one));
    else
        plot_set_title(plot, "Seconds per epoch");
    plot_set_subtitle(plot, "network %.100s, batches of %.0f, %.0f samples; median and extremes",
                      network_of(row), results_number(row, "batch_size"),
                      results_number(row, "samples"));
    plot_set_description(plot, "The time of an epoch on %zu devices.", json_array_size(sides));
}

static enum weft_status draw_bars(struct plot *plot, const json_t *row,
                                  struct weft_picture **picture)
{
    struct weft_bar bars[SIDES_LIMIT];
    const size_t count = json_array_size(sides_of(row));
    for (size_t s = 0; s < count; s++) {
        const json_t *side = json_array_get(sides_of(row), s);
        const json_t *seconds = json_object_get(side, "epoch_seconds");
        bars[s] = (struct weft_bar){.name = side_name(side),
                                    .value = median_of(side),
                                    .low = results_number(seconds, "min"),
                                    .high = results_number(seconds, "max"),
                                    .category = s};
    }
    set_texts(plot, row);
    const struct weft_bar_chart chart = {
        .chart = plot->chart, .bars = bars, .bar_count = count, .x_label = "seconds per epoch"};
    return told(weft_plot_bars(&chart, picture));
}

/* ---- a sweep ---- */

/* The rows of one network, and a line for each of its devices. */
struct sweep {
    const json_t *rows;
    struct weft_series *series; /* [series_count] owned */
    char (*names)[NAME_SIZE];   /* [series_count] owned */
    double *numbers;            /* [row count][1 + SIDES_LIMIT] owned */
    size_t series_count;
    bool one_network;
};

/* Adds the lines of the rows `first` to `end` - 1, which have one network. */
static void add_series(struct sweep *sweep, size_t first, size_t end)
{
    const json_t *row = json_array_get(sweep->rows, first);
    const size_t sides = json_array_size(sides_of(row)), count = end - first;
    double *x = sweep->numbers + first * (1 + SIDES_LIMIT);
    for (size_t i = 0; i < count; i++)
        x[i] = results_number(json_array_get(sweep->rows, first + i), "batch_size");
    for (size_t s = 0; s < sides; s++) {
        double *y = x + count * (s + 1);
        char *name = sweep->names[sweep->series_count];
        for (size_t i = 0; i < count; i++)
            y[i] = median_of(json_array_get(sides_of(json_array_get(sweep->rows, first + i)), s));
        snprintf(name, NAME_SIZE, sweep->one_network ? "%.0s%.150s" : "%.40s, %.150s",
                 network_of(row), side_name(json_array_get(sides_of(row), s)));
        sweep->series[sweep->series_count++] =
            (struct weft_series){.name = name, .x = x, .y = y, .count = count};
    }
}

/* Returns the end of the rows from `first` on that have the same network and number of sides. */
static size_t group_end(const json_t *rows, size_t first)
{
    const json_t *row = json_array_get(rows, first);
    size_t end = first;
    while (end < json_array_size(rows) &&
           json_equal(json_object_get(json_array_get(rows, end), "network"),
                      json_object_get(row, "network")) &&
           json_array_size(sides_of(json_array_get(rows, end))) == json_array_size(sides_of(row)))
        end++;
    return end > first ? end : first + 1;
}

static enum weft_status draw_lines(struct plot *plot, struct sweep *sweep,
                                   struct weft_picture **picture)
{
    const size_t rows = json_array_size(sweep->rows);
    sweep->series = plot_allocate(rows * SIDES_LIMIT, sizeof *sweep->series);
    sweep->names = plot_allocate(rows * SIDES_LIMIT, sizeof *sweep->names);
    sweep->numbers = plot_allocate(rows * (1 + SIDES_LIMIT), sizeof *sweep->numbers);
    if (sweep->series == NULL || sweep->names == NULL || sweep->numbers == NULL)
        return WEFT_ERROR_MEMORY;
    sweep->one_network = group_end(sweep->rows, 0) == rows;
    for (size_t first = 0, end; first < rows; first = end) {
        end = group_end(sweep->rows, first);
        add_series(sweep, first, end);
    }
    const struct weft_panel panel = {.series = sweep->series,
                                     .series_count = sweep->series_count,
                                     .y_label = "seconds per epoch",
                                     .log_y = true};
    plot_set_title(plot, "The time of an epoch by the size of its batches");
    if (sweep->one_network)
        plot_set_subtitle(plot, "network %.200s", network_of(json_array_get(sweep->rows, 0)));
    plot_set_description(plot, "Seconds per epoch over the batch size, %zu lines.",
                         sweep->series_count);
    const struct weft_line_chart chart = {.chart = plot->chart,
                                          .panels = &panel,
                                          .panel_count = 1,
                                          .x_label = "batch size",
                                          .log_x = true};
    return told(weft_plot_lines(&chart, picture));
}

static enum weft_status draw_sweep(struct plot *plot, const char *path, const json_t *rows,
                                   struct weft_picture **picture)
{
    struct sweep sweep = {.rows = rows};
    if (json_array_size(rows) == 0 || json_array_size(rows) > ROWS_LIMIT)
        return complain(WEFT_ERROR_DATA, "%s: sweep: got %zu rows, need 1 to %d", path,
                        json_array_size(rows), ROWS_LIMIT);
    for (size_t i = 0; i < json_array_size(rows); i++)
        TRY(check_row(path, json_array_get(rows, i)));
    const enum weft_status status = draw_lines(plot, &sweep, picture);
    free(sweep.series);
    free(sweep.names);
    free(sweep.numbers);
    return status;
}

enum weft_status plot_draw_bench(struct plot *plot, const char *path, const json_t *file,
                                 struct weft_picture **picture)
{
    const json_t *sweep = json_object_get(file, "sweep");
    if (sweep != NULL)
        return draw_sweep(plot, path, sweep, picture);
    TRY(check_row(path, file));
    return draw_bars(plot, file, picture);
}

enum weft_status plot_bench(struct plot *plot, struct weft_picture **picture)
{
    const char *path;
    json_t *file = NULL;
    TRY(option_require(plot->line, OPTION_RESULTS, &path));
    TRY(results_read_json(path, &file));
    const enum weft_status status = plot_draw_bench(plot, path, file, picture);
    json_decref(file);
    return status;
}
