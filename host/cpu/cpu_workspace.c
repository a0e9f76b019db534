/* The arrays of one network on the CPU. They are allocated once; later operations only fill and
 * read them. */
#include "cpu/cpu_workspace.h"

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

/* *matrix = a zeroed [rows][columns] */
static enum weft_status matrix_allocate(size_t rows, size_t columns, float **matrix)
{
    size_t count;
    if (!size_multiply(rows, columns, &count))
        return memory_exhausted(rows, columns);
    return NEW_ARRAY(*matrix, count);
}

static enum weft_status layers_allocate(struct workspace *workspace)
{
    const struct network *network = workspace->network;
    TRY(NEW_ARRAY(workspace->a, network->layer_count));
    TRY(NEW_ARRAY(workspace->z, network->layer_count));
    TRY(NEW_ARRAY(workspace->q, network->layer_count));
    TRY(NEW_ARRAY(workspace->dz, network->layer_count));
    for (size_t l = 0; l < network->layer_count; l++) {
        size_t outputs = network->layers[l].outputs;
        TRY(matrix_allocate(workspace->batch, outputs, &workspace->a[l]));
        workspace->z[l] = workspace->a[l];
        if (layer_keeps_z(&network->layers[l]))
            TRY(matrix_allocate(workspace->batch, outputs, &workspace->z[l]));
        if (network->layers[l].batch_norm)
            TRY(matrix_allocate(workspace->batch, outputs, &workspace->q[l]));
        /* The losses use the delta of the output layer as scratch, even without training. */
        if (workspace->training || l + 1 == network->layer_count)
            TRY(matrix_allocate(workspace->batch, outputs, &workspace->dz[l]));
    }
    return WEFT_OK;
}

/* Raises *most to the number of elements that one product needs for its panels. */
static enum weft_status scratch_count(enum product_form form, size_t m, size_t n, size_t k,
                                      size_t *most)
{
    size_t count;
    if (!cpu_product_panels(form, m, n, k, &count))
        return memory_exhausted(n, k);
    *most = count > *most ? count : *most;
    return WEFT_OK;
}

/* Allocates the panels for the largest matrix product of training. */
static enum weft_status scratch_allocate(struct workspace *workspace)
{
    const struct network *network = workspace->network;
    size_t batch = workspace->batch, most = 0;
    for (size_t l = 0; l < network->layer_count; l++) {
        size_t outputs = network->layers[l].outputs, inputs = network->layers[l].inputs;
        TRY(scratch_count(PRODUCT_FORWARD, batch, outputs, inputs, &most));
        TRY(scratch_count(PRODUCT_WEIGHT_GRADIENT, outputs, inputs, batch, &most));
        if (l > 0)
            TRY(scratch_count(PRODUCT_DELTA, batch, inputs, outputs, &most));
    }
    return NEW_ARRAY(workspace->scratch, most);
}

/* Allocates the panels of all weights. */
static enum weft_status panels_allocate(struct workspace *workspace)
{
    const struct network *network = workspace->network;
    TRY(NEW_ARRAY(workspace->panels, network->layer_count));
    for (size_t l = 0; l < network->layer_count; l++) {
        const struct dense_layer *dense = &network->layers[l];
        size_t count;
        if (!cpu_panels_size(dense->outputs, dense->inputs, &count))
            return memory_exhausted(dense->outputs, dense->inputs);
        TRY(NEW_ARRAY(workspace->panels[l], count));
    }
    return WEFT_OK;
}

static enum weft_status workspace_fill(struct workspace *workspace,
                                       const struct workspace_plan *plan)
{
    const struct network *network = plan->network;
    workspace->network = network;
    workspace->batch = plan->batch;
    workspace->slots = plan->slots;
    workspace->training = plan->training;
    TRY(NEW_ARRAY(workspace->parameters, network->value_count));
    workspace->states = plan->states;
    workspace->clip = 1.0f;
    for (size_t i = 0; i < plan->states; i++)
        TRY(NEW_ARRAY(workspace->state[i], network->value_count));
    if (plan->training) {
        TRY(NEW_ARRAY(workspace->gradient, network->parameter_count));
        TRY(NEW_ARRAY(workspace->statistics, network->statistic_count));
        TRY(scratch_allocate(workspace));
    } else {
        TRY(panels_allocate(workspace));
    }
    TRY(matrix_allocate(workspace->batch, network_features(network), &workspace->rows_copy));
    TRY(NEW_ARRAY(workspace->labels_copy, workspace->batch));
    workspace->targets = target_rule_of(plan);
    TRY(matrix_allocate(workspace->batch, network_outputs(network), &workspace->y));
    TRY(NEW_ARRAY(workspace->weight, workspace->batch));
    workspace->augmentation = plan->augmentation;
    if (augmentation_of_images(&plan->augmentation))
        TRY(NEW_ARRAY(workspace->draws, workspace->batch * DRAW_NUMBERS));
    TRY(layers_allocate(workspace));
    TRY(NEW_ARRAY(workspace->loss, workspace->batch));
    TRY(NEW_ARRAY(workspace->correct, workspace->batch));
    TRY(matrix_allocate(workspace->batch, network_outputs(network), &workspace->probability));
    return NEW_ARRAY(workspace->metrics, plan->slots);
}

enum weft_status cpu_workspace_create(struct weft_device *device, const struct workspace_plan *plan,
                                      struct workspace **workspace)
{
    (void)device;
    *workspace = NULL;
    TRY(check_sizes(plan));
    struct workspace *created;
    TRY(NEW_ARRAY(created, 1));
    enum weft_status status = workspace_fill(created, plan);
    if (status != WEFT_OK) {
        cpu_workspace_destroy(created);
        return status;
    }
    *workspace = created;
    return WEFT_OK;
}

/* Frees `count` matrices and the array that holds them. */
static void matrices_free(float **matrices, size_t count)
{
    for (size_t i = 0; matrices != NULL && i < count; i++)
        memory_free(matrices[i]);
    memory_free(matrices);
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
    matrices_free(workspace->q, workspace->network->layer_count);
    matrices_free(workspace->a, workspace->network->layer_count);
    matrices_free(workspace->dz, workspace->network->layer_count);
    matrices_free(workspace->panels, workspace->network->layer_count);
    memory_free(workspace->parameters);
    memory_free(workspace->gradient);
    memory_free(workspace->statistics);
    for (size_t i = 0; i < UPDATE_MOST_STATES; i++)
        memory_free(workspace->state[i]);
    memory_free(workspace->scratch);
    memory_free(workspace->rows_copy);
    memory_free(workspace->labels_copy);
    memory_free(workspace->draws);
    memory_free(workspace->weight);
    memory_free(workspace->y);
    memory_free(workspace->loss);
    memory_free(workspace->correct);
    memory_free(workspace->probability);
    memory_free(workspace->metrics);
    memory_free(workspace);
}
