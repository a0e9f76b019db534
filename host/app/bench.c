/* Implements weft bench, which times a training run on an OpenCL device and on the CPU, side by
 * side.
 *
 * Start-up is measured in copies of this process. Nothing here may touch a device before weft_bench
 * does.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench_report.h"
#include "bench_sweep.h"
#include "data_options.h"
#include "device_option.h"
#include "driver_watch.h"
#include "interrupt.h"
#include "message.h"
#include "status_line.h"
#include "weft_device.h"

/* The size of Fashion-MNIST: images of 28 x 28 pixels in ten classes. */
enum { SYNTHETIC_SAMPLES = 60000, SYNTHETIC_FEATURES = 784, SYNTHETIC_CLASSES = 10 };

/* All state of one run of the command. */
struct bench_job {
    const struct command_line *line; /* borrowed */
    struct weft_options options;
    struct weft_bench_plan plan;
    char *devices; /* owned; plan.devices points into it */
    struct sweep sweep;
    struct weft_data_sets sets; /* owned */
    struct weft_model *model;   /* owned; from --model, or one per row in turn */
    struct bench_row *rows;     /* owned, as are their benches; [count] */
    size_t count, group;        /* all rows; rows that differ only in batch size */
    struct status_line status;
};

/* ---- progress ---- */

static int on_progress(void *user, const struct weft_bench_progress *now)
{
    struct bench_job *job = user;
    char steps[48] = "";
    if (now->steps > 0)
        snprintf(steps, sizeof steps, " %zu/%zu", now->step, now->steps);
    status_line_show(&job->status, "%s%s: %.60s", now->what, steps, now->device);
    return interrupt_signal() != 0;
}

/* ---- reading the options ---- */

/* Chooses the devices. --device X,Y means X, Y and the CPU backend, which comes last. --device cpu
 * means the CPU backend alone. */
static enum weft_status choose_devices(struct bench_job *job)
{
    const char *text = option_value(job->line, OPTION_DEVICE);
    struct weft_bench_plan *plan = &job->plan;
    if (text == NULL)
        text = "auto";
    const size_t bytes = strlen(text) + 1;
    job->devices = malloc(bytes);
    if (job->devices == NULL)
        return complain(WEFT_ERROR_MEMORY, "--device: no memory");
    memcpy(job->devices, text, bytes);
    for (char *spec = job->devices; spec != NULL;) {
        char *comma = strchr(spec, ',');
        if (comma != NULL)
            *comma = '\0';
        if (plan->device_count == WEFT_BENCH_SIDES - 1)
            return complain(WEFT_ERROR_USAGE, "--device: got more than %d devices",
                            WEFT_BENCH_SIDES - 1);
        if (strcmp(spec, "cpu") != 0)
            plan->devices[plan->device_count++] = spec;
        spec = comma != NULL ? comma + 1 : NULL;
    }
    plan->devices[plan->device_count++] = "cpu";
    return WEFT_OK;
}

/* Rejects options that set the same values as the sweep. --model also excludes a sweep over hidden
 * layers. */
static enum weft_status check_sweep(const struct bench_job *job)
{
    static const char message[] = "--sweep: cannot be combined with --%s";
    const struct weft_options *options = &job->options;
    if (job->sweep.hidden_count > 0 && option_given(job->line, OPTION_MODEL))
        return complain(WEFT_ERROR_USAGE, message, "model");
    if (job->sweep.hidden_count > 0 && weft_options_given(options, "hidden"))
        return complain(WEFT_ERROR_USAGE, message, "hidden");
    if (job->sweep.batch_count > 0 && weft_options_given(options, "batches"))
        return complain(WEFT_ERROR_USAGE, message, "batches");
    if (job->sweep.batch_count > 0 && weft_options_given(options, "batch-size"))
        return complain(WEFT_ERROR_USAGE, message, "batch-size");
    return WEFT_OK;
}

