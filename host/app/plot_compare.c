/* Draws the curves of several training runs in one chart: each log has a line, with its name. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"
#include "plot_curve.h"

/* Logs side by side. */
struct comparison {
    struct plot *plot;
    size_t count;                       /* of logs */
    struct curve_chart *curves;         /* [count] owned */
    char *words;                        /* owned; the names */
    const char **names;                 /* [count] owned; they point into `words` */
    struct weft_series *series[PANELS]; /* [count] owned, of each panel */
    struct weft_panel panels[PANELS];
    size_t panel_count;
};

static enum weft_status split_names(struct comparison *comparison)
{
    const char *list = option_value(comparison->plot->line, OPTION_NAMES);
    size_t names = 0;
    comparison->words = plot_allocate(strlen(list) + 1, 1);
    comparison->names = plot_allocate(strlen(list) + 1, sizeof *comparison->names);
    if (comparison->words == NULL || comparison->names == NULL)
        return WEFT_ERROR_MEMORY;
    memcpy(comparison->words, list, strlen(list) + 1);
    for (char *word = comparison->words, *comma; word != NULL; word = comma) {
        comma = strchr(word, ',');
        if (comma != NULL)
            *comma++ = '\0';
        comparison->names[names++] = word;
    }
    if (names == comparison->count)
        return WEFT_OK;
    return complain(WEFT_ERROR_USAGE, "--names %s: got %zu, need %zu: a name for each --log", list,
                    names, comparison->count);
}

/* Adds a panel with a line for each log, unless no log has the value. */
static enum weft_status add_compared(struct comparison *comparison, enum log_value value,
                                     const char *label, double spread)
{
    struct weft_series *series = plot_allocate(comparison->count, sizeof *series);
    double least = (double)INFINITY, greatest = -(double)INFINITY;
    comparison->series[comparison->panel_count] = series;
    if (series == NULL)
        return WEFT_ERROR_MEMORY;
    for (size_t i = 0; i < comparison->count; i++) {
        const struct value_summary *summary = &comparison->curves[i].summary.values[value];
        series[i] = curve_chart_series(&comparison->curves[i], value, comparison->names[i]);
        if (summary->values == 0)
            continue;
        least = fmin(least, summary->least);
        greatest = fmax(greatest, summary->greatest);
    }
    if (greatest >= least)
        comparison->panels[comparison->panel_count++] = (struct weft_panel){
            .series = series,
            .series_count = comparison->count,
            .y_label = label,
            .percent = value == LOG_TRAIN_ACCURACY || value == LOG_VALIDATION_ACCURACY,
            .log_y = least > 0.0 && greatest > spread * least};
    else
        free(series);
    return WEFT_OK;
}

static bool any_has(const struct comparison *comparison, enum log_value value)
{
    for (size_t i = 0; i < comparison->count; i++)
        if (comparison->curves[i].summary.values[value].values > 0)
            return true;
    return false;
}

/* Says which log is best, by the score or else by the error. */
static void set_compared_texts(struct comparison *comparison, enum log_value score,
                               const char *score_name)
{
    const bool scored = any_has(comparison, score);
    const enum log_value value = scored ? score : LOG_ERROR;
    double best = (double)NAN;
    size_t winner = 0;
    for (size_t i = 0; i < comparison->count; i++) {
        const struct value_summary *summary = &comparison->curves[i].summary.values[value];
        const double number = scored ? summary->greatest : summary->least;
        if (summary->values > 0 && (isnan(best) || (scored ? number > best : number < best))) {
            best = number;
            winner = i;
        }
    }
    const char *name = comparison->names[winner];
    if (!scored)
        plot_set_title(comparison->plot, "The lowest error: %.4g (%.200s)", best, name);
    else if (score == LOG_VALIDATION_R2)
        plot_set_title(comparison->plot, "The best %s: %.4f (%.200s)", score_name, best, name);
    else
        plot_set_title(comparison->plot, "The best %s: %.1f\xc2\xa0%% (%.200s)", score_name,
                       100.0 * best, name);
    plot_set_description(comparison->plot,
                         "Lines over the epochs of %zu trainings. The best is %.200s.",
                         comparison->count, name);
}

static enum weft_status draw_comparison(struct comparison *comparison,
                                        struct weft_picture **picture)
{
    static const char *const labels[LOG_VALUES] = {
        [LOG_TRAIN_ACCURACY] = "training accuracy",
        [LOG_VALIDATION_ACCURACY] = "validation accuracy",
        [LOG_VALIDATION_R2] = "R\xc2\xb2 on the validation set"};
    if (option_given(comparison->plot->line, OPTION_MODEL) || comparison->count == 0)
        return complain(WEFT_ERROR_USAGE, "--names: needs --log, and excludes --model");
    comparison->curves = plot_allocate(comparison->count, sizeof *comparison->curves);
    if (comparison->curves == NULL)
        return WEFT_ERROR_MEMORY;
    TRY(split_names(comparison));
    for (size_t i = 0; i < comparison->count; i++)
        TRY(curve_chart_read(comparison->plot, i, 1, &comparison->curves[i]));
    const enum log_value score = any_has(comparison, LOG_VALIDATION_ACCURACY)
                                     ? LOG_VALIDATION_ACCURACY
                                 : any_has(comparison, LOG_VALIDATION_R2) ? LOG_VALIDATION_R2
                                                                          : LOG_TRAIN_ACCURACY;
    TRY(add_compared(comparison, LOG_ERROR, "error", 20.0));
    TRY(add_compared(comparison, score, labels[score], (double)INFINITY));
    if (comparison->panel_count == 0)
        return complain(WEFT_ERROR_DATA, "%s: no epoch has a finite number",
                        comparison->plot->line->logs[0]);
    set_compared_texts(comparison, score, labels[score]);
    const struct weft_line_chart chart = {.chart = comparison->plot->chart,
                                          .panels = comparison->panels,
                                          .panel_count = comparison->panel_count,
                                          .x_label = "epoch"};
    return told(weft_plot_lines(&chart, picture));
}

enum weft_status plot_comparison(struct plot *plot, struct weft_picture **picture)
{
    struct comparison comparison = {.plot = plot, .count = plot->line->log_count};
    const enum weft_status status = draw_comparison(&comparison, picture);
    for (size_t i = 0; comparison.curves != NULL && i < comparison.count; i++)
        curve_chart_reset(&comparison.curves[i]);
    for (size_t p = 0; p < comparison.panel_count; p++)
        free(comparison.series[p]);
    free(comparison.curves);
    free(comparison.names);
    free(comparison.words);
    return status;
}
