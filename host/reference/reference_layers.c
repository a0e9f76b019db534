/* The activations of the reference and their derivatives, written as in the papers. */
#include "reference/reference.h"

#include <math.h>

#include "base/random.h"

/* Returns the normal distribution function. erfc keeps the small tail accurate. */
static double normal(double z)
{
    return 0.5 * erfc(-z * 0.70710678118654752440);
}

/* lambda and alpha of SELU: equations 3 and 14 of Klambauer et al. 2017 */
static const double selu_lambda = 1.0507009873554804934, selu_alpha = 1.6732632423543772848;

static double normal_density(double z)
{
    return 0.39894228040143267794 * exp(-0.5 * z * z);
}

static double softplus(double z)
{
    return fmax(z, 0.0) + log1p(exp(-fabs(z)));
}

static double sigmoid(double z)
{
    ref_sigmoid_forward(&z, 1);
    return z;
}

/* The switches have no default, so -Wswitch names the places that need a new value. */
static double activation_of(enum weft_activation activation, double z)
{
    switch (activation) {
    case WEFT_ACTIVATION_IDENTITY:
        break;
    case WEFT_ACTIVATION_SIGMOID:
        return sigmoid(z);
    case WEFT_ACTIVATION_TANH:
        return tanh(z);
    case WEFT_ACTIVATION_RELU:
        return z < 0.0 ? 0.0 : z; /* a NaN stays NaN */
    case WEFT_ACTIVATION_LEAKY_RELU:
        return z > 0.0 ? z : 0.01 * z;
    case WEFT_ACTIVATION_ELU:
        return z > 0.0 ? z : expm1(z);
    case WEFT_ACTIVATION_GELU:
        return z * normal(z);
    case WEFT_ACTIVATION_SILU:
        return z * sigmoid(z);
    case WEFT_ACTIVATION_SOFTPLUS:
        return softplus(z);
    case WEFT_ACTIVATION_SELU:
        return selu_lambda * (z > 0.0 ? z : selu_alpha * expm1(z));
    case WEFT_ACTIVATION_MISH:
        return z * tanh(softplus(z));
    }
    return z;
}

/* tanh(y) + z sech(y)^2 sigmoid(z), y = softplus(z); 1 / cosh loses no digits where tanh is near
 * 1. */
static double mish_slope(double z)
{
    const double y = softplus(z), sech = 1.0 / cosh(y);
    return tanh(y) + z * sech * sech * sigmoid(z);
}

/* d activation / dz */
static double slope_of(enum weft_activation activation, double z, double a)
{
    switch (activation) {
    case WEFT_ACTIVATION_IDENTITY:
        break;
    case WEFT_ACTIVATION_SIGMOID:
        return a * (1.0 - a);
    case WEFT_ACTIVATION_TANH:
        return 1.0 - a * a;
    case WEFT_ACTIVATION_RELU:
        return a > 0.0 ? 1.0 : 0.0;
    case WEFT_ACTIVATION_LEAKY_RELU:
        return a > 0.0 ? 1.0 : 0.01;
    case WEFT_ACTIVATION_ELU: /* exp(z) = a + 1 below 0 */
        return a > 0.0 ? 1.0 : a + 1.0;
    case WEFT_ACTIVATION_GELU:
        return normal(z) + z * normal_density(z);
    case WEFT_ACTIVATION_SILU:
        return sigmoid(z) * (1.0 + z * sigmoid(-z));
    case WEFT_ACTIVATION_SOFTPLUS: /* sigmoid(z) = 1 - exp(-a) */
        return -expm1(-a);
    case WEFT_ACTIVATION_SELU: /* lambda alpha exp(z) = a + lambda alpha below 0 */
        return a > 0.0 ? selu_lambda : a + selu_lambda * selu_alpha;
    case WEFT_ACTIVATION_MISH:
        return mish_slope(z);
    }
    return 1.0;
}

void ref_activation_forward(enum weft_activation activation, double *z, size_t n)
{
    if (activation == WEFT_ACTIVATION_SIGMOID)
        ref_sigmoid_forward(z, n); /* uses all threads */
    else
        for (size_t i = 0; i < n; i++)
            z[i] = activation_of(activation, z[i]);
}

void ref_activation_backward(enum weft_activation activation, const double *z, const double *a,
                             double *da, size_t n)
{
    for (size_t i = 0; i < n; i++)
        da[i] *= slope_of(activation, z != NULL ? z[i] : 0.0, a[i]);
}

bool ref_network_has_kinks(const struct network *network)
{
    for (size_t l = 0; l < network->layer_count; l++)
        if (activation_traits(network->layers[l].activation).kink)
            return true;
    return false;
}

bool ref_kink_crossed(const struct network *network, size_t batch, double *const *z,
                      double *const *other)
{
    for (size_t l = 0; l < network->layer_count; l++) {
        const size_t n = batch * network->layers[l].outputs;
        const bool kink = activation_traits(network->layers[l].activation).kink;
        for (size_t i = 0; kink && i < n; i++)
            if ((z[l][i] > 0.0) != (other[l][i] > 0.0))
                return true;
    }
    return false;
}

double ref_dropout(const struct ref_draw *draw, size_t l, double share, size_t i)
{
    const struct random_stream stream = {
        .seed = draw->seed, .purpose = RANDOM_DROPOUT + 256 * (uint32_t)l, .epoch = draw->epoch};
    uint32_t words[4];
    random_block(stream, ((uint64_t)draw->batch << 32) + i / 4, words);
    return (double)words[i % 4] < floor(share * 4294967296.0) ? 0.0 : 1.0 / (1.0 - share);
}

double ref_dropout_factor(const struct ref_draw *draw, const struct network *network, size_t l,
                          size_t i)
{
    const double share = (double)network->layers[l].dropout;
    return draw == NULL || share == 0.0 ? 1.0 : ref_dropout(draw, l, share, i);
}
