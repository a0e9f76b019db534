/* Reads checkpoints. A file that is damaged anywhere is rejected. See checkpoint.h. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "network/model_file.h"
#include "train/checkpoint.h"

static const char prefix[] = "finished.";

/* ---- the file ---- */

static enum weft_status check_format(const char *path, const struct safetensors *file)
{
    const char *format = safetensors_entry(file, "format");
    if (format != NULL && strcmp(format, "weft-checkpoint") == 0)
        return WEFT_OK;
    return fail(WEFT_ERROR_MODEL, "%s: not a checkpoint: need a file of weft train --checkpoint",
                path);
}

static enum weft_status check_digest(const char *path, const struct safetensors *file)
{
    char digest[CHECKPOINT_DIGEST_SIZE];
    const char *need = safetensors_entry(file, "digest");
    checkpoint_digest(file, digest);
    if (need != NULL && strcmp(need, digest) == 0)
        return WEFT_OK;
    return fail(WEFT_ERROR_MODEL, "%s: damaged: its digest is %s, need %.16s", path, digest,
                need == NULL ? "one in the metadata" : need);
}

/* Rejects numbers that no training has. */
static enum weft_status check_record(const struct weft_checkpoint *checkpoint)
{
    const struct checkpoint_record *record = &checkpoint->record;
    if (record->format_version != 1)
        return fail(WEFT_ERROR_MODEL, "%s: format_version: got %u, need 1: written by a newer Weft",
                    checkpoint->path, (unsigned)record->format_version);
    if (record->epoch == 0 || record->batch == 0 || record->steps == 0 ||
        record->epochs >= record->epoch || record->best_epoch >= record->epoch ||
        record->plateau_epoch >= record->epoch ||
        safetensors_entry(&checkpoint->file, "note") == NULL)
        return fail(WEFT_ERROR_MODEL, "%s: its numbers contradict each other", checkpoint->path);
    return WEFT_OK;
}

static enum weft_status fill(const char *path, struct weft_checkpoint *checkpoint)
{
    struct safetensors *file = &checkpoint->file;
    struct checkpoint_record *record = &checkpoint->record;
    TRY(text_copy(path, &checkpoint->path));
    TRY(safetensors_open(path, file));
    TRY(check_format(path, file));
    TRY(safetensors_load(file));
    TRY(check_digest(path, file));
    TRY(metadata_read((struct metadata_source){.path = path, .file = file}, checkpoint_fields,
                      checkpoint_field_count, record));
    if (record->best_epoch == 0)
        record->best = (double)NAN;
    if (record->plateau_epoch == 0)
        record->plateau_best = (double)NAN;
    return check_record(checkpoint);
}

enum weft_status weft_checkpoint_read(const char *path, struct weft_checkpoint **checkpoint)
{
    TRY(NEW_ARRAY(*checkpoint, 1));
    const enum weft_status status = fill(path, *checkpoint);
    if (status != WEFT_OK) {
        weft_checkpoint_destroy(*checkpoint);
        *checkpoint = NULL;
    }
    return status;
}

void weft_checkpoint_destroy(struct weft_checkpoint *checkpoint)
{
    if (checkpoint == NULL)
        return;
    safetensors_reset(&checkpoint->file);
    memory_free(checkpoint->path);
    memory_free(checkpoint);
}

void weft_checkpoint_get_info(const struct weft_checkpoint *checkpoint,
                              struct weft_checkpoint_info *info)
{
    const struct checkpoint_record *record = &checkpoint->record;
    *info = (struct weft_checkpoint_info){.epoch = (size_t)record->epoch,
                                          .batch = (size_t)record->batch,
                                          .device = record->device,
                                          .version = record->weft_version,
                                          .note = safetensors_entry(&checkpoint->file, "note")};
}

/* Copies the curve in the tensor `name`; without this tensor, it is empty. */
static enum weft_status take_curve(const struct weft_checkpoint *checkpoint, const char *name,
                                   struct curve *curve)
{
    const struct safetensor *tensor = safetensors_find(&checkpoint->file, name);
    curve_reset(curve);
    if (tensor == NULL)
        return WEFT_OK;
    if (tensor->dimensions != 2 || tensor->shape[0] == 0 || tensor->shape[1] != POINT_NUMBERS)
        return fail(WEFT_ERROR_MODEL, "%s: %s: need a row of %d numbers for each epoch",
                    checkpoint->path, name, POINT_NUMBERS);
    TRY(NEW_ARRAY(curve->points, tensor->shape[0]));
    curve->count = curve->capacity = tensor->shape[0];
    memcpy(curve->points, tensor->values, tensor->count * sizeof *tensor->values);
    return WEFT_OK;
}

