/* Joins and ends the ranks of a command. See rank_job.h. */
#include "rank_job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver_watch.h"
#include "interrupt.h"
#include "message.h"
#include "mpi_watch.h"
#include "platform.h"
#include "terminal_text.h"

/* A rank that has failed waits so long for others that have failed in the same way. */
static const double failure_seconds = 2.0;

/* MPI cannot say that it waits in vain for a rank that never comes, or that does not leave. */
enum { JOIN_SECONDS = 45 };

/* Formats "the last checkpoint is FILE". */
static void checkpoint_text(const char *path, char text[1100])
{
    if (path != NULL && path[0] != '\0')
        snprintf(text, 1100, "the last checkpoint is %.1000s", path);
    else
        snprintf(text, 1100, "there is no checkpoint");
}

/* Formats a line for a moment at which nothing can be formatted. Before the ranks have joined,
 * their number is not known. */
static void line_prepare(const struct rank_job *job, const char *what, char *line, size_t size)
{
    const struct weft_ranks_info *info = &job->info;
    char checkpoint[1100], of[32] = "";
    checkpoint_text(job->checkpoint, checkpoint);
    if (rank_job_is_shared(job))
        snprintf(of, sizeof of, " of %zu", info->ranks);
    snprintf(line, size - 1, "weft: rank %zu%s on %.255s: %s; %s", info->rank, of, info->host, what,
             checkpoint);
    terminal_text_make(line);
    const size_t end = strlen(line);
    line[end] = '\n';
    line[end + 1] = '\0';
}

/* Prepares what this process says if MPI ends it. */
static void watch(const struct rank_job *job)
{
    char line[1600];
    line_prepare(job, "a library has ended this process, as MPI does when it loses a connection",
                 line, sizeof line);
    mpi_watch_begin(line, job->training);
}

/* Ends this process after a while, because MPI cannot say that it waits in vain. */
static void limit(const struct rank_job *job, const char *what)
{
    char line[1600];
    line_prepare(job, what, line, sizeof line);
    platform_limit(JOIN_SECONDS, line, (int)WEFT_ERROR_DISTRIBUTED);
}

/* Says on one line where the run ends, and where it can go on. `names_rank` tells whether the line
 * already names a rank. */
static void say_end(const struct rank_job *job, enum weft_status status, const char *line,
                    bool names_rank)
{
    const struct weft_ranks_info *info = &job->info;
    char prefix[320] = "", checkpoint[1100];
    if (!names_rank)
        snprintf(prefix, sizeof prefix, "rank %zu of %zu on %s: ", info->rank, info->ranks,
                 info->host);
    checkpoint_text(job->checkpoint, checkpoint);
    message_release();
    complain(status, "%s%s; %s", prefix, line, checkpoint);
    if (info->rank > 0)
        message_hold();
}

/* mpirun ends the other ranks with a signal if one ends before the training run. Usually rank 0
 * says so, and rank 1 if it was rank 0 that ended. */
static void prepare_last_words(const struct rank_job *job, const char *what)
{
    char line[1600];
    line_prepare(job, what, line, sizeof line);
    if (job->info.rank <= 1)
        interrupt_last_words(line);
}

/* Ends all ranks because this one cannot go on. */
static int end_all(struct rank_job *job, enum weft_status status)
{
    limit(job, "MPI does not end the other ranks");
    driver_watch_end(); /* MPI may end the process through exit() or _exit() */
    mpi_watch_end();
    weft_ranks_end(job->handle, status);
    job->lost = true;
    return (int)status;
}

/* ---- while waiting ---- */

/* mpirun sends a signal to the other ranks when one has died, and soon ends them all. Until then,
 * this says what is known. Returns true if there is nothing to wait for. */
static bool on_wait(void *user)
{
    struct rank_job *job = user;
    const struct weft_ranks_info *info = &job->info;
    size_t gone = 0;
    char line[512];
    if (interrupt_signal() == 0 || job->signalled)
        return false;
    /* Otherwise, a user interrupts the job, or a rank on another machine has died. */
    if (!weft_ranks_missing(job->handle, &gone))
        return false;
    job->signalled = true;
    snprintf(line, sizeof line, "rank %zu on %s has ended", gone,
             weft_ranks_host(job->handle, gone));
    if (info->rank == 0 || (info->rank == 1 && gone == 0))
        say_end(job, WEFT_ERROR_DISTRIBUTED, line, true);
    return true;
}

