/* Implements weft evaluate, which measures a saved model on labeled data. */
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
    weft_evaluate_options_init(&job->options);
    TRY(option_fraction(job->line, OPTION_THRESHOLD, "probability", &job->options.threshold));
    TRY(option_fraction(job->line, OPTION_REJECT, "probability", &job->options.reject));
    return option_number(job->line, OPTION_BOOTSTRAP, LEAST_RESAMPLES, MOST_RESAMPLES,
                         &job->options.bootstrap);
}

/* Rejects a rule that the task of the model does not have, before any data are read. */
static enum weft_status check_rule(const struct evaluate_job *job)
{
    const enum weft_task task = job->info.task;
    if (job->options.threshold != 0.0 && task != WEFT_TASK_MULTILABEL &&
        (task != WEFT_TASK_CLASSIFY || job->info.classes != 2))
        return complain(WEFT_ERROR_USAGE,
                        "--threshold: needs a model with two classes, or with labels");
    if (job->options.reject != 0.0 && task != WEFT_TASK_CLASSIFY)
        return complain(WEFT_ERROR_USAGE, "--reject: needs a model with classes");
    return WEFT_OK;
}

/* Groups the samples by the column of --by. Data sets have no columns yet, so there is none. */
static enum weft_status read_groups(struct evaluate_job *job)
{
    struct weft_dataset_info info;
    weft_dataset_get_info(job->dataset, &info);
    job->options.groups = job->groups.of;
    job->options.group_count = job->groups.count;
    if (!option_given(job->line, OPTION_BY))
        return WEFT_OK;
    return complain(WEFT_ERROR_USAGE, "--by %s: needs a table; %s has no columns",
                    option_value(job->line, OPTION_BY), info.name);
}

static enum weft_status report(const struct evaluate_job *job)
{
    const struct evaluation_report report = {.evaluation = job->evaluation,
                                             .model = &job->info,
                                             .options = &job->options,
                                             .by = option_value(job->line, OPTION_BY),
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
    const char *path;
    TRY(option_require(job->line, OPTION_MODEL, &path));
    TRY(read_options(job));
    TRY(told(weft_model_read(path, &job->model)));
    weft_model_get_info(job->model, &job->info);
    TRY(check_rule(job));
    TRY(data_open_part(job->line, true, job->model, &job->dataset));
    TRY(read_groups(job));
    TRY(data_mirror(job->line, job->dataset, job->model));
    TRY(device_open(job->line, true, &job->device));
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
    .summary = "Measure a saved model on labeled data",
    .usage = "[OPTIONS] --model FILE --data WHAT",
    .example = "weft evaluate --model model.safetensors --data fashion-mnist",
    .run = run};
