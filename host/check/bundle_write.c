/* Writes bundles. See bundle.h. */
#include "check/bundle.h"

#include <stdio.h>

#include "base/memory.h"
#include "check/bundle_fields.h"
#include "network/layer_tensors.h"

static enum weft_status add_layers(const struct step_trial *trial, struct safetensors *file)
{
    for (size_t l = 0; l < trial->network->layer_count; l++) {
        struct layer_tensor list[LAYER_TENSORS];
        const size_t count = layer_tensors(trial->network, l, list);
        for (size_t i = 0; i < count; i++)
            TRY(safetensors_add(file, list[i].name, trial->parameters + list[i].offset,
                                list[i].shape, list[i].dimensions));
    }
    return WEFT_OK;
}

static enum weft_status add_labels(const struct step_trial *trial, struct safetensors *file)
{
    float *labels = NULL;
    TRY(NEW_ARRAY(labels, trial->batch));
    for (size_t i = 0; i < trial->batch; i++)
        labels[i] = (float)trial->labels[i];
    const enum weft_status status = safetensors_add(file, "batch.labels", labels, &trial->batch, 1);
    memory_free(labels);
    return status;
}

static enum weft_status add_batch(const struct step_trial *trial, struct safetensors *file)
{
    const size_t shape[] = {trial->batch, network_features(trial->network)};
    TRY(safetensors_add(file, "batch.x", trial->x, shape, 2));
    TRY(add_labels(trial, file));
    if (trial->scale == NULL || trial->scale->features == 0)
        return WEFT_OK;
    TRY(safetensors_add(file, "scale.mean", trial->scale->mean, &shape[1], 1));
    return safetensors_add(file, "scale.std", trial->scale->std, &shape[1], 1);
}

/* Adds update.0, update.1, ...: the optimizer state before the step. */
static enum weft_status add_state(const struct step_trial *trial, struct safetensors *file)
{
    const size_t count = trial->network->value_count;
    char name[BUNDLE_NAME_SIZE];
    for (size_t s = 0; trial->state != NULL && s < update_states(&trial->update); s++) {
        snprintf(name, sizeof name, "update.%zu", s);
        TRY(safetensors_add(file, name, trial->state + s * count, &count, 1));
    }
    return WEFT_OK;
}

/* Replaces all bytes outside ASCII by '?', because driver names may contain any bytes and the
 * header must be UTF-8. */
static enum weft_status add_plain_text(struct safetensors *file, const char *key, const char *text)
{
    char plain[1024];
    size_t length = 0;
    for (; length < sizeof plain - 1 && text[length] != '\0'; length++)
        plain[length] = (unsigned char)text[length] < 0x80 ? text[length] : '?';
    plain[length] = '\0';
    return safetensors_add_entry(file, key, plain);
}

static enum weft_status add_origin(const struct bundle_origin *origin, struct safetensors *file)
{
    const uint64_t place[] = {origin->epoch, origin->batch};
    static const struct metadata_field fields[] = {
        {.key = "epoch", .type = METADATA_INTEGER, .offset = 0, .size = sizeof *place},
        {.key = "batch", .type = METADATA_INTEGER, .offset = sizeof *place, .size = sizeof *place},
    };
    TRY(metadata_write(file, fields, 2, place));
    TRY(safetensors_add_entry(file, "weft_version", weft_version()));
    TRY(add_plain_text(file, "platform", origin->device->platform));
    TRY(add_plain_text(file, "device", origin->device->name));
    TRY(add_plain_text(file, "driver", origin->device->driver));
    TRY(add_plain_text(file, "components", weft_components()));
    return add_plain_text(file, "finding", origin->finding);
}

static enum weft_status add_all(const struct step_trial *trial, const struct bundle_origin *origin,
                                struct safetensors *file)
{
    TRY(add_layers(trial, file));
    TRY(add_batch(trial, file));
    TRY(add_state(trial, file));
    TRY(bundle_targets_write(trial, file));
    TRY(bundle_fields_write(file, trial, origin->products));
    return add_origin(origin, file);
}

enum weft_status bundle_write(const char *path, const struct step_trial *trial,
                              const struct bundle_origin *origin)
{
    struct safetensors file = {0};
    enum weft_status status = add_all(trial, origin, &file);
    if (status == WEFT_OK)
        status = safetensors_write(path, &file);
    safetensors_reset(&file);
    return status;
}
