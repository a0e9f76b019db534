/* Runs a benchmark from start to end. See bench.h.
 *
 * The sides are timed in turn, round by round. If the speed of the machine changes, it changes for
 * all of them. All sides must do the same work, so the losses of their first batches are
 * compared.
 */
#include "bench/bench.h"

#include <math.h>

#include "base/memory.h"
#include "bench/bench_progress.h"
#include "bench/ceiling.h"
#include "bench/figures.h"
#include "bench/profile.h"
#include "bench/side.h"
#include "bench/startup.h"
#include "weft_device.h"

/* Two correct float32 training runs differ only by rounding, but training amplifies the difference.
 * For unstable recipes the growth is unbounded. The article's recipe with wide layers is one of
 * them: after six epochs the errors differ by 1e-3 to 1e-2. Therefore only the first eight batches
 * are compared. Their losses differed by 1e-7 to 1e-5 between OpenBLAS and CLBlast, in stable and
 * unstable recipes. A wrong product or update changes the loss of the next batches by more. */
const double bench_disagreement_limit = 1e-4;

/* All state of a benchmark. */
struct run {
    const struct bench_job *job; /* borrowed, like the next member */
    struct weft_bench *bench;
    struct bench_progress progress;
    /* Start-up times of each device in the plan. */
    struct weft_bench_side started[WEFT_BENCH_SIDES];
    /* Owned; [bench->side_count] of them are in use. */
    struct side sides[WEFT_BENCH_SIDES];
};

/* ---- start-up ---- */

/* Measures start-up before this process opens any device, because the threads of a driver do not
 * survive in a child process. */
static enum weft_status startups_run(struct run *run)
{
    const struct weft_bench_plan *plan = run->job->plan;
    for (size_t i = 0; i < plan->device_count && !run->progress.stopped; i++)
        TRY(startup_measure(run->job, plan->devices[i], &run->progress, &run->started[i]));
    return WEFT_OK;
}

/* ---- opening devices ---- */

static bool same_device(const struct weft_device_info *a, const struct weft_device_info *b)
{
    return a->opencl == b->opencl && (!a->opencl || a->index == b->index);
}

/* Returns true if the device is a side already. The first side for a device stays: if "auto" falls
 * back to the CPU backend, its note explains why there is no other device. A CPU backend requested
 * by name comes last. */
static bool is_there(const struct run *run, const struct weft_device *device)
{
    for (size_t i = 0; i < run->bench->side_count; i++)
        if (same_device(&run->sides[i].device->info, &device->info))
            return true;
    return false;
}

/* Opens device `index` of the plan and adds it as a side, unless it is a side already. */
static enum weft_status side_add(struct run *run, size_t index)
{
    struct weft_bench *bench = run->bench;
    struct side *side = &run->sides[bench->side_count];
    *side = (struct side){.job = run->job,
                          .spec = run->job->plan->devices[index],
                          .callbacks = {.user = &run->progress, .progress = bench_progress_batch}};
    TRY(side_open(side));
    if (is_there(run, side->device)) {
        side_close(side);
        return WEFT_OK;
    }
    bench->sides[bench->side_count++] = run->started[index];
    TRY(NEW_ARRAY(side->seconds, run->job->plan->rounds));
    TRY(side_check(side));
    return side_upload(side, side->device);
}

/* Copies the figures of an earlier benchmark that depend on the device alone. */
static void figures_take(struct weft_bench_side *side, const struct weft_bench *started)
{
    for (size_t i = 0; i < started->side_count; i++) {
        if (!same_device(&started->sides[i].device, &side->device))
            continue;
        side->startup = started->sides[i].startup;
        side->ceiling_gflops = started->sides[i].ceiling_gflops;
    }
}

static enum weft_status sides_open(struct run *run)
{
    const struct weft_bench_plan *plan = run->job->plan;
    bench_progress_begin(&run->progress, "upload", plan->device_count);
    for (size_t i = 0; i < plan->device_count; i++) {
        if (bench_progress_step(&run->progress, plan->devices[i]))
            return WEFT_OK;
        TRY(side_add(run, i));
    }
    for (size_t s = 0; s < run->bench->side_count; s++) {
        run->bench->sides[s].device = run->sides[s].device->info;
        if (plan->started != NULL)
            figures_take(&run->bench->sides[s], plan->started);
    }
    return WEFT_OK;
}

