/* The arrays of one network on the CPU. They are allocated once; later operations only fill and
 * read them. */
#include "cpu/cpu_workspace.h"

#include <string.h>

#include "base/memory.h"
#include "cpu/cpu_kernels.h"

/* Returns WEFT_ERROR_USAGE unless every size of every matrix product fits the int of CBLAS. */
static enum weft_status check_sizes(const struct workspace_plan *plan)
{
    TRY(cpu_product_size("samples in a batch", plan->batch));
    TRY(cpu_product_size("features", network_features(plan->network)));
    for (size_t l = 0; l < plan->network->layer_count; l++)
        TRY(cpu_product_size("outputs of a layer", plan->network->layers[l].outputs));
    return WEFT_OK;
}

static enum weft_status layers_allocate(struct workspace *workspace, struct memory_count *count)
{
    const struct network *network = workspace->network;
    const size_t batch = workspace->batch;
    TRY(NEW_ARRAY(workspace->a, network->layer_count));
    TRY(NEW_ARRAY(workspace->z, network->layer_count));
    TRY(NEW_ARRAY(workspace->q, network->layer_count));
    TRY(NEW_ARRAY(workspace->dz, network->layer_count));
    for (size_t l = 0; l < network->layer_count; l++) {
        size_t outputs = network->layers[l].outputs;
        TRY(TAKE_ARRAY(count, WEFT_MEMORY_ACTIVATIONS, workspace->a[l], batch, outputs));
        workspace->z[l] = workspace->a[l];
        if (layer_keeps_z(&network->layers[l]))
            TRY(TAKE_ARRAY(count, WEFT_MEMORY_ACTIVATIONS, workspace->z[l], batch, outputs));
        if (network->layers[l].batch_norm)
            TRY(TAKE_ARRAY(count, WEFT_MEMORY_ACTIVATIONS, workspace->q[l], batch, outputs));
        /* The losses use the delta of the output layer as scratch, even without training. */
        if (workspace->training || l + 1 == network->layer_count)
            TRY(TAKE_ARRAY(count, WEFT_MEMORY_ACTIVATIONS, workspace->dz[l], batch, outputs));
    }
    return WEFT_OK;
}

/* Raises *most to the number of elements that one product needs for its panels. */
static void scratch_raise(enum product_form form, size_t m, size_t n, size_t k, size_t *most)
{
    size_t elements;
    *most = cpu_product_panels(form, m, n, k, &elements) ? size_max(*most, elements) : SIZE_MAX;
}

/* Allocates the panels for the largest matrix product of training. */
static enum weft_status scratch_allocate(struct workspace *workspace, struct memory_count *count)
{
    const struct network *network = workspace->network;
    size_t batch = workspace->batch, most = 0;
    for (size_t l = 0; l < network->layer_count; l++) {
        size_t outputs = network->layers[l].outputs, inputs = network->layers[l].inputs;
        scratch_raise(PRODUCT_FORWARD, batch, outputs, inputs, &most);
        scratch_raise(PRODUCT_WEIGHT_GRADIENT, outputs, inputs, batch, &most);
        if (l > 0)
            scratch_raise(PRODUCT_DELTA, batch, inputs, outputs, &most);
    }
    return TAKE_ARRAY(count, WEFT_MEMORY_WORKSPACE, workspace->scratch, most, 1);
}

/* Allocates the panels of all weights. */
static enum weft_status panels_allocate(struct workspace *workspace, struct memory_count *count)
{
    const struct network *network = workspace->network;
    TRY(NEW_ARRAY(workspace->panels, network->layer_count));
    for (size_t l = 0; l < network->layer_count; l++) {
        const struct dense_layer *dense = &network->layers[l];
        size_t elements;
        if (!cpu_panels_size(dense->outputs, dense->inputs, &elements))
            elements = SIZE_MAX;
        TRY(TAKE_ARRAY(count, WEFT_MEMORY_WORKSPACE, workspace->panels[l], elements, 1));
    }
    return WEFT_OK;
}

/* Takes what workspaces share that update the same parameters. */
static enum weft_status shared_allocate(struct workspace *workspace, struct memory_count *count)
{
    const struct network *network = workspace->network;
    const size_t values = network->value_count;
    TRY(TAKE_ARRAY(count, WEFT_MEMORY_PARAMETERS, workspace->parameters, values, 1));
    for (size_t i = 0; i < workspace->states; i++)
        TRY(TAKE_ARRAY(count, WEFT_MEMORY_OPTIMIZER, workspace->state[i], values, 1));
    TRY(TAKE_ARRAY(count, WEFT_MEMORY_WORKSPACE, workspace->metrics, workspace->slots, 1));
    if (!workspace->training)
        return panels_allocate(workspace, count);
    if (workspace->sliced)
        TRY(NEW_ARRAY(workspace->sums, workspace->sum_count));
    for (size_t i = 0; i < workspace->sum_count; i++)
        TRY(TAKE_ARRAY(count, WEFT_MEMORY_GRADIENT, workspace->sums[i], network->parameter_count,
                       1));
    TRY(TAKE_ARRAY(count, WEFT_MEMORY_GRADIENT, workspace->statistics, network->statistic_count,
                   1));
    return scratch_allocate(workspace, count);
}

