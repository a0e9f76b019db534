/* Lays out the parameters of a network. All weights come first, layer by layer, followed by
 * everything else. Therefore, a penalty is one pass over the first `weight_count` numbers. */
#include "network/network.h"

#include <stdio.h>

#include "base/memory.h"

/* BLAS and OpenCL take sizes as signed 32-bit numbers. */
static const size_t widest_layer = INT32_MAX;

static enum weft_status check_widths(const size_t *widths, size_t count)
{
    for (size_t i = 0; i <= count; i++) {
        if (widths[i] < 1 || widths[i] > widest_layer)
            return fail(WEFT_ERROR_USAGE, "network: width %zu of layer %zu: need 1 to %zu",
                        widths[i], i, widest_layer);
    }
    return WEFT_OK;
}

static enum weft_status too_large(const size_t *widths, size_t layer)
{
    return fail(WEFT_ERROR_USAGE, "network: layer %zu of %zu x %zu weights: too many", layer,
                widths[layer + 1], widths[layer]);
}

/* Describes the layers and lays out their weights, layer by layer. */
static enum weft_status lay_out_weights(struct network *network, const struct network_shape *shape)
{
    const size_t *widths = shape->widths;
    for (size_t i = 0; i < network->layer_count; i++) {
        struct dense_layer *layer = &network->layers[i];
        const bool last = i + 1 == network->layer_count;
        size_t weights = 0;
        layer->inputs = widths[i];
        layer->outputs = widths[i + 1];
        layer->activation = last ? WEFT_ACTIVATION_IDENTITY : shape->activations[i];
        layer->batch_norm = shape->batch_norm && !last;
        layer->bias = shape->bias && !layer->batch_norm;
        layer->dropout = last || shape->dropout == NULL ? 0.0f : shape->dropout[i];
        layer->weight_offset = network->weight_count;
        if (!size_multiply(layer->inputs, layer->outputs, &weights) ||
            !size_add(network->weight_count, weights, &network->weight_count))
            return too_large(widths, i);
    }
    return WEFT_OK;
}

/* Appends `outputs` numbers to the values. Returns false if the size overflows. */
static bool append(struct network *network, size_t outputs, size_t *offset)
{
    *offset = network->value_count;
    return size_add(network->value_count, outputs, &network->value_count);
}

/* Lays out the weights and then everything else: biases, scales and shifts, statistics. */
static enum weft_status lay_out(struct network *network, const struct network_shape *shape)
{
    const size_t *widths = shape->widths;
    size_t bytes = 0;
    TRY(lay_out_weights(network, shape));
    network->value_count = network->weight_count;
    for (size_t i = 0; i < network->layer_count; i++) {
        struct dense_layer *layer = &network->layers[i];
        if (!append(network, layer->bias ? layer->outputs : 0, &layer->bias_offset))
            return too_large(widths, i);
    }
    for (size_t i = 0; i < network->layer_count; i++) {
        struct dense_layer *layer = &network->layers[i];
        const size_t outputs = layer->batch_norm ? layer->outputs : 0;
        if (!append(network, outputs, &layer->scale_offset) ||
            !append(network, outputs, &layer->shift_offset))
            return too_large(widths, i);
    }
    network->parameter_count = network->value_count;
    for (size_t i = 0; i < network->layer_count; i++) {
        struct dense_layer *layer = &network->layers[i];
        const size_t outputs = layer->batch_norm ? layer->outputs : 0;
        if (!append(network, outputs, &layer->mean_offset) ||
            !append(network, outputs, &layer->variance_offset))
            return too_large(widths, i);
    }
    network->statistic_count = network->value_count - network->parameter_count;
    if (!size_multiply(network->value_count, sizeof(double), &bytes))
        return too_large(widths, network->layer_count - 1);
    return WEFT_OK;
}

enum weft_status network_init_shape(struct network *network, const struct network_shape *shape)
{
    *network = (struct network){
        .layer_count = shape->layer_count, .head = shape->head, .task = shape->task};
    TRY(check_widths(shape->widths, shape->layer_count));
    TRY(NEW_ARRAY(network->layers, shape->layer_count));
    const enum weft_status status = lay_out(network, shape);
    if (status != WEFT_OK)
        network_reset(network);
    return status;
}

enum weft_status network_init(struct network *network, const size_t *widths, size_t count,
                              enum weft_head head, bool bias)
{
    enum weft_activation sigmoid[WEFT_MAX_HIDDEN];
    for (size_t i = 0; i < WEFT_MAX_HIDDEN; i++)
        sigmoid[i] = WEFT_ACTIVATION_SIGMOID;
    return network_init_shape(network, &(struct network_shape){.widths = widths,
                                                               .layer_count = count,
                                                               .head = head,
                                                               .bias = bias,
                                                               .activations = sigmoid});
}

void network_reset(struct network *network)
{
    memory_free(network->layers);
    *network = (struct network){0};
}

size_t network_widest(const struct network *network)
{
    size_t widest = 0;
    for (size_t i = 0; i < network->layer_count; i++)
        widest = size_max(widest, network->layers[i].outputs);
    return widest;
}

bool network_to_text(const struct network *network, char *text, size_t size)
{
    size_t used = (size_t)snprintf(text, size, "%zu", network_features(network));
    for (size_t l = 0; l < network->layer_count && used < size; l++)
        used += (size_t)snprintf(text + used, size - used, "-%zu", network->layers[l].outputs);
    return used < size;
}
