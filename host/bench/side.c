/* Opens, loads, runs and closes one side. See side.h. */
#include "bench/side.h"

#include <math.h>

#include "base/file.h"
#include "base/memory.h"
#include "check/check.h"
#include "train/advice.h"
#include "train/augment.h"
#include "train/training_memory.h"
#include "weft_device.h"

enum weft_status side_open(struct side *side)
{
    const struct weft_bench_plan *plan = side->job->plan;
    return side->job->device_create(side->spec, plan->log, plan->user, &side->device);
}

enum weft_status side_check(struct side *side)
{
    const struct bench_job *job = side->job;
    struct check_plan plan =
        check_plan_make(job->network, job->options, (struct training_data){.train = job->train});
    TRY(augmentation_make(job->options, job->train, &plan.augmentation));
    plan.scale = job->scale;
    check_plan_narrow(side->device, &plan);
    side->device->known_answers = 0; /* forces the test to run again even if it passed before */
    return known_answer_test(side->device, &plan, NULL);
}

/* Streams the training set if it does not fit, as a training run would. */
static enum weft_status streaming_choose(struct side *side)
{
    const struct bench_job *job = side->job;
    const struct training_sets sets = {.train = job->train};
    enum bytes_known known[MEMORY_SETS] = {BYTES_UNKNOWN};
    const struct memory_job memory = {side->device, job->network, job->options, &sets, known};
    struct streamed_sets streamed;
    TRY(training_memory_stream(&memory, &streamed));
    side->loop.streamed = streamed.train;
    return WEFT_OK;
}

enum weft_status side_upload(struct side *side, struct weft_device *device)
{
    const struct bench_job *job = side->job;
    const struct weft_options *options = job->options;
    struct epoch_loop *loop = &side->loop;
    *loop = (struct epoch_loop){
        .device = device,
        .network = job->network,
        .options = options,
        .callbacks = &side->callbacks,
        .plan = batch_plan_make(job->train->samples, options->batches, options->batch_size)};
    side->epochs = side->loss_count = 0;
    TRY(streaming_choose(side));
    TRY(epoch_loop_init(loop, job->train));
    TRY(epoch_loop_upload(loop, job->train, job->scale));
    TRY(loop->backend->parameters_upload(loop->workspace, job->parameters));
    return loop->backend->device_wait(device);
}

/* Fails because the loss is not finite. The time of such an epoch is not the time of a training
 * run. */
static enum weft_status fail_diverged(const struct side *side)
{
    char advice[ADVICE_SIZE];
    const bool updated = side->epochs > 1 || isfinite(side->loop.state->metrics[0].loss);
    advice_after_divergence(side->job->options, updated, advice);
    return fail(WEFT_ERROR_DIVERGED,
                "training diverged in epoch %zu on %s: the loss is no longer finite; try %s",
                side->epochs, side->device->info.name, advice);
}

enum weft_status side_epoch(struct side *side, double *seconds, double *error)
{
    struct weft_epoch result = {0};
    size_t batches = 0;
    const double start = clock_seconds();
    TRY(epoch_loop_run(&side->loop, ++side->epochs, &batches));
    *seconds = clock_seconds() - start;
    epoch_loop_metrics(&side->loop, batches, &result);
    for (size_t b = 0; b < batches && side->loss_count < SIDE_LOSSES; b++)
        side->losses[side->loss_count++] = (double)side->loop.state->metrics[b].loss;
    *error = batches == side->loop.plan.count ? result.error : (double)NAN;
    return isfinite(result.error) ? WEFT_OK : fail_diverged(side);
}

void side_unload(struct side *side)
{
    if (side->loop.backend != NULL)
        epoch_loop_reset(&side->loop);
}

void side_close(struct side *side)
{
    side_unload(side);
    if (side->device != NULL)
        side->job->device_destroy(side->device);
    memory_free(side->seconds);
    *side = (struct side){0};
}
