/* Creates and destroys a workspace: every buffer of a training run, sized for its largest batch. */
#include "opencl/opencl_workspace.h"

#include <string.h>

#include "base/memory.h"
#include "opencl/launch.h"
#include "opencl/products.h"
#include "opencl/step_plan.h"

/* Raises *largest to the elements that a product of this shape needs. */
static enum weft_status grow(struct workspace *workspace, enum product_form form, size_t m,
                             size_t n, size_t k, size_t *largest)
{
    struct opencl_device *device = workspace->device;
    const enum product_engine engine = products_engine(device, workspace->products, form, m, n, k);
    size_t count = 0;
    TRY(products_workspace_size(device, engine, form, m, n, k, &count));
    *largest = size_max(*largest, count);
    return WEFT_OK;
}

/* Creates the workspace of matrix products. It suffices for every product of the network and every
 * batch size. */
static enum weft_status product_workspace_create(struct workspace *workspace)
{
    const struct network *network = workspace->network;
    const size_t layers = workspace->plan->product_layers(network), batch = workspace->batch;
    size_t largest = 1;
    if (layers == 0)
        return WEFT_OK;
    for (size_t l = 0; l < layers; l++) {
        const size_t inputs = network->layers[l].inputs, outputs = network->layers[l].outputs;
        TRY(grow(workspace, PRODUCT_FORWARD, batch, outputs, inputs, &largest));
        if (!workspace->training)
            continue;
        TRY(grow(workspace, PRODUCT_WEIGHT_GRADIENT, outputs, inputs, batch, &largest));
        if (l > 0)
            TRY(grow(workspace, PRODUCT_DELTA, batch, inputs, outputs, &largest));
    }
    workspace->product_workspace.count = largest;
    return buffer_create(workspace->device, WEFT_MEMORY_WORKSPACE, largest,
                         "the workspace of products", &workspace->product_workspace.buffer);
}

/* Creates the buffers for the batch itself. */
static enum weft_status batch_buffers_create(struct workspace *workspace)
{
    struct opencl_device *device = workspace->device;
    const enum weft_memory kind = WEFT_MEMORY_WORKSPACE;
    const size_t batch = workspace->batch;
    TRY(buffer_create_matrix(device, kind, batch, network_features(workspace->network), "a batch",
                             &workspace->gathered));
    TRY(buffer_create(device, kind, batch, "the labels of a batch", &workspace->gathered_labels));
    TRY(buffer_create(device, kind, batch, "the losses of a batch", &workspace->row_loss));
    TRY(buffer_create(device, kind, batch, "the correct predictions of a batch",
                      &workspace->row_correct));
    if (!augmentation_of_images(&workspace->augmentation))
        return WEFT_OK;
    return buffer_create_matrix(device, kind, batch, DRAW_NUMBERS, "the draws of images",
                                &workspace->draws);
}

/* Creates the buffers for the sum of gradients, the statistics and the optimizer state. */
static enum weft_status update_buffers_create(struct workspace *workspace)
{
    struct opencl_device *device = workspace->device;
    const struct network *network = workspace->network;
    if (workspace->sliced)
        TRY(NEW_ARRAY(workspace->sums, workspace->sum_count));
    for (size_t i = 0; i < workspace->sum_count; i++)
        TRY(buffer_create(device, WEFT_MEMORY_GRADIENT, network->parameter_count,
                          "the sum of gradients", &workspace->sums[i]));
    if (network_has_norm(network))
        TRY(buffer_create(device, WEFT_MEMORY_GRADIENT, network->statistic_count,
                          "batch statistics", &workspace->statistics));
    if (network_has_norm(network) && workspace->sliced)
        TRY(buffer_create(device, WEFT_MEMORY_GRADIENT, network->statistic_count,
                          "gradients of scale and shift", &workspace->whole_norm));
    TRY(buffer_create(device, WEFT_MEMORY_GRADIENT, 1, "the gradient's factor", &workspace->clip));
    for (size_t i = 0; i < workspace->states; i++)
        TRY(buffer_create(device, WEFT_MEMORY_OPTIMIZER, network->value_count,
                          "the optimizer state", &workspace->state[i]));
    return WEFT_OK;
}

/* Creates a view of the values first .. end - 1 of a buffer. */
static enum weft_status range_create(struct workspace *workspace, cl_mem buffer, size_t end,
                                     cl_mem *range)
{
    const size_t first = workspace->range.first;
    const cl_buffer_region region = {first * sizeof(cl_float), (end - first) * sizeof(cl_float)};
    cl_int code = CL_SUCCESS;
    if (buffer == NULL || end <= first) /* memory is counted, or the range is empty */
        return WEFT_OK;
    *range =
        clCreateSubBuffer(buffer, CL_MEM_READ_WRITE, CL_BUFFER_CREATE_TYPE_REGION, &region, &code);
    return opencl_check(workspace->device, code, "a part of a buffer");
}

