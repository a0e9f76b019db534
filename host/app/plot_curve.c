/* Draws the error, the scores and the learning rate over the epochs of one log, of several, or of a
 * model. Several logs, and the members of an ensemble, are runs: a line shows their mean, a band
 * their extremes. With --names, each log has lines of its own instead, and the names stand at them.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "message.h"
#include "plot_curve.h"
#include "results_file.h"

enum { ACCURACIES = 2 };

/* ---- reading ---- */

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

enum weft_status plot_read_curve(const struct weft_model *model, struct log_rows *rows,
                                 size_t *runs)
{
    const size_t first = rows->count;
    TRY(epoch_rows_add_model(model, rows));
    *runs += count_runs(rows, first);
    return WEFT_OK;
}

static enum weft_status read_model(const struct plot *plot, struct curve_chart *curve)
{
    struct weft_model *model = NULL;
    TRY(plot_read_model(plot, &model));
    const enum weft_status status = plot_read_curve(model, &curve->rows, &curve->runs);
    weft_model_destroy(model);
    TRY(status);
    curve->source = option_value(plot->line, OPTION_MODEL);
    if (curve->rows.count == 0)
        return complain(WEFT_ERROR_MODEL,
                        "%s: the model has no curve: an earlier version wrote it, or it was never "
                        "trained; need --log, or a model trained by this version",
                        curve->source);
    return WEFT_OK;
}

/* Reads `count` logs from `first` on. */
static enum weft_status read_logs(const struct command_line *line, size_t first, size_t count,
                                  struct log_rows *rows, size_t *runs)
{
    for (size_t i = first; i < first + count; i++) {
        const size_t row = rows->count;
        TRY(read_log(line->logs[i], rows));
        *runs += count_runs(rows, row);
    }
    return WEFT_OK;
}

enum weft_status plot_read_logs(const struct command_line *line, struct log_rows *rows,
                                size_t *runs)
{
    return read_logs(line, 0, line->log_count, rows, runs);
}

static enum weft_status read_rows(const struct plot *plot, struct curve_chart *curve)
{
    const bool model = option_given(plot->line, OPTION_MODEL);
    if (model && plot->line->log_count > 0)
        return complain(WEFT_ERROR_USAGE, "--log: cannot be combined with --model");
    if (option_given(plot->line, OPTION_NAMES) && plot->line->log_count == 0)
        return complain(WEFT_ERROR_USAGE, "--names: needs --log");
    if (!model && plot->line->log_count == 0)
        return complain(WEFT_ERROR_USAGE, "--log: missing; curves come from the files of 'weft "
                                          "train --log FILE', or from a model (--model FILE)");
    if (model)
        return read_model(plot, curve);
    curve->source = plot->line->logs[0];
    return plot_read_logs(plot->line, &curve->rows, &curve->runs);
}

enum weft_status curve_chart_read(const struct plot *plot, size_t first, size_t count,
                                  struct curve_chart *curve)
{
    curve->source = plot->line->logs[first];
    TRY(read_logs(plot->line, first, count, &curve->rows, &curve->runs));
    return epoch_summary_make(&curve->rows, &curve->summary);
}

void curve_chart_reset(struct curve_chart *curve)
{
    epoch_summary_reset(&curve->summary);
    log_rows_reset(&curve->rows);
}

/* ---- the chart ---- */

struct weft_series curve_chart_series(const struct curve_chart *curve, enum log_value value,
                                      const char *name)
{
    const struct value_summary *summary = &curve->summary.values[value];
    return (struct weft_series){.name = name,
                                .x = curve->summary.epochs,
                                .y = summary->mean,
                                .low = curve->runs > 1 ? summary->low : NULL,
                                .high = curve->runs > 1 ? summary->high : NULL,
                                .count = curve->summary.epoch_count};
}

/* Adds a panel of a single value, with a logarithmic axis if it spans more than `spread`. A
 * learning rate that never changes is left out. */
static void add_single(struct curve_chart *curve, enum log_value value, const char *label,
                       double spread)
{
    const struct value_summary *summary = &curve->summary.values[value];
    if (summary->values == 0 || (value == LOG_LEARNING_RATE &&
                                 summary->least == summary->greatest && curve->panel_count > 0))
        return;
    curve->series[value] = curve_chart_series(curve, value, NULL);
    curve->panels[curve->panel_count++] = (struct weft_panel){
        .series = &curve->series[value],
        .series_count = 1,
        .y_label = label,
        .log_y = summary->least > 0.0 && summary->greatest > spread * summary->least};
}

static void mark_best(struct curve_chart *curve, struct weft_panel *panel, enum log_value score)
{
    const struct value_summary *summary = &curve->summary.values[score];
    if (score == LOG_TRAIN_ACCURACY || summary->values < 2)
        return;
    snprintf(curve->mark, sizeof curve->mark, "best: epoch %.0f",
             curve->summary.epochs[summary->greatest_at]);
    panel->mark = curve->mark;
    panel->mark_x = curve->summary.epochs[summary->greatest_at];
}

