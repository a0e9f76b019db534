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
    bool opencl, checkpoints;
};

/* Returns the first slice of a rank; see docs/scaling.md. */
static size_t first_slice(const struct train_job *job, size_t rank)
{
    return job->options.slices * rank / job->ranks->info.ranks;
}

/* Prints one line for each run of ranks with equal devices: which slices they compute. */
static void say_devices(const struct train_job *job, const struct rank_start *starts)
{
    const size_t ranks = job->ranks->info.ranks;
    for (size_t first = 0, end; first < ranks; first = end) {
        for (end = first + 1;
             end < ranks && memcmp(&starts[end], &starts[first], sizeof starts[0].device) == 0;
             end++) {}
        const size_t from = first_slice(job, first), to = first_slice(job, end) - 1;
        say("ranks", "%zu to %zu of %zu: slices %zu to %zu of each batch on %s", first, end - 1,
            ranks, from, to, starts[first].device);
    }
}

static void take_starts(struct train_job *job, const struct rank_start *starts)
{
    if (rank_job_speaks(job->ranks)) {
        if (!option_given(job->line, OPTION_QUIET))
            say_devices(job, starts);
        return;
    }
    if (!starts[0].checkpoints) { /* rank 0 writes none, so there is nothing to take part in */
        free(job->checkpoints.path);
        job->checkpoints.path = NULL;
    }
}

enum weft_status train_ranks_ready(struct train_job *job)
{
    struct rank_start start = {.opencl = job->device.info.opencl,
                               .checkpoints = job->checkpoints.path != NULL};
    if (!rank_job_is_shared(job->ranks))
        return WEFT_OK;
    snprintf(start.device, sizeof start.device, "%s", job->device.info.name);
    struct rank_start *starts = calloc(job->ranks->info.ranks, sizeof *starts);
    enum weft_status status = starts != NULL ? WEFT_OK : complain(WEFT_ERROR_MEMORY, "no memory");
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
    return now && checkpoints->path != NULL;
}
