/* Implements weft plot, which draws data, models and the results of other commands. */
#include "plot.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"

/* A kind of picture, and what it is drawn from. */
struct kind {
    const char *name;
    plot_function *draw;
};

static const struct kind kinds[] = {
    {"curve", plot_curve},       {"confusion", plot_confusion}, {"calibration", plot_calibration},
    {"samples", plot_samples},   {"pixels", plot_pixels},       {"predictions", plot_predictions},
    {"mistakes", plot_mistakes}, {"columns", plot_columns},     {"embedding", plot_embedding},
    {"decision", plot_decision}, {"network", plot_network},     {"weights", plot_weights},
    {"bench", plot_bench}};
enum { KINDS = sizeof kinds / sizeof *kinds, MOST_SHOWN = 10000 };

/* ---- texts ---- */

void plot_set_title(struct plot *plot, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (plot->chart.title == NULL) {
        vsnprintf(plot->title, sizeof plot->title, format, arguments);
        plot->chart.title = plot->title;
    }
    va_end(arguments);
}

void plot_set_subtitle(struct plot *plot, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(plot->subtitle, sizeof plot->subtitle, format, arguments);
    plot->chart.subtitle = plot->subtitle;
    va_end(arguments);
}

void plot_set_description(struct plot *plot, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(plot->description, sizeof plot->description, format, arguments);
    plot->chart.description = plot->description;
    va_end(arguments);
}

/* ---- what kinds share ---- */

enum weft_status plot_read_model(const struct plot *plot, struct weft_model **model)
{
    const char *path;
    TRY(option_require(plot->line, OPTION_MODEL, &path));
    return told(weft_model_read(path, model));
}

void *plot_allocate(size_t count, size_t size)
{
    void *memory = calloc(count > 0 ? count : 1, size);
    if (memory == NULL)
        (void)complain(WEFT_ERROR_MEMORY, "plot: no memory for %zu numbers", count);
    return memory;
}

/* ---- the command ---- */

static enum weft_status find_kind(const char *name, const struct kind **kind)
{
    const char *names[KINDS];
    for (size_t i = 0; i < KINDS; i++) {
        names[i] = kinds[i].name;
        if (name != NULL && strcmp(name, kinds[i].name) == 0) {
            *kind = &kinds[i];
            return WEFT_OK;
        }
    }
    return complain_word(name, "picture", name, names, KINDS);
}

static enum weft_status run_steps(const struct command_line *line)
{
    struct plot plot = {.line = line, .chart.title = option_value(line, OPTION_TITLE)};
    const struct kind *kind = NULL;
    const char *path;
    struct weft_picture *picture = NULL;
    unsigned theme = WEFT_THEME_AUTO;
    TRY(find_kind(line->name, &kind));
    TRY(option_require(line, OPTION_PICTURE, &path));
    TRY(option_word(line, OPTION_THEME, &theme));
    plot.chart.theme = (enum weft_theme)theme;
    TRY(option_number(line, OPTION_COUNT_SHOWN, 1, MOST_SHOWN, &plot.count));
    TRY(told(weft_picture_check_path(path)));
    TRY(kind->draw(&plot, &picture));
    const enum weft_status status = told(weft_picture_write(picture, path));
    weft_picture_destroy(picture);
    return status;
}

static int run(const struct command_line *line)
{
    return (int)run_steps(line);
}

const struct command plot_command = {
    .name = "plot",
    .bit = COMMAND_PLOT,
    .summary = "Draw learning curves, confusion matrices, models and data",
    .usage = "WHAT [OPTIONS] -o FILE.svg|png|pdf",
    .details = "WHAT is one of these pictures, made from the options in parentheses:\n"
               "  curve        error, accuracy and learning rate by epoch (--model or --log)\n"
               "  confusion    which classes are confused (--results, or --model --data)\n"
               "  calibration  accuracy by probability (--results, or --model --data)\n"
               "  samples      images of each class (--data)\n"
               "  pixels       one image as numbers (--data); also standardized (--model)\n"
               "  predictions  images with their probabilities (--model --data)\n"
               "  mistakes     the most confident wrong predictions (--model --data)\n"
               "  columns      histograms of a table by class (--data --target)\n"
               "  embedding    points of a table with the columns x, y and label (--data)\n"
               "  decision     the decisions of a model with two features (--model --data)\n"
               "  network      the layers and their widths (--model)\n"
               "  weights      the weights of the first layer as images (--model)\n"
               "  bench        the time per epoch on each device (--results)\n",
    .example = "weft plot curve --log run.log -o curve.svg",
    .takes_name = true,
    .run = run};
