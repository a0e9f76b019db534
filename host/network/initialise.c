/* Initial weights. Weight i of layer l is a function of (seed, l, i) alone, so that every device
 * and every version starts from the same numbers. */
#include "network/network.h"

#include <math.h>
#include <string.h>

#include "base/random.h"

struct interval {
    float low, high;
};

static struct interval initial_interval(const struct dense_layer *layer,
                                        enum weft_initialisation initialisation)
{
    switch (initialisation) {
    case WEFT_INIT_UNIFORM_ONE:
        return (struct interval){-1.0f, 1.0f};
    case WEFT_INIT_UNIFORM_UNIT:
        return (struct interval){0.0f, 1.0f};
    case WEFT_INIT_GLOROT:
        break;
    }
    /* r = sqrt(6 / (I + O)), formula 16 of Glorot and Bengio 2010 */
    const float r = (float)sqrt(6.0 / ((double)layer->inputs + (double)layer->outputs));
    return (struct interval){-r, r};
}

void network_initialise(const struct network *network, enum weft_initialisation initialisation,
                        uint64_t seed, float *parameters)
{
    memset(parameters, 0, network->parameter_count * sizeof *parameters);
    for (size_t l = 0; l < network->layer_count; l++) {
        const struct dense_layer *layer = &network->layers[l];
        const struct random_stream stream = {
            .seed = seed, .purpose = RANDOM_WEIGHTS, .epoch = (uint32_t)l};
        const struct interval interval = initial_interval(layer, initialisation);
        float *weights = parameters + layer->weight_offset; /* [O][I] */
        for (size_t i = 0; i < layer->outputs * layer->inputs; i++)
            weights[i] = random_uniform(stream, i, interval.low, interval.high);
    }
}
