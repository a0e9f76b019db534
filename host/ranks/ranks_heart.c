/* Notices ranks that are lost. See ranks_mpi.h.
 *
 * A rank may compute for a long time between two exchanges, and the others wait for it. It is lost
 * only if its heartbeat is silent, too: the process was stopped, its machine is gone, or the
 * network between the two ranks is. The operating system stops all threads of a process at once.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "ranks/ranks_mpi.h"

static const char beat = 'b', farewell = 'e';
/* Looks from one call of the watch function to the next. On a busy machine, a look may take several
 * milliseconds, and mpirun kills a rank one second after it sent a signal. */
enum { WATCH_LOOKS = 32 };

static const double interval = 1.0, default_limit = 30.0, most_limit = 1e6;

static int rank_before(const struct weft_ranks *ranks)
{
    const size_t count = ranks->group.ranks;
    return (int)((ranks->group.rank + count - 1) % count);
}

static int rank_after(const struct weft_ranks *ranks)
{
    return (int)((ranks->group.rank + 1) % ranks->group.ranks);
}

/* Sends the next beat, unless the last one is still on its way. */
static int send_beat(struct weft_ranks *ranks, char what)
{
    struct heart *heart = &ranks->heart;
    int done = 1;
    if (heart->sent != MPI_REQUEST_NULL) {
        const int code = MPI_Test(&heart->sent, &done, MPI_STATUS_IGNORE);
        if (code != MPI_SUCCESS || !done)
            return code;
    }
    heart->out = what;
    return MPI_Isend(&heart->out, 1, MPI_CHAR, rank_after(ranks), BEAT_TAG, ranks->heartbeat,
                     &heart->sent);
}

/* Takes the beats that have arrived. */
static int take_beats(struct weft_ranks *ranks)
{
    struct heart *heart = &ranks->heart;
    int code = MPI_SUCCESS, done = 1;
    while (code == MPI_SUCCESS && done && !heart->last_heard) {
        done = 0;
        code = MPI_Test(&heart->received, &done, MPI_STATUS_IGNORE);
        if (code != MPI_SUCCESS || !done)
            return code;
        heart->silent = 0.0;
        heart->last_heard = heart->in == farewell;
        if (!heart->last_heard)
            code = MPI_Irecv(&heart->in, 1, MPI_CHAR, rank_before(ranks), BEAT_TAG,
                             ranks->heartbeat, &heart->received);
    }
    return code;
}

/* Silence is counted in ticks, and not by a clock: a process that was stopped has not listened. */
static void tick(void *user)
{
    struct weft_ranks *ranks = user;
    struct heart *heart = &ranks->heart;
    heart->silent += interval;
    int code = take_beats(ranks);
    if (code == MPI_SUCCESS)
        code = send_beat(ranks, beat);
    if (heart->code == MPI_SUCCESS)
        heart->code = code;
}

/* The variable is for tests and for networks that fall silent for longer. */
enum weft_status heart_limit(double *seconds)
{
    const char *text = getenv("WEFT_RANK_SECONDS");
    char *end = NULL;
    *seconds = default_limit;
    if (text == NULL)
        return WEFT_OK;
    *seconds = strtod(text, &end);
    if (end == text || *end != '\0' || !(*seconds >= 2.0 * interval) || *seconds > most_limit)
        return fail(WEFT_ERROR_USAGE, "WEFT_RANK_SECONDS: got \"%s\", need a number from %g to %g",
                    text, 2.0 * interval, most_limit);
    return WEFT_OK;
}

enum weft_status heart_start(struct weft_ranks *ranks)
{
    struct heart *heart = &ranks->heart;
    TRY(ranks_check(ranks,
                    MPI_Irecv(&heart->in, 1, MPI_CHAR, rank_before(ranks), BEAT_TAG,
                              ranks->heartbeat, &heart->received),
                    "MPI_Irecv"));
    return ticker_create(interval, tick, ranks, &heart->ticker);
}

