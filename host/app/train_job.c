/* How weft train ends before its time. See train_job.h. */
#include "train_job.h"

#include <stdio.h>

#include "interrupt.h"
#include "message.h"
#include "platform.h"

/* Returns the seed of the training run that runs now, or ran last. */
uint64_t train_job_seed(const struct train_job *job)
{
    return job->options.seed + (job->member > 0 ? job->member - 1 : 0);
}

/* Describes the failure `status` in one line. For an ensemble, the line names the member. */
static void failure_text(const struct train_job *job, enum weft_status status, char *text,
                         size_t size)
{
    size_t used = 0;
    if (job->ensemble > 1 && status != WEFT_ERROR_USAGE)
        used = (size_t)snprintf(text, size, "member %zu of %zu, seed %llu: ", job->member,
                                job->ensemble, (unsigned long long)train_job_seed(job));
    library_line(text + used, size - used);
}

/* Returns "; model.safetensors is unchanged" if an older model exists, and "" otherwise. */
static const char *unchanged_text(const struct train_job *job, char *text, size_t size)
{
    const char *output = option_value(job->line, OPTION_OUTPUT);
    text[0] = '\0';
    if (output != NULL && platform_file_exists(output))
        snprintf(text, size, "; %s is unchanged", output);
    return text;
}

/* Reports a failure and saves the model, which `what` describes. Hours of training may be in it. If
 * `what` is NULL, nothing is saved. */
static enum weft_status fail_saving(const struct train_job *job, enum weft_status status,
                                    const char *what)
{
    const char *output =
        rank_job_speaks(job->ranks) ? option_value(job->line, OPTION_OUTPUT) : NULL;
    char reason[1024], unchanged[1024], resume[RESUME_COMMAND_SIZE];
    failure_text(job, status, reason, sizeof reason);
    checkpoints_advice(&job->checkpoints, status, resume);
    rank_job_hold(job->ranks);
    rank_job_note_reason(job->ranks, reason);
    if (output == NULL || status == WEFT_ERROR_USAGE)
        return complain(status, "%s%s", reason, resume);
    if (what == NULL)
        return complain(status, "%s; nothing was saved%s%s", reason,
                        unchanged_text(job, unchanged, sizeof unchanged), resume);
    if (weft_model_write(job->model, output) != WEFT_OK)
        return complain(status, "%s; %s could not be saved: %s%s", reason, what, weft_error(),
                        resume);
    return complain(status, "%s; %s is saved as %s%s", reason, what, output, resume);
}

/* Handles a failure of the first training run by saving the model of the last good epoch. Initial
 * weights are not worth saving, least of all over an older model. Results of a device that computes
 * wrong are not saved either. */
enum weft_status train_job_fail_first(const struct train_job *job, enum weft_status status)
{
    const size_t best = job->training.best_epoch;
    char what[64];
    if (job->training.epochs == 0 || status == WEFT_ERROR_WRONG_RESULT)
        return fail_saving(job, status, NULL);
    snprintf(what, sizeof what, "the %s model, of epoch %zu,", best > 0 ? "best" : "last good",
             best > 0 ? best : job->training.epochs);
    return fail_saving(job, status, what);
}

/* Handles a failure of a later member. The members before it still form an ensemble. */
enum weft_status train_job_fail_member(const struct train_job *job, enum weft_status status)
{
    char what[64] = "the member before it";
    if (job->member > 2)
        snprintf(what, sizeof what, "the ensemble of the %zu members before it", job->member - 1);
    return fail_saving(job, status, what);
}

bool train_job_take(struct train_job *job, struct weft_moment *moment)
{
    if (!rank_job_is_shared(job->ranks))
        return true;
    if (weft_moment_take(moment) != WEFT_OK)
        return false; /* the training run fails, too */
    if (rank_job_speaks(job->ranks))
        return true;
    checkpoints_follow(&job->checkpoints);
    rank_job_note_checkpoint(job->ranks, job->checkpoints.last);
    return false;
}

bool train_job_is_stopping(const struct train_job *job)
{
    return job->checkpoints.stopping || interrupt_signal() != 0;
}

/* Saves the model before anything else can fail. Without a complete epoch, the model replaces
 * nothing. */
enum weft_status train_job_save(struct train_job *job)
{
    const char *output = option_value(job->line, OPTION_OUTPUT);
    if (output == NULL || job->training.epochs == 0)
        return WEFT_OK;
    const enum weft_status status = weft_model_write(job->model, output);
    if (status != WEFT_OK) {
        char resume[RESUME_COMMAND_SIZE];
        checkpoints_advice(&job->checkpoints, status, resume);
        return complain(status, "%s%s", weft_error(), resume);
    }
    job->saved = output;
    return WEFT_OK;
}

/* Describes how far an interrupted training run got. */
static void place_text(const struct train_job *job, char *text, size_t size)
{
    const size_t epochs = job->training.epochs;
    const bool first_whole = job->members > 0 && !job->training.stopped;
    if (epochs == 0)
        snprintf(text, size, "before the first epoch ended");
    else if (first_whole)
        snprintf(text, size, "after member %zu of %zu", job->members, job->ensemble);
    else
        snprintf(text, size, "after epoch %zu of %zu%s", epochs, job->options.epochs,
                 job->members > 0 ? " of the first member" : "");
}

void train_job_say_stopped(const struct train_job *job)
{
    char place[128], unchanged[1024], command[RESUME_COMMAND_SIZE], resume[1300] = "";
    const char *why = interrupt_signal() != 0    ? "Interrupted"
                      : job->checkpoints.in_time ? "Stopped by the time limit"
                                                 : "Stopped by another rank";
    if (!train_job_is_stopping(job))
        return;
    place_text(job, place, sizeof place);
    checkpoints_command(&job->checkpoints, command);
    const bool resumable = job->checkpoints.stopped && command[0] != '\0';
    if (resumable)
        snprintf(resume, sizeof resume, " Resume with: %s", command);
    if (job->saved != NULL)
        say(NULL, "%s %s. The model is saved as %s.%s", why, place, job->saved, resume);
    else
        say(NULL, "%s %s. %s was saved%s.%s", why, place, resumable ? "No model" : "Nothing",
            unchanged_text(job, unchanged, sizeof unchanged), resume);
}
