/* Draws confusions and calibrations, from what `weft evaluate --json` printed, or from a model and
 * data, which it then evaluates. */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data_options.h"
#include "device_option.h"
#include "message.h"
#include "plot.h"
#include "results_file.h"

enum { CLASSES_LIMIT = 2000, BINS_LIMIT = 1000 };

/* Results, and where they come from. */
struct results {
    json_t *file;                       /* owned; of --results */
    struct weft_model *model;           /* owned; of --model */
    struct weft_dataset *dataset;       /* owned */
    struct device_in_use device;        /* owned */
    struct weft_evaluation *evaluation; /* owned */
    struct plot_results shown;          /* owned */
};

static void results_reset(struct results *results)
{
    json_decref(results->file);
    weft_evaluation_destroy(results->evaluation);
    weft_device_destroy(results->device.handle);
    weft_dataset_destroy(results->dataset);
    weft_model_destroy(results->model);
    plot_results_reset(&results->shown);
}

void plot_results_reset(struct plot_results *results)
{
    free(results->counts);
    free(results->names);
    free(results->bins);
    *results = (struct plot_results){0};
}

static enum weft_status allocate(struct plot_results *results, size_t classes, size_t bins)
{
    results->classes = classes;
    results->bin_count = bins;
    results->counts = plot_allocate(classes * classes, sizeof *results->counts);
    results->names = plot_allocate(classes, sizeof *results->names);
    results->bins = plot_allocate(bins, sizeof *results->bins);
    return results->counts != NULL && results->names != NULL && results->bins != NULL
               ? WEFT_OK
               : WEFT_ERROR_MEMORY;
}

/* ---- from a file ---- */

static enum weft_status read_row(const char *path, const json_t *file,
                                 const struct plot_results *results, size_t row)
{
    const json_t *list = json_array_get(json_object_get(file, "confusion"), row);
    if (json_array_size(list) != results->classes)
        return complain(WEFT_ERROR_DATA, "%s: confusion: row %zu has %zu counts, need %zu", path,
                        row, json_array_size(list), results->classes);
    for (size_t column = 0; column < results->classes; column++) {
        const json_t *count = json_array_get(list, column);
        if (!json_is_integer(count) || json_integer_value(count) < 0)
            return complain(WEFT_ERROR_DATA, "%s: confusion: row %zu, column %zu: not a count",
                            path, row, column);
        results->counts[row * results->classes + column] = (size_t)json_integer_value(count);
    }
    return WEFT_OK;
}

static enum weft_status read_bins(const char *path, const json_t *file,
                                  const struct plot_results *results)
{
    const json_t *bins = json_object_get(file, "calibration");
    for (size_t b = 0; b < results->bin_count; b++) {
        const json_t *bin = json_array_get(bins, b);
        const double samples = results_number(bin, "samples");
        if (!(samples >= 0.0 && samples < 1e15))
            return complain(WEFT_ERROR_DATA, "%s: calibration: bin %zu: no count of samples", path,
                            b);
        results->bins[b] = (struct weft_calibration_bin){
            (size_t)samples, results_number(bin, "confidence"), results_number(bin, "accuracy")};
    }
    return WEFT_OK;
}

static enum weft_status read_file(const char *path, const json_t *file,
                                  struct plot_results *results)
{
    const json_t *classes = json_object_get(file, "classes");
    const json_t *metrics = json_object_get(file, "metrics");
    const size_t count = json_array_size(json_object_get(file, "confusion"));
    const size_t bins = json_array_size(json_object_get(file, "calibration"));
    if (count == 0 || count > CLASSES_LIMIT || bins > BINS_LIMIT)
        return complain(WEFT_ERROR_DATA,
                        "%s: confusion: missing, or more than %d classes; need the output of 'weft "
                        "evaluate --json' for a model with classes",
                        path, CLASSES_LIMIT);
    TRY(allocate(results, count, bins));
    for (size_t i = 0; i < count; i++) {
        TRY(read_row(path, file, results, i));
        results->names[i] = json_string_value(json_object_get(json_array_get(classes, i), "name"));
    }
    results->accuracy = results_number(file, "accuracy");
    results->calibration_error =
        results_number(json_object_get(metrics, "calibration_error"), "value");
    return read_bins(path, file, results);
}

/* ---- from a model ---- */

enum weft_status plot_results_take(const struct weft_model_info *model,
                                   const struct weft_evaluation *evaluation,
                                   struct plot_results *results)
{
    TRY(allocate(results, model->classes, WEFT_CALIBRATION_BINS));
    for (size_t i = 0; i < model->classes * model->classes; i++)
        results->counts[i] = evaluation->confusion[i];
    for (size_t i = 0; i < model->classes; i++)
        results->names[i] = model->class_names[i];
    for (size_t b = 0; b < WEFT_CALIBRATION_BINS; b++)
        results->bins[b] = evaluation->bins[b];
    results->accuracy = evaluation->accuracy;
    results->calibration_error = evaluation->metrics[WEFT_METRIC_CALIBRATION_ERROR].value;
    return WEFT_OK;
}

static enum weft_status evaluate(const struct plot *plot, struct results *results)
{
    struct weft_dataset_info data;
    struct weft_model_info info;
    TRY(plot_read_model(plot, &results->model));
    weft_model_get_info(results->model, &info);
    if (info.task != WEFT_TASK_CLASSIFY || info.classes > CLASSES_LIMIT)
        return complain(WEFT_ERROR_USAGE, "%s: needs a model with classes, at most %d",
                        plot->line->name, CLASSES_LIMIT);
    TRY(data_open_set(plot->line, true, results->model, &results->dataset));
    weft_dataset_get_info(results->dataset, &data);
    TRY(device_open_predict(plot->line, results->model, data.samples, &results->device));
    const enum weft_status status = weft_evaluate(results->device.handle, results->model,
                                                  results->dataset, &results->evaluation);
    device_say_note(&results->device);
    TRY(told(status));
    return plot_results_take(&info, results->evaluation, &results->shown);
}