/* Says farewell, and returns whether both farewells have arrived. */
static int part(struct weft_ranks *ranks, bool *said, bool *parted)
{
    struct heart *heart = &ranks->heart;
    int code = take_beats(ranks), done = heart->sent == MPI_REQUEST_NULL;
    if (code == MPI_SUCCESS && !done)
        code = MPI_Test(&heart->sent, &done, MPI_STATUS_IGNORE);
    if (code == MPI_SUCCESS && done && !*said) {
        *said = true;
        done = 0;
        code = send_beat(ranks, farewell);
    }
    *parted = *said && done && heart->last_heard;
    return code;
}

enum weft_status heart_stop(struct weft_ranks *ranks)
{
    struct heart *heart = &ranks->heart;
    double last = clock_seconds(), waited = 0.0;
    bool said = false, parted = false;
    if (heart->ticker == NULL)
        return WEFT_OK;
    ticker_destroy(heart->ticker);
    heart->ticker = NULL;
    /* It may have failed since the last look. */
    TRY(ranks_check(ranks, heart->code, "the heartbeat"));
    for (size_t looks = 0; !parted; looks++) {
        TRY(ranks_check(ranks, part(ranks, &said, &parted), "the last heartbeat"));
        const double now = clock_seconds();
        waited += fmin(now - last, interval); /* this process may have been stopped */
        last = now;
        if (waited > heart->limit)
            return fail_rank(
                WEFT_ERROR_DISTRIBUTED, "rank %zu of %zu on %s: the other ranks do not leave",
                ranks->group.rank, ranks->group.ranks, ranks->cards[ranks->group.rank].host);
        if (!parted)
            poll_pause(looks);
    }
    return WEFT_OK;
}

static enum weft_status fail_lost(const struct weft_ranks *ranks, double silent)
{
    const int before = rank_before(ranks);
    return fail_rank(
        WEFT_ERROR_DISTRIBUTED,
        "rank %d on %s has not answered rank %zu on %s for %.0f seconds: it is stopped, its "
        "machine is gone, or the network between them is",
        before, ranks->cards[before].host, ranks->group.rank, ranks->cards[ranks->group.rank].host,
        silent);
}

/* One look at a request. */
static enum weft_status look(struct weft_ranks *ranks, const char *call, MPI_Request *request,
                             int *done)
{
    struct heart *heart = &ranks->heart;
    ticker_lock(heart->ticker);
    int code = MPI_Test(request, done, MPI_STATUS_IGNORE);
    const int heart_code = heart->code;
    const double silent = heart->last_heard ? 0.0 : heart->silent;
    ticker_unlock(heart->ticker);
    TRY(ranks_check(ranks, code, call));
    TRY(ranks_check(ranks, heart_code, "the heartbeat"));
    return *done || silent < heart->limit || heart->ticker == NULL ? WEFT_OK
                                                                   : fail_lost(ranks, silent);
}

enum weft_status ranks_wait(struct weft_ranks *ranks, int code, const char *call,
                            MPI_Request *request, double seconds, bool *late)
{
    const double start = seconds > 0.0 ? clock_seconds() : 0.0;
    int done = 0;
    *late = false;
    TRY(ranks_check(ranks, code, call));
    for (size_t looks = 0;; looks++) {
        TRY(look(ranks, call, request, &done));
        if (done)
            return WEFT_OK;
        if (seconds > 0.0 && clock_seconds() - start > seconds) {
            *late = true;
            return WEFT_OK;
        }
        if (looks % WATCH_LOOKS == WATCH_LOOKS - 1 && ranks->watch != NULL &&
            ranks->watch(ranks->watch_user))
            return fail_rank(WEFT_ERROR_DISTRIBUTED,
                             "rank %zu of %zu on %s: the run ends before %s", ranks->group.rank,
                             ranks->group.ranks, ranks->cards[ranks->group.rank].host, call);
        poll_pause(looks);
    }
}
