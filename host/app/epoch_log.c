/* Writes the log of epochs. */
#include "epoch_log.h"

#include <errno.h>
#include <math.h>

#include "message.h"
#include "output.h"

static enum weft_status complain_file(const struct epoch_log *log)
{
    return errno == ENXIO
               ? complain(WEFT_ERROR_IO, "%s: no process reads from this pipe", log->path)
               : complain_errno(log->path, "cannot be written");
}

enum weft_status epoch_log_open(struct epoch_log *log, const char *path,
                                const struct weft_options *options)
{
    *log = (struct epoch_log){.path = path,
                              .watched = options->patience > 0 ||
                                         options->schedule == WEFT_SCHEDULE_PLATEAU};
    if (path == NULL)
        return WEFT_OK;
    errno = 0;
    log->output = platform_open_output(path);
    return log->output.file != NULL ? WEFT_OK : complain_file(log);
}

enum weft_status epoch_log_cut(struct epoch_log *log, long long bytes)
{
    if (log->output.file == NULL || !log->output.can_be_kept || bytes == 0)
        return WEFT_OK;
    if (!platform_ends_line(log->path, bytes)) {
        say("note", "%s: this is not the log up to the checkpoint: the log begins anew", log->path);
        return WEFT_OK;
    }
    errno = 0;
    if (!platform_cut(log->output.file, bytes))
        return complain_file(log);
    log->begun = true;
    log->bytes = log->synced = bytes;
    return WEFT_OK;
}

/* Writes a line. The first line replaces the log of an earlier run; later lines are appended. */
static enum weft_status write_line(struct epoch_log *log, json_t *line)
{
    FILE *file = log->output.file;
    errno = 0;
    if (!log->begun && log->output.can_be_kept && !platform_empty(file)) {
        json_decref(line);
        return complain_file(log);
    }
    log->begun = true;
    TRY(output_json(file, line, OUTPUT_DOUBLE));
    errno = 0;
    if (fflush(file) != 0)
        return complain_file(log);
    log->bytes = log->output.can_be_kept ? platform_position(file) : 0;
    return WEFT_OK;
}

enum weft_status epoch_log_write(struct epoch_log *log, const struct weft_epoch *epoch,
                                 size_t member)
{
    if (log->output.file == NULL)
        return WEFT_OK;
    json_t *line = json_pack(
        "{s:I, s:o, s:o, s:o, s:o, s:o}", "epoch", (json_int_t)epoch->epoch, "error",
        output_number(epoch->error), "train_accuracy", output_number(epoch->train_accuracy),
        "validation_accuracy", output_number(epoch->validation_accuracy), "learning_rate",
        output_number(epoch->learning_rate), "seconds", output_number(epoch->seconds));
    if (line != NULL && member > 0)
        json_object_set_new(line, "member", json_integer((json_int_t)member));
    if (line != NULL && !isnan(epoch->validation_r2)) /* task regress */
        json_object_set_new(line, "validation_r2", output_number(epoch->validation_r2));
    if (line != NULL && log->watched)
        json_object_set_new(line, "monitored", output_number(epoch->monitored));
    const enum weft_status status = write_line(log, line);
    if (status != WEFT_OK)
        epoch_log_close(log);
    return status;
}

enum weft_status epoch_log_sync(struct epoch_log *log)
{
    if (log->output.file == NULL || log->bytes == 0)
        return WEFT_OK;
    errno = 0;
    if (platform_sync(log->output.file)) {
        log->synced = log->bytes;
        return WEFT_OK;
    }
    const enum weft_status status = complain_file(log);
    epoch_log_close(log);
    log->bytes = log->synced; /* later checkpoints do not count on more */
    return status;
}

enum weft_status epoch_log_finish(struct epoch_log *log)
{
    FILE *file = log->output.file;
    if (file == NULL || !log->begun)
        return WEFT_OK;
    log->output.file = NULL;
    errno = 0;
    /* Some file systems report a full disk only at this point. After EINTR the file is closed. */
    return fclose(file) == 0 || errno == EINTR ? WEFT_OK : complain_file(log);
}

void epoch_log_close(struct epoch_log *log)
{
    if (log->output.file == NULL)
        return;
    fclose(log->output.file); /* an earlier failure was already reported */
    log->output.file = NULL;
    if (log->output.created && !log->begun)
        platform_remove(log->path);
}
