/* Writes bundles, see bundle.h; and the words of the format. */
#include "check/bundle.h"

#include <stdio.h>

#include "base/memory.h"
#include "base/number.h"
#include "check/bundle_update.h"
#include "check/bundle_words.h"
#include "network/layer_tensors.h"
#include "network/safetensors.h"
#include "options/activation_text.h"
#include "options/hidden_text.h"

const char bundle_format[] = "weft-bundle";
const char *const bundle_versions[BUNDLE_VERSIONS] = {"1", "2"};
const char *const bundle_products[BUNDLE_PRODUCTS] = {
    [WEFT_GEMM_AUTO] = "auto", [WEFT_GEMM_CLBLAST] = "clblast", [WEFT_GEMM_OWN] = "fused"};

static enum weft_status add_number(struct safetensors *file, const char *key, double value)
{
    char text[NUMBER_TEXT_SIZE];
    number_to_text(value, text);
    return safetensors_add_entry(file, key, text);
}

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

/* dropout.0, ...: of the layers that have some. */
static enum weft_status add_dropout(const struct network *network, struct safetensors *file)
{
    char name[BUNDLE_NAME_SIZE];
    for (size_t l = 0; l + 1 < network->layer_count; l++) {
        snprintf(name, sizeof name, "dropout.%zu", l);
        if (network->layers[l].dropout > 0.0f)
            TRY(add_number(file, name, (double)network->layers[l].dropout));
    }
    return WEFT_OK;
}

static enum weft_status add_activations(const struct network *network, struct safetensors *file)
{
    enum weft_activation activations[WEFT_MAX_HIDDEN] = {WEFT_ACTIVATION_SIGMOID};
    char text[ACTIVATION_TEXT_SIZE];
    for (size_t l = 0; l + 1 < network->layer_count; l++)
        activations[l] = network->layers[l].activation;
    activations_to_text(activations, network->layer_count - 1, text);
    return safetensors_add_entry(file, "activation", text);
}

static enum weft_status add_rules(const struct step_trial *trial, struct safetensors *file)
{
    const struct network *network = trial->network;
    size_t hidden[WEFT_MAX_HIDDEN];
    char text[HIDDEN_TEXT_SIZE];
    for (size_t l = 0; l + 1 < network->layer_count; l++)
        hidden[l] = network->layers[l].outputs;
    hidden_to_text(hidden, network->layer_count - 1, text);
    TRY(safetensors_add_entry(file, "hidden", text));
    TRY(add_activations(network, file));
    TRY(add_dropout(network, file));
    TRY(add_number(file, "outputs", (double)network_outputs(network)));
    TRY(safetensors_add_entry(file, "head", head_name(network->head)));
    TRY(safetensors_add_entry(file, "bias", network_has_bias(network) ? "true" : "false"));
    if (network_has_norm(network))
        TRY(safetensors_add_entry(file, "batch_norm", "true"));
    TRY(add_number(file, "delta_factor", (double)trial->loss.delta_factor));
    TRY(safetensors_add_entry(file, "true_class_only",
                              trial->loss.true_class_only ? "true" : "false"));
    TRY(add_number(file, "learning_rate", (double)trial->update.learning_rate));
    TRY(add_number(file, "l1", (double)trial->update.l1));
    TRY(add_number(file, "l2", (double)trial->update.l2));
    return safetensors_add_entry(file, "penalty", trial->penalty ? "true" : "false");
}

/* Drivers name themselves in any bytes; a header is UTF-8. */
static enum weft_status add_plain_text(struct safetensors *file, const char *key, const char *text)
{
    char plain[1024];
    size_t length = 0;
    for (; length < sizeof plain - 1 && text[length] != '\0'; length++)
        plain[length] = (unsigned char)text[length] < 0x80 ? text[length] : '?';
    plain[length] = '\0';
    return safetensors_add_entry(file, key, plain);
}

static enum weft_status add_origin(const struct bundle_origin *origin, const char *version,
                                   struct safetensors *file)
{
    TRY(safetensors_add_entry(file, "format", bundle_format));
    TRY(safetensors_add_entry(file, "format_version", version));
    TRY(safetensors_add_entry(file, "weft_version", weft_version()));
    TRY(safetensors_add_entry(file, "products", bundle_products[origin->products]));
    TRY(add_plain_text(file, "platform", origin->device->platform));
    TRY(add_plain_text(file, "device", origin->device->name));
    TRY(add_plain_text(file, "driver", origin->device->driver));
    TRY(add_plain_text(file, "components", weft_components()));
    TRY(add_number(file, "epoch", (double)origin->epoch));
    TRY(add_number(file, "batch", (double)origin->batch));
    return add_plain_text(file, "finding", origin->finding);
}

/* What version 1 knows. */
static bool is_plain(const struct step_trial *trial)
{
    const struct network *network = trial->network;
    for (size_t l = 0; l + 1 < network->layer_count; l++)
        if (network->layers[l].activation != WEFT_ACTIVATION_SIGMOID ||
            network->layers[l].dropout > 0.0f)
            return false;
    return !network_has_norm(network) && !trial->targets.dense &&
           !augmentation_of_images(&trial->augmentation) &&
           !augmentation_of_features(&trial->augmentation) &&
           bundle_update_is_plain(&trial->update);
}

enum weft_status bundle_write(const char *path, const struct step_trial *trial,
                              const struct bundle_origin *origin)
{
    struct safetensors file = {0};
    enum weft_status status = add_layers(trial, &file);
    if (status == WEFT_OK)
        status = add_batch(trial, &file);
    if (status == WEFT_OK)
        status = add_rules(trial, &file);
    if (status == WEFT_OK)
        status = bundle_targets_write(trial, &file);
    if (status == WEFT_OK)
        status = bundle_update_add(trial, &file);
    if (status == WEFT_OK)
        status = bundle_augmentation_write(trial, &file);
    if (status == WEFT_OK)
        status = add_origin(origin, bundle_versions[!is_plain(trial)], &file);
    if (status == WEFT_OK)
        status = safetensors_write(path, &file);
    safetensors_reset(&file);
    return status;
}
