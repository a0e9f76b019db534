/* Writes the scores of a report: of the whole data set, and of each class, label or output. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "html_report.h"
#include "message.h"

enum { CLASSES_SHOWN = 200, BARS_SHOWN = 40 };

/* ---- the whole data set ---- */

static void add_metrics(struct html_report *report)
{
    static const struct weft_page_column columns[] = {{"score", WEFT_PAGE_COLUMN_NAME},
                                                      {"value", WEFT_PAGE_COLUMN_NUMBER},
                                                      {"95 % interval", WEFT_PAGE_COLUMN_NUMBER}};
    const struct weft_estimate *metrics = report->evaluation->metrics;
    char text[HTML_TEXT];
    weft_page_begin_table(report->page, "Scores of the whole data set", columns, 3);
    for (size_t m = 0; weft_metric_describe(m) != NULL; m++) {
        if (!isfinite(metrics[m].value))
            continue;
        html_cell(report, weft_metric_describe(m)->title);
        html_cell(report, html_score(m, metrics[m].value, text));
        weft_page_cell(report->page);
        if (isfinite(metrics[m].low)) {
            weft_page_text(report->page, "%s to ", html_score(m, metrics[m].low, text));
            weft_page_text(report->page, "%s", html_score(m, metrics[m].high, text));
        }
    }
    weft_page_end(report->page);
}

/* ---- classes ---- */

static void cell_fraction(struct html_report *report, double value)
{
    weft_page_cell(report->page);
    weft_page_text(report->page, isfinite(value) ? "%.3f" : "-", value);
}

static const struct weft_page_column class_columns[] = {
    {"class", WEFT_PAGE_COLUMN_NAME},     {"precision", WEFT_PAGE_COLUMN_NUMBER},
    {"recall", WEFT_PAGE_COLUMN_NUMBER},  {"F1", WEFT_PAGE_COLUMN_NUMBER},
    {"ROC AUC", WEFT_PAGE_COLUMN_NUMBER}, {"avg. precision", WEFT_PAGE_COLUMN_NUMBER},
    {"samples", WEFT_PAGE_COLUMN_NUMBER}};
enum { CLASS_COLUMNS = sizeof class_columns / sizeof *class_columns };

static void add_class_rows(struct html_report *report, size_t count)
{
    for (size_t c = 0; c < count; c++) {
        const struct weft_class_score *score = &report->evaluation->scores[c];
        html_cell_name(report, report->info.class_names[c]);
        cell_fraction(report, score->precision);
        cell_fraction(report, score->recall);
        cell_fraction(report, score->f1);
        cell_fraction(report, score->roc_auc);
        cell_fraction(report, score->average_precision);
        weft_page_cell(report->page);
        weft_page_text(report->page, "%zu", score->support);
    }
    weft_page_end(report->page);
}

/* Orders the classes by recall, the lowest first. */
static int by_recall(const void *a, const void *b)
{
    const struct weft_bar *one = a, *two = b;
    return (one->value > two->value) - (one->value < two->value);
}

/* Stores the recalls that are defined. Returns their number. */
static size_t fill_recalls(const struct html_report *report, struct weft_bar *bars)
{
    const struct weft_evaluation *evaluation = report->evaluation;
    size_t count = 0;
    for (size_t c = 0; c < evaluation->classes; c++) {
        const struct weft_class_score *score = &evaluation->scores[c];
        const struct weft_estimate recall = weft_fraction_interval(score->recall, score->support);
        if (isfinite(recall.value))
            bars[count++] = (struct weft_bar){.name = report->info.class_names[c],
                                              .value = 100.0 * recall.value,
                                              .low = 100.0 * recall.low,
                                              .high = 100.0 * recall.high};
    }
    qsort(bars, count, sizeof *bars, by_recall);
    return count < BARS_SHOWN ? count : BARS_SHOWN;
}

