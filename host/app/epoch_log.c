/* Writing the log of epochs. */
#include "epoch_log.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "message.h"
#include "output.h"

static enum weft_status complain_file(const struct epoch_log *log)
{
    return complain(WEFT_ERROR_IO, "%s: %s", log->path,
                    errno != 0 ? strerror(errno) : "cannot be written");
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
    log->file = fopen(path, "w");
    return log->file != NULL ? WEFT_OK : complain_file(log);
}

enum weft_status epoch_log_write(struct epoch_log *log, const struct weft_epoch *epoch,
                                 size_t member)
{
    if (log->file == NULL)
        return WEFT_OK;
    json_t *line = json_pack(
        "{s:I, s:o, s:o, s:o, s:o, s:o}", "epoch", (json_int_t)epoch->epoch, "error",
        output_number(epoch->error), "train_accuracy", output_number(epoch->train_accuracy),
        "validation_accuracy", output_number(epoch->validation_accuracy), "learning_rate",
        output_number(epoch->learning_rate), "seconds", output_number(epoch->seconds));
    if (line != NULL && member > 0)
        json_object_set_new(line, "member", json_integer((json_int_t)member));
    if (line != NULL && !isnan(epoch->validation_r2)) /* of task regress */
        json_object_set_new(line, "validation_r2", output_number(epoch->validation_r2));
    if (line != NULL && log->watched)
        json_object_set_new(line, "monitored", output_number(epoch->monitored));
    enum weft_status status = output_json(log->file, line, OUTPUT_DOUBLE);
    errno = 0;
    if (status == WEFT_OK && fflush(log->file) != 0)
        status = complain_file(log);
    if (status != WEFT_OK)
        epoch_log_close(log);
    return status;
}

enum weft_status epoch_log_finish(struct epoch_log *log)
{
    if (log->file == NULL)
        return WEFT_OK;
    FILE *file = log->file;
    log->file = NULL;
    errno = 0;
    /* some file systems tell of a full disk only now; after EINTR the file is closed */
    return fclose(file) == 0 || errno == EINTR ? WEFT_OK : complain_file(log);
}

void epoch_log_close(struct epoch_log *log)
{
    if (log->file != NULL)
        fclose(log->file); /* something else went wrong and was told */
    log->file = NULL;
}