static enum weft_status ranges_create(struct workspace *workspace)
{
    const size_t end = workspace->range.first + workspace->range.count;
    if (workspace->range.count == workspace->network->value_count)
        return WEFT_OK;
    TRY(range_create(workspace, workspace->parameters, end, &workspace->range_w));
    TRY(range_create(workspace, opencl_whole_gradient(workspace),
                     size_min(end, workspace->network->parameter_count), &workspace->range_dw));
    for (size_t i = 0; i < workspace->states; i++)
        TRY(range_create(workspace, workspace->state[i], end, &workspace->range_state[i]));
    return WEFT_OK;
}

/* Creates what workspaces share that update the same parameters: the parameters and their updates,
 * the metrics, and scratch. */
static enum weft_status shared_create(struct workspace *workspace)
{
    struct opencl_device *device = workspace->device;
    struct memory_count *host = memory_count_host(device->counts);
    const enum weft_memory kind = WEFT_MEMORY_WORKSPACE;
    const size_t slots = workspace->slots;
    TRY(buffer_create(device, WEFT_MEMORY_PARAMETERS, workspace->network->value_count,
                      "the parameters", &workspace->parameters));
    if (workspace->training)
        TRY(update_buffers_create(workspace));
    if (workspace->training)
        TRY(ranges_create(workspace));
    TRY(product_workspace_create(workspace));
    TRY(buffer_create(device, kind, launch_partial_size(network_widest(workspace->network)),
                      "partial sums", &workspace->partial));
    TRY(buffer_create(device, kind, slots, "losses", &workspace->loss_sums));
    TRY(buffer_create(device, kind, slots, "correct counts", &workspace->correct_counts));
    TRY(buffer_create_matrix(device, kind, slots, 2, "penalty terms", &workspace->penalty_sums));
    TRY(TAKE_ARRAY(host, kind, workspace->host_sums, 3, slots));
    return TAKE_ARRAY(host, kind, workspace->host_counts, slots, 1);
}

/* Borrows it from the first workspace, which is NULL while memory is counted. */
static void shared_borrow(struct workspace *workspace, const struct workspace *first)
{
    if (first == NULL)
        return;
    workspace->parameters = first->parameters;
    workspace->sums = first->sums;
    workspace->range_w = first->range_w;
    workspace->range_dw = first->range_dw;
    memcpy(workspace->range_state, first->range_state, sizeof workspace->range_state);
    workspace->statistics = first->statistics;
    workspace->whole_norm = first->whole_norm;
    workspace->clip = first->clip;
    memcpy(workspace->state, first->state, sizeof workspace->state);
    workspace->product_workspace = first->product_workspace;
    workspace->partial = first->partial;
    workspace->loss_sums = first->loss_sums;
    workspace->correct_counts = first->correct_counts;
    workspace->penalty_sums = first->penalty_sums;
    workspace->host_sums = first->host_sums;
    workspace->host_counts = first->host_counts;
}

static void matrices_release(struct opencl_device *device, cl_mem *matrices, size_t count)
{
    for (size_t i = 0; matrices != NULL && i < count; i++)
        buffer_release(device, &matrices[i]);
    memory_free(matrices);
}

static void range_release(struct workspace *workspace, cl_mem *range)
{
    if (*range == NULL)
        return;
    (void)clReleaseMemObject(*range); /* the memory belongs to the whole buffer */
    workspace->device->buffers_gone++;
    *range = NULL;
}

static void shared_release(struct workspace *workspace)
{
    struct opencl_device *device = workspace->device;
    for (size_t i = 0; i < UPDATE_MOST_STATES; i++)
        range_release(workspace, &workspace->range_state[i]);
    range_release(workspace, &workspace->range_dw);
    range_release(workspace, &workspace->range_w);
    memory_free(workspace->host_counts);
    memory_free(workspace->host_sums);
    buffer_release(device, &workspace->penalty_sums);
    buffer_release(device, &workspace->correct_counts);
    buffer_release(device, &workspace->loss_sums);
    buffer_release(device, &workspace->partial);
    buffer_release(device, &workspace->product_workspace.buffer);
    for (size_t i = 0; i < UPDATE_MOST_STATES; i++)
        buffer_release(device, &workspace->state[i]);
    buffer_release(device, &workspace->clip);
    buffer_release(device, &workspace->whole_norm);
    buffer_release(device, &workspace->statistics);
    matrices_release(device, workspace->sums, workspace->sum_count);
    buffer_release(device, &workspace->parameters);
}

/* Creates the matrices of the layers and the buffers of the plan. */
static enum weft_status layers_create(struct workspace *workspace)
{
    const size_t layers = workspace->network->layer_count;
    TRY(NEW_ARRAY(workspace->a, layers));
    TRY(NEW_ARRAY(workspace->z, layers));
    TRY(NEW_ARRAY(workspace->q, layers));
    TRY(NEW_ARRAY(workspace->dz, layers));
    TRY(workspace->plan->create(workspace));
    return buffer_create_matrix(workspace->device, WEFT_MEMORY_WORKSPACE, workspace->batch,
                                network_outputs(workspace->network), "probabilities",
                                &workspace->probability);
}