/* ---- beginning ---- */

static enum weft_status refuse(const struct command_line *line)
{
    return complain(WEFT_ERROR_USAGE, "%s: runs as one process; only weft train can run as several",
                    line->command->name);
}

void rank_job_note_checkpoint(struct rank_job *job, const char *path)
{
    snprintf(job->checkpoint, sizeof job->checkpoint, "%s", path != NULL ? path : "");
    if (rank_job_is_shared(job))
        watch(job);
}

void rank_job_hold(struct rank_job *job)
{
    if (!rank_job_is_shared(job) || !rank_job_speaks(job))
        return;
    job->holds = true;
    message_hold_errors();
}

static void release(struct rank_job *job)
{
    if (!job->holds)
        return;
    job->holds = false;
    message_release();
}

static enum weft_status join(struct rank_job *job)
{
    limit(job, "the other ranks did not join within 45 seconds");
    prepare_last_words(job, "a signal ended the job before the other ranks joined");
    watch(job);
    const enum weft_status status = weft_ranks_join(&job->handle);
    platform_limit(0, "", 0);
    interrupt_last_words("");
    return status;
}

enum weft_status rank_job_begin(struct rank_job *job, const struct command_line *line)
{
    size_t rank = 0;
    *job = (struct rank_job){.info = {.ranks = 1, .machine_ranks = 1}};
    if (!weft_ranks_started(&rank))
        return WEFT_OK;
    if (line->command->bit != COMMAND_TRAIN)
        return refuse(line);
    const char *resumed = option_value(line, OPTION_RESUME);
    snprintf(job->checkpoint, sizeof job->checkpoint, "%s", resumed != NULL ? resumed : "");
    job->info.rank = rank;
    snprintf(job->info.host, sizeof job->info.host, "%s", platform_host());
    interrupt_take_forwarded();
    const enum weft_status status = join(job);
    if (status != WEFT_OK && job->handle == NULL) {
        (void)!told(status); /* all ranks say the same, so rank 0 says it */
        platform_wait(1);    /* mpirun ends the others once one has ended, but not all have left */
        return status;
    }
    weft_ranks_get_info(job->handle, &job->info);
    if (status != WEFT_OK)
        snprintf(job->info.host, sizeof job->info.host, "%s", platform_host());
    weft_ranks_watch(job->handle, on_wait, job);
    if (rank_job_is_shared(job)) {
        prepare_last_words(job, "a signal ended the job before the training run");
        watch(job);
    } else {
        mpi_watch_end();
    }
    rank_job_hold(job);
    if (status == WEFT_OK)
        return WEFT_OK;
    say_end(job, status, weft_error(), weft_error_names_rank());
    (void)end_all(job, status);
    return status;
}

/* ---- agreeing and ending ---- */

void rank_job_note_reason(struct rank_job *job, const char *reason)
{
    snprintf(job->reason, sizeof job->reason, "%s", reason);
}

enum weft_status rank_job_check(struct rank_job *job, enum weft_status status)
{
    job->checks = status != WEFT_OK && rank_job_speaks(job);
    return status;
}

enum weft_status rank_job_told(struct rank_job *job, enum weft_status status)
{
    if (status != WEFT_ERROR_DISTRIBUTED)
        return told(status);
    job->broken = true;
    message_hold();
    (void)!told(status); /* it is kept, not printed */
    rank_job_hold(job);
    return status;
}

/* Returns what the line of this rank says after the reason of its failure. */
static const char *advice(const struct rank_job *job)
{
    const size_t length = strlen(job->reason);
    return length > 0 && strlen(message_last()) > length ? message_last() + length : "";
}

/* Says on rank 0 how all ranks have ended, unless it has said so. A rank that has failed alone
 * names itself; `own` is the failure of rank 0. Before the training run, no line needs to tell that
 * there is no checkpoint. */
