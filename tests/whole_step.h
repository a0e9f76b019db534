/* Runs whole training steps on `device` and with the reference, from the same numbers. */
#ifndef WEFT_TESTS_WHOLE_STEP_H
#define WEFT_TESTS_WHOLE_STEP_H

#include "base/random.h"
#include "devices.h"
#include "reference/reference.h"
#include "train/step.h"

static const float whole_rate = 0.125f;

struct whole_case {
    const char *name;
    size_t widths[5], layers, batch;
    enum weft_head head;
    bool bias;
    double l1, l2;
    float weights; /* parameters are uniform in -weights .. weights */
    bool sum;      /* the loss is a sum over the batch, not a mean */
};

/* A problem, and the reference's answer to it (gradient without penalty). All arrays are owned. */
struct whole {
    const struct whole_case *of;
    struct network network;
    float *x, *parameters; /* [B][D], [parameter_count] */
    int32_t *labels;       /* [B] */
    struct ref_step want;
};

/* The answer of a device. */
struct whole_result {
    /* Owned; [parameter_count]; the parameters are from after the update. */
    float *gradient, *parameters;
    struct batch_metrics metrics;
};

static inline void to_double(const float *values, size_t n, double *exact)
{
    for (size_t i = 0; i < n; i++)
        exact[i] = (double)values[i];
}

static inline void fill(float *values, size_t n, uint32_t stream, float low, float high)
{
    for (size_t i = 0; i < n; i++)
        values[i] = random_uniform((struct random_stream){7, RANDOM_CHECK, stream}, i, low, high);
}

static inline struct workspace *workspace_open(const struct network *network, size_t batch,
                                               size_t slots, bool training)
{
    const struct workspace_plan plan = {.network = network,
                                        .batch = batch,
                                        .slots = slots,
                                        .training = training,
                                        .products = device_products};
    struct workspace *workspace;
    ck_ok(backend->workspace_create(device, &plan, &workspace));
    return workspace;
}

static inline struct device_data *data_open(size_t samples, size_t features, const float *x,
                                            const int32_t *labels)
{
    const struct data_source source = {
        .samples = samples, .features = features, .x = x, .labels = labels};
    struct device_data *data;
    ck_ok(backend->data_create(device, &source, &data));
    return data;
}

/* ---- problems ---- */

/* Makes features as they are after standardizing: mean 0, standard deviation 1. */
static inline void whole_create(const struct whole_case *of, struct whole *whole)
{
    const size_t n = of->batch * of->widths[0];
    *whole = (struct whole){.of = of};
    ck_ok(network_init(&whole->network, of->widths, of->layers, of->head, of->bias));
    whole->x = memory_of(n, sizeof(float));
    whole->labels = memory_of(of->batch, sizeof(int32_t));
    whole->parameters = memory_of(whole->network.parameter_count, sizeof(float));
    fill(whole->x, n, 0, -1.732f, 1.732f);
    fill(whole->parameters, whole->network.parameter_count, 1, -of->weights, of->weights);
    const size_t classes = of->widths[of->layers] == 1 ? 2 : of->widths[of->layers];
    for (size_t i = 0; i < of->batch; i++)
        whole->labels[i] = (int32_t)(i * 7 % 5 % classes);
}

static inline void whole_destroy(struct whole *whole)
{
    ref_step_reset(&whole->want);
    network_reset(&whole->network);
    free(whole->x);
    free(whole->labels);
    free(whole->parameters);
}

static inline float whole_delta_factor(const struct whole *whole)
{
    return whole->of->sum ? 1.0f : 1.0f / (float)whole->of->batch;
}

/* Runs the step of the reference. What the device holds is its exact input. */
static inline void whole_reference(struct whole *whole)
{
    const size_t n = whole->of->batch * whole->of->widths[0];
    double *x = memory_of(n, sizeof *x);
    double *parameters = memory_of(whole->network.parameter_count, sizeof *parameters);
    to_double(whole->x, n, x);
    to_double(whole->parameters, whole->network.parameter_count, parameters);
    const struct ref_rule rule = {.delta_factor = (double)whole_delta_factor(whole)};
    ck_ok(ref_step_run(&whole->network, parameters, x, whole->labels, whole->of->batch, &rule,
                       &whole->want));
    free(x);
    free(parameters);
}

