/* Draws the pixels of one sample as numbers: raw and, with a model, as its first layer gets them.
 */
#include <stdlib.h>

#include "data_options.h"
#include "message.h"
#include "plot.h"

enum { ROWS_SHOWN = 3, ROWS_LIMIT = 64, BLOCKS = 2 };

struct pixel_plot {
    struct plot *plot;
    struct weft_model *model;           /* owned; NULL without --model */
    struct weft_model_info model_info;  /* with a model */
    struct weft_data_sets sets;         /* owned; for data without a model */
    struct weft_dataset *for_model;     /* owned; for data with a model */
    const struct weft_dataset *dataset; /* borrowed: the part that is shown */
    struct weft_dataset_info info;
    size_t sample;
    const float *raw; /* [D] borrowed */
    float *scaled;    /* [D] owned */
};

static enum weft_status open_model(struct pixel_plot *pixels)
{
    TRY(plot_read_model(pixels->plot, &pixels->model));
    weft_model_get_info(pixels->model, &pixels->model_info);
    if (pixels->model_info.scale_mean == NULL)
        return complain(WEFT_ERROR_USAGE, "--model %s: the model does not scale its features",
                        option_value(pixels->plot->line, OPTION_MODEL));
    return WEFT_OK;
}

static enum weft_status open_data(struct pixel_plot *pixels)
{
    const struct command_line *line = pixels->plot->line;
    if (option_given(line, OPTION_MODEL)) {
        TRY(open_model(pixels));
        TRY(data_open_set(line, false, pixels->model, &pixels->for_model));
        pixels->dataset = pixels->for_model;
    } else {
        TRY(data_open_any(line, &pixels->sets, &pixels->dataset));
    }
    weft_dataset_get_info(pixels->dataset, &pixels->info);
    if (pixels->info.width == 0 || pixels->info.channels != 1)
        return complain(WEFT_ERROR_DATA, "%s: the samples are not gray images", pixels->info.name);
    TRY(option_number(line, OPTION_SAMPLE, 0, pixels->info.samples - 1, &pixels->sample));
    pixels->raw = pixels->info.x + pixels->sample * pixels->info.features;
    return WEFT_OK;
}

/* Scales the pixels as a training run does: (x - mean) / std. */
static enum weft_status scale(struct pixel_plot *pixels)
{
    const struct weft_model_info *model = &pixels->model_info;
    pixels->scaled = plot_allocate(model->features, sizeof *pixels->scaled);
    if (pixels->scaled == NULL)
        return WEFT_ERROR_MEMORY;
    for (size_t i = 0; i < model->features; i++)
        pixels->scaled[i] = (pixels->raw[i] - model->scale_mean[i]) / model->scale_std[i];
    return WEFT_OK;
}

/* Returns the first row that is not of one value, if `rows` rows from there on exist. */
static size_t first_row(const struct pixel_plot *pixels, size_t rows)
{
    const size_t height = pixels->info.height, width = pixels->info.width;
    for (size_t row = 0; row + rows <= height; row++)
        for (size_t column = 1; column < width; column++)
            if (pixels->raw[row * width + column] != pixels->raw[row * width])
                return row;
    return 0;
}

static void set_texts(struct pixel_plot *pixels, const struct weft_pixel_chart *chart)
{
    const struct weft_dataset_info *info = &pixels->info;
    const int32_t label = info->labels != NULL ? info->labels[pixels->sample] : -1;
    const bool known = label >= 0 && (size_t)label < info->classes;
    plot_set_title(pixels->plot, known ? "%.200s, image %zu: %.200s" : "%.200s, image %zu",
                   info->name, pixels->sample, known ? info->class_names[label] : "");
    plot_set_subtitle(pixels->plot, "%zu by %zu pixels; the numbers show rows %zu to %zu",
                      chart->width, chart->height, chart->first + 1, chart->first + chart->rows);
    plot_set_description(pixels->plot, "An image and the numbers in %zu of its rows, in %zu forms.",
                         chart->rows, chart->block_count);
}

static enum weft_status draw(struct pixel_plot *pixels, struct weft_picture **picture)
{
    const size_t count = pixels->plot->count > 0 ? pixels->plot->count : ROWS_SHOWN;
    const size_t most = pixels->info.height < ROWS_LIMIT ? pixels->info.height : ROWS_LIMIT;
    const size_t rows = count < most ? count : most;
    const struct weft_pixel_block blocks[BLOCKS] = {
        {.name = "Raw pixels", .pixels = pixels->raw},
        {.name = pixels->model_info.scale == WEFT_SCALE_GLOBAL
                     ? "Standardized: minus the mean of all pixels, divided by their deviation"
                     : "Standardized: minus the mean of each pixel, divided by its deviation",
         .pixels = pixels->scaled,
         .decimals = 1,
         .difference = true}};
    struct weft_pixel_chart chart = {.blocks = blocks,
                                     .block_count = pixels->scaled != NULL ? BLOCKS : 1,
                                     .height = pixels->info.height,
                                     .width = pixels->info.width,
                                     .first = first_row(pixels, rows),
                                     .rows = rows};
    set_texts(pixels, &chart);
    chart.chart = pixels->plot->chart;
    return told(weft_plot_pixels(&chart, picture));
}

enum weft_status plot_pixels(struct plot *plot, struct weft_picture **picture)
{
    struct pixel_plot pixels = {.plot = plot};
    enum weft_status status = open_data(&pixels);
    if (status == WEFT_OK && pixels.model != NULL)
        status = scale(&pixels);
    if (status == WEFT_OK)
        status = draw(&pixels, picture);
    free(pixels.scaled);
    weft_dataset_destroy(pixels.for_model);
    weft_data_sets_reset(&pixels.sets);
    weft_model_destroy(pixels.model);
    return status;
}
