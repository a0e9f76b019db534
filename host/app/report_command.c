/* Implements weft report, which writes a page about a model: how good it is, why you can
 * believe that, and where it fails. */
#include <math.h>
#include <stdio.h>

#include "data_options.h"
#include "device_option.h"
#include "html_report.h"
#include "message.h"
#include "output.h"

/* All state of one run of the command. */
struct report_job {
    const struct command_line *line; /* borrowed */
    const char *path;                /* of the page */
    struct weft_model *model;        /* owned */
    struct weft_options options;     /* of its training run */
    struct weft_dataset *dataset;    /* owned; which the scores are of */
    struct log_rows rows;            /* owned */
    struct device_in_use device;     /* owned */
    struct html_report report;
};

/* Tells the seconds of all epochs, or NaN if an epoch has none. */
static double total_seconds(const struct log_rows *rows)
{
    double sum = rows->count > 0 ? 0.0 : (double)NAN;
    for (size_t i = 0; i < rows->count; i++)
        sum += rows->rows[i].values[LOG_SECONDS];
    return sum;
}

/* Takes the curves of the training run from the logs of --log or else from the model. */
static enum weft_status read_curves(struct report_job *job)
{
    TRY(job->line->log_count > 0 ? plot_read_logs(job->line, &job->rows, &job->report.runs)
                                 : plot_read_curve(job->model, &job->rows, &job->report.runs));
    job->report.rows = &job->rows;
    job->report.seconds = total_seconds(&job->rows);
    return WEFT_OK;
}

/* Opens the samples that the scores are of. */
static enum weft_status open_data(struct report_job *job)
{
    bool is_test = false;
    TRY(data_open_test(job->line, job->model, &job->dataset, &is_test));
    job->report.part = is_test ? "test" : "";
    job->report.dataset = job->dataset;
    return WEFT_OK;
}

static enum weft_status read_options(struct report_job *job)
{
    enum { MOST_SAMPLES = 20000 };
    const char *model;
    TRY(option_require(job->line, OPTION_PAGE, &job->path));
    TRY(option_require(job->line, OPTION_MODEL, &model));
    TRY(option_number(job->line, OPTION_EMBEDDING, 10, MOST_SAMPLES, &job->report.map_samples));
    TRY(output_check_ending(job->path, "a report is a page", ".html"));
    TRY(told(weft_model_check_path(job->path)));
    job->report.line = job->line;
    job->report.model_file = model;
    job->report.bench = option_value(job->line, OPTION_BENCH);
    return WEFT_OK;
}

/* Sets an option to what the model shows, as if the user had given it. */
static enum weft_status set_known(struct weft_options *options, const char *name, const char *value)
{
    return told(weft_options_set(options, name, value));
}

/* Adds what a model file does not record among its options: the network, the seed and the epochs.
 */
static enum weft_status add_known(const struct weft_model_info *info, struct weft_options *options)
{
    char text[WEFT_MAX_HIDDEN * 24] = "none";
    size_t used = 0;
    for (size_t l = 1; l < info->layers; l++)
        used += (size_t)snprintf(text + used, sizeof text - used, l > 1 ? ",%zu" : "%zu",
                                 info->widths[l]);
    TRY(set_known(options, "hidden", text));
    used = 0;
    for (size_t l = 0; l + 1 < info->layers; l++)
        used += (size_t)snprintf(text + used, sizeof text - used, l > 0 ? ",%s" : "%s",
                                 weft_option_word("activation", info->activations[l]));
    if (info->layers > 1)
        TRY(set_known(options, "activation", text));
    TRY(set_known(options, "batch-norm", info->batch_norm ? "yes" : "no"));
    snprintf(text, sizeof text, "%zu", info->epochs);
    if (info->epochs > 0)
        TRY(set_known(options, "epochs", text));
    snprintf(text, sizeof text, "%llu", (unsigned long long)info->seed);
    return set_known(options, "seed", text);
}

static enum weft_status read_model(struct report_job *job)
{
    struct weft_model_info info;
    TRY(told(weft_model_read(job->report.model_file, &job->model)));
    TRY(told(weft_options_init(&job->options, "default")));
    TRY(told(weft_model_get_options(job->model, &job->options)));
    weft_model_get_info(job->model, &info);
    TRY(add_known(&info, &job->options));
    job->report.model = job->model;
    job->report.options = &job->options;
    return WEFT_OK;
}

static enum weft_status run_steps(struct report_job *job)
{
    TRY(read_options(job));
    TRY(read_model(job));
    TRY(read_curves(job));
    TRY(open_data(job));
    TRY(device_open(job->line, true, &job->device));
    job->report.device = job->device.handle;
    const enum weft_status status = html_report_write(&job->report, job->path);
    device_say_note(&job->device);
    return status;
}

static int run(const struct command_line *line)
{
    struct report_job job = {.line = line};
    const enum weft_status status = run_steps(&job);
    log_rows_reset(&job.rows);
    weft_device_destroy(job.device.handle);
    weft_dataset_destroy(job.dataset);
    weft_model_destroy(job.model);
    return (int)status;
}

const struct command report_command = {
    .name = "report",
    .bit = COMMAND_REPORT,
    .summary = "Write an HTML report about a model",
    .usage = "[OPTIONS] --model FILE --data WHAT -o FILE.html",
    .example = "weft report --model fashion.safetensors --data fashion-mnist -o report.html",
    .run = run};