static enum weft_status read_options(struct bench_job *job)
{
    job->plan.rounds = WEFT_BENCH_ROUNDS;
    job->plan.profile = option_given(job->line, OPTION_PROFILE);
    job->plan.log = device_log(job->line);
    job->plan.user = job;
    job->plan.progress = on_progress;
    TRY(option_number(job->line, OPTION_ROUNDS, WEFT_BENCH_ROUNDS, WEFT_BENCH_MOST_ROUNDS,
                      &job->plan.rounds));
    TRY(choose_devices(job));
    if (option_given(job->line, OPTION_SWEEP))
        TRY(sweep_parse(option_value(job->line, OPTION_SWEEP), &job->sweep));
    TRY(options_resolve_on_model(job->line, &job->model, &job->options));
    return check_sweep(job);
}

/* ---- samples and networks ---- */

static enum weft_status make_samples(struct bench_job *job)
{
    size_t samples = SYNTHETIC_SAMPLES, features = SYNTHETIC_FEATURES, classes = SYNTHETIC_CLASSES;
    if (job->model != NULL) {
        struct weft_model_info info;
        weft_model_get_info(job->model, &info);
        features = info.features;
        classes = info.classes;
    }
    TRY(option_number(job->line, OPTION_SAMPLES, 1, UINT32_MAX, &samples));
    TRY(option_number(job->line, OPTION_FEATURES, 1, INT32_MAX, &features));
    return data_make_up(&job->options, samples, features, classes, &job->sets.train);
}

/* Opens the data that the options name, the data of preset xor, or synthetic data. */
static enum weft_status open_data(struct bench_job *job)
{
    const bool named = option_given(job->line, OPTION_DATA) ||
                       option_given(job->line, OPTION_IMAGES) ||
                       option_given(job->line, OPTION_LABELS);
    const bool own = options_preset_data(&job->options) != NULL &&
                     !option_given(job->line, OPTION_SAMPLES) &&
                     !option_given(job->line, OPTION_FEATURES) && job->model == NULL;
    if (!named && !own)
        return make_samples(job);
    TRY(data_open_sets(job->line, &job->options, job->model, &job->sets));
    return job->model != NULL ? data_check_set(job->line, job->sets.train, true, job->model)
                              : WEFT_OK;
}

/* ---- measuring ---- */

/* Formats the network like "784-50-10". */
static void name_network(const struct weft_model *model, struct bench_row *row)
{
    struct weft_model_info info;
    size_t used = 0;
    weft_model_get_info(model, &info);
    for (size_t i = 0; i <= info.layers && used < sizeof row->network; i++)
        used += (size_t)snprintf(row->network + used, sizeof row->network - used, "%s%zu",
                                 i > 0 ? "-" : "", info.widths[i]);
}

/* Sets the options of a row. The batch size changes in every row, the network only between
 * groups. */
static enum weft_status set_row(struct bench_job *job, size_t index)
{
    const struct sweep *sweep = &job->sweep;
    if (sweep->hidden_count > 0)
        if (weft_options_set(&job->options, "hidden", sweep->hidden[index / job->group]) != WEFT_OK)
            return complain(WEFT_ERROR_USAGE, "--sweep: %s", weft_error());
    if (sweep->batch_count > 0) {
        job->options.batch_size = sweep->batches[index % job->group];
        job->options.batches = 0;
    }
    return WEFT_OK;
}

/* Measures a row. All rows share the start-up times of the first one. */
static enum weft_status measure_row(struct bench_job *job, size_t index)
{
    struct bench_row *row = &job->rows[index];
    struct weft_bench *bench = NULL;
    const bool own_model = option_given(job->line, OPTION_MODEL);
    TRY(set_row(job, index));
    if (!own_model)
        TRY(options_make_model(job->line, &job->options, job->sets.train, &job->model));
    name_network(job->model, row);
    job->plan.started = job->rows[0].bench;
    driver_watch_begin(NULL, job->devices);
    const enum weft_status status =
        weft_bench(&job->plan, job->model, &job->options, job->sets.train, &bench);
    status_line_wipe(&job->status);
    row->bench = bench;
    if (!own_model) {
        weft_model_destroy(job->model);
        job->model = NULL;
    }
    return told(status);
}

