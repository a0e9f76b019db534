/* Writes the sections of a report that show samples: images or columns, predictions and mistakes.
 */
#include <stdlib.h>
#include <string.h>

#include "data_options.h"
#include "html_report.h"
#include "message.h"

enum {
    SHOWN = 12,
    SHOWN_NARROW = 6,
    COLUMNS_SHOWN = 12,
    EACH_CLASS_WIDE = 8,
    EACH_CLASS_NARROW = 3
};

/* ---- samples ---- */

static enum weft_status draw_samples(const struct html_report *report, struct plot *plot,
                                     const void *what, struct weft_picture **picture)
{
    (void)what;
    plot->count = plot->chart.width > 0.0 ? EACH_CLASS_NARROW : EACH_CLASS_WIDE;
    return plot_draw_samples(plot, &report->data, picture);
}

enum weft_status html_samples(struct html_report *report)
{
    if (!html_has_images(report) || report->data.labels == NULL)
        return WEFT_OK;
    weft_page_section(report->page, "samples", "Samples");
    TRY(html_begin_figure(report, draw_samples, NULL));
    weft_page_text(report->page, "What the model sees: the first images of each class.");
    weft_page_end(report->page);
    return WEFT_OK;
}

/* Tells whether the model reads a column of numbers that has a name. */
static bool has_numbers(const struct weft_model *model)
{
    struct weft_model_column column;
    for (size_t c = 0; weft_model_get_column(model, c, &column); c++)
        if (column.name != NULL && strcmp(column.use, "number") == 0)
            return true;
    return false;
}

static enum weft_status draw_columns(const struct html_report *report, struct plot *plot,
                                     const void *what, struct weft_picture **picture)
{
    (void)what;
    plot->model = report->model;
    plot->count = COLUMNS_SHOWN;
    return plot_columns(plot, picture);
}

enum weft_status html_columns(struct html_report *report)
{
    bool found = false;
    if (has_numbers(report->model))
        TRY(data_find_table(report->line, &found));
    if (!found)
        return WEFT_OK;
    weft_page_section(report->page, "columns", "Columns");
    TRY(html_begin_figure(report, draw_columns, NULL));
    weft_page_text(report->page,
                   report->info.task == WEFT_TASK_CLASSIFY
                       ? "The numbers that the model reads. The heights are fractions of each "
                         "class; if the outlines differ, the column helps to tell classes apart."
                       : "The numbers that the model reads.");
    weft_page_end(report->page);
    return WEFT_OK;
}

/* ---- predictions ---- */

static const struct weft_page_column guess_columns[] = {{"index", WEFT_PAGE_COLUMN_NUMBER},
                                                        {"true class", WEFT_PAGE_COLUMN_NAME},
                                                        {"predicted class", WEFT_PAGE_COLUMN_NAME},
                                                        {"probability", WEFT_PAGE_COLUMN_NUMBER},
                                                        {"outcome", WEFT_PAGE_COLUMN_TEXT}};
enum { GUESS_COLUMNS = sizeof guess_columns / sizeof *guess_columns };

/* Adds the first rows of predictions and ends the table or the data. */
static void add_guess_rows(struct html_report *report, const struct guesses *guesses)
{
    for (size_t i = 0; i < guesses->count && i < SHOWN; i++) {
        const struct guess *guess = &guesses->list[i];
        weft_page_cell(report->page);
        weft_page_text(report->page, "%zu", guess->sample);
        html_cell_name(report, guess_label(guesses, guess));
        html_cell_name(report, guess->names[0]);
        weft_page_cell(report->page);
        weft_page_text(report->page, "%.4f", guess->shares[0]);
        html_cell(report, guess->right ? "right" : "wrong");
    }
    weft_page_end(report->page);
}

/* Draws the predictions or, if `mistakes` is not NULL, the mistakes. */
static enum weft_status draw_guesses(const struct html_report *report, struct plot *plot,
                                     const void *mistakes, struct weft_picture **picture)
{
    plot->count = plot->chart.width > 0.0 ? SHOWN_NARROW : SHOWN;
    return mistakes != NULL ? plot_draw_mistakes(plot, &report->guesses, picture)
                            : plot_draw_predictions(plot, &report->guesses, picture);
}

/* Adds the first predictions, as pictures or as a table. */
static enum weft_status add_guesses(struct html_report *report, bool mistakes, const char *file,
                                    const char *caption)
{
    if (!html_has_images(report)) {
        weft_page_begin_table(report->page, caption, guess_columns, GUESS_COLUMNS);
        add_guess_rows(report, &report->guesses);
        return WEFT_OK;
    }
    TRY(html_begin_figure(report, draw_guesses, mistakes ? report : NULL));
    weft_page_text(report->page, "%s", caption);
    weft_page_begin_data(report->page, file, guess_columns, GUESS_COLUMNS);
    add_guess_rows(report, &report->guesses);
    weft_page_end(report->page);
    return WEFT_OK;
}

enum weft_status html_predictions(struct html_report *report)
{
    if (report->guesses.count == 0)
        return WEFT_OK;
    weft_page_section(report->page, "predictions", "Predictions");
    return add_guesses(report, false, "predictions.csv",
                       html_has_images(report)
                           ? "The first samples. The predicted class is bold, the true one gray, "
                             "and bars show the largest probabilities."
                           : "The first samples");
}

/* Changes `guesses`: what follows sees mistakes alone. */
enum weft_status html_mistakes(struct html_report *report)
{
    if (report->guesses.count == 0)
        return WEFT_OK;
    guesses_keep_mistakes(&report->guesses);
    if (report->guesses.count == 0)
        return WEFT_OK;
    weft_page_section(report->page, "mistakes", "Mistakes");
    return add_guesses(report, true, "mistakes.csv",
                       html_has_images(report)
                           ? "Look here first. The most confident mistakes are often wrong labels, "
                             "or samples that belong to two classes."
                           : "The most confident mistakes; they are often wrong labels");
}
