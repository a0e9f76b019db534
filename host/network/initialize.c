/* Draws initial weights. Weight i of layer l depends only on (seed, l, i), so every device and
 * every version starts from the same numbers. */
#include "network/network.h"

#include <math.h>
#include <string.h>

#include "base/random.h"

struct interval {
    float low, high;
};

static struct interval around_zero(double r)
{
    return (struct interval){(float)-r, (float)r};
}

static struct interval initial_interval(const struct dense_layer *layer,
                                        enum weft_initialization initialization)
{
    const double inputs = (double)layer->inputs, outputs = (double)layer->outputs;
    const enum weft_initialization usual = activation_traits(layer->activation).initialization;
    switch (initialization == WEFT_INIT_AUTO ? usual : initialization) {
    case WEFT_INIT_HE: /* variance 2 / I: formula 10 of He et al. 2015 */
        return around_zero(sqrt(6.0 / inputs));
    case WEFT_INIT_LECUN: /* variance 1 / I: formula 16 of LeCun et al. 1998 */
        return around_zero(sqrt(3.0 / inputs));
    case WEFT_INIT_ZEROS:
        return around_zero(0.0);
    case WEFT_INIT_UNIFORM_ONE:
        return around_zero(1.0);
    case WEFT_INIT_UNIFORM_UNIT:
        return (struct interval){0.0f, 1.0f};
    case WEFT_INIT_AUTO:
    case WEFT_INIT_UNIFORM:
    case WEFT_INIT_GLOROT:
        break;
    }
    /* variance 2 / (I + O): formula 16 of Glorot and Bengio 2010 */
    return around_zero(sqrt(6.0 / (inputs + outputs)));
}

/* Fills the weights of layer `l`. random_uniform returns numbers below the upper end, so an empty
 * interval needs a case of its own. */
static void layer_fill(const struct dense_layer *layer, size_t l, struct interval interval,
                       uint64_t seed, float *weights)
{
    const struct random_stream stream = {
        .seed = seed, .purpose = RANDOM_WEIGHTS, .epoch = (uint32_t)l};
    const bool empty = interval.low == interval.high;
    for (size_t i = 0; i < layer->outputs * layer->inputs; i++)
        weights[i] = empty ? interval.low : random_uniform(stream, i, interval.low, interval.high);
}

void network_initialize_zeros(const struct network *network, float *values)
{
    memset(values, 0, network->value_count * sizeof *values);
    for (size_t l = 0; l < network->layer_count; l++) {
        const struct dense_layer *layer = &network->layers[l];
        for (size_t i = 0; layer->batch_norm && i < layer->outputs; i++)
            values[layer->scale_offset + i] = values[layer->variance_offset + i] = 1.0f;
    }
}

void network_initialize(const struct network *network, enum weft_initialization initialization,
                        uint64_t seed, float *values)
{
    network_initialize_zeros(network, values);
    for (size_t l = 0; l < network->layer_count; l++) {
        const struct dense_layer *layer = &network->layers[l];
        layer_fill(layer, l, initial_interval(layer, initialization), seed,
                   values + layer->weight_offset);
    }
}

void network_initialize_uniform(const struct network *network, double range, uint64_t seed,
                                float *values)
{
    network_initialize_zeros(network, values);
    for (size_t l = 0; l < network->layer_count; l++)
        layer_fill(&network->layers[l], l, around_zero(range), seed,
                   values + network->layers[l].weight_offset);
}
