/* The plan for small networks on GPUs; see kernels/middle.cl.
 *
 * The two matrix products of the first layer do nearly all of the arithmetic. One kernel computes
 * everything between them. Another kernel adds up the gradient and updates the parameters.
 *
 * dense_forward of the first layer queues the forward product, output_delta queues middle_rows,
 * dense_backward of the first layer queues the product of the gradient, and update queues
 * middle_update.
 */
#include "opencl/launch_kernel.h"
#include "opencl/layer_buffers.h"
#include "opencl/layer_products.h"
#include "opencl/opencl_workspace.h"
#include "opencl/step_plan.h"

/* The most slices of the gradient. The slicing depends only on the number of rows, so that every
 * device adds in the same order. */
enum { MOST_SLICES = 256 };

/* PANEL is the number of samples in a panel, and MIDDLE_LINE the distance between lines in local
 * memory, as in kernels/middle.cl. LOCAL_SPARE is the local memory in bytes that drivers may need
 * for themselves. MOST_PARAMETERS limits the parameters above the first layer, because every slice
 * stores a gradient for each of them. */
enum { PANEL = 16, MIDDLE_LINE = PANEL + 1, LOCAL_SPARE = 1024, MOST_PARAMETERS = 1 << 14 };

/* The number of weights in the first layer. They are the first of all parameters. */
static size_t below(const struct network *network)
{
    return network->layers[1].weight_offset;
}

static size_t slice_panels(size_t rows)
{
    return size_divide_up(step_panels_count(rows, PANEL), MOST_SLICES);
}

static size_t slice_count(size_t rows)
{
    return size_divide_up(step_panels_count(rows, PANEL), slice_panels(rows));
}

/* A line for each unit of every layer. */
static size_t local_bytes(const struct network *network)
{
    size_t lines = 0;
    for (size_t l = 0; l < network->layer_count; l++)
        lines += network->layers[l].outputs;
    return lines * MIDDLE_LINE * sizeof(cl_float);
}

/* Training with any head, targets, sample weights, activations and dropout. Batch norm is left to
 * steps by operation, because its statistics need the whole batch. The network needs at least one
 * hidden layer. A panel must fit into local memory, and the layers above the first must have few
 * parameters. */
static bool takes(const struct opencl_device *device, const struct workspace_plan *plan)
{
    const struct network *network = plan->network;
    return plan->training && network->layer_count > 1 && !network_has_norm(network) &&
           network->parameter_count - below(network) <= MOST_PARAMETERS &&
           local_bytes(network) + LOCAL_SPARE <= device->max_local;
}

static size_t product_layers(const struct network *network)
{
    (void)network;
    return 1;
}

/* Besides the panels, a step stores what the two products read and write, the outputs of the
 * network, and targets that are no labels. z of the first layer has no bias. Fewer rows may give
 * more slices: 4097 rows give 129 slices, but 4096 rows give 256. */
static enum weft_status create(struct workspace *workspace)
{
    const struct network *network = workspace->network;
    const size_t last = network->layer_count - 1;
    TRY(buffer_create_matrix(workspace->device, WEFT_MEMORY_ACTIVATIONS, workspace->batch,
                             network->layers[0].outputs, "pre-activations", &workspace->a[0]));
    workspace->z[0] = workspace->a[0];
    TRY(layer_deltas_create(workspace, 0));
    TRY(layer_activations_create(workspace, last));
    TRY(layer_deltas_create(workspace, last));
    if (workspace->targets.dense)
        TRY(batch_targets_create(workspace));
    const struct step_sizes sizes = {
        .batch = workspace->batch,
        .width = PANEL,
        .most_slices = size_min(step_panels_count(workspace->batch, PANEL), MOST_SLICES),
        .slice_values = network->parameter_count - below(network)};
    return step_panels_init(&workspace->panels, workspace->device, network, &sizes);
}

/* z1 = x W1', without the bias */
static enum weft_status dense_forward(struct workspace *workspace, size_t layer)
{
    if (layer > 0)
        return WEFT_OK; /* row_losses does it */
    const struct product product = layer_product_forward(workspace, layer);
    return products_run(workspace->device, &product, workspace->product_workspace);
}

/* Queues the forward pass from z1, the losses, the deltas down to dz1, and the gradient in slices.
 * The gradient excludes the weights of the first layer. Without dense targets, the kernel reads
 * neither y nor the weights, but every buffer has to be one. */
