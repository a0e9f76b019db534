/* What the kinds of `weft plot` share. Each kind reads its input and makes a picture. */
#ifndef WEFT_APP_PLOT_H
#define WEFT_APP_PLOT_H

#include "options.h"
#include "weft_plot.h"

enum { PLOT_TEXT = 512 };

/* What a picture is made for. */
struct plot {
    const struct command_line *line; /* borrowed */
    struct weft_chart chart;         /* title and theme from the command line */
    char title[PLOT_TEXT], subtitle[PLOT_TEXT], description[PLOT_TEXT]; /* of `chart` */
    size_t count;                                                       /* --count, or 0 */
};

/* Functions that make a picture of one kind. Each prints a message for any failure. */
typedef enum weft_status plot_function(struct plot *plot, struct weft_picture **picture);
plot_function plot_curve, plot_confusion, plot_calibration, plot_bench, plot_network, plot_weights,
    plot_samples, plot_predictions, plot_mistakes, plot_columns, plot_embedding, plot_pixels,
    plot_decision;

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
