/* Decides when checkpoints are written, and where. See checkpoints.h. */
#include "checkpoints.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "interrupt.h"
#include "message.h"
#include "platform.h"

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

enum weft_status checkpoints_init(struct checkpoints *checkpoints, const struct command_line *line)
{
    *checkpoints = (struct checkpoints){.line = line, .written_at = platform_seconds()};
    TRY(read_every(checkpoints));
    TRY(read_limit(checkpoints));
    TRY(choose_path(checkpoints));
    if (!checkpoints->regular)
        return option_given(line, OPTION_CHECKPOINT_EVERY)
                   ? complain(WEFT_ERROR_USAGE, "--checkpoint-every: needs --checkpoint")
                   : WEFT_OK;
    if (!option_given(line, OPTION_DRY_RUN)) /* which writes nothing */
        TRY(told(weft_checkpoint_lock(checkpoints->path, &checkpoints->lock)));
    return check_path(checkpoints);
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

static bool is_due(const struct checkpoints *checkpoints)
{
    if (checkpoints->every_epochs > 0)
        return checkpoints->epochs >= checkpoints->every_epochs;
    if (checkpoints->every_batches > 0)
        return checkpoints->batches >= checkpoints->every_batches;
    return platform_seconds() - checkpoints->written_at >= checkpoints->every_seconds;
}

/* Returns false, with a message, if the file beside the model is not a checkpoint. Nobody has asked
 * to replace it. */
static bool may_replace(const struct checkpoints *checkpoints)
{
    struct weft_checkpoint *old;
    if (checkpoints->regular || !platform_file_exists(checkpoints->path))
        return true;
    if (weft_checkpoint_read(checkpoints->path, &old) == WEFT_OK) {
        weft_checkpoint_destroy(old);
        return true;
    }
    (void)complain(WEFT_ERROR_IO,
                   "%s: the file exists and is not a checkpoint; no checkpoint is written",
                   checkpoints->path);
    return false;
}

static enum weft_status write_now(const struct checkpoints *checkpoints, struct weft_moment *moment,
                                  const struct resume_place *place,
                                  const struct weft_model *finished)
{
    char *note = resume_note(checkpoints->line, place);
    if (note == NULL)
        return WEFT_ERROR_MEMORY;
    const enum weft_status status =
        told(weft_checkpoint_write(moment, checkpoints->path, note, finished));
    free(note);
    return status;
}

void checkpoints_batch(struct checkpoints *checkpoints, struct weft_moment *moment,
                       const struct resume_place *place, const struct weft_model *finished)
{
    const bool asked = interrupt_asked_for_checkpoint();
    const bool due = checkpoints->regular && is_due(checkpoints);
    if (checkpoints->path == NULL || !(asked || due || checkpoints->stopping))
        return;
    checkpoints->written_at = platform_seconds();
    checkpoints->epochs = checkpoints->batches = 0;
    if (!may_replace(checkpoints))
        return;
    const enum weft_status status = write_now(checkpoints, moment, place, finished);
    if (status != WEFT_OK)
        checkpoints->status = status;
    else
        checkpoints->saved_at = platform_seconds();
    checkpoints->resumable = status == WEFT_OK && checkpoints->stopping;
}
