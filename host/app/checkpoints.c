/* Decides when checkpoints are written, and where. See checkpoints.h. */
#include "checkpoints.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "interrupt.h"
#include "message.h"
#include "platform.h"
#include "rank_job.h"

static const double default_seconds = 300.0;

/* A time limit is kept with this margin for the last checkpoint, the model and the scores. */
static const double margin_share = 0.05, margin_most = 60.0;

/* ---- options ---- */

struct unit {
    const char *name;
    double seconds; /* 0: not a unit of time */
};
static const struct unit units[] = {{"s", 1.0},       {"m", 60.0},     {"h", 3600.0},
                                    {"d", 86400.0},   {"epochs", 0.0}, {"epoch", 0.0},
                                    {"batches", 0.0}, {"batch", 0.0}};

/* Reads a whole number with a unit, like "10m". */
static const struct unit *read_amount(const char *text, double *amount)
{
    static const char digits[] = "0123456789";
    const size_t length = strspn(text, digits);
    *amount = strtod(text, NULL);
    for (size_t i = 0; length > 0 && length < 10 && i < sizeof units / sizeof *units; i++)
        if (strcmp(units[i].name, text + length) == 0 && *amount >= 1.0)
            return &units[i];
    return NULL;
}

static enum weft_status read_every(struct checkpoints *checkpoints)
{
    const char *text = option_value(checkpoints->line, OPTION_CHECKPOINT_EVERY);
    double amount = 0.0;
    checkpoints->every_seconds = default_seconds;
    if (text == NULL)
        return WEFT_OK;
    const struct unit *unit = read_amount(text, &amount);
    if (unit == NULL)
        return complain(WEFT_ERROR_USAGE,
                        "--checkpoint-every \"%s\": need a time, epochs or batches, such as 10m, "
                        "5epochs or 1000batches",
                        text);
    checkpoints->every_seconds = amount * unit->seconds;
    if (unit->name[0] == 'e')
        checkpoints->every_epochs = (size_t)amount;
    if (unit->name[0] == 'b')
        checkpoints->every_batches = (size_t)amount;
    return WEFT_OK;
}

static enum weft_status read_limit(struct checkpoints *checkpoints)
{
    const char *text = option_value(checkpoints->line, OPTION_TIME_LIMIT);
    double amount = 0.0;
    if (text == NULL)
        return WEFT_OK;
    const struct unit *unit = read_amount(text, &amount);
    if (unit == NULL || unit->seconds == 0.0)
        return complain(WEFT_ERROR_USAGE, "--time-limit \"%s\": need a time, such as 90s or 2h",
                        text);
    const double limit = amount * unit->seconds;
    checkpoints->deadline =
        checkpoints->line->started + limit - fmin(margin_share * limit, margin_most);
    return WEFT_OK;
}

/* Returns a copy of the first `length` characters of `text`, followed by `end`. */
static char *joined(const char *text, size_t length, const char *end)
{
    const size_t bytes = strlen(end) + 1;
    char *all = malloc(length + bytes);
    if (all == NULL)
        return NULL;
    memcpy(all, text, length);
    memcpy(all + length, end, bytes);
    return all;
}

/* Chooses the file: the one of --checkpoint, or model.checkpoint beside model.safetensors. */
static enum weft_status choose_path(struct checkpoints *checkpoints)
{
    static const char ending[] = ".safetensors";
    const char *given = option_value(checkpoints->line, OPTION_CHECKPOINT);
    const char *model = option_value(checkpoints->line, OPTION_OUTPUT);
    checkpoints->regular = given != NULL;
    if (given != NULL) {
        checkpoints->path = joined(given, strlen(given), "");
    } else if (model != NULL && platform_is_file_name(model)) {
        size_t length = strlen(model);
        if (length > strlen(ending) && strcmp(model + length - strlen(ending), ending) == 0)
            length -= strlen(ending);
        checkpoints->path = joined(model, length, ".checkpoint");
    } else {
        return WEFT_OK;
    }
    return checkpoints->path != NULL ? WEFT_OK
                                     : complain(WEFT_ERROR_MEMORY, "checkpoint: no memory");
}

/* Refuses to replace the checkpoint of an earlier run, which may hold hours of work. */
static enum weft_status check_path(const struct checkpoints *checkpoints)
{
    const char *path = checkpoints->path, *resumed = option_value(checkpoints->line, OPTION_RESUME);
    if (resumed != NULL && platform_same_file(path, resumed))
        return WEFT_OK;
    if (platform_file_exists(path))
        return complain(WEFT_ERROR_USAGE,
                        "--checkpoint %s: the file exists; continue with --resume %s, or remove it",
                        path, path);
    return told(weft_model_check_path(path));
}

