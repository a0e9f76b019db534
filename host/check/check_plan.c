/* Makes check plans, their samples and their matrix products. See check_plan.h. */
#include "check/check_plan.h"

#include "base/memory.h"
#include "base/random.h"
#include "data/order.h"
#include "train/pass.h"
#include "train/targets.h"

/* Adds a size that is not there yet. */
static void size_add_new(size_t size, struct check_plan *plan)
{
    size_t i = 0;
    while (i < CHECK_BATCHES && plan->batches[i] != 0 && plan->batches[i] != size)
        i++;
    if (i < CHECK_BATCHES)
        plan->batches[i] = size;
}

/* Adds the two sizes that the slices of a batch of `samples` have. */
static void sizes_add(size_t samples, struct check_plan *plan)
{
    const size_t slices = size_max(plan->slices, 1);
    size_add_new(size_divide_up(samples, slices), plan);
    if (samples >= slices)
        size_add_new(samples / slices, plan);
}

struct check_plan check_plan_make(const struct network *network, const struct weft_options *options,
                                  struct training_data data)
{
    const struct batch_plan plan =
        batch_plan_make(training_data_samples(data), options->batches, options->batch_size);
    size_t first = 0, last = 0;
    batch_plan_range(&plan, plan.count - 1, &first, &last);
    struct check_plan made = {.network = network,
                              .slices = options->slices,
                              .block = PASS_BLOCK,
                              .products = options->gemm,
                              .objective = objective_make(options, network),
                              .targets = target_rule_make(options, network, data.train),
                              .optimizer = optimizer_make(options),
                              .learning_rate = options->learning_rate,
                              .steps = CHECK_STEPS,
                              .seed = options->seed};
    sizes_add(plan.largest, &made);
    sizes_add(last, &made);
    return made;
}

/* ---- samples ---- */

static size_t label_count(const struct network *network)
{
    return network_outputs(network) == 1 ? 2 : network_outputs(network);
}

/* Fills random labels or targets. Targets are 0 or 1 for multi-label tasks, and numbers around 0
 * for regression. */
static void targets_random(const struct check_plan *plan, size_t step, size_t batch,
                           struct step_samples *samples)
{
    const struct random_stream stream = {plan->seed, RANDOM_CHECK, (uint32_t)(2 * step + 1)};
    const size_t outputs = network_outputs(plan->network);
    for (size_t i = 0; samples->y == NULL && i < batch; i++)
        samples->labels[i] = (int32_t)(random_bits(stream, i) % label_count(plan->network));
    for (size_t i = 0; samples->y != NULL && i < batch * outputs; i++)
        samples->y[i] = plan->network->task == WEFT_TASK_MULTILABEL
                            ? (float)(random_bits(stream, i) >> 31)
                            : random_uniform(stream, i, -1.732f, 1.732f);
}

/* Fills samples whose features have mean 0 and standard deviation 1 after standardization. */
static void samples_random(const struct check_plan *plan, size_t step, size_t batch,
                           struct step_samples *samples)
{
    float *x = samples->x; /* [B][D] */
    const struct scale *scale = plan->scale;
    const size_t features = network_features(plan->network);
    const struct random_stream values = {plan->seed, RANDOM_CHECK, (uint32_t)(2 * step)};
    for (size_t i = 0; i < batch * features; i++) {
        x[i] = random_uniform(values, i, -1.732f, 1.732f);
        if (scale != NULL && scale->features > 0)
            x[i] = scale->mean[i % features] + scale->std[i % features] * x[i];
    }
    targets_random(plan, step, batch, samples);
}

void check_plan_samples(const struct check_plan *plan, size_t step, size_t batch,
                        struct step_samples *samples)
{
    const struct weft_dataset *dataset = plan->dataset;
    if (dataset == NULL)
        samples_random(plan, step, batch, samples);
    for (size_t i = 0; dataset != NULL && i < batch; i++) {
        const size_t sample = (step * batch + i) % dataset->samples;
        step_samples_copy(samples, i, dataset, sample);
        if (plan->weights != NULL)
            samples->weights[i] = plan->weights[sample];
    }
    for (size_t i = 0; dataset == NULL && plan->class_weights != NULL && i < batch; i++)
        samples->weights[i] = plan->class_weights[samples->labels[i]];
}

/* ---- matrix products ---- */

/* Returns the number of samples for checking a product whose other operand has `width` columns.
 * This is `samples`, or fewer if an operand would be too large: a larger product has the same
 * tiles, only more of them, and testing it whole would take seconds. The remainder after the last
 * whole tile stays the same. */
static size_t product_samples(size_t samples, size_t width)
{
    enum { LARGEST_OPERAND = 1 << 22, TILE = 1024 }; /* TILE is a multiple of every tile size */
    const size_t limit = size_max(LARGEST_OPERAND / width, 2 * TILE);
    if (samples <= limit)
        return samples;
    return samples % TILE + (limit - TILE) / TILE * TILE;
}

/* Adds the products of layer `l` for a training batch of `batch` samples. */
static void layer_products_add(const struct check_plan *plan, size_t batch, size_t l,
                               struct product_shape *shapes, size_t *count)
{
    const size_t inputs = plan->network->layers[l].inputs;
    const size_t outputs = plan->network->layers[l].outputs;
    const size_t samples = product_samples(batch, size_max(inputs, outputs));
    const enum weft_gemm products = plan->products;
    const size_t like = plan->batches[0];
    shapes[(*count)++] =
        (struct product_shape){PRODUCT_FORWARD, samples, outputs, inputs, 0, products, like};
    shapes[(*count)++] = (struct product_shape){
        PRODUCT_WEIGHT_GRADIENT, outputs, inputs, samples, 0, products, like};
    if (l > 0)
        shapes[(*count)++] =
            (struct product_shape){PRODUCT_DELTA, samples, inputs, outputs, 0, products, like};
}

enum weft_status check_plan_products(const struct check_plan *plan, struct product_shape **shapes,
                                     size_t *count)
{
    enum { MOST_OF_LAYER = CHECK_BATCHES * 3 + 1 }; /* in the batches and a forward pass */
    const struct network *network = plan->network;
    const size_t step_layers = plan->primitives != 0 ? plan->product_layers : network->layer_count;
    *count = 0;
    TRY(NEW_ARRAY(*shapes, MOST_OF_LAYER * network->layer_count));
    for (size_t i = 0; i < CHECK_BATCHES; i++)
        for (size_t l = 0; l < step_layers && plan->batches[i] > 0; l++)
            layer_products_add(plan, plan->batches[i], l, *shapes, count);
    for (size_t l = 0; l < network->layer_count; l++)
        (*shapes)[(*count)++] = (struct product_shape){PRODUCT_FORWARD,
                                                       plan->block,
                                                       network->layers[l].outputs,
                                                       network->layers[l].inputs,
                                                       0,
                                                       plan->products,
                                                       0};
    return WEFT_OK;
}
