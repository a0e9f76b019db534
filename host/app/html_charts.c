/* Writes the sections of a report that are charts: curves, confusion, calibration, the network and
 * its weights, and the speed of devices. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "html_report.h"
#include "message.h"
#include "results_file.h"

enum { WEIGHTS_WIDE = 40, WEIGHTS_NARROW = 12, FEATURES_SHOWN = 20, CELLS_LIMIT = 40000 };

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

static enum weft_status draw_curves(const struct html_report *report, struct plot *plot,
                                    const void *what, struct weft_picture **picture)
{
    (void)what;
    return plot_draw_curve(plot, report->rows, report->runs, "curves", picture);
}

enum weft_status html_curves(struct html_report *report)
{
    if (report->rows->count == 0)
        return WEFT_OK;
    weft_page_section(report->page, "curves", "Learning curves");
    TRY(html_begin_figure(report, draw_curves, NULL));
    weft_page_text(report->page,
                   "The error includes the penalty. Training scores are measured during each "
                   "epoch, validation scores after it. If the training and validation curves "
                   "diverge, the network is memorizing its training samples.");
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

static enum weft_status draw_confusion(const struct html_report *report, struct plot *plot,
                                       const void *what, struct weft_picture **picture)
{
    (void)report;
    return plot_draw_confusion(plot, what, true, picture);
}

static enum weft_status draw_calibration(const struct html_report *report, struct plot *plot,
                                         const void *what, struct weft_picture **picture)
{
    (void)report;
    return plot_draw_calibration(plot, what, picture);
}

/* Begins a figure of the evaluation. */
static enum weft_status begin_results(struct html_report *report, html_drawing *draw)
{
    struct plot_results results = {0};
    enum weft_status status = plot_results_take(&report->info, report->evaluation, &results);
    if (status == WEFT_OK)
        status = html_begin_figure(report, draw, &results);
    plot_results_reset(&results);
    return status;
}

enum weft_status html_confusion(struct html_report *report)
{
    if (report->evaluation->confusion == NULL)
        return WEFT_OK;
    weft_page_section(report->page, "confusion", "Confusion");
    TRY(begin_results(report, draw_confusion));
    weft_page_text(report->page,
                   "A row for each true class, a column for each predicted one. The stronger the "
                   "color of a cell off the diagonal, the larger the share of its row that the "
                   "model mistakes. Classes that are often confused stand next to each other.");
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
    if (report->evaluation->bins == NULL || report->evaluation->confusion == NULL)
        return WEFT_OK;
    weft_page_section(report->page, "calibration", "Calibration");
    TRY(begin_results(report, draw_calibration));
    weft_page_text(report->page,
                   "Each point stands for a range of probabilities: the fraction of correct "
                   "predictions against their mean probability. Below the diagonal, the model is "
                   "overconfident.");
    add_calibration_data(report);
    weft_page_end(report->page);
    return WEFT_OK;
}

/* ---- the network ---- */

static enum weft_status draw_network(const struct html_report *report, struct plot *plot,
                                     const void *what, struct weft_picture **picture)
{
    (void)what;
    return plot_draw_network(plot, &report->info, picture);
}

enum weft_status html_network(struct html_report *report)
{
    weft_page_section(report->page, "network", "Network");
    TRY(html_begin_figure(report, draw_network, NULL));
    weft_page_text(report->page, "The layers and their widths. Wide layers show only some units.");
    weft_page_end(report->page);
    return WEFT_OK;
}

static enum weft_status draw_weights(const struct html_report *report, struct plot *plot,
                                     const void *what, struct weft_picture **picture)
{
    (void)what;
    plot->count = plot->chart.width > 0.0 ? WEIGHTS_NARROW : WEIGHTS_WIDE;
    return plot_draw_weights(plot, report->model, report->data.height, report->data.width, picture);
}

static enum weft_status add_weight_images(struct html_report *report)
{
    TRY(html_begin_figure(report, draw_weights, NULL));
    weft_page_text(report->page,
                   "Each image shows the weights of a unit in the first layer. Bright pixels in "
                   "red areas raise its activation, and bright pixels in blue areas lower it. "
                   "Smooth shapes mean that the unit has learned something; noise means that it "
                   "has not.");
    weft_page_end(report->page);
    return WEFT_OK;
}

static int by_size(const void *a, const void *b)
{
    const struct weft_bar *one = a, *two = b;
    return (one->value < two->value) - (one->value > two->value);
}

/* Stores the norm of the weights that belong to each feature, the largest first. Returns how many
 * of them to show. */
static size_t fill_features(const struct html_report *report, struct weft_bar *bars)
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
    return D < FEATURES_SHOWN ? D : FEATURES_SHOWN;
}

