/* Joins the ranks of a job, ends it, and lets the ranks agree on how they ended. See
 * weft_ranks.h. */
#include "ranks/ranks_mpi.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/process.h"
#include "ranks/launcher.h"
#include "ranks/ranks.h"

static const char *mpich_name(const char *version)
{
    static char name[64];
    snprintf(name, sizeof name, "MPICH %s", version + strspn(version, " "));
    return name;
}

const char *ranks_library(void)
{
    static char text[MPI_MAX_LIBRARY_VERSION_STRING];
    int length = 0;
    if (MPI_Get_library_version(text, &length) != MPI_SUCCESS)
        return "MPI";
    text[strcspn(text, ",\n")] = '\0'; /* the rest is the history of the build */
    for (char *c = text; *c != '\0'; c++)
        if (*c == '\t')
            *c = ' ';
    if (strncmp(text, "MPICH Version:", 14) == 0) /* "MPICH Version:      4.0.2" */
        return mpich_name(text + 14);
    return text;
}

enum weft_status ranks_check(const struct weft_ranks *ranks, int code, const char *call)
{
    char text[MPI_MAX_ERROR_STRING] = "unknown error";
    int length = 0, started = 0;
    if (code == MPI_SUCCESS)
        return WEFT_OK;
    /* Before it is started, MPI must not be asked for texts. */
    if (MPI_Initialized(&started) != MPI_SUCCESS || !started ||
        MPI_Error_string(code, text, &length) != MPI_SUCCESS)
        snprintf(text, sizeof text, "error %d", code);
    if (ranks->cards == NULL)
        return fail(WEFT_ERROR_DISTRIBUTED, "%s failed: %s", call, text);
    return fail_rank(WEFT_ERROR_DISTRIBUTED, "rank %zu of %zu on %s: %s failed: %s",
                     ranks->group.rank, ranks->group.ranks, ranks->cards[ranks->group.rank].host,
                     call, text);
}

/* ---- joining ---- */

/* Starts MPI, unless the program has. All failures are returned from then on. */
static enum weft_status mpi_start(struct weft_ranks *ranks)
{
    int level = 0, started = 0;
    TRY(ranks_check(ranks, MPI_Initialized(&started), "MPI_Initialized"));
    if (started) {
        TRY(ranks_check(ranks, MPI_Query_thread(&level), "MPI_Query_thread"));
    } else {
        TRY(ranks_check(ranks, MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &level),
                        "MPI_Init_thread"));
        ranks->starts_mpi = true;
    }
    TRY(ranks_check(ranks, MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN),
                    "MPI_Comm_set_errhandler"));
    if (level < MPI_THREAD_SERIALIZED)
        return fail(WEFT_ERROR_DISTRIBUTED,
                    "MPI: this library does not support MPI_THREAD_SERIALIZED, which the heartbeat "
                    "of the ranks needs");
    return WEFT_OK;
}

static enum weft_status communicators_create(struct weft_ranks *ranks)
{
    MPI_Comm *const all[] = {&ranks->work, &ranks->control, &ranks->heartbeat};
    int rank = 0, count = 0;
    TRY(ranks_check(ranks, MPI_Comm_rank(MPI_COMM_WORLD, &rank), "MPI_Comm_rank"));
    TRY(ranks_check(ranks, MPI_Comm_size(MPI_COMM_WORLD, &count), "MPI_Comm_size"));
    ranks->group.rank = (size_t)rank;
    ranks->group.ranks = (size_t)count;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) { /* they inherit MPI_ERRORS_RETURN */
        TRY(ranks_check(ranks, MPI_Comm_dup(MPI_COMM_WORLD, all[i]), "MPI_Comm_dup"));
    }
    ranks->duplicated = true;
    return WEFT_OK;
}

