/* Reads bundles. See bundle.h. */
#include "check/bundle.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "check/bundle_fields.h"
#include "network/layer_tensors.h"

/* Labels are stored as floats, which are exact for whole numbers up to this limit. */
enum { MOST_LABEL = 1 << 24 };

/* Sets *values to the values of the tensor `name`, borrowed. Fails with WEFT_ERROR_MODEL if the
 * tensor is missing or has another shape. */
static enum weft_status tensor_get(struct metadata_source source, const char *name,
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

/* Reads dropout.0, dropout.1, ... of the layers that have dropout. */
static enum weft_status dropout_read(struct metadata_source source, size_t hidden,
                                     float dropout[WEFT_MAX_HIDDEN])
{
    char name[BUNDLE_NAME_SIZE];
    for (size_t l = 0; l < hidden; l++) {
        snprintf(name, sizeof name, "dropout.%zu", l);
        const struct metadata_field field = {.key = name,
                                             .type = METADATA_REAL,
                                             .presence = METADATA_LATER,
                                             .offset = l * sizeof *dropout,
                                             .size = sizeof *dropout,
                                             .most = 0x1.fffffep-1};
        TRY(metadata_read(source, &field, 1, dropout));
    }
    return WEFT_OK;
}

static enum weft_status network_read(struct metadata_source source, size_t features, size_t outputs,
                                     struct bundle *bundle)
{
    struct network_metadata metadata;
    float dropout[WEFT_MAX_HIDDEN] = {0.0f};
    size_t widths[WEFT_MAX_HIDDEN + 2] = {features};
    TRY(network_metadata_read(source, &metadata));
    memcpy(widths + 1, metadata.hidden, metadata.hidden_count * sizeof *widths);
    widths[metadata.hidden_count + 1] = outputs;
    TRY(dropout_read(source, metadata.hidden_count, dropout));
    const struct network_shape shape = {.widths = widths,
                                        .layer_count = metadata.hidden_count + 1,
                                        .head = metadata.head,
                                        .bias = metadata.bias,
                                        .activations = metadata.activations,
                                        .dropout = dropout,
                                        .batch_norm = metadata.batch_norm};
    if (network_init_shape(&bundle->network, &shape) != WEFT_OK)
        return fail(WEFT_ERROR_MODEL, "%s: a network of these widths is too large", source.path);
    return WEFT_OK;
}

/* Checks the shapes of all tensors before it allocates, so that a network is no larger than its
 * file. */
static enum weft_status parameters_read(struct metadata_source source, struct bundle *bundle)
{
    const struct network *network = &bundle->network;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t l = 0; l < network->layer_count; l++) {
            struct layer_tensor list[LAYER_TENSORS];
            const size_t count = layer_tensors(network, l, list);
            for (size_t i = 0; i < count; i++) {
                const size_t numbers = list[i].shape[0] * list[i].shape[1];
                const float *values = NULL;
                TRY(tensor_get(source, list[i].name, list[i].shape, list[i].dimensions, &values));
                if (pass > 0)
                    memcpy(bundle->parameters + list[i].offset, values, numbers * sizeof *values);
            }
        }
        if (pass == 0)
            TRY(NEW_ARRAY(bundle->parameters, network->value_count));
    }
    return WEFT_OK;
}

static enum weft_status labels_read(struct metadata_source source, struct bundle *bundle)
{
    const size_t outputs = network_outputs(&bundle->network);
    const float most = (float)size_min(size_max(outputs, 2), MOST_LABEL) - 1.0f;
    const float *values = NULL;
    TRY(tensor_get(source, "batch.labels", &bundle->trial.batch, 1, &values));
    TRY(NEW_ARRAY(bundle->labels, bundle->trial.batch));
    for (size_t i = 0; i < bundle->trial.batch; i++) {
        if (!(values[i] >= 0.0f && values[i] <= most) || values[i] != floorf(values[i]))
            return fail(WEFT_ERROR_MODEL, "%s: batch.labels: value %zu is %g, need 0 to %g",
                        source.path, i, (double)values[i], (double)most);
        bundle->labels[i] = (int32_t)values[i];
    }
    return WEFT_OK;
}

static enum weft_status scale_read(struct metadata_source source, struct bundle *bundle)
{
    const size_t features = network_features(&bundle->network);
    const float *mean = NULL, *std = NULL;
    if (safetensors_find(source.file, "scale.mean") == NULL)
        return WEFT_OK;
    TRY(tensor_get(source, "scale.mean", &features, 1, &mean));
    TRY(tensor_get(source, "scale.std", &features, 1, &std));
    TRY(scale_init(&bundle->scale, features));
    memcpy(bundle->scale.mean, mean, features * sizeof *mean);
    memcpy(bundle->scale.std, std, features * sizeof *std);
    return scale_check(&bundle->scale, source.path, "scale");
}

/* Copies a tensor into a new array. Its numbers must be 0 or more, or just finite if `negative` is
 * set. Leaves *values alone if there is no such tensor. */
