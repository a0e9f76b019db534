/* Implements weft check, which answers: does this device compute correct results for these shapes
 * today? */
#include <stdio.h>
#include <string.h>

#include "check_report.h"
#include "data_options.h"
#include "device_option.h"
#include "driver_watch.h"
#include "message.h"
#include "weft_device.h"

struct check_job {
    const struct command_line *line; /* borrowed */
    struct weft_options options;
    struct weft_data_sets sets;    /* owned, like all members below */
    struct weft_dataset *imagined; /* if no data is given: one sample per class */
    struct weft_model *model;
    struct device_in_use device;
    struct check_report report;
    struct weft_check check;
    struct weft_gradient gradient;
};

/* ---- the network ---- */

static bool data_given(const struct command_line *line)
{
    return option_given(line, OPTION_DATA) || option_given(line, OPTION_IMAGES) ||
           option_given(line, OPTION_LABELS);
}

/* Makes up data if none are given. They have the size of Fashion-MNIST. */
static enum weft_status imagine_data(struct check_job *job)
{
    enum { CLASSES = 10, FEATURES = 784 };
    return data_make_up(&job->options, CLASSES, FEATURES, CLASSES, &job->imagined);
}

/* Rejects other options beside --replay. The bundle defines the whole step, so only the options for
 * the device and the output remain. */
static enum weft_status check_replay_options(const struct command_line *line)
{
    static const char free_to_say[] = " replay device verbose json quiet ";
    for (size_t i = 0; option_row(i) != NULL; i++) {
        char wanted[64];
        snprintf(wanted, sizeof wanted, " %s ", option_row(i)->name);
        if (option_row_value(line, i) != NULL && strstr(free_to_say, wanted) == NULL)
            return complain(WEFT_ERROR_USAGE,
                            "--%s: cannot be combined with --replay, which contains the whole step",
                            option_row(i)->name);
    }
    return WEFT_OK;
}

static enum weft_status open_subject(struct check_job *job)
{
    TRY(options_resolve_on_model(job->line, &job->model, &job->options));
    if (data_given(job->line) || job->options.single_output)
        TRY(data_open_sets(job->line, &job->options, job->model, &job->sets));
    else
        TRY(imagine_data(job));
    const struct weft_dataset *train = job->sets.train != NULL ? job->sets.train : job->imagined;
    return job->model != NULL ? WEFT_OK
                              : options_make_model(job->line, &job->options, train, &job->model);
}

/* ---- the command ---- */

/* Requires an OpenCL device if the user names no device. Falling back to the CPU backend would
 * prove nothing about OpenCL. */
static enum weft_status check_opencl(const struct command_line *line)
{
    const char *spec = option_value(line, OPTION_DEVICE);
    size_t count = 0;
    if (spec != NULL && strcmp(spec, "auto") != 0)
        return WEFT_OK;
    driver_watch_begin(NULL, NULL);
    TRY(told(weft_device_count(&count)));
    if (count == 0)
        return complain(WEFT_ERROR_NO_DEVICE, "%s; weft check --device cpu checks the CPU backend",
                        weft_device_absence());
    return WEFT_OK;
}

/* Runs one of the three kinds of check. */
static enum weft_status check_run(struct check_job *job)
{
    struct weft_device *device = job->device.handle;
    const char *bundle = option_value(job->line, OPTION_REPLAY);
    if (bundle != NULL)
        return weft_check_replay(device, bundle, check_report_result, &job->report, &job->check);
    if (!option_given(job->line, OPTION_GRADIENT))
        return weft_check(device, job->model, &job->options, job->sets.train,
                          option_given(job->line, OPTION_THOROUGH), check_report_result,
                          &job->report, &job->check);
    const enum weft_status status =
        weft_check_gradient(device, job->model, &job->options, job->sets.train, check_report_result,
                            &job->report, &job->gradient);
    job->check = job->gradient.check;
    return status;
}

static enum weft_status check_choice(const struct command_line *line)
{
    if (option_given(line, OPTION_REPLAY))
        return check_replay_options(line);
    return WEFT_OK;
}

/* Runs the check. The table shows what is wrong; stderr repeats it in one line for scripts. */
static enum weft_status run_steps(struct check_job *job)
{
    const struct command_line *line = job->line;
    TRY(check_choice(line));
    TRY(check_opencl(line));
    if (!option_given(line, OPTION_REPLAY))
        TRY(open_subject(job));
    TRY(device_open(line, false, &job->device));
    TRY(check_report_init(&job->report, option_given(line, OPTION_JSON)));
    const enum weft_status status = check_run(job);
    device_say_note(&job->device);
    if (status != WEFT_OK && status != WEFT_ERROR_WRONG_RESULT)
        return told(status);
    const enum weft_status verdict = told(status);
    TRY(check_report_finish(&job->report, &job->device.info, &job->check,
                            option_given(line, OPTION_GRADIENT) ? &job->gradient : NULL));
    return verdict;
}

static int run(const struct command_line *line)
{
    struct check_job job = {.line = line};
    enum weft_status status = run_steps(&job);
    check_report_reset(&job.report);
    weft_device_destroy(job.device.handle);
    weft_model_destroy(job.model);
    weft_dataset_destroy(job.imagined);
    weft_data_sets_reset(&job.sets);
    return (int)status;
}

const struct command check_command = {.name = "check",
                                      .bit = COMMAND_CHECK,
                                      .summary = "Check that a device computes correct results",
                                      .usage = "[OPTIONS]",
                                      .example = "weft check --device 0 --preset article",
                                      .run = run};
