/* The augmentation of a step in a bundle; see bundle_targets.h. */
#include <inttypes.h>
#include <stdio.h>

#include "base/number.h"
#include "check/bundle_targets.h"

static const char *const names[] = {"augment_height", "augment_width", "augment_channels",
                                    "augment_shift",  "augment_flip",  "augment_erase",
                                    "draw_seed",      "draw_epoch",    "draw_batch"};
enum { NAMES = sizeof names / sizeof *names };
static const char mixup_name[] = "augment_mixup", dropout_name[] = "augment_dropout";

/* Is anything in the step random? Dropout shares the numbers of the draw. */
static bool draws(const struct step_trial *trial)
{
    bool dropout = false;
    for (size_t l = 0; l < trial->network->layer_count; l++)
        dropout = dropout || trial->network->layers[l].dropout > 0.0f;
    return trial->draw != NULL && (dropout || augmentation_of_images(&trial->augmentation) ||
                                   augmentation_of_features(&trial->augmentation));
}

enum weft_status bundle_augmentation_write(const struct step_trial *trial, struct safetensors *file)
{
    const struct augmentation *a = &trial->augmentation;
    char text[NUMBER_TEXT_SIZE];
    if (!draws(trial))
        return WEFT_OK;
    const uint64_t values[NAMES] = {
        a->height, a->width,          a->channels,        a->shift,          a->flip,
        a->erase,  trial->draw->seed, trial->draw->epoch, trial->draw->batch};
    for (size_t i = 0; i < NAMES; i++) {
        snprintf(text, sizeof text, "%" PRIu64, values[i]);
        TRY(safetensors_add_entry(file, names[i], text));
    }
    number_to_text(a->mixup, text);
    TRY(safetensors_add_entry(file, mixup_name, text));
    if (a->dropout == 0.0f)
        return WEFT_OK;
    number_to_text((double)a->dropout, text);
    return safetensors_add_entry(file, dropout_name, text);
}

/* WEFT_ERROR_MODEL where the augmentation cannot be of the trial's samples. */
static enum weft_status check(const char *path, const struct step_trial *trial)
{
    const struct augmentation *a = &trial->augmentation;
    const size_t features = network_features(trial->network);
    const bool images = a->height > 0 && a->height <= UINT16_MAX && a->width > 0 &&
                        a->width <= UINT16_MAX && a->channels <= features &&
                        a->height * a->width * a->channels == features;
    if (augmentation_of_images(a) && !(images && a->shift < a->height && a->shift < a->width &&
                                       a->erase <= a->height && a->erase <= a->width))
        return fail(WEFT_ERROR_MODEL, "%s: augment_height: images of %zux%zux%zu cannot be", path,
                    a->height, a->width, a->channels);
    if (a->mixup > 0.0 && !trial->targets.dense)
        return fail(WEFT_ERROR_MODEL, "%s: %s: needs targets.rule", path, mixup_name);
    return WEFT_OK;
}

/* A share; 0 where the file has none. */
static enum weft_status read_dropout(const char *path, const struct safetensors *file,
                                     double *dropout)
{
    const char *text = safetensors_entry(file, dropout_name);
    if (text != NULL &&
        (!number_from_text(text, dropout) || *dropout < 0.0 || !((float)*dropout < 1.0f)))
        return fail(WEFT_ERROR_MODEL, "%s: %s: got \"%.64s\", need 0 to below 1", path,
                    dropout_name, text);
    return WEFT_OK;
}

enum weft_status bundle_augmentation_read(const char *path, const struct safetensors *file,
                                          struct step_trial *trial, struct batch_draw *draw)
{
    uint64_t values[NAMES] = {0};
    double mixup = 0.0, dropout = 0.0;
    if (safetensors_entry(file, names[0]) == NULL)
        return WEFT_OK;
    for (size_t i = 0; i < NAMES; i++) {
        const char *text = safetensors_entry(file, names[i]);
        if (text == NULL || !integer_from_text(text, &values[i]))
            return fail(WEFT_ERROR_MODEL, "%s: %s: missing or no whole number", path, names[i]);
    }
    const char *text = safetensors_entry(file, mixup_name);
    if (text == NULL || !number_from_text(text, &mixup) || mixup < 0.0)
        return fail(WEFT_ERROR_MODEL, "%s: %s: missing or no number of 0 or more", path,
                    mixup_name);
    TRY(read_dropout(path, file, &dropout));
    trial->augmentation = (struct augmentation){.height = values[0],
                                                .width = values[1],
                                                .channels = values[2],
                                                .shift = values[3],
                                                .flip = values[4] != 0,
                                                .erase = values[5],
                                                .mixup = mixup,
                                                .dropout = (float)dropout};
    *draw = (struct batch_draw){values[6], (uint32_t)values[7], (uint32_t)values[8]};
    trial->draw = draw;
    return check(path, trial);
}
