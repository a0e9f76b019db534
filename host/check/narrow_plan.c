/* Tells what a run launches, operation by operation. See check_plan_narrow. */
#include "check/check_plan.h"

/* Adds a primitive to the set if the run launches it. */
static void add(uint64_t *set, bool launched, enum primitive primitive)
{
    if (launched)
        *set |= primitive_bit(primitive);
}

/* What the layers launch if their matrix products do nothing but multiply. */
static uint64_t whole_layer_set(const struct network *network, bool training)
{
    uint64_t set = 0;
    for (size_t l = 0; l < network->layer_count; l++) {
        const struct dense_layer *layer = &network->layers[l];
        const bool activation = layer_has_activation(layer);
        add(&set, layer->bias, PRIMITIVE_BIAS_ADD);
        add(&set, activation, PRIMITIVE_LAYER_FORWARD);
        add(&set, training && layer->dropout > 0.0f, PRIMITIVE_DROPOUT);
        add(&set, training && activation, PRIMITIVE_LAYER_BACKWARD);
        add(&set, training && layer->bias, PRIMITIVE_BIAS_GRADIENT);
    }
    return set;
}

/* What the layers launch besides their matrix products and batch norm. */
static uint64_t layer_set(const struct weft_device *device, const struct workspace_plan *plan)
{
    return device->backend->layer_primitives != NULL
               ? device->backend->layer_primitives(device, plan)
               : whole_layer_set(plan->network, plan->training);
}

/* Ways to gather samples and targets, in training and in evaluation. */
static uint64_t gather_set(const struct check_plan *plan)
{
    const struct augmentation *augmentation = &plan->augmentation;
    const bool images = augmentation_of_images(augmentation);
    const bool scaled = plan->scale != NULL && plan->scale->features > 0;
    uint64_t set = 0;
    add(&set, true, PRIMITIVE_GATHER_ROWS);
    add(&set, true, PRIMITIVE_GATHER_BYTE_ROWS);
    add(&set, scaled || images, PRIMITIVE_STANDARDIZE_ROWS);
    add(&set, true, PRIMITIVE_LABEL_TARGETS);
    add(&set, plan->network->task != WEFT_TASK_CLASSIFY, PRIMITIVE_GATHER_TARGETS);
    add(&set, images, PRIMITIVE_IMAGE_DRAWS);
    add(&set, images, PRIMITIVE_GATHER_IMAGES);
    add(&set, images, PRIMITIVE_GATHER_BYTE_IMAGES);
    add(&set, augmentation->mixup > 0.0, PRIMITIVE_MIX_ROWS);
    add(&set, augmentation->dropout > 0.0f, PRIMITIVE_DROPOUT);
    return set;
}

/* The forward pass of an evaluation, its loss and its probabilities. */
static uint64_t forward_set(const struct check_plan *plan)
{
    const enum weft_head head = plan->network->head;
    uint64_t set = 0;
    add(&set, network_has_norm(plan->network), PRIMITIVE_NORM_FORWARD);
    add(&set, head == WEFT_HEAD_SIGMOID, PRIMITIVE_SIGMOID_CROSS_ENTROPY);
    add(&set, head == WEFT_HEAD_SOFTMAX, PRIMITIVE_SOFTMAX_CROSS_ENTROPY);
    add(&set, head == WEFT_HEAD_IDENTITY, PRIMITIVE_IDENTITY_SQUARED_ERROR);
    add(&set, true, PRIMITIVE_METRICS_SUM);
    add(&set, head == WEFT_HEAD_SIGMOID, PRIMITIVE_SIGMOID_FORWARD);
    add(&set, head == WEFT_HEAD_IDENTITY, PRIMITIVE_CLIP_UNIT);
    add(&set, head == WEFT_HEAD_SOFTMAX || plan->objective.article, PRIMITIVE_SOFTMAX_ROWS);
    return set;
}

/* A training step that runs operation by operation, without its layers and the optimizer. */
static uint64_t operations_set(const struct check_plan *plan)
{
    const bool norm = network_has_norm(plan->network);
    uint64_t set = 0;
    add(&set, norm, PRIMITIVE_NORM_STATISTICS);
    add(&set, norm, PRIMITIVE_NORM_RUNNING);
    add(&set, norm, PRIMITIVE_NORM_GRADIENT);
    add(&set, norm, PRIMITIVE_NORM_BACKWARD);
    add(&set, objective_has_penalty(&plan->objective), PRIMITIVE_PENALTY_GRADIENT);
    add(&set, true, PRIMITIVE_PARAMETERS_UPDATE);
    return set;
}

/* Whether each layer of a training step runs its own matrix products. */
static bool runs_by_operation(const struct check_plan *plan)
{
    return plan->product_layers == plan->network->layer_count;
}

/* A training step, beyond its layers. */
static uint64_t step_set(const struct check_plan *plan)
{
    const struct optimizer *optimizer = &plan->optimizer;
    const bool sliced = plan->slices > 1, penalty = objective_has_penalty(&plan->objective);
    uint64_t set = runs_by_operation(plan) ? operations_set(plan) : 0;
    add(&set, penalty, PRIMITIVE_PENALTY_TERMS);
    add(&set, sliced, PRIMITIVE_GRADIENT_ADD);
    add(&set, sliced && penalty, PRIMITIVE_PENALTY_GRADIENT);
    add(&set, optimizer->clip_norm > 0.0, PRIMITIVE_CLIP_FACTOR);
    /* Other steps update by themselves only if nothing but the gradient matters. */
    add(&set, sliced || optimizer->clip_norm > 0.0 || optimizer->kind != WEFT_OPTIMIZER_SGD,
        PRIMITIVE_PARAMETERS_UPDATE);
    add(&set, optimizer->ema > 0.0, PRIMITIVE_AVERAGE_UPDATE);
    return set;
}

void check_plan_narrow(struct weft_device *device, struct check_plan *plan)
{
    const struct backend *backend = device->backend;
    const struct workspace_plan pass = {
        .network = plan->network, .batch = plan->block, .products = plan->products};
    const struct workspace_plan step = {.network = plan->network,
                                        .batch = plan->batches[0],
                                        .training = true,
                                        .products = plan->products,
                                        .targets = plan->targets,
                                        .augmentation = plan->augmentation};
    const uint64_t launched = layer_set(device, &pass);
    plan->passes_follow = (whole_layer_set(plan->network, false) & ~launched) != 0;
    plan->primitives = gather_set(plan) | forward_set(plan) | launched;
    plan->product_layers = 0;
    if (plan->batches[0] == 0)
        return;
    plan->product_layers = backend->step_product_layers != NULL
                               ? backend->step_product_layers(device, &step)
                               : plan->network->layer_count;
    plan->primitives |= step_set(plan);
    if (runs_by_operation(plan))
        plan->primitives |= layer_set(device, &step);
}
