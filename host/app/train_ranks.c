/* Keeps the ranks of weft train together. See train_ranks.h. */
#include "train_ranks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"
#include "platform.h"

/* Slices of a batch if a launcher starts the ranks and the user names no number. Batches with fewer
 * samples have fewer, and each rank has at least one. */
enum { DEFAULT_SLICES = 8 };

/* Only one rank could read the standard input or a pipe. */
static enum weft_status refuse_input(const struct command_line *line)
{
    static const enum option sources[] = {OPTION_DATA, OPTION_IMAGES, OPTION_LABELS, OPTION_TEST};
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        const char *source = option_value(line, sources[i]);
        if (source == NULL || (strcmp(source, "-") != 0 && !platform_is_pipe(source)))
            continue;
        return complain(WEFT_ERROR_USAGE,
                        "--%s %s: every rank reads the data, and %s reaches one rank only; use a "
                        "file",
                        app_options[sources[i]].name, source,
                        strcmp(source, "-") == 0 ? "standard input" : "a pipe");
    }
    return WEFT_OK;
}

enum weft_status train_ranks_options(struct train_job *job)
{
    const struct rank_job *ranks = job->ranks;
    if (rank_job_is_shared(ranks))
        TRY(refuse_input(job->line));
    if (rank_job_is_shared(ranks) && option_setting(job->line, "slices") != NULL &&
        job->options.slices < ranks->info.ranks)
        return complain(WEFT_ERROR_USAGE,
                        "--slices: got %zu for %zu ranks; need at least one slice for each rank",
                        job->options.slices, ranks->info.ranks);
    return WEFT_OK;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Returns the number of samples of the largest batch. */
static size_t largest_batch(const struct train_job *job)
{
    const struct weft_options *options = &job->options;
    struct weft_dataset_info train;
    weft_dataset_get_info(job->sets.train, &train);
    return options->batches > 0 ? (train.samples - 1) / options->batches + 1
                                : least(options->batch_size, train.samples);
}

enum weft_status train_ranks_settle(struct train_job *job)
{
    const size_t ranks = job->ranks->info.ranks;
    const bool resumes_alone = job->resumed != NULL && ranks == 1; /* as many slices as before */
    if (!weft_ranks_launched() || resumes_alone || option_setting(job->line, "slices") != NULL)
        return WEFT_OK;
    const size_t largest = largest_batch(job), fitting = least(DEFAULT_SLICES, largest);
    if (ranks > largest)
        return complain(WEFT_ERROR_USAGE,
                        "mpirun: got %zu ranks, need at most the %zu samples of a "
                        "batch",
                        ranks, largest);
    job->options.slices = fitting > ranks ? fitting : ranks;
    return WEFT_OK;
}

/* A resumed training run goes on with the device that it began on, if it is there. A dry run
 * measures nothing. With --init-model, the network is not in the options. */
static enum weft_status open_fastest(struct train_job *job)
{
    struct weft_checkpoint_info info;
    struct device_run run = {.options = &job->options,
                             .train = job->sets.train,
                             .models = job->ensemble > 1 ? job->ensemble : 1,
                             .measure = !option_given(job->line, OPTION_DRY_RUN)};
    if (job->model != NULL)
        return device_open(job->line, true, &job->device);
    if (job->resumed != NULL) {
        weft_checkpoint_get_info(job->resumed, &info);
        run.last = info.device;
    }
    return device_open_fastest(job->line, &run, &job->device);
}

enum weft_status train_ranks_open(struct train_job *job)
{
    const char *spec = option_value(job->line, OPTION_DEVICE);
    char chosen[WEFT_DEVICE_SPEC_SIZE];
    if (!rank_job_is_shared(job->ranks))
        return open_fastest(job);
    TRY(told(weft_ranks_choose_device(job->ranks->handle, spec, chosen)));
    TRY(device_open_spec(job->line, chosen, false, &job->device));
    weft_ranks_attach(job->ranks->handle, job->device.handle);
    return WEFT_OK;
}

/* ---- which device computes which slices ---- */

/* What each rank tells the others before the training run. */
struct rank_start {
    char device[128];
    bool checkpoints;
};

/* Joins neighboring ranks with equal devices. */
static void find_shares(struct train_job *job, const struct rank_start *starts)
{
    const size_t ranks = job->ranks->info.ranks;
    for (size_t r = 0; r < ranks; r++) {
        size_t first, count;
        weft_ranks_get_slices(job->ranks->handle, r, job->options.slices, &first, &count);
        if (r == 0 || strcmp(starts[r].device, starts[r - 1].device) != 0) {
            struct device_share *begun = &job->shares[job->share_count++];
            begun->first_rank = r;
            begun->first = first;
            snprintf(begun->device, sizeof begun->device, "%s", starts[r].device);
        }
        struct device_share *share = &job->shares[job->share_count - 1];
        share->last_rank = r;
        share->last = first + count - 1;
    }
}

static void say_shares(const struct train_job *job)
{
    for (size_t i = 0; i < job->share_count; i++) {
        const struct device_share *share = &job->shares[i];
        char ranks[64];
        if (share->first_rank == share->last_rank)
            snprintf(ranks, sizeof ranks, "rank %zu", share->first_rank);
        else
            snprintf(ranks, sizeof ranks, "ranks %zu to %zu", share->first_rank, share->last_rank);
        say(ranks, "slices %zu to %zu of each batch on %s", share->first, share->last,
            share->device);
    }
}

static void take_starts(struct train_job *job, const struct rank_start *starts)
{
    find_shares(job, starts);
    if (rank_job_speaks(job->ranks)) { /* devices in use are always said */
        if (job->share_count > 1 || !option_given(job->line, OPTION_QUIET))
            say_shares(job);
        return;
    }
    if (!starts[0].checkpoints) { /* rank 0 writes none, so there is nothing to take part in */
        free(job->checkpoints.path);
        job->checkpoints.path = NULL;
    }
}

enum weft_status train_ranks_ready(struct train_job *job)
{
    struct rank_start start = {.checkpoints = job->checkpoints.path != NULL};
    if (!rank_job_is_shared(job->ranks))
        return WEFT_OK;
    snprintf(start.device, sizeof start.device, "%s", job->device.info.name);
    struct rank_start *starts = calloc(job->ranks->info.ranks, sizeof *starts);
    job->shares = calloc(job->ranks->info.ranks, sizeof *job->shares);
    enum weft_status status = starts != NULL && job->shares != NULL
                                  ? WEFT_OK
                                  : complain(WEFT_ERROR_MEMORY, "ranks: no memory");
    status = rank_job_ready(job->ranks, status);
    if (status == WEFT_OK)
        status = rank_job_told(job->ranks,
                               weft_ranks_gather(job->ranks->handle, &start, sizeof start, starts));
    if (status == WEFT_OK)
        take_starts(job, starts);
    free(starts);
    return status;
}

/* ---- during the training run ---- */

void train_ranks_vote(struct train_job *job, const struct weft_progress *now)
{
    if (!rank_job_is_shared(job->ranks))
        return;
    job->checkpoints.stopping = now->stopping;
    job->checkpoint_agreed = weft_ranks_vote(job->ranks->handle, job->checkpoint_wanted) != 0;
}

enum weft_status train_ranks_stop_members(struct train_job *job, bool *stop)
{
    const size_t ranks = job->ranks->info.ranks;
    const unsigned char wish = *stop = train_job_is_stopping(job);
    if (!rank_job_is_shared(job->ranks))
        return WEFT_OK;
    unsigned char *wishes = calloc(ranks, sizeof *wishes);
    enum weft_status status =
        wishes != NULL ? WEFT_OK : complain(WEFT_ERROR_MEMORY, "ranks: no memory");
    status = rank_job_ready(job->ranks, status); /* another rank may have failed */
    if (status == WEFT_OK)
        status = rank_job_told(job->ranks,
                               weft_ranks_gather(job->ranks->handle, &wish, sizeof wish, wishes));
    *stop = status == WEFT_OK && memchr(wishes, 1, ranks) != NULL;
    job->checkpoints.stopping = *stop;
    free(wishes);
    return status;
}

/* Epochs and batches are the same on all ranks. A clock or a signal of one rank is a wish, which it
 * sends to the others with the next batch. */
bool train_ranks_checkpoint(struct train_job *job)
{
    struct checkpoints *checkpoints = &job->checkpoints;
    const bool due = checkpoints_due(checkpoints);
    if (!rank_job_is_shared(job->ranks))
        return due;
    const bool now =
        checkpoints->stopping || checkpoints_counted(checkpoints) || job->checkpoint_agreed;
    job->checkpoint_wanted = due && !now;
    if (checkpoints->path == NULL) /* rank 0 says so; no rank takes part */
        return job->checkpoint_agreed && rank_job_speaks(job->ranks);
    return now;
}