/* ---- on the device ---- */

/* Downloads the current gradient [parameter_count] from the device. */
static inline void gradient_download(struct workspace *workspace, const struct network *network,
                                     float *gradient)
{
    for (size_t l = 0; l < network->layer_count; l++) {
        const struct dense_layer *dense = &network->layers[l];
        ck_ok(backend->tensor_download(workspace, TENSOR_WEIGHT_GRADIENT, l,
                                       gradient + dense->weight_offset));
        if (dense->bias)
            ck_ok(backend->tensor_download(workspace, TENSOR_BIAS_GRADIENT, l,
                                           gradient + dense->bias_offset));
    }
}

/* Runs one step and its update. `before` [parameter_count] receives the gradient without
 * penalty. */
static inline void whole_device(const struct whole *whole, float *before,
                                struct whole_result *result)
{
    const struct whole_case *of = whole->of;
    const struct network *network = &whole->network;
    struct device_data *data = data_open(of->batch, of->widths[0], whole->x, whole->labels);
    struct workspace *workspace = workspace_open(network, of->batch, 1, true);
    const struct step step = {.backend = backend,
                              .workspace = workspace,
                              .network = network,
                              .data = data,
                              .count = of->batch,
                              .loss = {.delta_factor = whole_delta_factor(whole)}};
    result->gradient = memory_of(network->parameter_count, sizeof(float));
    result->parameters = memory_of(network->parameter_count, sizeof(float));
    ck_ok(backend->parameters_upload(workspace, whole->parameters));
    ck_ok(step_forward(&step));
    ck_ok(step_backward(&step));
    gradient_download(workspace, network, before);
    ck_ok(backend->penalty_terms(workspace, 0));
    ck_ok(backend->update(workspace, &(struct update_rule){.learning_rate = whole_rate,
                                                           .l1 = (float)of->l1,
                                                           .l2 = (float)of->l2}));
    gradient_download(workspace, network, result->gradient);
    ck_ok(backend->parameters_download(workspace, result->parameters));
    ck_ok(backend->metrics_download(workspace, 1, &result->metrics));
    backend->workspace_destroy(workspace);
    backend->data_destroy(data);
}

static inline void whole_result_free(struct whole_result *result)
{
    free(result->gradient);
    free(result->parameters);
}

/* ---- tolerances ---- */

/* The roundings in a sum of K terms add up like a random walk, to sqrt(K) u times what is summed
 * (Higham and Mary, A new approach to probabilistic rounding error analysis, 2019). Here u = 2^-24.
 * On its way to a gradient, a number passes through sums over the inputs of the layers (forward),
 * over their outputs (backward) and over the batch. With S terms in all, the tolerance is
 * 2 sqrt(S) u times the norm of a tensor. Measured errors are at most a third of it. */
static inline double whole_tolerance(const struct whole *whole)
{
    double terms = (double)whole->of->batch;
    for (size_t l = 0; l < whole->network.layer_count; l++)
        terms += (double)(whole->network.layers[l].inputs + whole->network.layers[l].outputs);
    return 2.0 * sqrt(terms) * 0x1p-24;
}

/* Checks ||got - want|| <= tolerance ||want|| over a tensor [n], which must not be all zero. */
static inline void assert_close(const char *name, const char *tensor, size_t layer,
                                const float *got, const double *want, size_t n, double tolerance)
{
    double off = 0.0, size = 0.0, largest = -1.0;
    size_t worst = 0;
    for (size_t i = 0; i < n; i++) {
        const double error = fabs((double)got[i] - want[i]);
        if (!(error <= largest)) { /* a NaN is the worst */
            largest = error;
            worst = i;
        }
        off += error * error;
        size += want[i] * want[i];
    }
    off = sqrt(off);
    size = sqrt(size);
    ck_assert_msg(size > 1e-6, "%s: %s of layer %zu: all zero", name, tensor, layer);
    ck_assert_msg(off <= tolerance * size,
                  "%s: %s of layer %zu: off by %.3g of %.3g, bound %.3g; worst element %zu: got "
                  "%.9g, need %.9g",
                  name, tensor, layer, off, size, tolerance * size, worst, (double)got[worst],
                  want[worst]);
}

#endif