static enum weft_status get_results(const struct plot *plot, struct results *results)
{
    const char *path = option_value(plot->line, OPTION_RESULTS);
    if (path != NULL) {
        TRY(results_read_json(path, &results->file));
        return read_file(path, results->file, &results->shown);
    }
    if (option_given(plot->line, OPTION_MODEL))
        return evaluate(plot, results);
    return complain(WEFT_ERROR_USAGE,
                    "--results: missing; %s needs --results FILE, or --model FILE --data WHAT",
                    plot->line->name);
}

/* ---- confusion ---- */

/* Names the most frequent mistake as a share of its row in the title. */
static void set_confusion_texts(struct plot *plot, const struct plot_results *results)
{
    const size_t C = results->classes;
    double most = 0.0;
    size_t from = 0, to = 0, samples = 0;
    for (size_t row = 0; row < C; row++) {
        double sum = 0.0;
        for (size_t column = 0; column < C; column++)
            sum += (double)results->counts[row * C + column];
        samples += (size_t)sum;
        for (size_t column = 0; column < C; column++) {
            const double share = (double)results->counts[row * C + column] / fmax(sum, 1.0);
            if (row != column && share > most) {
                most = share;
                from = row;
                to = column;
            }
        }
    }
    if (most > 0.0 && results->names[from] != NULL && results->names[to] != NULL)
        plot_set_title(plot,
                       "%.1f\xc2\xa0%% of \xe2\x80\x9c%.100s\xe2\x80\x9d are taken for "
                       "\xe2\x80\x9c%.100s\xe2\x80\x9d",
                       100.0 * most, results->names[from], results->names[to]);
    else
        plot_set_title(plot, most > 0.0 ? "Which classes are mistaken" : "No class is mistaken");
    if (isfinite(results->accuracy))
        plot_set_subtitle(plot, "%zu samples, accuracy %.2f\xc2\xa0%%", samples,
                          100.0 * results->accuracy);
    plot_set_description(plot,
                         "The confusion of %zu classes: a row for each true class, a column for "
                         "each predicted one.",
                         C);
}

enum weft_status plot_draw_confusion(struct plot *plot, const struct plot_results *results,
                                     bool neighbors, struct weft_picture **picture)
{
    set_confusion_texts(plot, results);
    const struct weft_confusion_chart chart = {.chart = plot->chart,
                                               .classes = results->classes,
                                               .counts = results->counts,
                                               .names = results->names,
                                               .neighbors = neighbors};
    return told(weft_plot_confusion(&chart, picture));
}

enum weft_status plot_confusion(struct plot *plot, struct weft_picture **picture)
{
    struct results results = {0};
    enum weft_status status = get_results(plot, &results);
    if (status == WEFT_OK)
        status = plot_draw_confusion(plot, &results.shown,
                                     option_given(plot->line, OPTION_NEIGHBORS), picture);
    results_reset(&results);
    return status;
}

/* ---- calibration ---- */

/* Tells whether the model is too sure, from the mean distance of its bins to the diagonal. */
static void set_calibration_texts(struct plot *plot, const struct plot_results *results)
{
    double samples = 0.0, excess = 0.0;
    bool pale = false;
    for (size_t b = 0; b < results->bin_count; b++) {
        const struct weft_calibration_bin *bin = &results->bins[b];
        if (bin->samples == 0 || !isfinite(bin->confidence) || !isfinite(bin->accuracy))
            continue;
        pale = pale || bin->samples < WEFT_CALIBRATION_FEW;
        samples += (double)bin->samples;
        excess += (double)bin->samples * (bin->confidence - bin->accuracy);
    }
    excess /= fmax(samples, 1.0);
    plot_set_title(plot, excess > 0.02    ? "The model is too sure of itself"
                         : excess < -0.02 ? "The model is not sure enough"
                                          : "The probabilities can be trusted");
    if (isfinite(results->calibration_error))
        plot_set_subtitle(plot, "calibration error %.1f\xc2\xa0%%, %.0f samples%s",
                          100.0 * results->calibration_error, samples,
                          pale ? "; pale dots: under 10" : "");
    plot_set_description(plot,
                         "The fraction of correct predictions by the probability of the "
                         "predicted class. The mean probability is %.3f above it.",
                         excess);
}

enum weft_status plot_draw_calibration(struct plot *plot, const struct plot_results *results,
                                       struct weft_picture **picture)
{
    set_calibration_texts(plot, results);
    const struct weft_calibration_chart chart = {
        .chart = plot->chart, .bins = results->bins, .bin_count = results->bin_count};
    return told(weft_plot_calibration(&chart, picture));
}

enum weft_status plot_calibration(struct plot *plot, struct weft_picture **picture)
{
    struct results results = {0};
    enum weft_status status = get_results(plot, &results);
    if (status == WEFT_OK && results.shown.bin_count == 0)
        status = complain(WEFT_ERROR_DATA, "%s: calibration: missing",
                          option_value(plot->line, OPTION_RESULTS));
    if (status == WEFT_OK)
        status = plot_draw_calibration(plot, &results.shown, picture);
    results_reset(&results);
    return status;
}
