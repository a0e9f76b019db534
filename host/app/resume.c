/* Writes and reads the note of a checkpoint. See resume.h. */
#include "resume.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"
#include "platform.h"

/* Options that say how to run: they may differ when a training run is resumed. Where the data is
 * may differ, too; a digest tells whether they are the same. The note does not have the second
 * list. */
static const char *const may_differ[] = {
    "data",   "images",  "labels",           "test",       "output",      "log",
    "report", "bundle",  "checkpoint-every", "time-limit", "json",        "device",
    "quiet",  "verbose", "no-plot",          "gemm",       "check-every", "device-memory",
    "memory"};
static const char *const never_kept[] = {"checkpoint", "resume", "dry-run", "help", "help-all"};
#define IS_ONE_OF(name, names) is_one_of(name, names, sizeof(names) / sizeof *(names))

static bool is_one_of(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static bool is_of_training(size_t index)
{
    return (option_row(index)->commands & COMMAND_TRAIN) != 0;
}

/* ---- writing ---- */

/* Sets --slices, unless it is set already. Returns false without memory. */
static bool keep_slices(json_t *options, size_t slices)
{
    char text[24];
    snprintf(text, sizeof text, "%zu", slices);
    return slices == 0 || json_object_get(options, "slices") != NULL ||
           json_object_set_new(options, "slices", json_string(text)) == 0;
}

static json_t *options_to_json(const struct command_line *line, size_t slices)
{
    json_t *options = json_object();
    for (size_t i = 0; options != NULL && option_row(i) != NULL; i++) {
        const char *name = option_row(i)->name, *value = option_row_value(line, i);
        if (value != NULL && is_of_training(i) && !IS_ONE_OF(name, never_kept) &&
            json_object_set_new(options, name, json_string(value)) != 0) {
            json_decref(options);
            options = NULL;
        }
    }
    if (options != NULL && !keep_slices(options, slices)) {
        json_decref(options);
        options = NULL;
    }
    return options;
}

char *resume_note(const struct command_line *line, const struct resume_place *place)
{
    char *text = NULL;
    json_t *note =
        json_pack("{s:o, s:I, s:I, s:I, s:I, s:b}", "options", options_to_json(line, place->slices),
                  "member", (json_int_t)place->member, "log_bytes", (json_int_t)place->log_bytes,
                  "epochs", (json_int_t)place->epochs, "best_epoch", (json_int_t)place->best_epoch,
                  "stopped_early", (int)place->stopped_early);
    if (note != NULL)
        text = json_dumps(note, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(note);
    return text;
}

/* ---- reading ---- */

static enum weft_status bad_note(const char *path)
{
    return complain(WEFT_ERROR_MODEL,
                    "%s: this checkpoint does not come from weft train: its note has no options",
                    path);
}

static enum weft_status note_parse(const char *path, const char *text, json_t **note)
{
    *note = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(json_object_get(*note, "options")))
        return WEFT_OK;
    json_decref(*note);
    return bad_note(path);
}

static size_t count_of(const json_t *note, const char *key)
{
    const json_int_t value = json_integer_value(json_object_get(note, key));
    return value > 0 ? (size_t)value : 0;
}

enum weft_status resume_place_read(const char *path, const char *text, struct resume_place *place)
{
    json_t *note;
    TRY(note_parse(path, text, &note));
    *place = (struct resume_place){.member = count_of(note, "member"),
                                   .log_bytes = (long long)count_of(note, "log_bytes"),
                                   .epochs = count_of(note, "epochs"),
                                   .best_epoch = count_of(note, "best_epoch"),
                                   .stopped_early =
                                       json_is_true(json_object_get(note, "stopped_early"))};
    json_decref(note);
    return WEFT_OK;
}

/* What the command line names anew. The options that go with it are not taken from the checkpoint:
 * they may not fit. */
struct named {
    bool data, device;
};

static bool goes_with(const struct named *named, const char *name)
{
    static const char *const data[] = {"data", "images", "labels"}, *const device[] = {
                                                                        "gemm", "device-memory"};
    return (named->data && IS_ONE_OF(name, data)) || (named->device && IS_ONE_OF(name, device));
}

/* Compares one option with the checkpoint's, `then`, which may be NULL. */
static enum weft_status take_option(const char *path, struct command_line *line, size_t index,
                                    const char *then, const struct named *named)
{
    const char *name = option_row(index)->name, *now = option_row_value(line, index);
    if (IS_ONE_OF(name, never_kept))
        return WEFT_OK;
    if (now == NULL)
        return then == NULL || goes_with(named, name) ? WEFT_OK
                                                      : command_line_add(line, index, then);
    if (IS_ONE_OF(name, may_differ) || (then != NULL && strcmp(then, now) == 0))
        return WEFT_OK;
    return complain(WEFT_ERROR_MODEL, "%s: --%s: got %s, the checkpoint has %s", path, name, now,
                    then == NULL ? "none" : then);
}

static enum weft_status take_options(const char *path, const json_t *options,
                                     struct command_line *line)
{
    const struct named named = {.data = option_given(line, OPTION_DATA) ||
                                        option_given(line, OPTION_IMAGES),
                                .device = option_given(line, OPTION_DEVICE)};
    for (size_t i = 0; option_row(i) != NULL; i++)
        if (is_of_training(i))
            TRY(take_option(path, line, i,
                            json_string_value(json_object_get(options, option_row(i)->name)),
                            &named));
    return option_given(line, OPTION_CHECKPOINT) ? WEFT_OK
                                                 : command_line_add(line, OPTION_CHECKPOINT, path);
}

static enum weft_status take_note(const char *path, const char *text, struct command_line *line)
{
    json_t *note;
    TRY(note_parse(path, text, &note));
    const enum weft_status status = take_options(path, json_object_get(note, "options"), line);
    json_decref(note);
    return status;
}

enum weft_status resume_options(struct command_line *line)
{
    const char *path = option_value(line, OPTION_RESUME);
    struct weft_checkpoint *checkpoint;
    struct weft_checkpoint_info info;
    if (path == NULL)
        return WEFT_OK;
    TRY(told(weft_checkpoint_read(path, &checkpoint)));
    weft_checkpoint_get_info(checkpoint, &info);
    const enum weft_status status = take_note(path, info.note, line);
    weft_checkpoint_destroy(checkpoint);
    return status;
}
