/* A build without MPI: a job has one rank. See ranks.h. */
#include "ranks/ranks.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "ranks/launcher.h"

struct weft_ranks {
    char unused;
};

const char *ranks_library(void)
{
    return "";
}

enum weft_status weft_ranks_join(struct weft_ranks **ranks)
{
    size_t rank, count;
    *ranks = NULL;
    if (launcher_started(&rank, &count))
        return fail(WEFT_ERROR_USAGE,
                    "mpirun: this build has no MPI: install mpi-default-dev and build Weft again");
    return NEW_ARRAY(*ranks, 1);
}

void weft_ranks_get_info(const struct weft_ranks *ranks, struct weft_ranks_info *info)
{
    *info = (struct weft_ranks_info){.ranks = 1, .machine_ranks = 1};
    snprintf(info->host, sizeof info->host, "%s", weft_ranks_host(ranks, 0));
}

const char *weft_ranks_host(const struct weft_ranks *ranks, size_t rank)
{
    (void)ranks;
    (void)rank;
    return "this machine";
}

struct slice_group *ranks_group(struct weft_ranks *ranks)
{
    (void)ranks;
    return NULL;
}

bool weft_ranks_missing(const struct weft_ranks *ranks, size_t *rank)
{
    (void)ranks;
    (void)rank;
    return false;
}

void weft_ranks_watch(struct weft_ranks *ranks, bool (*watch)(void *user), void *user)
{
    (void)ranks;
    (void)watch;
    (void)user;
}

unsigned weft_ranks_vote(struct weft_ranks *ranks, unsigned votes)
{
    (void)ranks;
    return votes;
}

enum weft_status weft_ranks_agree(struct weft_ranks *ranks, enum weft_status status,
                                  const char *line, double seconds, bool *all)
{
    (void)ranks;
    (void)line;
    (void)seconds;
    *all = true;
    return status;
}

enum weft_status weft_ranks_gather(struct weft_ranks *ranks, const void *own, size_t bytes,
                                   void *all)
{
    (void)ranks;
    memcpy(all, own, bytes);
    return WEFT_OK;
}

void weft_ranks_end(struct weft_ranks *ranks, enum weft_status status)
{
    (void)ranks;
    (void)status;
}

enum weft_status weft_ranks_leave(struct weft_ranks *ranks)
{
    memory_free(ranks);
    return WEFT_OK;
}