/* Returns whether a checkpoint can hold the options of the command, which must be UTF-8. */
static bool options_can_be_kept(const struct checkpoints *checkpoints)
{
    char *note = resume_note(checkpoints->line, &(struct resume_place){.member = 0});
    free(note);
    return note != NULL;
}

/* The file that the user has named must be free, or hold the training that goes on. */
static enum weft_status claim_named(struct checkpoints *checkpoints)
{
    const char *path = checkpoints->path;
    if (!platform_is_file_name(path) && platform_file_exists(path))
        return complain(WEFT_ERROR_USAGE, "--checkpoint %s: need a regular file", path);
    if (!options_can_be_kept(checkpoints)) /* before hours of training depend on it */
        return complain(WEFT_ERROR_USAGE,
                        "--checkpoint %s: the options of this command must be UTF-8", path);
    if (!option_given(checkpoints->line, OPTION_DRY_RUN)) /* which writes nothing */
        TRY(told(weft_checkpoint_lock(path, &checkpoints->lock)));
    return check_path(checkpoints);
}

/* Nobody has named the file beside the model. Whatever stands in its way costs the checkpoint and
 * not the training, and a note says so. Another training there would cost the model. */
static enum weft_status claim_beside(struct checkpoints *checkpoints)
{
    const char *path = checkpoints->path;
    static const char reason[] = "the options of this command must be UTF-8";
    struct weft_checkpoint *old = NULL;
    const enum weft_status status = weft_checkpoint_lock(path, &checkpoints->lock);
    if (status == WEFT_ERROR_BUSY)
        return complain(status,
                        "-o %s: another training run uses this name, and its checkpoint is %s",
                        option_value(checkpoints->line, OPTION_OUTPUT), path);
    const bool can_be_kept = options_can_be_kept(checkpoints);
    if (can_be_kept && status == WEFT_OK && !platform_file_exists(path))
        return WEFT_OK;
    if (can_be_kept && status == WEFT_OK && weft_checkpoint_read(path, &old) == WEFT_OK) {
        weft_checkpoint_destroy(old);
        say("note",
            "%s holds an earlier training run, which --resume continues; if this run is "
            "interrupted, it replaces the file",
            path);
        return WEFT_OK;
    }
    say("note", "if this run is interrupted, it leaves no checkpoint without --checkpoint: %s",
        can_be_kept ? weft_error() : reason);
    free(checkpoints->path);
    checkpoints->path = NULL;
    return WEFT_OK;
}

enum weft_status checkpoints_init(struct checkpoints *checkpoints, const struct command_line *line)
{
    *checkpoints = (struct checkpoints){
        .line = line, .written_at = platform_seconds(), .last = option_value(line, OPTION_RESUME)};
    TRY(read_every(checkpoints));
    TRY(read_limit(checkpoints));
    TRY(choose_path(checkpoints));
    if (!rank_job_speaks(line->ranks))
        return WEFT_OK;
    if (checkpoints->regular)
        return claim_named(checkpoints);
    if (option_given(line, OPTION_CHECKPOINT_EVERY))
        return complain(WEFT_ERROR_USAGE, "--checkpoint-every: needs --checkpoint");
    return checkpoints->path != NULL && !option_given(line, OPTION_DRY_RUN)
               ? claim_beside(checkpoints)
               : WEFT_OK;
}

void checkpoints_reset(struct checkpoints *checkpoints)
{
    weft_checkpoint_unlock(checkpoints->lock);
    free(checkpoints->path);
    *checkpoints = (struct checkpoints){.path = NULL};
}

/* ---- during the training run ---- */

bool checkpoints_stop(struct checkpoints *checkpoints, const struct weft_progress *now)
{
    checkpoints->batches++;
    checkpoints->epochs += now->batch == now->batches;
    checkpoints->in_time =
        checkpoints->deadline > 0.0 && platform_seconds() >= checkpoints->deadline;
    checkpoints->stopping = checkpoints->in_time || interrupt_signal() != 0;
    return checkpoints->stopping;
}

static bool interval_is_over(const struct checkpoints *checkpoints)
{
    if (checkpoints->every_epochs > 0)
        return checkpoints->epochs >= checkpoints->every_epochs;
    if (checkpoints->every_batches > 0)
        return checkpoints->batches >= checkpoints->every_batches;
    return platform_seconds() - checkpoints->written_at >= checkpoints->every_seconds;
}

/* Refuses to replace a file beside the model that has appeared since the training began and is no
 * checkpoint. */
static enum weft_status check_replaced(const struct checkpoints *checkpoints)
{
    struct weft_checkpoint *old;
    if (checkpoints->regular || !platform_file_exists(checkpoints->path))
        return WEFT_OK;
    TRY(weft_checkpoint_read(checkpoints->path, &old));
    weft_checkpoint_destroy(old);
    return WEFT_OK;
}

