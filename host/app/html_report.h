/* The page of weft report and weft train --report. The command fills in what there is, and
 * html_report_write makes the sections, each in a function: the answer, why one should believe it,
 * then the details. A section that has nothing to show is left out. */
#ifndef WEFT_APP_HTML_REPORT_H
#define WEFT_APP_HTML_REPORT_H

#include "guesses.h"
#include "plot.h"
#include "weft_report.h"

struct html_report {
    /* What the command fills in. Pointers are borrowed. */
    const struct command_line *line;
    struct weft_device *device;
    const struct weft_model *model;
    const struct weft_options *options; /* of the training run, as far as they are known */
    const struct weft_dataset *dataset; /* which the scores are of */
    const char *part;                   /* "test", "validation" or "training"; "": unknown */
    const char *model_file;             /* or NULL if the model is not saved */
    size_t train_samples;               /* 0: unknown */
    double seconds;                     /* that the training run took; NaN: unknown */
    const struct log_rows *rows;        /* the epochs of the training run; may be empty */
    size_t runs;                        /* training runs in them */
    size_t map_samples;                 /* of the embedding; 0: none */
    const char *bench;                  /* the file of a benchmark, or NULL */

    /* What html_report_write makes. */
    struct weft_page *page;             /* owned */
    struct weft_evaluation *evaluation; /* owned */
    struct guesses guesses;             /* owned; of all samples, for models with classes */
    struct weft_model_info info;
    struct weft_dataset_info data;
    struct weft_device_info device_info;
};

/* Evaluates the model and writes the page, whole or not at all. Prints a message for any failure.
 */
WEFT_MUST_CHECK enum weft_status html_report_write(struct html_report *report, const char *path);

/* ---- sections, each a function */

typedef enum weft_status html_section(struct html_report *report);

html_section html_answer, html_trust, html_curves, html_scores, html_confusion, html_calibration,
    html_columns, html_samples, html_predictions, html_mistakes, html_regression, html_map,
    html_network, html_weights, html_speed, html_repeat;

/* ---- what sections share */

/* Tells whether the samples are images that pictures can show. */
bool html_has_images(const struct html_report *report);

/* Draws a picture of `what`. The width of `plot->chart` is 0 or HTML_NARROW. */
typedef enum weft_status html_drawing(const struct html_report *report, struct plot *plot,
                                      const void *what, struct weft_picture **picture);

/* Begins a figure with the picture that `draw` makes, once for wide and once for narrow screens.
 * The caller goes on with the caption, and ends it. */
WEFT_MUST_CHECK enum weft_status html_begin_figure(struct html_report *report, html_drawing *draw,
                                                   const void *what);

enum { HTML_TEXT = 80, HTML_NARROW = 390 }; /* pixels of a phone */

/* Write "12,345", "90.42 %" with a space that does not break, and "1 min 12 s" into `text`, and
 * return it. */
const char *html_count(size_t count, char text[HTML_TEXT]);
const char *html_percent(double fraction, char text[HTML_TEXT]);
const char *html_seconds(double seconds, char text[HTML_TEXT]);

/* Writes the value of a score, in percent if it is a fraction of samples, or "-". */
const char *html_score(size_t metric, double value, char text[HTML_TEXT]);

/* Adds cells: text, a name. */
void html_cell(struct html_report *report, const char *text);
void html_cell_name(struct html_report *report, const char *name);

#endif