/* Counts the ranks that share the memory of this machine. */
static enum weft_status machine_find(struct weft_ranks *ranks)
{
    MPI_Comm machine;
    int rank = 0, count = 1;
    TRY(ranks_check(
        ranks,
        MPI_Comm_split_type(ranks->control, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &machine),
        "MPI_Comm_split_type"));
    int code = MPI_Comm_rank(machine, &rank);
    if (code == MPI_SUCCESS)
        code = MPI_Comm_size(machine, &count);
    const int freed = MPI_Comm_free(&machine);
    ranks->machine_rank = (size_t)rank;
    ranks->machine_ranks = (size_t)count;
    return ranks_check(ranks, code != MPI_SUCCESS ? code : freed, "MPI_Comm_size");
}

/* Exchanges the cards, and rejects other versions. */
static enum weft_status cards_exchange(struct weft_ranks *ranks)
{
    struct rank_card mine = {.process = process_number()};
    char name[MPI_MAX_PROCESSOR_NAME] = "";
    int length = 0;
    TRY(ranks_check(ranks, MPI_Get_processor_name(name, &length), "MPI_Get_processor_name"));
    snprintf(mine.version, sizeof mine.version, "%s", weft_version());
    snprintf(mine.host, sizeof mine.host, "%.*s", (int)sizeof mine.host - 1, name);
    TRY(ranks_check(ranks,
                    MPI_Allgather(&mine, (int)sizeof mine, MPI_BYTE, ranks->cards, (int)sizeof mine,
                                  MPI_BYTE, ranks->control),
                    "MPI_Allgather"));
    for (size_t r = 0; r < ranks->group.ranks; r++) {
        struct rank_card *card = &ranks->cards[r];
        card->version[sizeof card->version - 1] = card->host[sizeof card->host - 1] = '\0';
        if (strcmp(card->version, ranks->cards[0].version) != 0) {
            ranks->others = true;
            return fail_rank(
                WEFT_ERROR_DISTRIBUTED,
                "rank %zu on %s has Weft %s, rank 0 on %s has Weft %s: all ranks need the "
                "same version",
                r, card->host, card->version, ranks->cards[0].host, ranks->cards[0].version);
        }
    }
    return WEFT_OK;
}

static const char *group_host(const struct slice_group *group, size_t rank)
{
    return weft_ranks_host((const struct weft_ranks *)group, rank);
}

static enum weft_status join(struct weft_ranks *ranks)
{
    TRY(mpi_start(ranks));
    TRY(communicators_create(ranks));
    TRY(NEW_ARRAY(ranks->counts, 4 * ranks->group.ranks));
    TRY(NEW_ARRAY(ranks->votes, ranks->group.ranks));
    struct rank_card *cards;
    TRY(NEW_ARRAY(cards, ranks->group.ranks));
    ranks->cards = cards;
    TRY(machine_find(ranks));
    TRY(cards_exchange(ranks));
    if (ranks->group.ranks == 1)
        return WEFT_OK;
    ranks->group.gather = ranks_gather;
    ranks->group.sum = ranks_sum;
    ranks->group.spread = ranks_spread;
    ranks->group.host = group_host;
    return heart_start(ranks);
}

enum weft_status weft_ranks_join(struct weft_ranks **ranks)
{
    struct weft_ranks *created;
    double limit;
    *ranks = NULL;
    TRY(heart_limit(&limit)); /* before MPI starts, so that no rank waits for another */
    TRY(NEW_ARRAY(created, 1));
    created->heart.limit = limit;
    created->work = created->control = created->heartbeat = MPI_COMM_NULL;
    created->heart.sent = created->heart.received = MPI_REQUEST_NULL;
    created->group.ranks = created->machine_ranks = 1;
    *ranks = created; /* even after a failure: weft_ranks_end needs it */
    if (!launcher_started(&created->group.rank, &created->group.ranks))
        return WEFT_OK;
    const enum weft_status status = join(created);
    if (!created->others || weft_ranks_leave(created) != WEFT_OK)
        return status;
    *ranks = NULL; /* all ranks know, and have left */
    return status;
}

/* ---- what a rank knows ---- */

void weft_ranks_get_info(const struct weft_ranks *ranks, struct weft_ranks_info *info)
{
    const size_t rank = ranks->group.rank;
    *info = (struct weft_ranks_info){.ranks = size_max(ranks->group.ranks, 1),
                                     .rank = rank,
                                     .machine_ranks = ranks->machine_ranks,
                                     .machine_rank = ranks->machine_rank};
    snprintf(info->host, sizeof info->host, "%s", weft_ranks_host(ranks, rank));
}

