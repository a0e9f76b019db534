/* Writes reports as HTML. See html_report.h. */
#include "html_report.h"

#include <math.h>
#include <stdio.h>

#include "message.h"

enum { RESAMPLES = 1000 };

/* ---- numbers and cells ---- */

const char *html_count(size_t count, char text[HTML_TEXT])
{
    char digits[32];
    const int length = snprintf(digits, sizeof digits, "%zu", count);
    size_t used = 0;
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            text[used++] = ',';
        text[used++] = digits[i];
    }
    text[used] = '\0';
    return text;
}

const char *html_percent(double fraction, char text[HTML_TEXT])
{
    snprintf(text, HTML_TEXT, isfinite(fraction) ? "%.2f\xc2\xa0%%" : "-", 100.0 * fraction);
    return text;
}

const char *html_seconds(double seconds, char text[HTML_TEXT])
{
    const double whole = round(seconds);
    if (seconds < 60.0)
        snprintf(text, HTML_TEXT, "%.3g\xc2\xa0s", seconds);
    else if (seconds < 3600.0)
        snprintf(text, HTML_TEXT, "%.0f\xc2\xa0min %.0f\xc2\xa0s", floor(whole / 60.0),
                 fmod(whole, 60.0));
    else
        snprintf(text, HTML_TEXT, "%.0f\xc2\xa0h %.0f\xc2\xa0min", floor(whole / 3600.0),
                 floor(fmod(whole, 3600.0) / 60.0));
    return text;
}

const char *html_score(size_t metric, double value, char text[HTML_TEXT])
{
    if (weft_metric_describe(metric)->fraction)
        return html_percent(value, text);
    snprintf(text, HTML_TEXT,
             !isfinite(value)        ? "-"
             : fabs(value) >= 1000.0 ? "%.0f" /* "%#.4g" would end in a point */
                                     : "%#.4g",
             value);
    return text;
}

void html_cell(struct html_report *report, const char *text)
{
    weft_page_cell(report->page);
    weft_page_text(report->page, "%s", text);
}

void html_cell_name(struct html_report *report, const char *name)
{
    weft_page_cell(report->page);
    weft_page_name(report->page, name);
}

/* ---- figures ---- */

bool html_has_images(const struct html_report *report)
{
    return report->data.width > 0 && (report->data.channels == 1 || report->data.channels == 3);
}

enum weft_status html_begin_figure(struct html_report *report, html_drawing *draw, const void *what)
{
    struct plot plot = {.line = report->line};
    struct plot narrow_plot = {.line = report->line, .chart.width = HTML_NARROW};
    struct weft_picture *picture = NULL, *narrow = NULL;
    enum weft_status status = draw(report, &plot, what, &picture);
    if (status == WEFT_OK)
        status = draw(report, &narrow_plot, what, &narrow);
    if (status == WEFT_OK)
        weft_page_begin_figure(report->page, picture, narrow);
    weft_picture_destroy(picture);
    weft_picture_destroy(narrow);
    return status;
}

/* ---- the page ---- */

/* Evaluates the model. Only fractions of samples have an interval without resampling, so the
 * scores of a regression are resampled. */
static enum weft_status evaluate(struct html_report *report)
{
    struct weft_evaluate_options options;
    weft_evaluate_options_init(&options);
    if (report->info.task == WEFT_TASK_REGRESS)
        options.bootstrap = RESAMPLES;
    TRY(told(weft_evaluate_with(report->device, report->model, report->dataset, &options,
                                &report->evaluation)));
    if (report->info.task != WEFT_TASK_CLASSIFY)
        return WEFT_OK;
    return guesses_make(report->device, report->model, report->dataset, report->data.samples,
                        &report->guesses);
}

static enum weft_status make(struct html_report *report)
{
    static html_section *const sections[] = {
        html_answer,    html_trust,       html_curves,     html_scores,
        html_confusion, html_calibration, html_regression, html_columns,
        html_samples,   html_predictions, html_mistakes,   html_map,
        html_network,   html_weights,     html_speed,      html_repeat};
    weft_model_get_info(report->model, &report->info);
    weft_dataset_get_info(report->dataset, &report->data);
    weft_device_get_info(report->device, &report->device_info);
    TRY(evaluate(report));
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
        TRY(sections[i](report));
    return WEFT_OK;
}

enum weft_status html_report_write(struct html_report *report, const char *path)
{
    enum weft_status status = make(report);
    if (status == WEFT_OK)
        status = told(weft_page_write(report->page, path));
    weft_page_destroy(report->page);
    weft_evaluation_destroy(report->evaluation);
    guesses_reset(&report->guesses);
    return status;
}