/* ---- epochs ---- */

/* Compares the losses of the same batches on every two sides. */
static void compare_losses(struct run *run)
{
    struct weft_bench *bench = run->bench;
    for (size_t a = 0; a < bench->side_count; a++)
        for (size_t b = 0; b < a; b++)
            for (size_t i = 0; i < size_min(run->sides[a].loss_count, run->sides[b].loss_count);
                 i++)
                bench->disagreement =
                    fmax(bench->disagreement,
                         relative_difference(run->sides[a].losses[i], run->sides[b].losses[i]));
}

/* Runs the turn of one side. Round 0 is the first epoch of the side in this process and does not
 * count. With several sides, the first epoch of each turn does not count either. Threads that slept
 * during the turn of another side must first find their cores again, which does not happen within a
 * training. */
static enum weft_status turn_run(struct run *run, size_t s, size_t round)
{
    struct side *side = &run->sides[s];
    struct weft_bench_side *figures = &run->bench->sides[s];
    double seconds = 0.0;
    if (round > 0 && run->bench->side_count > 1)
        TRY(side_epoch(side, &seconds, &figures->error));
    if (run->progress.stopped)
        return WEFT_OK;
    TRY(side_epoch(side, &seconds, &figures->error));
    if (round > 0)
        side->seconds[round - 1] = seconds;
    else if (run->job->plan->started != NULL)
        figures->first_epoch_seconds = seconds;
    return WEFT_OK;
}

static enum weft_status round_run(struct run *run, size_t round)
{
    for (size_t s = 0; s < run->bench->side_count && !run->progress.stopped; s++)
        if (!bench_progress_step(&run->progress, run->sides[s].spec))
            TRY(turn_run(run, s, round));
    compare_losses(run);
    return WEFT_OK;
}

/* Fills in the figures that follow from the epochs of a side. */
static void side_figures(struct run *run, size_t index)
{
    const struct weft_bench *bench = run->bench;
    struct side *side = &run->sides[index];
    struct weft_bench_side *figures = &run->bench->sides[index];
    const struct spread spread = spread_of(side->seconds, bench->rounds);
    figures->device = side->device->info; /* the note may have changed */
    figures->median_epoch_seconds = spread.median;
    figures->min_epoch_seconds = spread.min;
    figures->max_epoch_seconds = spread.max;
    figures->samples_per_second = (double)bench->samples / spread.median;
    figures->gflops = bench->epoch_gflop / spread.median;
    figures->device_bytes = side->device->peak_bytes;
}

static enum weft_status rounds_run(struct run *run)
{
    const size_t rounds = run->bench->rounds;
    bench_progress_begin(&run->progress, "epochs", (rounds + 1) * run->bench->side_count);
    for (size_t round = 0; round <= rounds && !run->progress.stopped; round++)
        TRY(round_run(run, round));
    for (size_t s = 0; s < run->bench->side_count; s++) {
        if (!run->progress.stopped)
            side_figures(run, s);
        side_unload(&run->sides[s]);
    }
    return WEFT_OK;
}

/* ---- operations and ceilings ---- */

static enum weft_status profile_epochs(struct run *run, struct side *side, struct profile *profile,
                                       struct weft_bench_side *figures)
{
    enum { EPOCHS = 3 };
    double seconds = 0.0, error = 0.0;
    TRY(side_upload(side, &profile->base));
    TRY(side_epoch(side, &seconds, &error)); /* does not count: it may build kernels */
    profile_clear(profile);
    for (int epoch = 0; epoch < EPOCHS && !run->progress.stopped; epoch++)
        TRY(side_epoch(side, &seconds, &error));
    figures->operation_count = profile_operations(profile, EPOCHS, figures->operations);
    return WEFT_OK;
}

