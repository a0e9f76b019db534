/* The ranks of a command that mpirun started. Rank 0 prints and writes files; the others hold their
 * messages (message.h) until all ranks agree on how the command ended.
 *
 * A failure that all ranks have in common, such as a bad option, ends like one of a single process.
 * A rank that fails alone names itself, its machine and the last checkpoint, and ends the job.
 */
#ifndef WEFT_APP_RANK_JOB_H
#define WEFT_APP_RANK_JOB_H

#include "options.h"
#include "weft_ranks.h"

struct rank_job {
    struct weft_ranks *handle; /* owned; NULL: no launcher started this process */
    struct weft_ranks_info info;
    bool training;         /* ranks exchange, so one rank may fail alone */
    bool ended;            /* all ranks know that the command has failed */
    bool signalled;        /* it was said that a signal waits for other ranks */
    bool broken;           /* an exchange has failed, so none follows */
    bool holds;            /* rank 0 keeps its errors until all ranks agree */
    bool lost;             /* the job is being ended, and no rank can leave it */
    bool checks;           /* rank 0 has failed in a check that only it makes */
    char checkpoint[1024]; /* path of the last checkpoint, or "" */
    char reason[1024];     /* what message_last() begins with if advice follows, or "" */
};

/* Joins the other ranks if a launcher started this process. Refuses commands that only a single
 * process can run. */
WEFT_MUST_CHECK enum weft_status rank_job_begin(struct rank_job *job,
                                                const struct command_line *line);

/* Returns true on the rank that prints and writes: rank 0, or the only one. */
static inline bool rank_job_speaks(const struct rank_job *job)
{
    return job->info.rank == 0;
}

static inline bool rank_job_is_shared(const struct rank_job *job)
{
    return job->info.ranks > 1;
}

/* Tells the failure of a function that exchanges with the other ranks. If an exchange has failed,
 * rank_job_finish says so instead, with the rank and the checkpoint. Returns `status`. */
WEFT_MUST_CHECK enum weft_status rank_job_told(struct rank_job *job, enum weft_status status);

/* Notes why this rank fails, without the advice that follows on its line. Ranks that have the same
 * reason have failed in the same way. */
void rank_job_note_reason(struct rank_job *job, const char *reason);

/* Notes the result of a check that only rank 0 makes, such as whether a file can be written. Its
 * failure is told like the one of a single process. Returns `status`. */
WEFT_MUST_CHECK enum weft_status rank_job_check(struct rank_job *job, enum weft_status status);

/* Notes the path of the last checkpoint, or NULL, for lines about failures. */
void rank_job_note_checkpoint(struct rank_job *job, const char *path);

/* From now on, keeps the errors of rank 0 until all ranks agree: only then it is known whether it
 * fails alone. rank_job_begin calls it; rank_job_ready ends it. */
void rank_job_hold(struct rank_job *job);

/* Waits for the other ranks before they do something together. Returns the failure of any rank. */
WEFT_MUST_CHECK enum weft_status rank_job_meet(struct rank_job *job, enum weft_status status);

/* Does the same before the training run begins. */
WEFT_MUST_CHECK enum weft_status rank_job_ready(struct rank_job *job, enum weft_status status);

/* Ends the command with the exit code of this rank. Returns the one of all ranks. */
int rank_job_finish(struct rank_job *job, int code);

/* Returns true if --device of this command is a list, which several ranks share. */
bool rank_launch_needed(const struct command_line *line);

/* A variable that rank_launch sets for its ranks. */
#define RANK_LAUNCHED "WEFT_RANK_LAUNCHED"

/* Runs mpirun with a rank for each device of the list. Returns the exit code. */
int rank_launch(const struct command_line *line);

#endif