static void say_agreed(struct rank_job *job, enum weft_status agreed, enum weft_status own)
{
    char checkpoint[1100] = "", line[2048];
    const bool unsaid = own == WEFT_OK || (job->holds && message_last()[0] != '\0');
    const bool names_rank = weft_error_names_rank();
    snprintf(line, sizeof line, "%s", weft_error());
    release(job);
    if (!unsaid || !rank_job_speaks(job))
        return;
    if (job->training || job->checkpoint[0] != '\0')
        checkpoint_text(job->checkpoint, checkpoint);
    if (names_rank && !job->checks)
        (void)complain(agreed, "%s%s%s%s", line, own != WEFT_OK ? advice(job) : "",
                       checkpoint[0] != '\0' ? "; " : "", checkpoint);
    else
        (void)complain(agreed, "%s", own != WEFT_OK ? message_last() : line);
}

/* Says on this rank how it ends without the others, which it ends then. */
static void say_alone(struct rank_job *job, enum weft_status status)
{
    const bool names_rank = weft_error_names_rank();
    char line[4096];
    if (job->signalled)
        return;
    if (job->checks) {
        const bool unsaid = job->holds;
        release(job);
        if (unsaid)
            (void)complain(status, "%s", message_last());
        return;
    }
    snprintf(line, sizeof line, "%s%s", weft_error(), advice(job));
    say_end(job, status, line, names_rank);
}

/* Exchanges how the ranks have ended. A failure that all have in common has one reason, although
 * rank 0 gives more advice. */
static enum weft_status exchange_ends(struct rank_job *job, enum weft_status status, bool *all)
{
    const bool alone = job->training && status != WEFT_OK;
    const char *line = job->reason[0] != '\0' ? job->reason : message_last();
    if (status == WEFT_OK)
        line = "";
    else if (weft_error_names_rank() && strcmp(line, weft_error()) == 0)
        line = NULL;
    return weft_ranks_agree(job->handle, status, line, alone ? failure_seconds : 0.0, all);
}

/* Compares the ends of all ranks. Rank 0 says what it has not said already. */
static enum weft_status agree(struct rank_job *job, enum weft_status status)
{
    bool all = true;
    enum weft_status agreed = status;
    if (job->broken || (status == WEFT_ERROR_DISTRIBUTED && !job->training))
        all = false; /* an exchange beside the training run has failed, so none follows */
    else
        agreed = exchange_ends(job, status, &all);
    if (!all) {
        say_alone(job, agreed);
        job->ended = agreed != WEFT_OK;
        (void)end_all(job, agreed);
        return agreed;
    }
    job->ended = agreed != WEFT_OK;
    if (job->ended) { /* all know, and mpirun may send a signal because others are faster */
        interrupt_last_words("");
        mpi_watch_end();
    }
    if (agreed != WEFT_OK)
        say_agreed(job, agreed, status);
    return agreed;
}

enum weft_status rank_job_meet(struct rank_job *job, enum weft_status status)
{
    return rank_job_is_shared(job) ? agree(job, status) : status;
}

enum weft_status rank_job_ready(struct rank_job *job, enum weft_status status)
{
    if (!rank_job_is_shared(job))
        return status;
    status = agree(job, status);
    job->training = status == WEFT_OK;
    if (job->training)
        watch(job);
    release(job);
    return status;
}

static int leave(struct rank_job *job, int code)
{
    limit(job, "the other ranks do not leave");
    const enum weft_status status = weft_ranks_leave(job->handle);
    if (status != WEFT_OK) {
        say_end(job, status, weft_error(), weft_error_names_rank());
        return end_all(job, status);
    }
    platform_limit(0, "", 0);
    return code;
}

int rank_job_finish(struct rank_job *job, int code)
{
    if (job->handle == NULL || job->lost) {
        mpi_watch_end();
        return code;
    }
    if (rank_job_is_shared(job) && !job->ended) {
        const enum weft_status status = code > 128 ? WEFT_OK : (enum weft_status)code;
        const enum weft_status agreed = agree(job, status);
        if (agreed != WEFT_OK)
            code = (int)agreed;
    }
    release(job);
    code = leave(job, code);
    mpi_watch_end();
    return code > 128 && getenv(RANK_LAUNCHED) != NULL ? 0 : code; /* see rank_launch.c */
}