static enum weft_status profiles_run(struct run *run)
{
    bench_progress_begin(&run->progress, "profile", run->bench->side_count);
    for (size_t s = 0; s < run->bench->side_count; s++) {
        struct side *side = &run->sides[s];
        struct profile profile;
        if (bench_progress_step(&run->progress, side->spec))
            return WEFT_OK;
        profile_init(&profile, side->device, run->job->network);
        const enum weft_status status = profile_epochs(run, side, &profile, &run->bench->sides[s]);
        side_unload(side);
        TRY(status);
    }
    return WEFT_OK;
}

static enum weft_status ceilings_run(struct run *run)
{
    bench_progress_begin(&run->progress, "ceiling", run->bench->side_count);
    for (size_t s = 0; s < run->bench->side_count; s++) {
        if (bench_progress_step(&run->progress, run->sides[s].spec))
            return WEFT_OK;
        struct weft_bench_side *figures = &run->bench->sides[s];
        if (!(figures->ceiling_gflops > 0.0))
            TRY(ceiling_measure(run->sides[s].device, &run->progress, &figures->ceiling_gflops));
    }
    return WEFT_OK;
}

/* ---- derived figures ---- */

/* Returns 0 for a time that does not apply or was not measured. */
static double known(double seconds)
{
    return isnan(seconds) ? 0.0 : seconds;
}

static struct running_time running_time_of(const struct weft_bench_side *side, double build)
{
    const struct weft_bench_startup *startup = &side->startup;
    return (struct running_time){.start = known(startup->platform_seconds) + known(build) +
                                          startup->check_seconds + startup->upload_seconds,
                                 .first = side->first_epoch_seconds,
                                 .later = side->median_epoch_seconds};
}

void bench_conclude(struct weft_bench *bench)
{
    const struct weft_bench_side *last = &bench->sides[bench->side_count - 1];
    const struct running_time other = running_time_of(last, last->startup.build_warm_seconds);
    for (size_t s = 0; s < bench->side_count; s++) {
        struct weft_bench_side *side = &bench->sides[s];
        side->speedup = (double)NAN;
        side->break_even_cold = side->break_even_warm = (double)NAN;
        if (side == last || !(bench->disagreement <= bench->disagreement_limit))
            continue;
        const struct running_time cold = running_time_of(side, side->startup.build_cold_seconds);
        const struct running_time warm = running_time_of(side, side->startup.build_warm_seconds);
        side->speedup = last->median_epoch_seconds / side->median_epoch_seconds;
        side->break_even_cold = break_even_epochs(&cold, &other);
        side->break_even_warm = break_even_epochs(&warm, &other);
    }
}

/* ---- the whole benchmark ---- */

static enum weft_status steps_run(struct run *run)
{
    const struct weft_bench_plan *plan = run->job->plan;
    if (plan->started == NULL)
        TRY(startups_run(run));
    if (!run->progress.stopped)
        TRY(sides_open(run));
    if (!run->progress.stopped)
        TRY(rounds_run(run));
    if (plan->profile && !run->progress.stopped)
        TRY(profiles_run(run));
    if (!run->progress.stopped)
        TRY(ceilings_run(run));
    if (!run->progress.stopped)
        bench_conclude(run->bench);
    return WEFT_OK;
}

static void bench_fill(const struct bench_job *job, struct weft_bench *bench)
{
    const struct batch_plan plan =
        batch_plan_make(job->train->samples, job->options->batches, job->options->batch_size);
    bench->samples = plan.samples;
    bench->batches = plan.count;
    bench->largest = plan.largest;
    bench->epoch_gflop = 1e-9 * epoch_operations(job->network, plan.samples);
    bench->rounds = job->plan->rounds;
    bench->disagreement_limit = bench_disagreement_limit;
}

/* The sides hold many figures, too many for the stack. */
enum weft_status bench_run(const struct bench_job *job, struct weft_bench *bench)
{
    struct run *run = NULL;
    TRY(NEW_ARRAY(run, 1));
    run->job = job;
    run->bench = bench;
    run->progress.plan = job->plan;
    bench_fill(job, bench);
    const enum weft_status status = steps_run(run);
    bench->stopped = run->progress.stopped;
    for (size_t s = 0; s < WEFT_BENCH_SIDES; s++)
        side_close(&run->sides[s]);
    memory_free(run);
    return status;
}