static void say_devices(const struct weft_bench *bench)
{
    for (size_t s = 0; s < bench->side_count; s++)
        device_say(&bench->sides[s].device);
}

/* Warns about these variables. Some machines set them to work around older versions of OpenBLAS. */
static void say_held_blas(void)
{
    const bool core = getenv("OPENBLAS_CORETYPE") != NULL;
    const bool cache = getenv("OPENBLAS_L2_SIZE") != NULL;
    const char *names = core && cache ? "OPENBLAS_CORETYPE and OPENBLAS_L2_SIZE are"
                        : core        ? "OPENBLAS_CORETYPE is"
                                      : "OPENBLAS_L2_SIZE is";
    if (core || cache)
        say("note", "%s set: OpenBLAS may be slower than this CPU allows", names);
}

static enum weft_status measure(struct bench_job *job)
{
    const size_t networks = job->sweep.hidden_count > 0 ? job->sweep.hidden_count : 1;
    job->group = job->sweep.batch_count > 0 ? job->sweep.batch_count : 1;
    job->count = networks * job->group;
    job->rows = calloc(job->count, sizeof *job->rows);
    if (job->rows == NULL)
        return complain(WEFT_ERROR_MEMORY, "--sweep: no memory");
    interrupt_defer();
    for (size_t i = 0; i < job->count && interrupt_signal() == 0; i++) {
        TRY(measure_row(job, i));
        if (i > 0 || job->rows[0].bench->stopped)
            continue;
        say_devices(job->rows[0].bench);
        say_held_blas();
    }
    return WEFT_OK;
}

/* Reports disagreements if the results have no place for them. */
static void say_disagreements(const struct bench_job *job)
{
    for (size_t i = 0; i < job->count; i++) {
        const struct weft_bench *bench = job->rows[i].bench;
        if (bench->disagreement > bench->disagreement_limit)
            say("note",
                "no speed-up: the sides have not done the same work: %s in batches of %zu: the "
                "losses of the first batches differ by %.2g (relative), and rounding explains at "
                "most %.2g",
                job->rows[i].network, bench->largest, bench->disagreement,
                bench->disagreement_limit);
    }
}

static enum weft_status report(const struct bench_job *job)
{
    const struct bench_report report = {.preset = job->options.preset,
                                        .rows = job->rows,
                                        .count = job->count,
                                        .sweep = option_given(job->line, OPTION_SWEEP),
                                        .group = job->group};
    if (interrupt_signal() != 0) {
        say("note", "stopped by a signal");
        return WEFT_OK;
    }
    if (report.sweep || option_given(job->line, OPTION_JSON))
        say_disagreements(job);
    if (option_given(job->line, OPTION_JSON))
        return bench_report_json(&report);
    bench_report_text(&report);
    return WEFT_OK;
}

static enum weft_status run_steps(struct bench_job *job)
{
    TRY(read_options(job));
    TRY(open_data(job));
    TRY(measure(job));
    return report(job);
}

static int run(const struct command_line *line)
{
    struct bench_job job = {.line = line, .status.quiet = option_given(line, OPTION_QUIET)};
    const enum weft_status status = run_steps(&job);
    for (size_t i = 0; i < job.count && job.rows != NULL; i++)
        weft_bench_destroy(job.rows[i].bench);
    free(job.rows);
    free(job.devices);
    weft_model_destroy(job.model);
    weft_data_sets_reset(&job.sets);
    return status == WEFT_OK && interrupt_signal() != 0 ? 128 + interrupt_signal() : (int)status;
}

const struct command bench_command = {
    .name = "bench",
    .bit = COMMAND_BENCH,
    .summary = "Compare training speed with OpenCL and on the CPU",
    .usage = "[OPTIONS]",
    .example = "weft bench --preset article --sweep batch=64,256,1024",
    .run = run};
