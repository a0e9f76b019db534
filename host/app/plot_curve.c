/* Draws the error, the scores and the learning rate over the epochs of one log or several. Several
 * logs, and the members of an ensemble, are runs: a line shows their mean, a band their extremes.
 * With --names, each log has lines of its own instead, and the names stand at them.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "message.h"
#include "plot_curve.h"
#include "results_file.h"

enum { ACCURACIES = 2 };

/* ---- reading ---- */

static int by_epoch(const void *a, const void *b)
{
    const struct log_row *one = a, *two = b;
    return (one->epoch > two->epoch) - (one->epoch < two->epoch);
}

static enum weft_status read_log(const char *path, struct log_rows *rows)
{
    char *text;
    size_t size;
    TRY(results_read(path, &text, &size));
    const enum weft_status status = epoch_log_parse(path, text, size, rows);
    free(text);
    return status;
}

/* Counts the members of the rows from `first` on: the first epoch of a log comes once for each. */
static size_t count_runs(const struct log_rows *rows, size_t first)
{
    long long most = 1;
    for (size_t i = first; i < rows->count; i++)
        most = rows->rows[i].member > most ? rows->rows[i].member : most;
    return (size_t)most;
}

/* Reads `count` logs from `first` on. */
static enum weft_status read_logs(const struct plot *plot, size_t first, size_t count,
                                  struct curve *curve)
{
    for (size_t i = first; i < first + count; i++) {
        const size_t row = curve->rows.count;
        TRY(read_log(plot->line->logs[i], &curve->rows));
        curve->runs += count_runs(&curve->rows, row);
    }
    qsort(curve->rows.rows, curve->rows.count, sizeof *curve->rows.rows, by_epoch);
    return WEFT_OK;
}

/* ---- summaries ---- */

static enum weft_status allocate(struct curve *curve)
{
    curve->epochs = plot_allocate(curve->rows.count, sizeof(double));
    for (size_t v = 0; v < LOG_VALUES; v++) {
        struct summary *summary = &curve->summaries[v];
        summary->mean = plot_allocate(curve->rows.count, sizeof(double));
        summary->low = plot_allocate(curve->rows.count, sizeof(double));
        summary->high = plot_allocate(curve->rows.count, sizeof(double));
        if (curve->epochs == NULL || summary->mean == NULL || summary->low == NULL ||
            summary->high == NULL)
            return WEFT_ERROR_MEMORY;
    }
    return WEFT_OK;
}

/* Summarizes a value over the rows [count] of one epoch. */
static void summarize(struct summary *summary, size_t at, const struct log_row *rows, size_t count,
                      enum log_value value)
{
    double sum = 0.0, low = (double)INFINITY, high = -(double)INFINITY, values = 0.0;
    for (size_t i = 0; i < count; i++)
        if (isfinite(rows[i].values[value])) {
            sum += rows[i].values[value];
            low = fmin(low, rows[i].values[value]);
            high = fmax(high, rows[i].values[value]);
            values++;
        }
    summary->mean[at] = summary->low[at] = summary->high[at] = (double)NAN;
    if (values == 0.0)
        return;
    summary->mean[at] = sum / values;
    summary->low[at] = low;
    summary->high[at] = high;
    if (summary->values == 0 || summary->mean[at] < summary->least) {
        summary->least = summary->mean[at];
        summary->least_at = at;
    }
    if (summary->values == 0 || summary->mean[at] > summary->greatest) {
        summary->greatest = summary->mean[at];
        summary->greatest_at = at;
    }
    summary->values++;
}

static void summarize_all(struct curve *curve)
{
    const struct log_row *rows = curve->rows.rows;
    for (size_t i = 0, end; i < curve->rows.count; i = end) {
        for (end = i; end < curve->rows.count && rows[end].epoch == rows[i].epoch;)
            end++;
        curve->epochs[curve->epoch_count] = (double)rows[i].epoch;
        for (size_t v = 0; v < LOG_VALUES; v++)
            summarize(&curve->summaries[v], curve->epoch_count, rows + i, end - i,
                      (enum log_value)v);
        curve->epoch_count++;
    }
}

enum weft_status curve_read(const struct plot *plot, size_t first, size_t count,
                            struct curve *curve)
{
    TRY(read_logs(plot, first, count, curve));
    TRY(allocate(curve));
    summarize_all(curve);
    return WEFT_OK;
}

void curve_reset(struct curve *curve)
{
    for (size_t v = 0; v < LOG_VALUES; v++) {
        free(curve->summaries[v].mean);
        free(curve->summaries[v].low);
        free(curve->summaries[v].high);
    }
    free(curve->epochs);
    log_rows_reset(&curve->rows);
}

/* ---- the chart ---- */

struct weft_series curve_series(const struct curve *curve, enum log_value value, const char *name)
{
    const struct summary *summary = &curve->summaries[value];
    return (struct weft_series){.name = name,
                                .x = curve->epochs,
                                .y = summary->mean,
                                .low = curve->runs > 1 ? summary->low : NULL,
                                .high = curve->runs > 1 ? summary->high : NULL,
                                .count = curve->epoch_count};
}

/* Adds a panel of a single value, with a logarithmic axis if it spans more than `spread`. A
 * learning rate that never changes is left out. */