/* Borrows it from the first workspace, which is NULL while memory is counted. */
static void shared_borrow(struct workspace *workspace, const struct workspace *first)
{
    if (first == NULL)
        return;
    workspace->parameters = first->parameters;
    memcpy(workspace->state, first->state, sizeof workspace->state);
    workspace->metrics = first->metrics;
    workspace->sums = first->sums;
    workspace->statistics = first->statistics;
    workspace->scratch = first->scratch;
}

/* Frees `count` matrices and the array that holds them. */
static void matrices_free(float **matrices, size_t count)
{
    for (size_t i = 0; matrices != NULL && i < count; i++)
        memory_free(matrices[i]);
    memory_free(matrices);
}

static void shared_free(struct workspace *workspace)
{
    memory_free(workspace->scratch);
    memory_free(workspace->statistics);
    matrices_free(workspace->sums, workspace->sum_count);
    memory_free(workspace->metrics);
    for (size_t i = 0; i < UPDATE_MOST_STATES; i++)
        memory_free(workspace->state[i]);
    memory_free(workspace->parameters);
}

static enum weft_status batch_allocate(struct workspace *workspace, struct memory_count *count)
{
    const enum weft_memory kind = WEFT_MEMORY_WORKSPACE;
    const size_t batch = workspace->batch, outputs = network_outputs(workspace->network);
    TRY(TAKE_ARRAY(count, kind, workspace->rows_copy, batch, network_features(workspace->network)));
    TRY(TAKE_ARRAY(count, kind, workspace->labels_copy, batch, 1));
    TRY(TAKE_ARRAY(count, kind, workspace->y, batch, outputs));
    TRY(TAKE_ARRAY(count, kind, workspace->weight, batch, 1));
    if (augmentation_of_images(&workspace->augmentation))
        TRY(TAKE_ARRAY(count, kind, workspace->draws, batch, DRAW_NUMBERS));
    TRY(TAKE_ARRAY(count, kind, workspace->loss, batch, 1));
    TRY(TAKE_ARRAY(count, kind, workspace->correct, batch, 1));
    return TAKE_ARRAY(count, kind, workspace->probability, batch, outputs);
}

static enum weft_status arrays_allocate(struct workspace *workspace, struct memory_count *count)
{
    if (!workspace->shares)
        TRY(shared_allocate(workspace, count));
    if (workspace->training)
        TRY(TAKE_ARRAY(count, WEFT_MEMORY_GRADIENT, workspace->gradient,
                       workspace->network->parameter_count, 1));
    TRY(layers_allocate(workspace, count));
    return batch_allocate(workspace, count);
}

/* Makes a workspace. With a `count`, its arrays are counted and stay NULL. */
static enum weft_status workspace_make(const struct workspace_plan *plan,
                                       struct memory_count *count, struct workspace **workspace)
{
    *workspace = NULL;
    TRY(check_sizes(plan));
    struct workspace *made;
    TRY(NEW_ARRAY(made, 1));
    made->network = plan->network;
    made->batch = plan->batch;
    made->slots = plan->slots;
    made->training = plan->training;
    made->sliced = plan->sums > 0;
    made->sum_count = plan->sums;
    made->range = update_range_of(plan);
    made->shares = plan->shares;
    made->states = plan->states;
    made->clip = 1.0f;
    made->targets = target_rule_of(plan);
    made->augmentation = plan->augmentation;
    if (made->shares)
        shared_borrow(made, plan->first);
    enum weft_status status = arrays_allocate(made, count);
    if (status == WEFT_OK && cpu_parts_take(plan))
        status = cpu_parts_allocate(made, count);
    if (status != WEFT_OK) {
        cpu_workspace_destroy(made);
        return status;
    }
    *workspace = made;
    return WEFT_OK;
}

enum weft_status cpu_workspace_create(struct weft_device *device, const struct workspace_plan *plan,
                                      struct workspace **workspace)
{
    (void)device;
    return workspace_make(plan, NULL, workspace);
}

enum weft_status cpu_workspace_count(struct weft_device *device, const struct workspace_plan *plan,
                                     struct memory_counts *counts)
{
    struct workspace *counted;
    (void)device;
    TRY(workspace_make(plan, &counts->host, &counted));
    cpu_workspace_destroy(counted);
    return WEFT_OK;
}

/* Frees the pre-activations that do not share an activation's array. */
static void pre_activations_free(struct workspace *workspace)
{
    for (size_t l = 0; workspace->z != NULL && l < workspace->network->layer_count; l++)
        if (workspace->z[l] != workspace->a[l])
            memory_free(workspace->z[l]);
    memory_free(workspace->z);
}

void cpu_workspace_destroy(struct workspace *workspace)
{
    if (workspace == NULL)
        return;
    pre_activations_free(workspace);
    cpu_parts_free(workspace);
    matrices_free(workspace->q, workspace->network->layer_count);
    matrices_free(workspace->a, workspace->network->layer_count);
    matrices_free(workspace->dz, workspace->network->layer_count);
    matrices_free(workspace->panels, workspace->network->layer_count);
    memory_free(workspace->gradient);
    memory_free(workspace->rows_copy);
    memory_free(workspace->labels_copy);
    memory_free(workspace->draws);
    memory_free(workspace->weight);
    memory_free(workspace->y);
    memory_free(workspace->loss);
    memory_free(workspace->correct);
    memory_free(workspace->probability);
    if (!workspace->shares)
        shared_free(workspace);
    memory_free(workspace);
}