const char *weft_ranks_host(const struct weft_ranks *ranks, size_t rank)
{
    return ranks->cards != NULL && rank < ranks->group.ranks ? ranks->cards[rank].host
                                                             : "this machine";
}

struct slice_group *ranks_group(struct weft_ranks *ranks)
{
    return ranks != NULL && ranks->group.ranks > 1 ? &ranks->group : NULL;
}

/* Whether a rank has said that it ends the job. */
static bool end_is_announced(const struct weft_ranks *ranks)
{
    int announced = 0;
    if (!ranks->duplicated)
        return false;
    ticker_lock(ranks->heart.ticker);
    const int code =
        MPI_Iprobe(MPI_ANY_SOURCE, END_TAG, ranks->heartbeat, &announced, MPI_STATUS_IGNORE);
    ticker_unlock(ranks->heart.ticker);
    return code == MPI_SUCCESS && announced != 0;
}

bool weft_ranks_missing(const struct weft_ranks *ranks, size_t *rank)
{
    const size_t own = ranks->group.rank;
    for (size_t r = 0; ranks->cards != NULL && r < ranks->group.ranks; r++)
        if (r != own && strcmp(ranks->cards[r].host, ranks->cards[own].host) == 0 &&
            process_is_gone(ranks->cards[r].process) && !end_is_announced(ranks)) {
            *rank = r;
            return true;
        }
    return false;
}

void weft_ranks_watch(struct weft_ranks *ranks, bool (*watch)(void *user), void *user)
{
    ranks->watch = watch;
    ranks->watch_user = user;
}

unsigned weft_ranks_vote(struct weft_ranks *ranks, unsigned votes)
{
    struct slice_group *group = &ranks->group;
    const int seen = group->votes_seen & SLICE_VOTES_OF_USER;
    if (group->ranks < 2)
        return votes;
    group->votes_sent &= ~SLICE_VOTES_OF_USER;
    group->votes_sent |= (int)votes & SLICE_VOTES_OF_USER;
    group->votes_seen &= ~SLICE_VOTES_OF_USER;
    return (unsigned)seen;
}

/* ---- agreeing and ending ---- */

/* How a rank ended, as it tells the others. */
struct rank_end {
    int32_t status;
    int32_t names_rank; /* 1: the line already names the rank that has failed */
    char line[1016];
};

/* Tells how the ranks ended: with the line of the first that failed. If all failed with the same
 * line, no rank is named. */
static enum weft_status ends_judge(const struct weft_ranks *ranks, struct rank_end *ends)
{
    size_t first = SIZE_MAX;
    bool same = true;
    for (size_t r = 0; r < ranks->group.ranks; r++) {
        ends[r].line[sizeof ends[r].line - 1] = '\0';
        if (ends[r].status != WEFT_OK && first == SIZE_MAX)
            first = r;
        same = same && ends[r].status == ends[0].status && strcmp(ends[r].line, ends[0].line) == 0;
    }
    if (first == SIZE_MAX)
        return WEFT_OK;
    const struct rank_end *end = &ends[first];
    if (end->names_rank)
        return fail_rank((enum weft_status)end->status, "%s", end->line);
    if (same)
        return fail((enum weft_status)end->status, "%s", end->line);
    return fail_rank((enum weft_status)end->status, "rank %zu on %s: %s", first,
                     ranks->cards[first].host, end->line);
}

static enum weft_status ends_gather(struct weft_ranks *ranks, const struct rank_end *mine,
                                    double seconds, struct rank_end *ends, bool *late)
{
    MPI_Request request = MPI_REQUEST_NULL;
    ticker_lock(ranks->heart.ticker);
    const int code = MPI_Iallgather(mine, (int)sizeof *mine, MPI_BYTE, ends, (int)sizeof *ends,
                                    MPI_BYTE, ranks->control, &request);
    ticker_unlock(ranks->heart.ticker);
    return ranks_wait(ranks, code, "MPI_Iallgather", &request, seconds, late);
}

