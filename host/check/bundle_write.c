/* Writes bundles. See bundle.h. */
#include "check/bundle.h"

#include <stdio.h>

#include "base/memory.h"
#include "check/bundle_fields.h"
#include "network/layer_tensors.h"

static enum weft_status layers_write(struct safetensors *file, const struct step_trial *trial)
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

static enum weft_status labels_write(struct safetensors *file, const struct step_trial *trial)
{
    float *labels = NULL;
    TRY(NEW_ARRAY(labels, trial->batch));
    for (size_t i = 0; i < trial->batch; i++)
        labels[i] = (float)trial->labels[i];
    const enum weft_status status = safetensors_add(file, "batch.labels", labels, &trial->batch, 1);
    memory_free(labels);
    return status;
}

static enum weft_status batch_write(struct safetensors *file, const struct step_trial *trial)
{
    const size_t shape[] = {trial->batch, network_features(trial->network)};
    TRY(safetensors_add(file, "batch.x", trial->x, shape, 2));
    TRY(labels_write(file, trial));
    if (trial->scale == NULL || trial->scale->features == 0)
        return WEFT_OK;
    TRY(safetensors_add(file, "scale.mean", trial->scale->mean, &shape[1], 1));
    return safetensors_add(file, "scale.std", trial->scale->std, &shape[1], 1);
}

/* Writes the rule, sample weights and targets of a step with dense targets. */
static enum weft_status targets_write(struct safetensors *file, const struct step_trial *trial)
{
    const struct target_rule *rule = &trial->targets;
    const float numbers[BUNDLE_RULE_NUMBERS] = {rule->share, rule->spread,
                                                rule->each ? 1.0f : 0.0f};
    const size_t count = BUNDLE_RULE_NUMBERS;
    const size_t shape[] = {trial->batch, network_outputs(trial->network)};
    if (!rule->dense)
        return WEFT_OK;
    TRY(safetensors_add(file, "targets.rule", numbers, &count, 1));
    if (trial->weights != NULL)
        TRY(safetensors_add(file, "batch.weights", trial->weights, &trial->batch, 1));
    return trial->y != NULL ? safetensors_add(file, "batch.targets", trial->y, shape, 2) : WEFT_OK;
}

/* Writes update.0, update.1, ...: the optimizer state before the step. */
static enum weft_status state_write(struct safetensors *file, const struct step_trial *trial)
{
    const size_t count = trial->network->value_count;
    char name[BUNDLE_NAME_SIZE];
    for (size_t s = 0; trial->state != NULL && s < update_states(&trial->update); s++) {
        snprintf(name, sizeof name, "update.%zu", s);
        TRY(safetensors_add(file, name, trial->state + s * count, &count, 1));
    }
    return WEFT_OK;
}

/* Writes a text, and replaces all bytes outside ASCII by '?', because driver names may contain any
 * bytes and the header must be UTF-8. */
static enum weft_status text_write(struct safetensors *file, const char *key, const char *text)
{
    char plain[1024];
    size_t length = 0;
    for (; length < sizeof plain - 1 && text[length] != '\0'; length++)
        plain[length] = (unsigned char)text[length] < 0x80 ? text[length] : '?';
    plain[length] = '\0';
    return safetensors_add_entry(file, key, plain);
}

static enum weft_status origin_write(struct safetensors *file, const struct bundle_origin *origin)
{
    const uint64_t place[] = {origin->epoch, origin->batch};
    static const struct metadata_field fields[] = {
        {.key = "epoch", .type = METADATA_INTEGER, .offset = 0, .size = sizeof *place},
        {.key = "batch", .type = METADATA_INTEGER, .offset = sizeof *place, .size = sizeof *place},
    };
    TRY(metadata_write(file, fields, 2, place));
    TRY(safetensors_add_entry(file, "weft_version", weft_version()));
    TRY(text_write(file, "platform", origin->device->platform));
    TRY(text_write(file, "device", origin->device->name));
    TRY(text_write(file, "driver", origin->device->driver));
    TRY(text_write(file, "components", weft_components()));
    return text_write(file, "finding", origin->finding);
}

static enum weft_status all_write(struct safetensors *file, const struct step_trial *trial,
                                  const struct bundle_origin *origin)
{
    TRY(layers_write(file, trial));
    TRY(batch_write(file, trial));
    TRY(state_write(file, trial));
    TRY(targets_write(file, trial));
    TRY(bundle_fields_write(file, trial, origin->products));
    return origin_write(file, origin);
}

enum weft_status bundle_write(const char *path, const struct step_trial *trial,
                              const struct bundle_origin *origin)
{
    struct safetensors file = {0};
    enum weft_status status = all_write(&file, trial, origin);
    if (status == WEFT_OK)
        status = safetensors_write(path, &file);
    safetensors_reset(&file);
    return status;
}
