/* Implements weft evaluate, which measures a saved model on labeled data. */
#include "answer_rule.h"
#include "data_options.h"
#include "device_option.h"
#include "evaluation_report.h"
#include "groups.h"
#include "message.h"

enum { LEAST_RESAMPLES = 100, MOST_RESAMPLES = 1000000 };

struct evaluate_job {
    const struct command_line *line;      /* borrowed */
    struct weft_evaluate_options options; /* from the command line */
    struct weft_model *model;             /* owned */
    struct weft_model_info info;          /* of the model */
    struct weft_dataset *dataset;         /* owned */
    struct groups groups;                 /* owned; for --by */
    struct device_in_use device;          /* owned */
    struct weft_evaluation *evaluation;   /* owned */
};

static enum weft_status read_options(struct evaluate_job *job)
{
    struct answer_rule answer_rule;
    TRY(answer_rule_read(job->line, &job->info, &answer_rule));
    job->options.threshold = answer_rule.threshold;
    job->options.reject = answer_rule.reject;
    return WEFT_OK;
}

static const char *value_of(const void *dataset, size_t row)
{
    return weft_dataset_text(dataset, 0, row);
}

/* Groups the samples by the column of --by, which is the only one that the data set keeps. */
static enum weft_status read_groups(struct evaluate_job *job)
{
    const char *by = option_value(job->line, OPTION_BY);
    struct weft_dataset_info info;
    weft_dataset_get_info(job->dataset, &info);
    if (by == NULL)
        return WEFT_OK;
    if (weft_dataset_column(job->dataset, 0) == NULL)
        return complain(WEFT_ERROR_USAGE, "--by %s: needs a table; %s has no columns", by,
                        info.name);
    if (weft_dataset_column(job->dataset, 1) != NULL)
        return complain(WEFT_ERROR_USAGE, "--by %s: got several columns, need one", by);
    TRY(groups_make(value_of, job->dataset, info.samples, &job->groups));
    job->options.groups = job->groups.of;
    job->options.group_count = job->groups.count;
    return WEFT_OK;
}

static enum weft_status report(const struct evaluate_job *job)
{
    const struct evaluation_report report = {.evaluation = job->evaluation,
                                             .model = &job->info,
                                             .options = &job->options,
                                             .by = weft_dataset_column(job->dataset, 0),
                                             .plain = option_given(job->line, OPTION_NO_PLOT),
                                             .group_names = (const char *const *)job->groups.names};
    if (job->evaluation->note[0] != '\0')
        say("note", "%s", job->evaluation->note);
    if (option_given(job->line, OPTION_JSON))
        return evaluation_report_json(&report);
    evaluation_report_text(&report);
    return WEFT_OK;
}

static enum weft_status run_steps(struct evaluate_job *job)
{
    struct weft_dataset_info data;
    const char *path;
    TRY(option_require(job->line, OPTION_MODEL, &path));
    weft_evaluate_options_init(&job->options);
    TRY(option_number(job->line, OPTION_BOOTSTRAP, LEAST_RESAMPLES, MOST_RESAMPLES,
                      &job->options.bootstrap));
    TRY(told(weft_model_read(path, &job->model)));
    weft_model_get_info(job->model, &job->info);
    TRY(read_options(job));
    TRY(data_open_set(job->line, true, job->model, &job->dataset));
    TRY(read_groups(job));
    TRY(data_mirror(job->line, job->dataset, job->model));
    weft_dataset_get_info(job->dataset, &data);
    TRY(device_open_predict(job->line, job->model, data.samples, &job->device));
    enum weft_status status = weft_evaluate_with(job->device.handle, job->model, job->dataset,
                                                 &job->options, &job->evaluation);
    device_say_note(&job->device);
    TRY(told(status));
    return report(job);
}

static int run(const struct command_line *line)
{
    struct evaluate_job job = {.line = line};
    enum weft_status status = run_steps(&job);
    weft_evaluation_destroy(job.evaluation);
    groups_reset(&job.groups);
    weft_device_destroy(job.device.handle);
    weft_dataset_destroy(job.dataset);
    weft_model_destroy(job.model);
    return (int)status;
}

const struct command evaluate_command = {
    .name = "evaluate",
    .bit = COMMAND_EVALUATE,
    .summary = "Evaluate a saved model on labeled data",
    .usage = "[OPTIONS] --model FILE --data WHAT",
    .example = "weft evaluate --model model.safetensors --data fashion-mnist",
    .run = run};
