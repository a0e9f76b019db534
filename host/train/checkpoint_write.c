/* Writes checkpoints. See checkpoint.h. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "network/model_file.h"
#include "options/options.h"
#include "train/checkpoint.h"

/* Copies `text` without what JSON or a terminal might not take. */
static void plain_copy(const char *text, char *copy, size_t size)
{
    snprintf(copy, size, "%s", text);
    for (char *c = copy; *c != '\0'; c++)
        if (*c < ' ' || *c > '~')
            *c = '?';
}

static struct checkpoint_record record_of(struct weft_moment *moment)
{
    const struct training_state *state = moment->loop->state;
    struct checkpoint_record record = {.format = "weft-checkpoint",
                                       .format_version = 1,
                                       .identity = *checkpoint_identify(moment),
                                       .epoch = state->epoch,
                                       .batch = state->batch,
                                       .steps = state->steps,
                                       .epochs = state->epochs,
                                       .recorded = moment->model->record.epochs,
                                       .drops = state->schedule.drops,
                                       .best = state->monitor.best,
                                       .best_epoch = state->monitor.best_epoch,
                                       .worse = state->monitor.worse,
                                       .plateau_best = state->plateau.best,
                                       .plateau_epoch = state->plateau.best_epoch,
                                       .plateau_worse = state->plateau.worse};
    snprintf(record.weft_version, sizeof record.weft_version, "%s", weft_version());
    plain_copy(moment->loop->device->info.name, record.device, sizeof record.device);
    return record;
}

static enum weft_status add_options(const struct weft_options *options, struct safetensors *file)
{
    char key[CHECKPOINT_KEY_SIZE], text[WEFT_OPTION_TEXT_SIZE];
    for (size_t i = 0; i < option_row_count; i++) {
        checkpoint_option_key(&option_rows[i], key);
        option_write(options, &option_rows[i], text);
        TRY(safetensors_add_entry(file, key, text));
    }
    return WEFT_OK;
}

static enum weft_status add_curve(const struct curve *curve, const char *name,
                                  struct safetensors *file)
{
    const size_t shape[] = {curve->count, POINT_NUMBERS};
    if (curve->count == 0)
        return WEFT_OK;
    return safetensors_add(file, name, (const float *)(const void *)curve->points, shape, 2);
}

static enum weft_status add_tensors(const struct weft_moment *moment, struct safetensors *file)
{
    const struct training_state *state = moment->loop->state;
    const size_t trained[] = {state->arrays + 1, state->values};
    const size_t metrics[] = {state->batch, METRIC_NUMBERS};
    TRY(safetensors_add(file, "trained", state->trained, trained, 2));
    TRY(safetensors_add(file, "model", moment->model->parameters, &state->values, 1));
    TRY(safetensors_add(file, "previous", state->previous, &state->values, 1));
    TRY(add_curve(&moment->model->curve, "curve", file));
    if (state->monitor.best_epoch > 0)
        TRY(safetensors_add(file, "best", state->best, &state->values, 1));
    return safetensors_add(file, "metrics", (const float *)(const void *)state->metrics, metrics,
                           2);
}

/* Adds the content of a model file, with "finished." before each name. */
static enum weft_status add_prefixed(const struct safetensors *model, struct safetensors *file)
{
    char name[128];
    for (size_t i = 0; i < model->entry_count; i++) {
        snprintf(name, sizeof name, "finished.%s", model->entries[i].key);
        TRY(safetensors_add_entry(file, name, model->entries[i].value));
    }
    for (size_t i = 0; i < model->tensor_count; i++) {
        const struct safetensor *tensor = &model->tensors[i];
        snprintf(name, sizeof name, "finished.%s", tensor->name);
        TRY(safetensors_add(file, name, tensor->values, tensor->shape, tensor->dimensions));
    }
    return WEFT_OK;
}

static enum weft_status add_finished(const struct weft_model *finished, struct safetensors *file)
{
    struct safetensors model = {0};
    if (finished == NULL)
        return WEFT_OK;
    enum weft_status status = model_file_fill(finished, &model);
    if (status == WEFT_OK)
        status = add_prefixed(&model, file);
    safetensors_reset(&model);
    for (size_t m = 0; m <= finished->member_count && status == WEFT_OK; m++) {
        char name[CHECKPOINT_CURVE_SIZE];
        checkpoint_curve_name(m, name);
        status = add_curve(model_curve(finished, m), name, file);
    }
    return status;
}

static enum weft_status fill(struct weft_moment *moment, const char *note,
                             const struct weft_model *finished, struct safetensors *file)
{
    char digest[CHECKPOINT_DIGEST_SIZE];
    TRY(epoch_loop_take(moment->loop));
    const struct checkpoint_record record = record_of(moment);
    TRY(metadata_write(file, checkpoint_fields, checkpoint_field_count, &record));
    TRY(add_options(moment->loop->options, file));
    TRY(safetensors_add_entry(file, "note", note == NULL ? "" : note));
    TRY(add_tensors(moment, file));
    TRY(add_finished(finished, file));
    checkpoint_digest(file, digest);
    return safetensors_add_entry(file, "digest", digest);
}

enum weft_status weft_moment_take(struct weft_moment *moment)
{
    return epoch_loop_take(moment->loop);
}

enum weft_status weft_checkpoint_write(struct weft_moment *moment, const char *path,
                                       const char *note, const struct weft_model *finished)
{
    struct safetensors file = {0};
    enum weft_status status = fill(moment, note, finished, &file);
    if (status == WEFT_OK)
        status = safetensors_write(path, &file);
    safetensors_reset(&file);
    return status;
}
