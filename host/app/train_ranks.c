/* Keeps the ranks of weft train together. See train_ranks.h. */
#include "train_ranks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"

/* Slices of a batch if there are several ranks and the user names no number. */
enum { DEFAULT_SLICES = 8 };

/* What ranks tell each other with each batch. */
enum { VOTE_STOP = 1, VOTE_CHECKPOINT = 2 };

enum weft_status train_ranks_options(struct train_job *job)
{
    const struct rank_job *ranks = job->ranks;
    if (!rank_job_is_shared(ranks))
        return WEFT_OK;
    if (option_setting(job->line, "slices") == NULL)
        job->options.slices = DEFAULT_SLICES;
    if (job->options.slices < ranks->info.ranks)
        return complain(WEFT_ERROR_USAGE,
                        "--slices: got %zu for %zu ranks; need at least one slice for each rank",
                        job->options.slices, ranks->info.ranks);
    return WEFT_OK;
}

enum weft_status train_ranks_open(struct train_job *job)
{
    const char *spec = option_value(job->line, OPTION_DEVICE);
    char chosen[WEFT_DEVICE_SPEC_SIZE];
    if (!rank_job_is_shared(job->ranks))
        return device_open_spec(job->line, spec, true, &job->device);
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

/* Returns the first slice of a rank; see docs/scaling.md. */
static size_t first_slice(const struct train_job *job, size_t rank)
{
    return job->options.slices * rank / job->ranks->info.ranks;
}

/* Joins neighboring ranks with equal devices. */
static void find_shares(struct train_job *job, const struct rank_start *starts)
{
    const size_t ranks = job->ranks->info.ranks;
    for (size_t r = 0; r < ranks; r++) {
        if (r == 0 || strcmp(starts[r].device, starts[r - 1].device) != 0) {
            struct device_share *begun = &job->shares[job->share_count++];
            begun->first_rank = r;
            begun->first = first_slice(job, r);
            snprintf(begun->device, sizeof begun->device, "%s", starts[r].device);
        }
        struct device_share *share = &job->shares[job->share_count - 1];
        share->last_rank = r;
        share->last = first_slice(job, r + 1) - 1;
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
        status = told(weft_ranks_gather(job->ranks->handle, &start, sizeof start, starts));
    if (status == WEFT_OK)
        take_starts(job, starts);
    free(starts);
    return status;
}

/* ---- during the training run ---- */

bool train_ranks_stop(struct train_job *job, bool stop)
{
    if (!rank_job_is_shared(job->ranks))
        return stop;
    const unsigned mine = (stop ? VOTE_STOP : 0) | (job->checkpoint_wanted ? VOTE_CHECKPOINT : 0);
    const unsigned all = weft_ranks_vote(job->ranks->handle, mine);
    job->checkpoints.stopping = (all & VOTE_STOP) != 0;
    job->checkpoint_agreed = (all & VOTE_CHECKPOINT) != 0;
    return job->checkpoints.stopping;
}

enum weft_status train_ranks_stop_members(struct train_job *job, bool *stop)
{
    const size_t ranks = job->ranks->info.ranks;
    const unsigned char wish = *stop = train_job_is_stopping(job);
    if (!rank_job_is_shared(job->ranks))
        return WEFT_OK;
    TRY(rank_job_ready(job->ranks, WEFT_OK)); /* another rank may have failed */
    unsigned char *wishes = calloc(ranks, sizeof *wishes);
    if (wishes == NULL)
        return complain(WEFT_ERROR_MEMORY, "ranks: no memory");
    const enum weft_status status =
        told(weft_ranks_gather(job->ranks->handle, &wish, sizeof wish, wishes));
    *stop = status == WEFT_OK && memchr(wishes, true, ranks) != NULL;
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