static enum weft_status draw_features(const struct html_report *report, struct plot *plot,
                                      const void *what, struct weft_picture **picture)
{
    const struct weft_bar_chart *chart = what;
    (void)report;
    plot_set_title(plot, "Which features weigh most");
    plot_set_description(plot, "The size of the weights of each feature, the largest first.");
    struct weft_bar_chart sized = *chart;
    sized.chart = plot->chart;
    return told(weft_plot_bars(&sized, picture));
}

static void add_feature_data(struct html_report *report, const struct weft_bar *bars)
{
    static const struct weft_page_column columns[] = {{"feature", WEFT_PAGE_COLUMN_NAME},
                                                      {"norm", WEFT_PAGE_COLUMN_NUMBER}};
    weft_page_begin_data(report->page, "features.csv", columns, 2);
    for (size_t i = 0; i < report->info.features; i++) {
        html_cell_name(report, bars[i].name);
        weft_page_cell(report->page);
        weft_page_text(report->page, "%.6g", bars[i].value);
    }
    weft_page_end(report->page);
}

static enum weft_status add_feature_weights(struct html_report *report)
{
    struct weft_bar *bars = plot_allocate(report->info.features, sizeof *bars);
    if (bars == NULL)
        return WEFT_ERROR_MEMORY;
    const struct weft_bar_chart chart = {
        .bars = bars, .bar_count = fill_features(report, bars), .x_label = "norm of the weights"};
    const enum weft_status status = html_begin_figure(report, draw_features, &chart);
    if (status == WEFT_OK) {
        weft_page_text(report->page,
                       "The norm of the weights in the first layer that belong to each scaled "
                       "feature. It hints at what the network looks at; it does not prove what "
                       "matters.");
        add_feature_data(report, bars);
        weft_page_end(report->page);
    }
    free(bars);
    return status;
}

/* Belongs to the section of the network. */
enum weft_status html_weights(struct html_report *report)
{
    if (html_has_images(report) && report->data.channels == 1)
        return add_weight_images(report);
    return report->info.feature_names != NULL ? add_feature_weights(report) : WEFT_OK;
}

/* ---- speed ---- */

static enum weft_status draw_speed(const struct html_report *report, struct plot *plot,
                                   const void *what, struct weft_picture **picture)
{
    return plot_draw_bench(plot, report->bench, what, picture);
}

static void add_number(struct html_report *report, double value)
{
    weft_page_cell(report->page);
    if (isfinite(value))
        weft_page_text(report->page, "%.9g", value);
}

/* Adds a line for each device of one benchmark. */
static void add_bench(struct html_report *report, const json_t *bench)
{
    const char *network = json_string_value(json_object_get(bench, "network"));
    const json_t *sides = json_object_get(bench, "sides");
    for (size_t s = 0; s < json_array_size(sides); s++) {
        const json_t *side = json_array_get(sides, s);
        const json_t *seconds = json_object_get(side, "epoch_seconds");
        const char *device = json_string_value(json_object_get(side, "device"));
        html_cell_name(report, network != NULL ? network : "");
        add_number(report, results_number(bench, "batch_size"));
        html_cell_name(report, device != NULL ? device : "");
        add_number(report, results_number(seconds, "median"));
        add_number(report, results_number(seconds, "min"));
        add_number(report, results_number(seconds, "max"));
    }
}

static void add_speed_data(struct html_report *report, const json_t *file)
{
    static const struct weft_page_column columns[] = {
        {"network", WEFT_PAGE_COLUMN_NAME},       {"batch_size", WEFT_PAGE_COLUMN_NUMBER},
        {"device", WEFT_PAGE_COLUMN_NAME},        {"median_seconds", WEFT_PAGE_COLUMN_NUMBER},
        {"min_seconds", WEFT_PAGE_COLUMN_NUMBER}, {"max_seconds", WEFT_PAGE_COLUMN_NUMBER}};
    const json_t *sweep = json_object_get(file, "sweep");
    weft_page_begin_data(report->page, "speed.csv", columns, sizeof columns / sizeof *columns);
    if (sweep == NULL)
        add_bench(report, file);
    for (size_t i = 0; i < json_array_size(sweep); i++)
        add_bench(report, json_array_get(sweep, i));
    weft_page_end(report->page);
}

static enum weft_status add_speed(struct html_report *report, const json_t *file)
{
    TRY(html_begin_figure(report, draw_speed, file));
    weft_page_text(report->page, "The time of an epoch, as weft bench measured it. Start-up and "
                                 "the first epoch are left out.");
    add_speed_data(report, file);
    weft_page_end(report->page);
    return WEFT_OK;
}

enum weft_status html_speed(struct html_report *report)
{
    json_t *file = NULL;
    if (report->bench == NULL)
        return WEFT_OK;
    weft_page_section(report->page, "speed", "Speed");
    TRY(results_read_json(report->bench, &file));
    const enum weft_status status = add_speed(report, file);
    json_decref(file);
    return status;
}