static enum weft_status numbers_read(struct metadata_source source, const char *name, size_t count,
                                     bool negative, float **values)
{
    const struct safetensor *tensor = safetensors_find(source.file, name);
    if (tensor == NULL)
        return WEFT_OK;
    if (tensor->count != count)
        return fail(WEFT_ERROR_MODEL, "%s: %s: got %zu numbers, need %zu", source.path, name,
                    tensor->count, count);
    for (size_t i = 0; i < count; i++)
        if (!(fabsf(tensor->values[i]) <= FLT_MAX) || (!negative && tensor->values[i] < 0.0f))
            return fail(WEFT_ERROR_MODEL, "%s: %s: value %zu is %g, need %s", source.path, name, i,
                        (double)tensor->values[i], negative ? "a finite number" : "0 or more");
    TRY(NEW_ARRAY(*values, count));
    memcpy(*values, tensor->values, count * sizeof **values);
    return WEFT_OK;
}

/* Reads the sample weights [B]. Bundles of version 0.1 contain class weights instead. */
static enum weft_status weights_read(struct metadata_source source, struct bundle *bundle)
{
    const size_t batch = bundle->trial.batch;
    const size_t classes = size_max(network_outputs(&bundle->network), 2);
    float *of_class = NULL;
    TRY(numbers_read(source, "batch.weights", batch, false, &bundle->weights));
    if (bundle->weights != NULL)
        return WEFT_OK;
    TRY(numbers_read(source, "targets.class_weights", classes, false, &of_class));
    const enum weft_status status = of_class != NULL ? NEW_ARRAY(bundle->weights, batch) : WEFT_OK;
    for (size_t i = 0; bundle->weights != NULL && i < batch; i++)
        bundle->weights[i] = of_class[bundle->labels[i]];
    memory_free(of_class);
    return status;
}

/* Reads dense targets. A file without their rule has plain labels. */
static enum weft_status targets_read(struct metadata_source source, struct bundle *bundle)
{
    struct step_trial *trial = &bundle->trial;
    float *rule = NULL;
    TRY(numbers_read(source, "targets.rule", BUNDLE_RULE_NUMBERS, false, &rule));
    if (rule == NULL)
        return WEFT_OK;
    trial->targets = (struct target_rule){
        .dense = true, .share = rule[0], .spread = rule[1], .each = rule[2] != 0.0f};
    memory_free(rule);
    TRY(weights_read(source, bundle));
    TRY(numbers_read(source, "batch.targets", trial->batch * network_outputs(&bundle->network),
                     true, &bundle->y));
    trial->weights = bundle->weights;
    trial->y = bundle->y;
    return WEFT_OK;
}

/* Reads update.0, update.1, ...: the complete optimizer state. A file without it means zeros. */
static enum weft_status state_read(struct metadata_source source, struct bundle *bundle)
{
    const size_t states = update_states(&bundle->trial.update);
    const size_t count = bundle->network.value_count;
    if (states == 0 || safetensors_find(source.file, "update.0") == NULL)
        return WEFT_OK;
    TRY(NEW_ARRAY(bundle->state, states * count));
    for (size_t s = 0; s < states; s++) {
        const float *values = NULL;
        char name[BUNDLE_NAME_SIZE];
        snprintf(name, sizeof name, "update.%zu", s);
        TRY(tensor_get(source, name, &count, 1, &values));
        memcpy(bundle->state + s * count, values, count * sizeof *values);
    }
    bundle->trial.state = bundle->state;
    return WEFT_OK;
}

static enum weft_status all_read(struct metadata_source source, struct bundle *bundle)
{
    struct step_trial *trial = &bundle->trial;
    size_t outputs = 0;
    TRY(bundle_heading_read(source, &bundle->products, &outputs));
    const struct safetensor *x = safetensors_find(source.file, "batch.x");
    if (x == NULL || x->dimensions != 2 || x->count == 0)
        return fail(WEFT_ERROR_MODEL, "%s: batch.x: missing, or not samples by features",
                    source.path);
    TRY(network_read(source, x->shape[1], outputs, bundle));
    TRY(parameters_read(source, bundle));
    trial->batch = x->shape[0];
    TRY(NEW_ARRAY(bundle->x, x->count));
    memcpy(bundle->x, x->values, x->count * sizeof *x->values);
    TRY(labels_read(source, bundle));
    TRY(scale_read(source, bundle));
    trial->network = &bundle->network;
    trial->x = bundle->x;
    trial->labels = bundle->labels;
    trial->scale = &bundle->scale;
    trial->parameters = bundle->parameters;
    TRY(targets_read(source, bundle));
    TRY(bundle_fields_read(source, trial, &bundle->draw));
    return state_read(source, bundle);
}

enum weft_status bundle_read(const char *path, struct bundle *bundle)
{
    struct safetensors file;
    memset(bundle, 0, sizeof *bundle);
    TRY(safetensors_read(path, &file));
    const enum weft_status status = all_read((struct metadata_source){path, &file}, bundle);
    safetensors_reset(&file);
    return status;
}

void bundle_reset(struct bundle *bundle)
{
    network_reset(&bundle->network);
    scale_reset(&bundle->scale);
    memory_free(bundle->x);
    memory_free(bundle->parameters);
    memory_free(bundle->weights);
    memory_free(bundle->y);
    memory_free(bundle->labels);
    memory_free(bundle->state);
    memset(bundle, 0, sizeof *bundle);
}
