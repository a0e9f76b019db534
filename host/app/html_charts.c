/* Writes the sections of a report that are charts: curves, confusion, calibration, the network and
 * its weights, and the speed of devices. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "html_report.h"
#include "message.h"
#include "results_file.h"

enum { WEIGHTS_SHOWN = 40, FEATURES_SHOWN = 20, CELLS_LIMIT = 40000 };

/* ---- curves ---- */

static void add_curve_data(struct html_report *report)
{
    static const struct weft_page_column columns[] = {
        {"epoch", WEFT_PAGE_COLUMN_NUMBER},
        {"member", WEFT_PAGE_COLUMN_NUMBER},
        {"error", WEFT_PAGE_COLUMN_NUMBER},
        {"train_accuracy", WEFT_PAGE_COLUMN_NUMBER},
        {"validation_accuracy", WEFT_PAGE_COLUMN_NUMBER},
        {"validation_r2", WEFT_PAGE_COLUMN_NUMBER},
        {"learning_rate", WEFT_PAGE_COLUMN_NUMBER}};
    static const enum log_value values[] = {LOG_ERROR, LOG_TRAIN_ACCURACY, LOG_VALIDATION_ACCURACY,
                                            LOG_VALIDATION_R2, LOG_LEARNING_RATE};
    weft_page_begin_data(report->page, "curves.csv", columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < report->rows->count; i++) {
        const struct log_row *row = &report->rows->rows[i];
        weft_page_cell(report->page);
        weft_page_text(report->page, "%lld", row->epoch);
        weft_page_cell(report->page);
        weft_page_text(report->page, "%lld", row->member);
        for (size_t v = 0; v < sizeof values / sizeof *values; v++) {
            weft_page_cell(report->page);
            if (isfinite(row->values[values[v]]))
                weft_page_text(report->page, "%.9g", row->values[values[v]]);
        }
    }
    weft_page_end(report->page);
}

enum weft_status html_curves(struct html_report *report)
{
    struct plot plot = {.line = report->line};
    struct plot narrow_plot = {.line = report->line, .chart.width = HTML_NARROW};
    struct weft_picture *picture = NULL, *narrow = NULL;
    if (report->rows->count == 0)
        return WEFT_OK;
    TRY(plot_draw_curve(&plot, report->rows, report->runs, "curves", &picture));
    const enum weft_status status =
        plot_draw_curve(&narrow_plot, report->rows, report->runs, "curves", &narrow);
    if (status != WEFT_OK) {
        weft_picture_destroy(picture);
        return status;
    }
    weft_page_section(report->page, "curves", "Learning curves");
    html_begin_figure(report, picture, narrow);
    weft_page_text(report->page,
                   "The error includes the penalty. Training scores are measured during each "
                   "epoch, validation scores after it. Curves that part mean that the network "
                   "learns its training samples by heart.");
    add_curve_data(report);
    weft_page_end(report->page);
    return WEFT_OK;
}

/* ---- confusion and calibration ---- */

static void add_confusion_data(struct html_report *report)
{
    static const struct weft_page_column columns[] = {{"true", WEFT_PAGE_COLUMN_NAME},
                                                      {"predicted", WEFT_PAGE_COLUMN_NAME},
                                                      {"samples", WEFT_PAGE_COLUMN_NUMBER}};
    const size_t C = report->info.classes;
    if (C * C > CELLS_LIMIT)
        return;
    weft_page_begin_data(report->page, "confusion.csv", columns, 3);
    for (size_t i = 0; i < C * C; i++) {
        html_cell_name(report, report->info.class_names[i / C]);
        html_cell_name(report, report->info.class_names[i % C]);
        weft_page_cell(report->page);
        weft_page_text(report->page, "%zu", report->evaluation->confusion[i]);
    }
    weft_page_end(report->page);
}

static enum weft_status begin_confusion(struct html_report *report)
{
    struct plot plot = {.line = report->line};
    struct plot_results results = {0};
    struct weft_picture *picture = NULL;
    enum weft_status status = plot_results_take(&report->info, report->evaluation, &results);
    if (status == WEFT_OK)
        status = plot_draw_confusion(&plot, &results, true, &picture);
    plot_results_reset(&results);
    TRY(status);
    html_begin_figure(report, picture, NULL);
    return WEFT_OK;
}

enum weft_status html_confusion(struct html_report *report)
{
    if (report->evaluation->confusion == NULL)
        return WEFT_OK;
    weft_page_section(report->page, "confusion", "Confusion");
    TRY(begin_confusion(report));
    weft_page_text(report->page,
                   "A row for each true class, a column for each predicted one. The darker a cell "
                   "off the diagonal, the larger the share of its row that the model mistakes. "
                   "Classes that are often confused stand next to each other.");
    add_confusion_data(report);
    weft_page_end(report->page);
    return WEFT_OK;
}

static void add_calibration_data(struct html_report *report)
{
    static const struct weft_page_column columns[] = {{"samples", WEFT_PAGE_COLUMN_NUMBER},
                                                      {"confidence", WEFT_PAGE_COLUMN_NUMBER},
                                                      {"accuracy", WEFT_PAGE_COLUMN_NUMBER}};
    weft_page_begin_data(report->page, "calibration.csv", columns, 3);
    for (size_t b = 0; b < WEFT_CALIBRATION_BINS; b++) {
        const struct weft_calibration_bin *bin = &report->evaluation->bins[b];
        const double values[] = {bin->confidence, bin->accuracy};
        weft_page_cell(report->page);
        weft_page_text(report->page, "%zu", bin->samples);
        for (size_t i = 0; i < 2; i++) {
            weft_page_cell(report->page);
            if (isfinite(values[i]))
                weft_page_text(report->page, "%.6g", values[i]);
        }
    }
    weft_page_end(report->page);
}