static void add_single(struct curve *curve, enum log_value value, const char *label, double spread)
{
    const struct summary *summary = &curve->summaries[value];
    if (summary->values == 0 || (value == LOG_LEARNING_RATE &&
                                 summary->least == summary->greatest && curve->panel_count > 0))
        return;
    curve->series[value] = curve_series(curve, value, NULL);
    curve->panels[curve->panel_count++] = (struct weft_panel){
        .series = &curve->series[value],
        .series_count = 1,
        .y_label = label,
        .log_y = summary->least > 0.0 && summary->greatest > spread * summary->least};
}

/* Returns the value that tells how good the model is, if the log has one. */
static enum log_value score_of(const struct curve *curve)
{
    return curve->summaries[LOG_VALIDATION_ACCURACY].values > 0 ? LOG_VALIDATION_ACCURACY
           : curve->summaries[LOG_VALIDATION_R2].values > 0     ? LOG_VALIDATION_R2
                                                                : LOG_TRAIN_ACCURACY;
}

static void mark_best(struct curve *curve, struct weft_panel *panel, enum log_value score)
{
    const struct summary *summary = &curve->summaries[score];
    if (score == LOG_TRAIN_ACCURACY || summary->values < 2)
        return;
    snprintf(curve->mark, sizeof curve->mark, "best: epoch %.0f",
             curve->epochs[summary->greatest_at]);
    panel->mark = curve->mark;
    panel->mark_x = curve->epochs[summary->greatest_at];
}

static void add_accuracies(struct curve *curve)
{
    static const struct {
        enum log_value value;
        const char *name;
    } accuracies[] = {{LOG_TRAIN_ACCURACY, "training"}, {LOG_VALIDATION_ACCURACY, "validation"}};
    struct weft_panel *panel = &curve->panels[curve->panel_count];
    *panel = (struct weft_panel){
        .series = &curve->series[LOG_TRAIN_ACCURACY], .y_label = "accuracy", .percent = true};
    for (size_t a = 0; a < ACCURACIES; a++)
        if (curve->summaries[accuracies[a].value].values > 0)
            curve->series[LOG_TRAIN_ACCURACY + panel->series_count++] =
                curve_series(curve, accuracies[a].value, accuracies[a].name);
    if (panel->series_count == 0)
        return;
    mark_best(curve, panel, score_of(curve));
    curve->panel_count++;
}

static void add_panels(struct curve *curve)
{
    add_single(curve, LOG_ERROR, "error", 20.0);
    if (curve->summaries[LOG_VALIDATION_R2].values > 0) {
        add_single(curve, LOG_VALIDATION_R2, "R\xc2\xb2 on the validation set", (double)INFINITY);
        mark_best(curve, &curve->panels[curve->panel_count - 1], LOG_VALIDATION_R2);
    } else {
        add_accuracies(curve);
    }
    add_single(curve, LOG_LEARNING_RATE, "learning rate", (double)INFINITY);
}

static void set_texts(struct plot *plot, const struct curve *curve)
{
    static const char *const names[LOG_VALUES] = {[LOG_TRAIN_ACCURACY] = "Training accuracy",
                                                  [LOG_VALIDATION_ACCURACY] = "Validation accuracy",
                                                  [LOG_VALIDATION_R2] =
                                                      "R\xc2\xb2 on the validation set"};
    const enum log_value score = score_of(curve);
    const struct summary *best = &curve->summaries[score], *error = &curve->summaries[LOG_ERROR];
    if (score == LOG_VALIDATION_R2)
        plot_set_title(plot, "%s peaks at epoch %.0f: %.4f", names[score],
                       curve->epochs[best->greatest_at], best->greatest);
    else if (best->values > 0)
        plot_set_title(plot, "%s peaks at epoch %.0f: %.1f\xc2\xa0%%", names[score],
                       curve->epochs[best->greatest_at], 100.0 * best->greatest);
    else
        plot_set_title(plot, "The error is lowest at epoch %.0f: %.4g",
                       error->values > 0 ? curve->epochs[error->least_at] : 1.0, error->least);
    if (curve->runs > 1)
        plot_set_subtitle(plot, "mean of %zu runs; bands span all of them", curve->runs);
    plot_set_description(
        plot, "Lines over the epochs %.0f to %.0f. The error is between %.4g and %.4g.",
        curve->epochs[0], curve->epochs[curve->epoch_count - 1], error->least, error->greatest);
}

static enum weft_status draw(struct plot *plot, struct curve *curve, struct weft_picture **picture)
{
    TRY(curve_read(plot, 0, plot->line->log_count, curve));
    add_panels(curve);
    if (curve->panel_count == 0)
        return complain(WEFT_ERROR_DATA, "%s: no epoch has a finite number", plot->line->logs[0]);
    set_texts(plot, curve);
    const struct weft_line_chart chart = {.chart = plot->chart,
                                          .panels = curve->panels,
                                          .panel_count = curve->panel_count,
                                          .x_label = "epoch"};
    return told(weft_plot_lines(&chart, picture));
}

enum weft_status plot_curve(struct plot *plot, struct weft_picture **picture)
{
    struct curve curve = {0};
    if (option_given(plot->line, OPTION_NAMES))
        return plot_comparison(plot, picture);
    if (plot->line->log_count == 0)
        return complain(WEFT_ERROR_USAGE,
                        "--log: missing; curves come from the files of 'weft train --log FILE'%s",
                        option_given(plot->line, OPTION_MODEL) ? ", and models keep none" : "");
    const enum weft_status status = draw(plot, &curve, picture);
    curve_reset(&curve);
    return status;
}