static enum weft_status middle_launch(struct workspace *workspace, const struct loss_rule *rule)
{
    const struct network *network = workspace->network;
    const struct step_panels *step = &workspace->panels;
    const size_t last = network->layer_count - 1;
    const struct step_draws draws =
        step_draws_of(network, workspace->drawn ? &workspace->draw : NULL);
    const cl_ulong labels_first = workspace->labels_first;
    const cl_uint dense = workspace->targets.dense, each = workspace->targets.each;
    const cl_mem y = dense ? workspace->y : workspace->dz[last];
    const cl_mem weight = dense ? workspace->weight : workspace->row_loss;
    const cl_uint layer_count = (cl_uint)network->layer_count, rows = (cl_uint)workspace->rows;
    const cl_uint head = (cl_uint)network->head, only = rule->true_class_only;
    const cl_uint units = (cl_uint)step->units, height = (cl_uint)slice_panels(workspace->rows);
    const cl_uint first = (cl_uint)below(network), count = (cl_uint)network->parameter_count;
    const struct kernel_argument arguments[] = {ARGUMENT(workspace->z[0]),
                                                ARGUMENT(workspace->labels),
                                                ARGUMENT(labels_first),
                                                ARGUMENT(y),
                                                ARGUMENT(weight),
                                                ARGUMENT(workspace->parameters),
                                                ARGUMENT(step->layers),
                                                ARGUMENT(layer_count),
                                                ARGUMENT(rows),
                                                ARGUMENT(head),
                                                ARGUMENT(rule->delta_factor),
                                                ARGUMENT(each),
                                                ARGUMENT(only),
                                                ARGUMENT(dense),
                                                ARGUMENT(draws.drops),
                                                ARGUMENT(draws.seed),
                                                ARGUMENT(draws.epoch),
                                                ARGUMENT(draws.batch),
                                                ARGUMENT(draws.row),
                                                ARGUMENT(units),
                                                ARGUMENT(height),
                                                ARGUMENT(first),
                                                ARGUMENT(count),
                                                ARGUMENT(step->panels),
                                                ARGUMENT(workspace->a[last]),
                                                ARGUMENT(workspace->dz[last]),
                                                ARGUMENT(workspace->row_loss),
                                                ARGUMENT(workspace->row_correct),
                                                ARGUMENT(workspace->dz[0]),
                                                ARGUMENT(step->partial),
                                                LOCAL(local_bytes(network))};
    return LAUNCH(workspace->device, KERNEL_MIDDLE_ROWS,
                  grid_line(workspace->device, step->slices * workspace->device->group), arguments);
}

static enum weft_status row_losses(struct workspace *workspace, const struct loss_rule *rule)
{
    struct step_panels *step = &workspace->panels;
    step->slices = slice_count(workspace->rows);
    if (step->slices > step->most_slices)
        return fail(WEFT_ERROR_INTERNAL, "a gradient in %zu slices: need at most %zu", step->slices,
                    step->most_slices);
    return middle_launch(workspace, rule);
}

/* Queues the weight gradient of the first layer. If it is computed in slices, they stay in the
 * workspace of products until gradient_complete. */
static enum weft_status dense_backward(struct workspace *workspace, size_t layer)
{
    if (layer > 0)
        return WEFT_OK; /* row_losses has done it */
    const struct product product = layer_product_gradient(workspace, layer);
    workspace->panels.product_slices = products_slices(&product);
    workspace->panels.pending = true;
    return products_run_slices(workspace->device, &product, workspace->product_workspace);
}

static enum weft_status gradient_complete(struct workspace *workspace,
                                          const struct update_rule *rule, bool *updated)
{
    const struct network *network = workspace->network;
    struct step_panels *step = &workspace->panels;
    const struct step_finish finish = step_finish_of(rule);
    const cl_mem product =
        step->product_slices > 1 ? workspace->product_workspace.buffer : workspace->gradient;
    const cl_uint product_slices = (cl_uint)step->product_slices;
    const cl_uint first = (cl_uint)below(network), slices = (cl_uint)step->slices;
    const cl_uint count = (cl_uint)network->parameter_count;
    const cl_uint weights = (cl_uint)network->weight_count;
    const struct kernel_argument arguments[] = {ARGUMENT(product),
                                                ARGUMENT(product_slices),
                                                ARGUMENT(first),
                                                ARGUMENT(step->partial),
                                                ARGUMENT(slices),
                                                ARGUMENT(count),
                                                ARGUMENT(weights),
                                                ARGUMENT(finish.l1),
                                                ARGUMENT(finish.l2),
                                                ARGUMENT(finish.learning_rate),
                                                ARGUMENT(finish.apply),
                                                ARGUMENT(workspace->gradient),
                                                ARGUMENT(workspace->parameters)};
    step->pending = false;
    *updated = finish.apply;
    return LAUNCH(workspace->device, KERNEL_MIDDLE_UPDATE,
                  grid_elements(workspace->device, network->parameter_count), arguments);
}

const struct step_plan step_middle = {.rule = STEP_MIDDLE,
                                      .name = "middle kernel of steps",
                                      .takes = takes,
                                      .product_layers = product_layers,
                                      .create = create,
                                      .dense_forward = dense_forward,
                                      .dense_backward = dense_backward,
                                      .row_losses = row_losses,
                                      .gradient_complete = gradient_complete};
