/* Implements weft evaluate, which measures a saved model on labeled data. */
#include "data_options.h"
#include "device_option.h"
#include "message.h"
#include "report.h"

struct evaluate_job {
    struct weft_model *model;           /* owned */
    struct weft_dataset *dataset;       /* owned */
    struct device_in_use device;        /* owned */
    struct weft_evaluation *evaluation; /* owned */
};

static enum weft_status run_steps(const struct command_line *line, struct evaluate_job *job)
{
    const char *path;
    struct weft_model_info info;
    TRY(option_require(line, OPTION_MODEL, &path));
    TRY(told(weft_model_read(path, &job->model)));
    weft_model_get_info(job->model, &info);
    TRY(data_open_part(line, true, job->model, &job->dataset));
    TRY(data_mirror(line, job->dataset, job->model));
    TRY(device_open(line, true, &job->device));
    enum weft_status status =
        weft_evaluate(job->device.handle, job->model, job->dataset, &job->evaluation);
    device_say_note(&job->device);
    TRY(told(status));
    if (job->evaluation->note[0] != '\0')
        say("note", "%s", job->evaluation->note);
    if (option_given(line, OPTION_JSON))
        return report_evaluation_json(job->evaluation, &info);
    report_evaluation_text(job->evaluation, &info);
    return WEFT_OK;
}

static int run(const struct command_line *line)
{
    struct evaluate_job job = {0};
    enum weft_status status = run_steps(line, &job);
    weft_evaluation_destroy(job.evaluation);
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