enum weft_status html_calibration(struct html_report *report)
{
    struct plot plot = {.line = report->line};
    struct plot_results results = {0};
    struct weft_picture *picture = NULL;
    if (report->evaluation->bins == NULL || report->evaluation->confusion == NULL)
        return WEFT_OK;
    enum weft_status status = plot_results_take(&report->info, report->evaluation, &results);
    if (status == WEFT_OK)
        status = plot_draw_calibration(&plot, &results, &picture);
    plot_results_reset(&results);
    TRY(status);
    weft_page_section(report->page, "calibration", "Calibration");
    html_begin_figure(report, picture, NULL);
    weft_page_text(report->page,
                   "Each point is a range of probabilities: the share of right predictions over "
                   "their mean probability. Below the diagonal, the model is too sure of itself.");
    add_calibration_data(report);
    weft_page_end(report->page);
    return WEFT_OK;
}

/* ---- the network ---- */

enum weft_status html_network(struct html_report *report)
{
    struct plot plot = {.line = report->line};
    struct weft_picture *picture = NULL;
    TRY(plot_draw_network(&plot, &report->info, &picture));
    weft_page_section(report->page, "network", "Network");
    html_begin_figure(report, picture, NULL);
    weft_page_text(report->page, "The layers and their widths. Wide layers show some units only.");
    weft_page_end(report->page);
    return WEFT_OK;
}

static enum weft_status add_weight_images(struct html_report *report)
{
    struct plot plot = {.line = report->line, .count = WEIGHTS_SHOWN};
    struct weft_picture *picture = NULL;
    TRY(plot_draw_weights(&plot, report->model, report->data.height, report->data.width, &picture));
    html_begin_figure(report, picture, NULL);
    weft_page_text(report->page,
                   "Each image is a unit of the first layer. Bright pixels in red places raise it, "
                   "in blue places they lower it. Smooth shapes mean that it has learned "
                   "something; noise means that it has not.");
    weft_page_end(report->page);
    return WEFT_OK;
}

static int by_size(const void *a, const void *b)
{
    const struct weft_bar *one = a, *two = b;
    return (one->value < two->value) - (one->value > two->value);
}

/* Draws the norm of the weights that leave each feature. */
static enum weft_status draw_features(const struct html_report *report, struct weft_bar *bars,
                                      struct weft_picture **picture)
{
    const size_t D = report->info.features, units = report->info.widths[1];
    const float *weights = weft_model_weights(report->model, 0); /* [O][D] */
    for (size_t i = 0; i < D; i++) {
        double sum = 0.0;
        for (size_t o = 0; o < units; o++)
            sum += (double)weights[o * D + i] * (double)weights[o * D + i];
        bars[i] = (struct weft_bar){.name = report->info.feature_names[i], .value = sqrt(sum)};
    }
    qsort(bars, D, sizeof *bars, by_size);
    const size_t shown = D < FEATURES_SHOWN ? D : FEATURES_SHOWN;
    const struct weft_bar_chart chart = {
        .chart = {.title = "Which features weigh most in the first layer",
                  .description = "The size of the weights of each feature, the largest first."},
        .bars = bars,
        .bar_count = shown,
        .x_label = "norm of the weights"};
    return told(weft_plot_bars(&chart, picture));
}

static enum weft_status add_feature_weights(struct html_report *report)
{
    struct weft_picture *picture = NULL;
    struct weft_bar *bars = plot_allocate(report->info.features, sizeof *bars);
    if (bars == NULL)
        return WEFT_ERROR_MEMORY;
    const enum weft_status status = draw_features(report, bars, &picture);
    free(bars);
    TRY(status);
    html_begin_figure(report, picture, NULL);
    weft_page_text(report->page,
                   "The norm of the weights that leave each scaled feature. It hints at what the "
                   "network looks at; it does not prove what matters.");
    weft_page_end(report->page);
    return WEFT_OK;
}

/* Belongs to the section of the network. */
enum weft_status html_weights(struct html_report *report)
{
    if (html_has_images(report) && report->data.channels == 1)
        return add_weight_images(report);
    return report->info.feature_names != NULL ? add_feature_weights(report) : WEFT_OK;
}

/* ---- speed ---- */

enum weft_status html_speed(struct html_report *report)
{
    struct plot plot = {.line = report->line};
    struct weft_picture *picture = NULL;
    json_t *file = NULL;
    if (report->bench == NULL)
        return WEFT_OK;
    TRY(results_read_json(report->bench, &file));
    const enum weft_status status = plot_draw_bench(&plot, report->bench, file, &picture);
    json_decref(file);
    TRY(status);
    weft_page_section(report->page, "speed", "Speed");
    html_begin_figure(report, picture, NULL);
    weft_page_text(report->page, "The time of an epoch, as weft bench measured it. Start-up and "
                                 "the first epoch are left out.");
    weft_page_end(report->page);
    return WEFT_OK;
}
