/* Reads bundles, see bundle.h. */
#include "check/bundle.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/words.h"
#include "check/bundle_update.h"
#include "check/bundle_words.h"
#include "network/layer_tensors.h"
#include "network/metadata_text.h"
#include "network/safetensors.h"
#include "options/activation_text.h"
#include "options/hidden_text.h"

/* Labels travel as floats, which hold whole numbers up to here. */
enum { MOST_LABEL = 1 << 24 };

/* A number of 0 or more that float32 holds. */
static enum weft_status get_number(struct metadata_source source, const char *key, float *value)
{
    const char *text;
    double number = 0.0;
    TRY(metadata_text(source, key, &text));
    if (!number_from_text(text, &number) || number < 0.0 || number > (double)FLT_MAX)
        return metadata_fail(source, key, "a number of 0 to 3.4e38");
    *value = (float)number;
    return WEFT_OK;
}

static enum weft_status get_truth(struct metadata_source source, const char *key, bool *value)
{
    const char *text;
    TRY(metadata_text(source, key, &text));
    *value = strcmp(text, "true") == 0;
    return *value || strcmp(text, "false") == 0 ? WEFT_OK
                                                : metadata_fail(source, key, "true or false");
}

/* The values of a tensor of that shape, borrowed; WEFT_ERROR_MODEL where there is none. */
static enum weft_status get_tensor(struct metadata_source source, const char *name,
                                   const size_t *shape, size_t dimensions, const float **values)
{
    const struct safetensor *tensor = safetensors_find(source.file, name);
    if (tensor == NULL)
        return fail(WEFT_ERROR_MODEL, "%s: %s: missing", source.path, name);
    if (tensor->dimensions != dimensions ||
        memcmp(tensor->shape, shape, dimensions * sizeof *shape) != 0)
        return fail(WEFT_ERROR_MODEL, "%s: %s: shape differs from the network's and batch's",
                    source.path, name);
    *values = tensor->values;
    return WEFT_OK;
}

/* Those of `hidden` layers; sigmoid where an older file does not say it. */
static enum weft_status read_activations(struct metadata_source source, size_t hidden,
                                         enum weft_activation activations[WEFT_MAX_HIDDEN])
{
    const char *text = safetensors_entry(source.file, "activation");
    enum weft_activation listed[WEFT_MAX_HIDDEN] = {WEFT_ACTIVATION_SIGMOID};
    size_t count = 1;
    if ((text != NULL && activations_from_text(text, listed, &count) != WEFT_OK) ||
        !activations_spread(listed, count, hidden, activations))
        return metadata_fail(source, "activation", "one name, or one for each hidden layer");
    return WEFT_OK;
}

static enum weft_status read_dropout(struct metadata_source source, size_t hidden,
                                     float dropout[WEFT_MAX_HIDDEN])
{
    char name[BUNDLE_NAME_SIZE];
    for (size_t l = 0; l < hidden; l++) {
        snprintf(name, sizeof name, "dropout.%zu", l);
        if (safetensors_entry(source.file, name) == NULL)
            continue;
        TRY(get_number(source, name, &dropout[l]));
        if (dropout[l] >= 1.0f)
            return metadata_fail(source, name, "a number below 1");
    }
    return WEFT_OK;
}

static enum weft_status read_network(struct metadata_source source, size_t features,
                                     struct bundle *bundle)
{
    const char *text;
    bool bias = false, norm = false;
    enum weft_head head = WEFT_HEAD_SIGMOID;
    uint64_t outputs = 0;
    enum weft_activation activations[WEFT_MAX_HIDDEN];
    float dropout[WEFT_MAX_HIDDEN] = {0.0f};
    size_t widths[WEFT_MAX_HIDDEN + 2] = {features}, hidden = 0;
    TRY(metadata_text(source, "hidden", &text));
    if (hidden_from_text(text, widths + 1, &hidden) != WEFT_OK)
        return metadata_fail(source, "hidden", "widths with commas between them, or none");
    TRY(metadata_text(source, "outputs", &text));
    if (!integer_from_text(text, &outputs) || outputs < 1 || outputs > INT32_MAX)
        return metadata_fail(source, "outputs", "1 to 2147483647");
    widths[hidden + 1] = (size_t)outputs;
    TRY(metadata_text(source, "head", &text));
    if (!head_from_name(text, &head))
        return metadata_fail(source, "head", "sigmoid, softmax or identity");
    TRY(get_truth(source, "bias", &bias));
    if (safetensors_entry(source.file, "batch_norm") != NULL)
        TRY(get_truth(source, "batch_norm", &norm));
    TRY(read_activations(source, hidden, activations));
    TRY(read_dropout(source, hidden, dropout));
    const struct network_shape shape = {.widths = widths,
                                        .layer_count = hidden + 1,
                                        .head = head,
                                        .bias = bias,
                                        .activations = activations,
                                        .dropout = dropout,
                                        .batch_norm = norm};
    if (network_init_shape(&bundle->network, &shape) != WEFT_OK)
        return fail(WEFT_ERROR_MODEL, "%s: a network of these widths cannot be: too large",
                    source.path);
    return WEFT_OK;
}

/* The shapes of all tensors first: a network is no larger than its file. */
static enum weft_status read_parameters(struct metadata_source source, struct bundle *bundle)
{
    const struct network *network = &bundle->network;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t l = 0; l < network->layer_count; l++) {
            struct layer_tensor list[LAYER_TENSORS];
            const size_t count = layer_tensors(network, l, list);
            for (size_t i = 0; i < count; i++) {
                const size_t numbers = list[i].shape[0] * list[i].shape[1];
                const float *values = NULL;
                TRY(get_tensor(source, list[i].name, list[i].shape, list[i].dimensions, &values));
                if (pass > 0)
                    memcpy(bundle->parameters + list[i].offset, values, numbers * sizeof *values);
            }
        }
        if (pass == 0)
            TRY(NEW_ARRAY(bundle->parameters, network->value_count));
    }
    return WEFT_OK;
}