static enum weft_status draw_recalls(const struct html_report *report, struct plot *plot,
                                     const void *what, struct weft_picture **picture)
{
    const struct weft_bar_chart *chart = what;
    (void)report;
    if (chart->bars[0].value >= 100.0)
        plot_set_title(plot, "All samples are recognized");
    plot_set_title(plot, "\xe2\x80\x9c%.150s\xe2\x80\x9d is recognized least: %.1f\xc2\xa0%%",
                   chart->bars[0].name, chart->bars[0].value);
    plot_set_description(plot,
                         "The recall of each class with its 95 %% interval, the lowest first.");
    struct weft_bar_chart sized = *chart;
    sized.chart = plot->chart;
    return told(weft_plot_bars(&sized, picture));
}

static enum weft_status add_recalls(struct html_report *report)
{
    struct weft_bar *bars = plot_allocate(report->evaluation->classes, sizeof *bars);
    if (bars == NULL)
        return WEFT_ERROR_MEMORY;
    const struct weft_bar_chart chart = {
        .bars = bars, .bar_count = fill_recalls(report, bars), .x_label = "recall in percent"};
    const bool any = chart.bar_count > 0;
    const enum weft_status status = any ? html_begin_figure(report, draw_recalls, &chart) : WEFT_OK;
    free(bars);
    TRY(status);
    if (!any)
        return WEFT_OK;
    weft_page_text(report->page,
                   "The share of each %s that the model finds, with its 95 %% interval.",
                   report->info.task == WEFT_TASK_CLASSIFY ? "class" : "label");
    weft_page_end(report->page);
    return WEFT_OK;
}

static enum weft_status add_classes(struct html_report *report)
{
    const size_t classes = report->evaluation->classes;
    const size_t shown = classes < CLASSES_SHOWN ? classes : CLASSES_SHOWN;
    const bool labels = report->info.task == WEFT_TASK_MULTILABEL;
    TRY(add_recalls(report));
    weft_page_begin_table(report->page, labels ? "Scores of each label" : "Scores of each class",
                          class_columns, CLASS_COLUMNS);
    add_class_rows(report, shown);
    if (shown < classes) {
        weft_page_begin(report->page, WEFT_PAGE_PARAGRAPH);
        weft_page_text(report->page, "The table shows %zu of %zu classes; the data file has all.",
                       shown, classes);
        weft_page_end(report->page);
    }
    weft_page_begin(report->page, WEFT_PAGE_PARAGRAPH);
    weft_page_begin_data(report->page, "classes.csv", class_columns, CLASS_COLUMNS);
    add_class_rows(report, classes);
    weft_page_end(report->page);
    return WEFT_OK;
}

/* ---- outputs ---- */

static void add_outputs(struct html_report *report)
{
    static const struct weft_page_column columns[] = {
        {"output", WEFT_PAGE_COLUMN_NAME},
        {"R\xc2\xb2", WEFT_PAGE_COLUMN_NUMBER},
        {"RMSE", WEFT_PAGE_COLUMN_NUMBER},
        {"mean abs. error", WEFT_PAGE_COLUMN_NUMBER},
        {"median abs. error", WEFT_PAGE_COLUMN_NUMBER}};
    char text[HTML_TEXT];
    weft_page_begin_table(report->page, "Scores of each output", columns, 5);
    for (size_t c = 0; c < report->evaluation->classes; c++) {
        const struct weft_output_score *score = &report->evaluation->outputs[c];
        const double values[] = {score->r2, score->rmse, score->mae, score->median_error};
        html_cell_name(report, report->info.class_names[c]);
        for (size_t i = 0; i < sizeof values / sizeof *values; i++)
            html_cell(report, html_score(WEFT_METRIC_R2, values[i], text));
    }
    weft_page_end(report->page);
}

enum weft_status html_scores(struct html_report *report)
{
    weft_page_section(report->page, "scores", "Scores");
    add_metrics(report);
    if (report->evaluation->outputs != NULL && report->evaluation->classes > 1)
        add_outputs(report);
    return report->evaluation->scores != NULL ? add_classes(report) : WEFT_OK;
}