/* Writes the checkpoint, or the line of the failure to `reason`. */
static enum weft_status write_now(struct checkpoints *checkpoints, struct weft_moment *moment,
                                  const struct resume_place *place,
                                  const struct weft_model *finished)
{
    char *note = resume_note(checkpoints->line, place);
    if (note == NULL) {
        snprintf(checkpoints->reason, sizeof checkpoints->reason, "%s: no memory for its options",
                 checkpoints->path);
        return WEFT_ERROR_MEMORY;
    }
    enum weft_status status = check_replaced(checkpoints);
    if (status == WEFT_OK)
        status = weft_checkpoint_write(moment, checkpoints->path, note, finished);
    free(note);
    if (status != WEFT_OK)
        library_line(checkpoints->reason, sizeof checkpoints->reason);
    return status;
}

bool checkpoints_due(struct checkpoints *checkpoints)
{
    const bool asked = interrupt_asked_for_checkpoint();
    checkpoints->stopped = checkpoints->stopping;
    if (checkpoints->path == NULL)
        return asked;
    return asked || checkpoints->stopping ||
           (checkpoints->regular && interval_is_over(checkpoints));
}

bool checkpoints_counted(const struct checkpoints *checkpoints)
{
    return checkpoints->regular && checkpoints->every_epochs + checkpoints->every_batches > 0 &&
           interval_is_over(checkpoints);
}

bool checkpoints_write(struct checkpoints *checkpoints, struct weft_moment *moment,
                       const struct resume_place *place, const struct weft_model *finished)
{
    if (checkpoints->path == NULL) {
        snprintf(checkpoints->reason, sizeof checkpoints->reason,
                 "SIGUSR1 needs -o or --checkpoint");
        return false;
    }
    checkpoints->written_at = platform_seconds();
    checkpoints->epochs = checkpoints->batches = 0;
    const bool failed_before = checkpoints->failed;
    const enum weft_status status = write_now(checkpoints, moment, place, finished);
    checkpoints->failed = status != WEFT_OK;
    if (!checkpoints->failed) {
        checkpoints->last = checkpoints->path;
        checkpoints->saved_at = platform_seconds();
        return true;
    }
    checkpoints->failures++;
    checkpoints->status = status;
    return failed_before;
}

void checkpoints_follow(struct checkpoints *checkpoints)
{
    checkpoints->written_at = checkpoints->saved_at = platform_seconds();
    checkpoints->epochs = checkpoints->batches = 0;
    checkpoints->last = checkpoints->path;
}

/* ---- afterwards ---- */

/* Appends `word` to `line` as a shell reads it. */
static void append_word(const char *word, char *line, size_t size)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_-+=.,:/@%";
    const char *quote = word[0] == '\0' || word[strspn(word, plain)] != '\0' ? "'" : "";
    enum { LONGEST = 8 }; /* an escaped quote, the last quote and the end */
    size_t used = strlen(line);
    used += (size_t)snprintf(line + used, size - used, "%s", quote);
    for (; *word != '\0' && used + LONGEST < size; word++)
        used += (size_t)snprintf(line + used, size - used, *word == '\'' ? "'\\%c'" : "%c", *word);
    snprintf(line + used, size - used, "%s", quote);
}

void checkpoints_command(const struct checkpoints *checkpoints, char text[RESUME_COMMAND_SIZE])
{
    text[0] = '\0';
    if (checkpoints->last == NULL)
        return;
    snprintf(text, RESUME_COMMAND_SIZE, "weft train --resume ");
    append_word(checkpoints->last, text, RESUME_COMMAND_SIZE);
}

void checkpoints_advice(const struct checkpoints *checkpoints, enum weft_status status,
                        char text[RESUME_COMMAND_SIZE])
{
    char command[RESUME_COMMAND_SIZE];
    checkpoints_command(checkpoints, command);
    text[0] = '\0';
    if (command[0] == '\0')
        return;
    if (status == WEFT_ERROR_DIVERGED)
        snprintf(text, RESUME_COMMAND_SIZE, "; resuming from %.1000s would diverge again",
                 checkpoints->last);
    else if (status == WEFT_ERROR_WRONG_RESULT)
        snprintf(text, RESUME_COMMAND_SIZE, "; resume on another device with: %.1100s --device cpu",
                 command);
    else if (status == WEFT_ERROR_DEVICE || status == WEFT_ERROR_MEMORY ||
             status == WEFT_ERROR_IO || status == WEFT_ERROR_DISTRIBUTED)
        snprintf(text, RESUME_COMMAND_SIZE, "; resume with: %.1100s", command);
}

enum weft_status checkpoints_finish(const struct checkpoints *checkpoints)
{
    if (checkpoints->failures == 0 || !checkpoints->regular)
        return WEFT_OK;
    return complain(checkpoints->status, "%s; %zu checkpoint%s not written", checkpoints->reason,
                    checkpoints->failures, checkpoints->failures == 1 ? " was" : "s were");
}
