/* Tells what a run launches, operation by operation. See check_plan_narrow. */
#include "check/check_plan.h"

_Static_assert(PRIMITIVE_COUNT <= 64, "a set of primitives is a 64-bit number");

/* Adds a primitive to the set if the run launches it. */
static void add(uint64_t *set, bool launched, enum primitive primitive)
{
    if (launched)
        *set |= primitive_bit(primitive);
}

/* What the layers of a network have. */
struct layer_kinds {
    bool bias, activation, dropout, norm;
};

static struct layer_kinds layer_kinds_of(const struct network *network)
{
    struct layer_kinds kinds = {.bias = false};
    for (size_t l = 0; l < network->layer_count; l++) {
        const struct dense_layer *layer = &network->layers[l];
        kinds.bias = kinds.bias || layer->bias;
        kinds.activation = kinds.activation || layer->activation != WEFT_ACTIVATION_IDENTITY ||
                           layer_keeps_z(layer);
        kinds.dropout = kinds.dropout || layer->dropout > 0.0f;
        kinds.norm = kinds.norm || layer->batch_norm;
    }
    return kinds;
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
    const struct layer_kinds kinds = layer_kinds_of(plan->network);
    const enum weft_head head = plan->network->head;
    uint64_t set = 0;
    add(&set, kinds.norm, PRIMITIVE_NORM_FORWARD);
    add(&set, kinds.bias, PRIMITIVE_BIAS_ADD);
    add(&set, kinds.activation, PRIMITIVE_LAYER_FORWARD);
    add(&set, head == WEFT_HEAD_SIGMOID, PRIMITIVE_SIGMOID_CROSS_ENTROPY);
    add(&set, head == WEFT_HEAD_SOFTMAX, PRIMITIVE_SOFTMAX_CROSS_ENTROPY);
    add(&set, head == WEFT_HEAD_IDENTITY, PRIMITIVE_IDENTITY_SQUARED_ERROR);
    add(&set, true, PRIMITIVE_METRICS_SUM);
    add(&set, head == WEFT_HEAD_SIGMOID, PRIMITIVE_SIGMOID_FORWARD);
    add(&set, head == WEFT_HEAD_IDENTITY, PRIMITIVE_CLIP_UNIT);
    add(&set, head == WEFT_HEAD_SOFTMAX || plan->objective.article, PRIMITIVE_SOFTMAX_ROWS);
    return set;
}

/* A training step that runs operation by operation, without the optimizer. */
static uint64_t operations_set(const struct check_plan *plan)
{
    const struct layer_kinds kinds = layer_kinds_of(plan->network);
    uint64_t set = 0;
    add(&set, kinds.dropout, PRIMITIVE_DROPOUT);
    add(&set, kinds.activation, PRIMITIVE_LAYER_BACKWARD);
    add(&set, kinds.bias, PRIMITIVE_BIAS_GRADIENT);
    add(&set, kinds.norm, PRIMITIVE_NORM_STATISTICS);
    add(&set, kinds.norm, PRIMITIVE_NORM_RUNNING);
    add(&set, kinds.norm, PRIMITIVE_NORM_GRADIENT);
    add(&set, kinds.norm, PRIMITIVE_NORM_BACKWARD);
    add(&set, objective_has_penalty(&plan->objective), PRIMITIVE_PENALTY_GRADIENT);
    add(&set, true, PRIMITIVE_PARAMETERS_UPDATE);
    return set;
}

/* Returns the number of layers whose training step runs matrix products. */
static size_t product_layers(struct weft_device *device, const struct check_plan *plan)
{
    const struct workspace_plan step = {.network = plan->network,
                                        .batch = plan->batches[0],
                                        .training = true,
                                        .products = plan->products,
                                        .targets = plan->targets,
                                        .augmentation = plan->augmentation};
    if (plan->batches[0] == 0)
        return 0;
    return device->backend->step_product_layers != NULL
               ? device->backend->step_product_layers(device, &step)
               : plan->network->layer_count;
}

/* A training step, beyond its forward pass. */
static uint64_t step_set(const struct check_plan *plan)
{
    const struct optimizer *optimizer = &plan->optimizer;
    const bool sliced = plan->slices > 1, penalty = objective_has_penalty(&plan->objective);
    const bool by_operation = plan->product_layers == plan->network->layer_count;
    uint64_t set = by_operation ? operations_set(plan) : 0;
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
    plan->product_layers = product_layers(device, plan);
    plan->primitives = gather_set(plan) | forward_set(plan);
    if (plan->batches[0] > 0)
        plan->primitives |= step_set(plan);
}
