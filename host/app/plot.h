/* What the kinds of `weft plot` share. Each kind reads its input and makes a picture. */
#ifndef WEFT_APP_PLOT_H
#define WEFT_APP_PLOT_H

#include <jansson.h>

#include "epoch_log_read.h"
#include "guesses.h"
#include "options.h"
#include "weft_plot.h"

enum { PLOT_TEXT = 512 };

/* What a picture is made for. */
struct plot {
    const struct command_line *line; /* borrowed */
    struct weft_chart chart;         /* title and theme from the command line */
    char title[PLOT_TEXT], subtitle[PLOT_TEXT], description[PLOT_TEXT]; /* of `chart` */
    size_t count;                                                       /* --count, or 0 */
    const struct weft_model *model; /* borrowed; `columns` shows what it uses; NULL: --target */
};

/* Functions that make a picture of one kind. Each prints a message for any failure. */
typedef enum weft_status plot_function(struct plot *plot, struct weft_picture **picture);
plot_function plot_curve, plot_confusion, plot_calibration, plot_bench, plot_network, plot_weights,
    plot_samples, plot_predictions, plot_mistakes, plot_columns, plot_embedding, plot_pixels,
    plot_decision;

/* ---- pictures of what is in memory, for weft plot and for reports */

/* What the pictures of an evaluation show. */
struct plot_results {
    size_t classes;                    /* C */
    size_t *counts;                    /* [C][C] owned */
    const char **names;                /* [C] owned; the strings are borrowed */
    struct weft_calibration_bin *bins; /* [bin_count] owned */
    size_t bin_count;
    double accuracy, calibration_error;
};

/* Takes the results of an evaluation with classes. The caller calls plot_results_reset in either
 * case. */
WEFT_MUST_CHECK enum weft_status plot_results_take(const struct weft_model_info *model,
                                                   const struct weft_evaluation *evaluation,
                                                   struct plot_results *results);
void plot_results_reset(struct plot_results *results);

/* Adds the rows of the logs on the command line, and the number of their runs to `*runs`. */
WEFT_MUST_CHECK enum weft_status plot_read_logs(const struct command_line *line,
                                                struct log_rows *rows, size_t *runs);

/* Adds the rows of the curve that a model keeps, which may be none, and the number of its runs. */
WEFT_MUST_CHECK enum weft_status plot_read_curve(const struct weft_model *model,
                                                 struct log_rows *rows, size_t *runs);

/* Draws the rows of one run or several, which it sorts. `name` is for messages. */
WEFT_MUST_CHECK enum weft_status plot_draw_curve(struct plot *plot, const struct log_rows *rows,
                                                 size_t runs, const char *name,
                                                 struct weft_picture **picture);
WEFT_MUST_CHECK enum weft_status plot_draw_confusion(struct plot *plot,
                                                     const struct plot_results *results,
                                                     bool neighbors, struct weft_picture **picture);
WEFT_MUST_CHECK enum weft_status plot_draw_calibration(struct plot *plot,
                                                       const struct plot_results *results,
                                                       struct weft_picture **picture);
WEFT_MUST_CHECK enum weft_status plot_draw_network(struct plot *plot,
                                                   const struct weft_model_info *info,
                                                   struct weft_picture **picture);

/* Draws the weights of the first layer as images of `height` by `width` features. */
WEFT_MUST_CHECK enum weft_status plot_draw_weights(struct plot *plot,
                                                   const struct weft_model *model, size_t height,
                                                   size_t width, struct weft_picture **picture);

/* Draw images, with labels or predictions. Each data set has images and labels. */
WEFT_MUST_CHECK enum weft_status plot_draw_samples(struct plot *plot,
                                                   const struct weft_dataset_info *info,
                                                   struct weft_picture **picture);
WEFT_MUST_CHECK enum weft_status plot_draw_predictions(struct plot *plot,
                                                       const struct guesses *guesses,
                                                       struct weft_picture **picture);
WEFT_MUST_CHECK enum weft_status plot_draw_mistakes(struct plot *plot,
                                                    const struct guesses *mistakes,
                                                    struct weft_picture **picture);

/* Draws the object that `weft bench --json` printed. `path` is for messages. */
WEFT_MUST_CHECK enum weft_status plot_draw_bench(struct plot *plot, const char *path,
                                                 const json_t *file, struct weft_picture **picture);

/* ---- what kinds share */

/* Sets the title, unless the user gave one, the subtitle, and the description for readers who
 * cannot see the picture. */
void plot_set_title(struct plot *plot, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void plot_set_subtitle(struct plot *plot, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void plot_set_description(struct plot *plot, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Reads the model of --model, which is required. */
WEFT_MUST_CHECK enum weft_status plot_read_model(const struct plot *plot,
                                                 struct weft_model **model);

/* Allocates zeroed memory, or returns NULL after a message. */
void *plot_allocate(size_t count, size_t size);

#endif
