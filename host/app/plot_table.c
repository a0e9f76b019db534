/* Draws tables: histograms of their columns, and points with the coordinates x and y. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data_options.h"
#include "message.h"
#include "plot.h"

enum { COLUMNS_SHOWN = 24, COLUMNS_LIMIT = 400 };

/* Copies feature `feature` of each sample to `values` [N]. */
static void copy_feature(const struct weft_dataset_info *info, size_t feature, double *values)
{
    for (size_t i = 0; i < info->samples; i++)
        values[i] = (double)info->x[i * info->features + feature];
}

/* ---- columns ---- */

static void set_columns_texts(struct plot *plot, const struct weft_dataset_info *info, size_t shown)
{
    plot_set_title(plot, info->labels != NULL && info->classes > 1 && info->classes <= 8
                             ? "The features by class"
                             : "The features");
    plot_set_subtitle(plot, "%.200s: %zu samples, %zu of %zu features", info->name, info->samples,
                      shown, info->features);
    plot_set_description(plot, "Histograms of %zu features of %zu samples.", shown, info->samples);
}

static enum weft_status draw_columns(struct plot *plot, const struct weft_dataset_info *info,
                                     struct weft_picture **picture)
{
    const size_t most = plot->count > 0 ? plot->count : COLUMNS_SHOWN;
    size_t shown = info->features < most ? info->features : most;
    shown = shown < COLUMNS_LIMIT ? shown : COLUMNS_LIMIT;
    double *values = plot_allocate(shown * info->samples, sizeof *values);
    struct weft_histogram *columns = plot_allocate(shown, sizeof *columns);
    char(*numbers)[32] = plot_allocate(shown, sizeof *numbers);
    enum weft_status status = WEFT_ERROR_MEMORY;
    if (values != NULL && columns != NULL && numbers != NULL) {
        for (size_t c = 0; c < shown; c++) {
            copy_feature(info, c, values + c * info->samples);
            snprintf(numbers[c], sizeof numbers[c], "feature %zu", c);
            columns[c] = (struct weft_histogram){
                info->feature_names != NULL ? info->feature_names[c] : numbers[c],
                values + c * info->samples};
        }
        set_columns_texts(plot, info, shown);
        const struct weft_histogram_chart chart = {.chart = plot->chart,
                                                   .columns = columns,
                                                   .column_count = shown,
                                                   .count = info->samples,
                                                   .labels = info->labels,
                                                   .classes = info->classes,
                                                   .names = info->class_names};
        status = told(weft_plot_histograms(&chart, picture));
    }
    free(values);
    free(columns);
    free(numbers);
    return status;
}

enum weft_status plot_columns(struct plot *plot, struct weft_picture **picture)
{
    struct weft_data_parts parts = {0};
    struct weft_dataset_info info;
    TRY(data_open_pictured(plot->line, NULL, &parts));
    weft_dataset_get_info(parts.train, &info);
    const enum weft_status status = draw_columns(plot, &info, picture);
    weft_data_parts_reset(&parts);
    return status;
}

/* ---- embedding ---- */

/* Finds the feature of a name, or returns the number of features. */
static size_t find_feature(const struct weft_dataset_info *info, const char *name)
{
    size_t f = 0;
    while (f < info->features &&
           (info->feature_names == NULL || strcmp(info->feature_names[f], name) != 0))
        f++;
    return f;
}

static enum weft_status draw_embedding(struct plot *plot, const struct weft_dataset_info *info,
                                       struct weft_picture **picture)
{
    const size_t x = find_feature(info, "x"), y = find_feature(info, "y");
    if (x == info->features || y == info->features)
        return complain(WEFT_ERROR_DATA, "%s: need columns x and y with numbers", info->name);
    double *values = plot_allocate(2 * info->samples, sizeof *values);
    if (values == NULL)
        return WEFT_ERROR_MEMORY;
    copy_feature(info, x, values);
    copy_feature(info, y, values + info->samples);
    plot_set_title(plot, "%zu samples of %zu classes", info->samples, info->classes);
    plot_set_description(plot, "An embedding of %zu samples of %zu classes.", info->samples,
                         info->classes);
    const struct weft_scatter_chart chart = {.chart = plot->chart,
                                             .count = info->samples,
                                             .x = values,
                                             .y = values + info->samples,
                                             .labels = info->labels,
                                             .classes = info->classes,
                                             .names = info->class_names,
                                             .equal = true};
    const enum weft_status status = told(weft_plot_scatter(&chart, picture));
    free(values);
    return status;
}

enum weft_status plot_embedding(struct plot *plot, struct weft_picture **picture)
{
    struct weft_data_parts parts = {0};
    struct weft_dataset_info info;
    TRY(data_open_pictured(plot->line, "label", &parts));
    weft_dataset_get_info(parts.train, &info);
    const enum weft_status status = draw_embedding(plot, &info, picture);
    weft_data_parts_reset(&parts);
    return status;
}
