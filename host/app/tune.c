/* Implements weft tune, which finds the fastest way to compute the matrix products of a network on
 * a device.
 *
 * Candidates run in copies of this process, so nothing here may touch a device.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "data_options.h"
#include "device_option.h"
#include "driver_watch.h"
#include "interrupt.h"
#include "message.h"
#include "output.h"
#include "platform.h"
#include "status_line.h"
#include "weft_device.h"

/* Number of training samples, and images of 28 x 28 pixels in ten classes, if no data is given. */
enum { SAMPLES = 60000, FEATURES = 784, CLASSES = 10, LONGEST_TIME = 86400 };

struct tune_job {
    const struct command_line *line; /* borrowed */
    struct weft_options options;
    struct weft_tune_plan plan;
    size_t samples;
    struct weft_data_sets sets;    /* owned, like all members below */
    struct weft_dataset *imagined; /* if no data is given */
    struct weft_model *model;
    struct weft_tuning *tuning;
    struct status_line status;
    double began; /* when weft_tune was called, in platform_seconds */
};

/* ---- progress ---- */

/* A device that cannot be opened says so within this many seconds. The error then stands alone. */
static const double opening_patience = 3.0;

static int on_progress(void *user, const struct weft_tune_candidate *now)
{
    struct tune_job *job = user;
    if (now->candidate[0] != '\0')
        status_line_show(&job->status, "%s %s: %s", now->product, now->shape, now->candidate);
    else if (platform_seconds() - job->began > opening_patience)
        status_line_show(&job->status, "opening the device");
    return interrupt_signal() != 0;
}

/* ---- the network ---- */

static enum weft_status read_options(struct tune_job *job)
{
    const struct command_line *line = job->line;
    size_t seconds = WEFT_TUNE_SECONDS;
    TRY(option_number(line, OPTION_TIME, 1, LONGEST_TIME, &seconds));
    job->samples = SAMPLES;
    TRY(option_number(line, OPTION_SAMPLES, 1, UINT32_MAX, &job->samples));
    job->plan = (struct weft_tune_plan){.device = option_value(line, OPTION_DEVICE),
                                        .seconds = (double)seconds,
                                        .log = device_log(line),
                                        .user = job,
                                        .progress = on_progress};
    return options_resolve_on_model(line, &job->model, &job->options);
}

/* Settles the label smoothing, which a step is timed with. The batch size follows from --samples.
 */
static enum weft_status settle_smoothing(struct tune_job *job)
{
    struct weft_options settled = job->options;
    TRY(told(weft_options_settle(&settled, job->sets.train)));
    job->options.label_smoothing = settled.label_smoothing;
    return WEFT_OK;
}

static enum weft_status open_data(struct tune_job *job)
{
    struct weft_dataset_info info;
    const bool named = option_given(job->line, OPTION_DATA) ||
                       option_given(job->line, OPTION_IMAGES) ||
                       option_given(job->line, OPTION_LABELS);
    if (!named && (job->model != NULL || options_preset_data(&job->options) == NULL))
        return data_make_up(&job->options, CLASSES, FEATURES, CLASSES, &job->imagined);
    TRY(data_open_sets(job->line, &job->options, job->model, &job->sets));
    weft_dataset_get_info(job->sets.train, &info);
    if (!option_given(job->line, OPTION_SAMPLES))
        job->samples = info.samples;
    TRY(settle_smoothing(job));
    return WEFT_OK;
}

static enum weft_status make_model(struct tune_job *job)
{
    const struct weft_dataset *data = job->sets.train != NULL ? job->sets.train : job->imagined;
    return job->model != NULL ? WEFT_OK
                              : options_make_model(job->line, &job->options, data, &job->model);
}

/* ---- results ---- */

static void print_table(const struct weft_tuning *tuning)
{
    size_t left = 0; /* candidates without a result */
    printf("%-16s  %-28s  %-20s  %9s     verdict\n", "product", "shape", "candidate", "GFLOP/s");
    for (size_t i = 0; i < tuning->count; i++) {
        const struct weft_tune_candidate *candidate = &tuning->candidates[i];
        char rate[32] = "-";
        left += isnan(candidate->gflops) && strncmp(candidate->verdict, "not measured", 12) == 0;
        if (!isnan(candidate->gflops))
            snprintf(rate, sizeof rate, "%.4g", candidate->gflops);
        printf("%-16s  %-28s  %-20s  %9s  %s  %s\n", candidate->product, candidate->shape,
               candidate->candidate, rate, candidate->winner ? "*" : " ", candidate->verdict);
    }
    printf("* in use from now on with --gemm auto; CLBlast setting: %s\n%.1f s",
           tuning->setting[0] != '\0' ? tuning->setting : "as before", tuning->seconds);
    if (!tuning->complete)
        printf("; %zu of %zu candidates were not measured; a longer --time measures more", left,
               tuning->count);
    printf("\n");
}

static enum weft_status print_json(const struct weft_tuning *tuning)
{
    json_t *candidates = json_array();
    for (size_t i = 0; i < tuning->count; i++) {
        const struct weft_tune_candidate *candidate = &tuning->candidates[i];
        json_array_append_new(
            candidates,
            json_pack("{s:s, s:s, s:s, s:o, s:b, s:b, s:o}", "product", candidate->product, "shape",
                      candidate->shape, "candidate", candidate->candidate, "gflops",
                      output_number(candidate->gflops), "right", (int)candidate->right, "winner",
                      (int)candidate->winner, "verdict", output_text(candidate->verdict)));
    }
    return output_json(stdout,
                       json_pack("{s:s, s:o, s:b, s:s, s:o, s:o}", "command", "tune", "device",
                                 output_text(tuning->device.name), "complete",
                                 (int)tuning->complete, "setting", tuning->setting, "seconds",
                                 output_number(tuning->seconds), "candidates", candidates),
                       OUTPUT_DOUBLE);
}

static enum weft_status report(const struct tune_job *job)
{
    if (job->tuning->stopped) {
        say("note", "stopped by a signal: nothing was saved");
        return WEFT_OK;
    }
    device_say(&job->tuning->device);
    if (option_given(job->line, OPTION_JSON))
        return print_json(job->tuning);
    print_table(job->tuning);
    return WEFT_OK;
}

static enum weft_status run_steps(struct tune_job *job)
{
    TRY(read_options(job));
    TRY(open_data(job));
    TRY(make_model(job));
    interrupt_defer();
    driver_watch_begin(NULL, job->plan.device != NULL ? job->plan.device : "auto");
    job->began = platform_seconds();
    const enum weft_status status =
        weft_tune(&job->plan, job->model, &job->options, job->samples, &job->tuning);
    status_line_wipe(&job->status);
    TRY(told(status));
    return report(job);
}

static int run(const struct command_line *line)
{
    struct tune_job job = {.line = line, .status.quiet = option_given(line, OPTION_QUIET)};
    interrupt_survive_pipes();
    const enum weft_status status = run_steps(&job);
    weft_tuning_destroy(job.tuning);
    weft_model_destroy(job.model);
    weft_dataset_destroy(job.imagined);
    weft_data_sets_reset(&job.sets);
    return status == WEFT_OK && interrupt_signal() != 0 ? 128 + interrupt_signal() : (int)status;
}

const struct command tune_command = {.name = "tune",
                                     .bit = COMMAND_TUNE,
                                     .summary =
                                         "Find the fastest matrix-product kernels for a network",
                                     .usage = "[OPTIONS]",
                                     .example = "weft tune --preset article --device gpu --time 30",
                                     .run = run};