static enum weft_status buffers_create(struct workspace *workspace,
                                       const struct workspace_plan *plan)
{
    if (plan->shares)
        shared_borrow(workspace, plan->first);
    else
        TRY(shared_create(workspace));
    if (workspace->training)
        TRY(buffer_create(workspace->device, WEFT_MEMORY_GRADIENT,
                          workspace->network->parameter_count, "the gradient",
                          &workspace->gradient));
    TRY(layers_create(workspace));
    return batch_buffers_create(workspace);
}

/* Fills the buffers that need initial values. */
static enum weft_status buffers_fill(struct workspace *workspace)
{
    struct opencl_device *device = workspace->device;
    const cl_float one = 1.0f;
    TRY(step_panels_fill(&workspace->panels, workspace->network));
    if (workspace->shares)
        return WEFT_OK;
    TRY(buffer_clear(device, workspace->penalty_sums, 2 * workspace->slots));
    if (!workspace->training)
        return WEFT_OK;
    for (size_t i = 0; i < workspace->states; i++)
        TRY(buffer_clear(device, workspace->state[i], workspace->network->value_count));
    return buffer_upload(device, workspace->clip, 0, &one, 1);
}

/* CLBlast counts the elements of a matrix in 32 bits. The kernels count rows, columns and slots in
 * 32 bits. */
static enum weft_status sizes_fit(const struct opencl_device *device,
                                  const struct workspace_plan *plan)
{
    const size_t limit = INT32_MAX;
    const size_t widest = size_max(network_widest(plan->network), network_features(plan->network));
    size_t largest = 0; /* elements of the largest matrix of a batch */
    if (!size_multiply(plan->batch, widest, &largest) || largest > limit || plan->slots > limit ||
        plan->network->value_count > limit)
        return fail(WEFT_ERROR_DEVICE,
                    "%s: batches of %zu samples by %zu, %zu parameters or %zu batches are too "
                    "many: need products of %zu or less",
                    device->base.info.name, plan->batch, widest, plan->network->value_count,
                    plan->slots, limit);
    return WEFT_OK;
}

/* Makes a workspace whose buffers have no values yet. */
static enum weft_status workspace_make(struct opencl_device *device,
                                       const struct workspace_plan *plan,
                                       struct workspace **workspace)
{
    struct workspace *made = NULL;
    TRY(NEW_ARRAY(made, 1));
    made->device = device;
    made->network = plan->network;
    made->plan = step_plan_choose(device, plan);
    made->batch = plan->batch;
    made->slots = plan->slots;
    made->training = plan->training;
    made->sliced = plan->sums > 0;
    made->sum_count = plan->sums;
    made->range = update_range_of(plan);
    made->shares = plan->shares;
    made->states = plan->states;
    made->products = plan->products;
    made->targets = target_rule_of(plan);
    made->augmentation = plan->augmentation;
    *workspace = made;
    return buffers_create(made, plan);
}

enum weft_status opencl_workspace_create(struct weft_device *device,
                                         const struct workspace_plan *plan,
                                         struct workspace **workspace)
{
    *workspace = NULL;
    struct workspace *created = NULL;
    TRY(sizes_fit(opencl_from(device), plan));
    enum weft_status status = workspace_make(opencl_from(device), plan, &created);
    if (status == WEFT_OK)
        status = buffers_fill(created);
    if (status != WEFT_OK) {
        opencl_workspace_destroy(created);
        return status;
    }
    *workspace = created;
    return WEFT_OK;
}

enum weft_status opencl_workspace_count(struct weft_device *device,
                                        const struct workspace_plan *plan,
                                        struct memory_counts *counts)
{
    struct opencl_device *counting = opencl_from(device);
    struct workspace *counted = NULL;
    counting->counts = counts;
    const enum weft_status status = workspace_make(counting, plan, &counted);
    counting->counts = NULL;
    opencl_workspace_destroy(counted);
    return status;
}

/* Releases the pre-activations that are not the buffer of an activation. */
static void pre_activations_release(struct workspace *workspace)
{
    for (size_t l = 0; workspace->z != NULL && l < workspace->network->layer_count; l++)
        if (workspace->z[l] != workspace->a[l])
            buffer_release(workspace->device, &workspace->z[l]);
    memory_free(workspace->z);
}

void opencl_workspace_destroy(struct workspace *workspace)
{
    if (workspace == NULL)
        return;
    struct opencl_device *device = workspace->device;
    (void)clFinish(device->queue); /* queued commands may still use the buffers */
    buffer_release(device, &workspace->row_correct);
    buffer_release(device, &workspace->row_loss);
    buffer_release(device, &workspace->draws);
    buffer_release(device, &workspace->weight);
    buffer_release(device, &workspace->y);
    buffer_release(device, &workspace->gathered_labels);
    buffer_release(device, &workspace->gathered);
    buffer_release(device, &workspace->probability);
    matrices_release(device, workspace->dz, workspace->network->layer_count);
    pre_activations_release(workspace);
    matrices_release(device, workspace->q, workspace->network->layer_count);
    matrices_release(device, workspace->a, workspace->network->layer_count);
    step_panels_reset(&workspace->panels);
    buffer_release(device, &workspace->gradient);
    if (!workspace->shares)
        shared_release(workspace);
    memory_free(workspace);
}
