/* weft check: is this device right, for these shapes, today? */
#include <stdlib.h>
#include <string.h>

#include "check_report.h"
#include "data_options.h"
#include "device_option.h"
#include "message.h"
#include "option_use.h"

struct check_job {
    const struct command_line *line; /* borrowed */
    struct weft_options options;
    struct data_parts parts;       /* owned, as the rest */
    struct weft_dataset *imagined; /* where no data are given: one sample for each class */
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

/* Data sets are as large as Fashion-MNIST where none is there to ask. */
static enum weft_status imagine_data(struct check_job *job)
{
    enum { CLASSES = 10, FEATURES = 784 };
    return data_make_up(&job->options, CLASSES, FEATURES, CLASSES, &job->imagined);
}

/* The bundle of --replay is a whole step: only where it runs and how that is told is left to say.
 */
static enum weft_status check_replay_options(const struct command_line *line)
{
    static const bool free_to_say[OPTION_COUNT] = {[OPTION_REPLAY] = true,
                                                   [OPTION_DEVICE] = true,
                                                   [OPTION_VERBOSE] = true,
                                                   [OPTION_JSON] = true,
                                                   [OPTION_QUIET] = true};
    for (int option = OPTION_PRESET; option < OPTION_COUNT; option++)
        if (!free_to_say[option] && option_given(line, (enum option)option))
            return complain(WEFT_ERROR_USAGE, "--%s: excludes --replay, which has a whole step",
                            option_name(line, (enum option)option));
    return WEFT_OK;
}

static enum weft_status make_model(struct check_job *job)
{
    const struct weft_dataset *train = job->parts.train != NULL ? job->parts.train : job->imagined;
    const char *path = option_value(job->line, OPTION_MODEL);
    const char *init = option_value(job->line, OPTION_INIT_MODEL);
    if (path != NULL) {
        TRY(options_exclude_network(job->line));
        struct weft_model_info info;
        TRY(told(weft_model_read(path, &job->model)));
        weft_model_get_info(job->model, &info);
        options_follow_model(job->line, &info, &job->options);
        return WEFT_OK;
    }
    if (init != NULL)
        return told(weft_model_create_from(init, &job->options, true, train, &job->model));
    return told(weft_model_create(&job->options, train, &job->model));
}

static enum weft_status open_subject(struct check_job *job)
{
    TRY(options_resolve(job->line, &job->options));
    if (data_given(job->line) || job->options.single_output)
        TRY(data_open_parts(job->line, &job->options, &job->parts));
    else
        TRY(imagine_data(job));
    return make_model(job);
}

/* ---- the command ---- */

/* Who names no device means one of OpenCL: the CPU backend in its place would prove nothing of it.
 */
static enum weft_status check_opencl(const struct command_line *line)
{
    const char *spec = option_value(line, OPTION_DEVICE);
    size_t count = 0;
    if (spec != NULL && strcmp(spec, "auto") != 0)
        return WEFT_OK;
    TRY(told(weft_device_count(&count)));
    if (count == 0)
        return complain(WEFT_ERROR_NO_DEVICE,
                        "no OpenCL device on this machine: install the driver of its GPU, or "
                        "pocl-opencl-icd; weft check --device cpu checks the CPU backend");
    return WEFT_OK;
}

/* One of the three things that can be checked. */
static enum weft_status check_run(struct check_job *job)
{
    struct weft_device *device = job->device.handle;
    const char *bundle = option_value(job->line, OPTION_REPLAY);
    if (bundle != NULL)
        return weft_check_replay(device, bundle, check_report_result, &job->report, &job->check);
    if (!option_given(job->line, OPTION_GRADIENT))
        return weft_check(device, job->model, &job->options, job->parts.train,
                          option_given(job->line, OPTION_THOROUGH), check_report_result,
                          &job->report, &job->check);
    const enum weft_status status =
        weft_check_gradient(device, job->model, &job->options, job->parts.train,
                            check_report_result, &job->report, &job->gradient);
    job->check = job->gradient.check;
    return status;
}

static enum weft_status check_choice(const struct command_line *line)
{
    if (option_given(line, OPTION_REPLAY))
        return check_replay_options(line);
    if (option_given(line, OPTION_GRADIENT) && option_given(line, OPTION_THOROUGH))
        return complain(WEFT_ERROR_USAGE, "--gradient: excludes --thorough");
    return WEFT_OK;
}

/* The table says what is wrong; the line on stderr says it once more, for scripts. */
static enum weft_status run_steps(struct check_job *job)
{
    const struct command_line *line = job->line;
    TRY(check_choice(line));
    TRY(check_opencl(line));
    if (!option_given(line, OPTION_REPLAY))
        TRY(open_subject(job));
    TRY(device_open(line, &job->device));
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
    data_parts_reset(&job.parts);
    return (int)status;
}

static struct poptOption check_options[] = {
    OPTION_ALONE("thorough", '\0', OPTION_THOROUGH, "more shapes and values, nothing cut"),
    OPTION_ALONE("gradient", '\0', OPTION_GRADIENT,
                 "the network's gradient, on its data, against finite differences"),
    OPTION_WITH_VALUE("replay", '\0', OPTION_REPLAY,
                      "run the step that train --check-every saved, and nothing else", "FILE"),
    POPT_TABLEEND};

static struct poptOption model_options[] = {
    OPTION_WITH_VALUE("model", '\0', OPTION_MODEL, "the network and weights of a saved model",
                      "FILE"),
    OPTION_GROUP(network_group, NULL), POPT_TABLEEND};

static struct poptOption batch_options[] = {
    OPTION_WITH_VALUE("batch-size", '\0', OPTION_BATCH_SIZE, "samples in a batch", "N"),
    OPTION_WITH_VALUE("batches", '\0', OPTION_BATCHES, "batches in an epoch, instead of their size",
                      "N"),
    OPTION_WITH_VALUE("gemm", '\0', OPTION_GEMM, "engine of the layer products",
                      "auto|clblast|own"),
    OPTION_GROUP(target_group, NULL),
    OPTION_GROUP(augmentation_group, NULL),
    POPT_TABLEEND};

static struct poptOption running_options[] = {
    OPTION_GROUP(batch_options, NULL), OPTION_GROUP(source_group, NULL),
    OPTION_GROUP(device_group, NULL), OPTION_GROUP(common_group, NULL), POPT_TABLEEND};

static struct poptOption options[] = {OPTION_GROUP(check_options, "Check:"),
                                      OPTION_GROUP(model_options, "Network:"),
                                      OPTION_GROUP(running_options, "Running:"), POPT_TABLEEND};

const struct command check_command = {
    .name = "check",
    .summary = "Checks what a device computes against the double-precision reference",
    .example = "weft check --device 0 --preset article",
    .options = options,
    .run = run};
