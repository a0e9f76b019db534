/* Makes charts of numbers and labels that have no room: too large for any axis, or too wide for the
 * usual margin. */
#ifndef WEFT_TESTS_PLOT_EXTREMES_H
#define WEFT_TESTS_PLOT_EXTREMES_H

#include <math.h>

#include "plot_names.h"
#include "weft_plot.h"

/* The name of an axis is as long as to reach a mark; numbers are too large for any axis. */
static enum weft_status chart_crowded(struct weft_picture **picture)
{
    const double y[] = {-0.8, 0.1, 1e308, 0.3, -1e308, 0.2, 0.25, 0.2};
    const double low[] = {-0.9, 0.0, 0.1, 0.2, 0.1, -1e308, 0.1, 0.1};
    const double high[] = {-0.7, 0.2, 0.3, 1e308, 0.3, 0.3, 0.4, 0.3};
    const struct weft_series series = {
        .name = nasty_names[4], .y = y, .low = low, .high = high, .count = 8};
    const struct weft_panel panel = {.series = &series,
                                     .series_count = 1,
                                     .y_label = "R\xc2\xb2 on the validation set",
                                     .mark_x = 2,
                                     .mark = "best: epoch 2"};
    const struct weft_line_chart chart = {.chart.title = nasty_names[2],
                                          .panels = &panel,
                                          .panel_count = 1,
                                          .x_label = nasty_names[3]};
    return weft_plot_lines(&chart, picture);
}

/* The labels below a single cell are wider than the cell and its margin. */
static enum weft_status chart_one_cell(struct weft_picture **picture)
{
    const double value = 1.5e-250;
    const struct weft_heat_chart chart = {.chart.title = "One cell",
                                          .rows = 1,
                                          .columns = 1,
                                          .values = &value,
                                          .row_names = nasty_names + 4};
    return weft_plot_heat(&chart, picture);
}

/* Labels of the axes that need a wide margin, and points beyond every axis. */
static enum weft_status chart_scatter_extreme(struct weft_picture **picture)
{
    const double x[] = {-9e250, 0.0, 9e250, 1e308, (double)NAN},
                 y[] = {3e250, -8e250, 9e250, 0.0, -1e308};
    const struct weft_scatter_chart chart = {
        .chart.title = "Far apart", .count = 5, .x = x, .y = y};
    return weft_plot_scatter(&chart, picture);
}

#endif