static void add_accuracies(struct curve_chart *curve)
{
    static const struct {
        enum log_value value;
        const char *name;
    } accuracies[] = {{LOG_TRAIN_ACCURACY, "training"}, {LOG_VALIDATION_ACCURACY, "validation"}};
    struct weft_panel *panel = &curve->panels[curve->panel_count];
    *panel = (struct weft_panel){
        .series = &curve->series[LOG_TRAIN_ACCURACY], .y_label = "accuracy", .percent = true};
    for (size_t a = 0; a < ACCURACIES; a++)
        if (curve->summary.values[accuracies[a].value].values > 0)
            curve->series[LOG_TRAIN_ACCURACY + panel->series_count++] =
                curve_chart_series(curve, accuracies[a].value, accuracies[a].name);
    if (panel->series_count == 0)
        return;
    mark_best(curve, panel, epoch_summary_score(&curve->summary));
    curve->panel_count++;
}

static void add_panels(struct curve_chart *curve)
{
    add_single(curve, LOG_ERROR, "error", 20.0);
    if (curve->summary.values[LOG_VALIDATION_R2].values > 0) {
        add_single(curve, LOG_VALIDATION_R2, "R\xc2\xb2 on the validation set", (double)INFINITY);
        mark_best(curve, &curve->panels[curve->panel_count - 1], LOG_VALIDATION_R2);
    } else {
        add_accuracies(curve);
    }
    add_single(curve, LOG_LEARNING_RATE, "learning rate", (double)INFINITY);
}

/* Writes a statement about the best epoch. `stays`: the last epoch is as good. */
static void set_best(struct plot *plot, const char *what, double epoch, bool stays,
                     const char *value)
{
    if (stays)
        plot_set_title(plot, "%s reaches %s in epoch %.0f", what, value, epoch);
    else
        plot_set_title(plot, "%s peaks at epoch %.0f: %s", what, epoch, value);
}

static void set_title(struct plot *plot, const struct curve_chart *curve)
{
    static const char *const names[LOG_VALUES] = {[LOG_TRAIN_ACCURACY] = "Training accuracy",
                                                  [LOG_VALIDATION_ACCURACY] = "Validation accuracy",
                                                  [LOG_VALIDATION_R2] =
                                                      "R\xc2\xb2 on the validation set"};
    const struct epoch_summary *summary = &curve->summary;
    const enum log_value score = epoch_summary_score(summary);
    const struct value_summary *best = &summary->values[score],
                               *error = &summary->values[LOG_ERROR];
    char value[64];
    snprintf(value, sizeof value, score == LOG_VALIDATION_R2 ? "%s%.4f" : "%.0s%.1f\xc2\xa0%%",
             best->greatest < 0.0 ? "\xe2\x88\x92" : "",
             score == LOG_VALIDATION_R2 ? fabs(best->greatest) : 100.0 * best->greatest);
    if (best->values > 0)
        set_best(plot, names[score], summary->epochs[best->greatest_at],
                 best->mean[summary->epoch_count - 1] == best->greatest, value);
    else if (error->values > 0)
        plot_set_title(plot, "The error is lowest at epoch %.0f: %.4g",
                       summary->epochs[error->least_at], error->least);
    else
        plot_set_title(plot, "Learning rate over %zu epochs", summary->epoch_count);
}

static void set_texts(struct plot *plot, const struct curve_chart *curve)
{
    const struct epoch_summary *summary = &curve->summary;
    const struct value_summary *error = &summary->values[LOG_ERROR];
    const double first = summary->epochs[0], last = summary->epochs[summary->epoch_count - 1];
    set_title(plot, curve);
    if (curve->runs > 1)
        plot_set_subtitle(plot, "mean of %zu runs; bands span all of them", curve->runs);
    if (error->values > 0)
        plot_set_description(
            plot, "Lines over the epochs %.0f to %.0f. The error is between %.4g and %.4g.", first,
            last, error->least, error->greatest);
    else
        plot_set_description(plot, "Lines over the epochs %.0f to %.0f.", first, last);
}

static enum weft_status draw(struct plot *plot, struct curve_chart *curve,
                             struct weft_picture **picture)
{
    TRY(epoch_summary_make(&curve->rows, &curve->summary));
    add_panels(curve);
    if (curve->panel_count == 0)
        return complain(WEFT_ERROR_DATA, "%s: no epoch has a finite number", curve->source);
    set_texts(plot, curve);
    const struct weft_line_chart chart = {.chart = plot->chart,
                                          .panels = curve->panels,
                                          .panel_count = curve->panel_count,
                                          .x_label = "epoch"};
    return told(weft_plot_lines(&chart, picture));
}

enum weft_status plot_draw_curve(struct plot *plot, const struct log_rows *rows, size_t runs,
                                 const char *name, struct weft_picture **picture)
{
    struct curve_chart curve = {.source = name, .rows = *rows, .runs = runs};
    const enum weft_status status = draw(plot, &curve, picture);
    epoch_summary_reset(&curve.summary);
    return status;
}

enum weft_status plot_curve(struct plot *plot, struct weft_picture **picture)
{
    struct curve_chart curve = {0};
    if (option_given(plot->line, OPTION_NAMES) && plot->line->log_count > 0)
        return plot_comparison(plot, picture);
    enum weft_status status = read_rows(plot, &curve);
    if (status == WEFT_OK)
        status = plot_draw_curve(plot, &curve.rows, curve.runs, curve.source, picture);
    curve_chart_reset(&curve);
    return status;
}
