/* Measures start-up in child processes. See startup.h. */
#include "bench/startup.h"

#include <math.h>
#include <string.h>

#include "base/file.h"
#include "base/folder.h"
#include "base/memory.h"
#include "base/process.h"
#include "bench/side.h"
#include "weft_device.h"

/* The measurements of one child. */
struct run {
    bool opencl;
    double platform, create;
    double first_check, second_check; /* the first check also builds what the products need */
    double upload, first_epoch;
    uint64_t host_bytes;
};

struct run_plan {
    const struct bench_job *job;
    const char *spec;
    const char *caches; /* folder for all caches; NULL: the user's settings */
};

/* Variables that set the cache folders of PoCL, NVIDIA, Intel and AMD; XDG_CACHE_HOME serves Weft
 * and Mesa. */
static const char *const cache_variables[] = {"POCL_CACHE_DIR", "CUDA_CACHE_PATH", "NEO_CACHE_DIR",
                                              "AMD_COMGR_CACHE_DIR", "XDG_CACHE_HOME"};

static enum weft_status move_caches(const char *folder)
{
    for (size_t i = 0; i < sizeof cache_variables / sizeof *cache_variables; i++)
        TRY(environment_set(cache_variables[i], folder));
    return WEFT_OK;
}

/* Returns the seconds since `*mark` and sets `*mark` to the current time. */
static double lap(double *mark)
{
    const double before = *mark;
    *mark = clock_seconds();
    return *mark - before;
}

static enum weft_status run_steps(struct side *side, struct run *run)
{
    size_t count = 0;
    double error = 0.0, mark = clock_seconds();
    if (strcmp(side->spec, "cpu") != 0)
        (void)side->job->device_count(&count); /* side_open reports a missing device */
    run->platform = lap(&mark);
    TRY(side_open(side));
    run->create = lap(&mark);
    TRY(side_check(side));
    run->first_check = lap(&mark);
    TRY(side_check(side));
    run->second_check = lap(&mark);
    TRY(side_upload(side, side->device));
    run->upload = lap(&mark);
    TRY(side_epoch(side, &run->first_epoch, &error));
    run->opencl = side->device->info.opencl;
    run->host_bytes = process_peak_bytes();
    return WEFT_OK;
}

/* Runs in the child, without callbacks. */
static enum weft_status run_in_child(void *user, void *result)
{
    const struct run_plan *plan = user;
    struct side side = {.job = plan->job, .spec = plan->spec};
    if (plan->caches != NULL)
        TRY(move_caches(plan->caches));
    const enum weft_status status = run_steps(&side, result);
    side_close(&side);
    return status;
}

/* Runs a child. If the benchmark is stopped, `run` contains zeros. */
static enum weft_status run_child(const struct run_plan *plan, const char *what,
                                  struct bench_progress *progress, struct run *run)
{
    const struct process_plan process = {.work = run_in_child,
                                         .user = (void *)plan,
                                         .result = run,
                                         .result_size = sizeof *run,
                                         .stop = bench_progress_ask,
                                         .stop_user = progress};
    enum process_end end;
    memset(run, 0, sizeof *run);
    bench_progress_begin(progress, what, 0);
    if (bench_progress_step(progress, plan->spec))
        return WEFT_OK;
    return process_run(&process, &end);
}

/* Returns the build time: opening the device, the extra time of the first of two tests, and the
 * extra time of the first epoch. */
static double build_seconds(const struct run *run, double first_epoch)
{
    return run->create + fmax(run->first_check - run->second_check, 0.0) +
           fmax(run->first_epoch - first_epoch, 0.0);
}

static void fill(struct weft_bench_side *side, const struct run *cold, const struct run *run)
{
    side->first_epoch_seconds = run->first_epoch;
    side->host_bytes = run->host_bytes;
    side->startup = (struct weft_bench_startup){.platform_seconds = (double)NAN,
                                                .build_cold_seconds = (double)NAN,
                                                .build_warm_seconds = (double)NAN,
                                                .check_seconds = run->second_check,
                                                .upload_seconds = run->upload};
    if (!run->opencl)
        return;
    side->startup.platform_seconds = run->platform;
    side->startup.build_cold_seconds = build_seconds(cold, run->first_epoch);
    side->startup.build_warm_seconds = build_seconds(run, run->first_epoch);
}

static enum weft_status measure_with(struct run_plan *plan, struct bench_progress *progress,
                                     struct weft_bench_side *side)
{
    struct run cold, warm;
    const bool cpu = strcmp(plan->spec, "cpu") == 0;
    TRY(run_child(plan, cpu ? "start" : "cold start", progress, &cold));
    if (progress->stopped)
        return WEFT_OK;
    warm = cold;
    if (cold.opencl)
        TRY(run_child(plan, "warm start", progress, &warm));
    if (!progress->stopped)
        fill(side, &cold, &warm);
    return WEFT_OK;
}

enum weft_status startup_measure(const struct bench_job *job, const char *spec,
                                 struct bench_progress *progress, struct weft_bench_side *side)
{
    char *folder = NULL;
    TRY(folder_create_temporary(&folder));
    struct run_plan plan = {.job = job, .spec = spec, .caches = folder};
    const enum weft_status status = measure_with(&plan, progress, side);
    folder_remove(folder);
    memory_free(folder);
    return status;
}