enum weft_status weft_ranks_agree(struct weft_ranks *ranks, enum weft_status status,
                                  const char *line, double seconds, bool *all)
{
    struct rank_end *ends, mine = {.status = (int32_t)status};
    bool late = false;
    *all = true;
    if (ranks->group.ranks < 2)
        return status;
    mine.names_rank = line == NULL && weft_error_names_rank();
    snprintf(mine.line, sizeof mine.line, "%.1015s", line != NULL ? line : weft_error());
    /* Late answers of other ranks may arrive after this function returns, so the arrays stay. */
    *all = false;
    TRY(NEW_ARRAY(ends, ranks->group.ranks + 1));
    ends[ranks->group.ranks] = mine;
    const enum weft_status gathered =
        ends_gather(ranks, &ends[ranks->group.ranks], seconds, ends, &late);
    *all = gathered == WEFT_OK && !late;
    if (!*all && status != WEFT_OK)
        return mine.names_rank ? fail_rank(status, "%s", mine.line) : fail(status, "%s", mine.line);
    if (!*all)
        return gathered;
    const enum weft_status result = ends_judge(ranks, ends);
    memory_free(ends);
    return result;
}

enum weft_status weft_ranks_gather(struct weft_ranks *ranks, const void *own, size_t bytes,
                                   void *all)
{
    MPI_Request request = MPI_REQUEST_NULL;
    bool late;
    if (ranks->group.ranks < 2) {
        memcpy(all, own, bytes);
        return WEFT_OK;
    }
    if (bytes > INT_MAX / 2)
        return fail(WEFT_ERROR_USAGE, "ranks: %zu bytes are too many to gather", bytes);
    ticker_lock(ranks->heart.ticker);
    const int code = MPI_Iallgather(own, (int)bytes, MPI_BYTE, all, (int)bytes, MPI_BYTE,
                                    ranks->control, &request);
    ticker_unlock(ranks->heart.ticker);
    return ranks_wait(ranks, code, "MPI_Iallgather", &request, 0.0, &late);
}

/* Tells the other ranks, as far as MPI still works, that this one ends the job on purpose. */
static void end_announce(struct weft_ranks *ranks)
{
    static const char end = 'x';
    for (size_t r = 0; r < ranks->group.ranks; r++) {
        MPI_Request request;
        if (r != ranks->group.rank)
            (void)!MPI_Isend(&end, 1, MPI_CHAR, (int)r, END_TAG, ranks->heartbeat, &request);
    }
}

void weft_ranks_end(struct weft_ranks *ranks, enum weft_status status)
{
    int started = 0, ended = 0;
    if (MPI_Initialized(&started) != MPI_SUCCESS || MPI_Finalized(&ended) != MPI_SUCCESS ||
        !started || ended)
        return;
    ticker_lock(ranks != NULL ? ranks->heart.ticker : NULL);
    if (ranks != NULL && ranks->duplicated)
        end_announce(ranks);
    (void)!MPI_Abort(MPI_COMM_WORLD, (int)status);
}

static enum weft_status leave(struct weft_ranks *ranks)
{
    if (ranks->heart.ticker != NULL)
        TRY(heart_stop(ranks));
    if (ranks->duplicated) {
        TRY(ranks_check(ranks, MPI_Comm_free(&ranks->work), "MPI_Comm_free"));
        TRY(ranks_check(ranks, MPI_Comm_free(&ranks->control), "MPI_Comm_free"));
        TRY(ranks_check(ranks, MPI_Comm_free(&ranks->heartbeat), "MPI_Comm_free"));
    }
    return ranks->starts_mpi ? ranks_check(ranks, MPI_Finalize(), "MPI_Finalize") : WEFT_OK;
}

enum weft_status weft_ranks_leave(struct weft_ranks *ranks)
{
    if (ranks == NULL)
        return WEFT_OK;
    const enum weft_status status = leave(ranks);
    if (status != WEFT_OK)
        return status; /* the memory belongs to exchanges that may still be going on */
    memory_free(ranks->votes);
    memory_free(ranks->counts);
    memory_free(ranks->cards);
    memory_free(ranks);
    return WEFT_OK;
}