static enum weft_status read_labels(struct metadata_source source, struct bundle *bundle)
{
    const size_t outputs = network_outputs(&bundle->network);
    const float most = (float)size_min(size_max(outputs, 2), MOST_LABEL) - 1.0f;
    const float *values = NULL;
    TRY(get_tensor(source, "batch.labels", &bundle->trial.batch, 1, &values));
    TRY(NEW_ARRAY(bundle->labels, bundle->trial.batch));
    for (size_t i = 0; i < bundle->trial.batch; i++) {
        if (!(values[i] >= 0.0f && values[i] <= most) || values[i] != floorf(values[i]))
            return fail(WEFT_ERROR_MODEL, "%s: batch.labels: value %zu is %g, need 0 to %g",
                        source.path, i, (double)values[i], (double)most);
        bundle->labels[i] = (int32_t)values[i];
    }
    return WEFT_OK;
}

static enum weft_status read_scale(struct metadata_source source, struct bundle *bundle)
{
    const size_t features = network_features(&bundle->network);
    const float *mean = NULL, *std = NULL;
    if (safetensors_find(source.file, "scale.mean") == NULL)
        return WEFT_OK;
    TRY(get_tensor(source, "scale.mean", &features, 1, &mean));
    TRY(get_tensor(source, "scale.std", &features, 1, &std));
    TRY(scale_init(&bundle->scale, features));
    memcpy(bundle->scale.mean, mean, features * sizeof *mean);
    memcpy(bundle->scale.std, std, features * sizeof *std);
    return scale_check(&bundle->scale, source.path);
}

static enum weft_status read_rules(struct metadata_source source, struct bundle *bundle)
{
    struct step_trial *trial = &bundle->trial;
    const char *products;
    TRY(get_number(source, "delta_factor", &trial->loss.delta_factor));
    TRY(get_truth(source, "true_class_only", &trial->loss.true_class_only));
    TRY(get_number(source, "learning_rate", &trial->update.learning_rate));
    TRY(get_number(source, "l1", &trial->update.l1));
    TRY(get_number(source, "l2", &trial->update.l2));
    TRY(get_truth(source, "penalty", &trial->penalty));
    TRY(metadata_text(source, "products", &products));
    const size_t position = words_find(products, bundle_products, BUNDLE_PRODUCTS);
    bundle->products = (enum weft_gemm)position;
    return position < BUNDLE_PRODUCTS ? WEFT_OK
                                      : metadata_fail(source, "products", "auto, clblast or fused");
}

static enum weft_status check_format(struct metadata_source source)
{
    const char *format = safetensors_entry(source.file, "format");
    const char *version = safetensors_entry(source.file, "format_version");
    if (format == NULL || strcmp(format, bundle_format) != 0)
        return fail(WEFT_ERROR_MODEL,
                    "%s: not a bundle: need a file that weft train --check-every wrote",
                    source.path);
    if (version == NULL || words_find(version, bundle_versions, BUNDLE_VERSIONS) == BUNDLE_VERSIONS)
        return fail(WEFT_ERROR_MODEL, "%s: format_version: got \"%.64s\", need \"%s\" or \"%s\"",
                    source.path, version != NULL ? version : "", bundle_versions[0],
                    bundle_versions[1]);
    return WEFT_OK;
}

static enum weft_status read_all(struct metadata_source source, struct bundle *bundle)
{
    TRY(check_format(source));
    const struct safetensor *x = safetensors_find(source.file, "batch.x");
    if (x == NULL || x->dimensions != 2 || x->count == 0)
        return fail(WEFT_ERROR_MODEL, "%s: batch.x: missing, or not samples by features",
                    source.path);
    TRY(read_network(source, x->shape[1], bundle));
    TRY(read_parameters(source, bundle));
    bundle->trial.batch = x->shape[0];
    TRY(NEW_ARRAY(bundle->x, x->count));
    memcpy(bundle->x, x->values, x->count * sizeof *x->values);
    TRY(read_labels(source, bundle));
    TRY(read_scale(source, bundle));
    TRY(read_rules(source, bundle));
    TRY(bundle_update_read(source.path, source.file, bundle->network.value_count,
                           &bundle->trial.update, &bundle->state));
    bundle->trial.state = bundle->state;
    bundle->trial.network = &bundle->network;
    bundle->trial.x = bundle->x;
    bundle->trial.labels = bundle->labels;
    bundle->trial.scale = &bundle->scale;
    bundle->trial.parameters = bundle->parameters;
    TRY(bundle_targets_read(source.path, source.file, &bundle->trial, &bundle->targets));
    return bundle_augmentation_read(source.path, source.file, &bundle->trial, &bundle->draw);
}

enum weft_status bundle_read(const char *path, struct bundle *bundle)
{
    struct safetensors file;
    memset(bundle, 0, sizeof *bundle);
    TRY(safetensors_read(path, &file));
    const enum weft_status status = read_all((struct metadata_source){path, &file}, bundle);
    safetensors_reset(&file);
    return status;
}

void bundle_reset(struct bundle *bundle)
{
    network_reset(&bundle->network);
    scale_reset(&bundle->scale);
    memory_free(bundle->x);
    memory_free(bundle->parameters);
    bundle_targets_reset(&bundle->targets);
    memory_free(bundle->labels);
    memory_free(bundle->state);
    memset(bundle, 0, sizeof *bundle);
}