/* ---- the finished part of an ensemble ---- */

/* Makes a view of the entries and tensors after the prefix. Its two arrays are owned, and what they
 * point to is borrowed. */
static enum weft_status view_finished(const struct safetensors *file, struct safetensors *view)
{
    const size_t length = sizeof prefix - 1;
    TRY(NEW_ARRAY(view->entries, file->entry_count));
    TRY(NEW_ARRAY(view->tensors, file->tensor_count));
    for (size_t i = 0; i < file->entry_count; i++)
        if (strncmp(file->entries[i].key, prefix, length) == 0) {
            view->entries[view->entry_count] = file->entries[i];
            view->entries[view->entry_count++].key += length;
        }
    for (size_t i = 0; i < file->tensor_count; i++)
        if (strncmp(file->tensors[i].name, prefix, length) == 0) {
            view->tensors[view->tensor_count] = file->tensors[i];
            view->tensors[view->tensor_count++].name += length;
        }
    return WEFT_OK;
}

static enum weft_status take_curves(const struct weft_checkpoint *checkpoint,
                                    struct weft_model *model)
{
    for (size_t m = 0; m <= model->member_count; m++) {
        char name[CHECKPOINT_CURVE_SIZE];
        checkpoint_curve_name(m, name);
        TRY(take_curve(checkpoint, name, m == 0 ? &model->curve : &model->members[m - 1]->curve));
    }
    return WEFT_OK;
}

enum weft_status weft_checkpoint_get_finished(const struct weft_checkpoint *checkpoint,
                                              struct weft_model **model)
{
    struct safetensors view = {0};
    *model = NULL;
    enum weft_status status = view_finished(&checkpoint->file, &view);
    if (status == WEFT_OK && view.entry_count > 0)
        status = model_file_take(checkpoint->path, &view, model);
    if (status == WEFT_OK && *model != NULL)
        status = take_curves(checkpoint, *model);
    if (status != WEFT_OK) {
        weft_model_destroy(*model);
        *model = NULL;
    }
    memory_free(view.tensors);
    memory_free(view.entries);
    return status;
}

/* ---- resuming ---- */

/* Copies the tensor `name` to values [count]. */
static enum weft_status take(const struct weft_checkpoint *checkpoint, const char *name,
                             void *values, size_t count)
{
    const struct safetensor *tensor = safetensors_find(&checkpoint->file, name);
    if (tensor == NULL || tensor->count != count)
        return fail(WEFT_ERROR_MODEL, "%s: %s: got %zu numbers, this run has %zu", checkpoint->path,
                    name, tensor == NULL ? 0 : tensor->count, count);
    memcpy(values, tensor->values, count * sizeof *tensor->values);
    return WEFT_OK;
}

static void monitor_restore(struct monitor *monitor, double best, uint64_t epoch, uint64_t worse)
{
    monitor->best = best;
    monitor->best_epoch = (size_t)epoch;
    monitor->worse = (size_t)worse;
}

static enum weft_status state_restore(const struct weft_checkpoint *checkpoint,
                                      struct training_state *state)
{
    const struct checkpoint_record *record = &checkpoint->record;
    if (record->batch > state->batches)
        return fail(WEFT_ERROR_MODEL, "%s: batch: got %zu, an epoch has %zu", checkpoint->path,
                    (size_t)record->batch, state->batches);
    state->epoch = (size_t)record->epoch;
    state->batch = (size_t)record->batch;
    state->steps = record->steps;
    state->epochs = (size_t)record->epochs;
    state->schedule.drops = record->drops;
    monitor_restore(&state->monitor, record->best, record->best_epoch, record->worse);
    monitor_restore(&state->plateau, record->plateau_best, record->plateau_epoch,
                    record->plateau_worse);
    TRY(take(checkpoint, "trained", state->trained, (state->arrays + 1) * state->values));
    TRY(take(checkpoint, "previous", state->previous, state->values));
    if (record->best_epoch > 0)
        TRY(take(checkpoint, "best", state->best, state->values));
    return take(checkpoint, "metrics", state->metrics,
                state->batch * sizeof *state->metrics / sizeof(float));
}

enum weft_status checkpoint_restore(const struct weft_checkpoint *checkpoint,
                                    struct epoch_loop *loop, struct weft_model *model)
{
    TRY(state_restore(checkpoint, loop->state));
    TRY(take(checkpoint, "model", model->parameters, loop->state->values));
    TRY(take_curve(checkpoint, "curve", &model->curve));
    model->record.epochs = (size_t)checkpoint->record.recorded;
    return training_state_put(loop->state, loop->backend, loop->workspace);
}
