/* The plan for small networks on CPUs: a step in three kernels; see kernels/step.cl.
 *
 * output_delta queues step_rows, dense_backward of the first layer queues step_gradient, and update
 * queues step_update.
 */
#include "opencl/launch_kernel.h"
#include "opencl/layer_buffers.h"
#include "opencl/opencl_workspace.h"
#include "opencl/step_plan.h"

/* Every panel of samples reads all weights. With more parameters, in all or above the weights of
 * the first layer, steps by operation were as fast or faster (docs/performance.md). */
enum { MOST_PARAMETERS = 1 << 17, MOST_ABOVE = 1 << 15 };
/* A work-item of step_gradient handles at most ITEM_VECTORS vectors of the first layer's columns,
 * or at most ITEM_OUTPUTS outputs of a layer above it. */
enum { ITEM_VECTORS = 5, ITEM_OUTPUTS = 5 };
/* A slice of the gradient sums at least SLICE_PANELS panels, and there are at most MAX_SLICES
 * slices. Both are fixed, because the slicing decides the last bits of the sums. The result must
 * not depend on the number of threads. */
enum { SLICE_PANELS = 16, MAX_SLICES = 8 };

/* Panels store their samples if a row has up to SHORT_ROW features. */
enum { SHORT_ROW = 128 };

static bool rows_are_short(const struct network *network)
{
    return network_features(network) <= SHORT_ROW;
}

static size_t slice_panels(size_t rows, size_t width)
{
    return size_max(SLICE_PANELS, size_divide_up(step_panels_count(rows, width), MAX_SLICES));
}

/* Fewer rows never give more slices: from MAX_SLICES * SLICE_PANELS panels on, there are always
 * MAX_SLICES slices. */
static size_t slice_count(size_t rows, size_t width)
{
    return size_divide_up(step_panels_count(rows, width), slice_panels(rows, width));
}

/* A panel also stores the outputs of the network, and the samples if their rows are short. */
static struct step_sizes sizes_of(const struct opencl_device *device, const struct network *network,
                                  size_t batch)
{
    const size_t width = device->lanes; /* a lane is a sample */
    return (struct step_sizes){.batch = batch,
                               .width = width,
                               .outputs = true,
                               .samples = rows_are_short(network),
                               .most_slices = slice_count(batch, width),
                               .slice_values = network->parameter_count};
}

/* Training with any head, targets, sample weights, activations and dropout. Batch norm is left to
 * steps by operation, because its statistics need the whole batch. The panels of a batch must fit
 * into one buffer. */
static bool takes(const struct opencl_device *device, const struct workspace_plan *plan)
{
    const struct network *network = plan->network;
    const struct dense_layer *first = &network->layers[0];
    const struct step_sizes sizes = sizes_of(device, network, plan->batch);
    return plan->training && !network_has_norm(network) &&
           network->parameter_count <= MOST_PARAMETERS &&
           network->parameter_count - first->outputs * first->inputs <= MOST_ABOVE &&
           step_panels_fit(device, network, &sizes);
}

static size_t product_layers(const struct network *network)
{
    (void)network;
    return 0;
}

/* Besides the panels, a step stores the outputs of the network, and targets that are no labels. */
static enum weft_status create(struct workspace *workspace)
{
    const struct network *network = workspace->network;
    const struct step_sizes sizes = sizes_of(workspace->device, network, workspace->batch);
    TRY(layer_activations_create(workspace, network->layer_count - 1));
    if (workspace->targets.dense)
        TRY(batch_targets_create(workspace));
    return step_panels_init(&workspace->panels, workspace->device, network, &sizes);
}

/* output_delta runs the forward pass. */
static enum weft_status dense_forward(struct workspace *workspace, size_t layer)
{
    (void)workspace, (void)layer;
    return WEFT_OK;
}

/* Queues everything up to the deltas. Without dense targets, the kernel reads neither y nor the
 * weights, but every buffer has to be one. */
static enum weft_status row_losses(struct workspace *workspace, const struct loss_rule *rule)
{
    const struct network *network = workspace->network;
    const struct step_panels *step = &workspace->panels;
    const struct step_draws draws =
        step_draws_of(network, workspace->drawn ? &workspace->draw : NULL);
    const cl_ulong x_offset = workspace->x_offset, labels_first = workspace->labels_first;
    const cl_uint dense = workspace->targets.dense, each = workspace->targets.each;
    const cl_mem outputs = workspace->a[network->layer_count - 1];
    const cl_mem y = dense ? workspace->y : outputs;
    const cl_mem weight = dense ? workspace->weight : workspace->row_loss;
    const cl_uint layer_count = (cl_uint)network->layer_count;
    const cl_uint rows = (cl_uint)workspace->rows, units = (cl_uint)step->units;
    const cl_uint head = (cl_uint)network->head, only = rule->true_class_only;
    const cl_uint transposed = rows_are_short(network);
    const struct kernel_argument arguments[] = {ARGUMENT(workspace->x),
                                                ARGUMENT(x_offset),
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
                                                ARGUMENT(transposed),
                                                ARGUMENT(units),
                                                ARGUMENT(step->panels),
                                                ARGUMENT(outputs),
                                                ARGUMENT(workspace->row_loss),
                                                ARGUMENT(workspace->row_correct)};
    return LAUNCH(workspace->device, KERNEL_STEP_ROWS,
                  grid_threads(step_panels_count(workspace->rows, step->width), 1), arguments);
}

/* Queues the gradient of all layers and leaves it in slices. row_losses has computed the deltas. */
static enum weft_status dense_backward(struct workspace *workspace, size_t layer)
{
    if (layer > 0)
        return WEFT_OK;
    const struct network *network = workspace->network;
    struct step_panels *step = &workspace->panels;
    const cl_ulong x_offset = workspace->x_offset;
    const cl_uint units = (cl_uint)step->units, rows = (cl_uint)workspace->rows;
    const cl_uint height = (cl_uint)slice_panels(workspace->rows, step->width),
                  outputs = ITEM_OUTPUTS;
    const cl_uint parameters = (cl_uint)network->parameter_count;
    const cl_uint column_items = (cl_uint)size_divide_up(
        size_divide_up(network_features(network), step->width), ITEM_VECTORS);
    size_t items = column_items;
    for (size_t l = 1; l < network->layer_count; l++)
        items += size_divide_up(network->layers[l].outputs, ITEM_OUTPUTS);
    step->slices = slice_count(workspace->rows, step->width);
    step->pending = true;
    const struct kernel_argument arguments[] = {
        ARGUMENT(workspace->x), ARGUMENT(x_offset),     ARGUMENT(step->panels),
        ARGUMENT(units),        ARGUMENT(step->layers), ARGUMENT(rows),
        ARGUMENT(height),       ARGUMENT(column_items), ARGUMENT(outputs),
        ARGUMENT(parameters),   ARGUMENT(step->partial)};
    return LAUNCH(workspace->device, KERNEL_STEP_GRADIENT, grid_threads(items, step->slices),
                  arguments);
}

static enum weft_status gradient_complete(struct workspace *workspace,
                                          const struct update_rule *rule, bool *updated)
{
    const struct network *network = workspace->network;
    struct step_panels *step = &workspace->panels;
    const struct step_finish finish = step_finish_of(rule);
    const cl_uint slices = (cl_uint)step->slices;
    const cl_uint count = (cl_uint)network->parameter_count;
    const cl_uint weights = (cl_uint)network->weight_count;
    const struct kernel_argument arguments[] = {ARGUMENT(step->partial),
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
    return LAUNCH(
        workspace->device, KERNEL_STEP_UPDATE,
        grid_line(workspace->device, size_divide_up(network->parameter_count, step->width)),
        arguments);
}

const struct step_plan step_fused = {.rule = STEP_FUSED,
                                     .name = "fused step",
                                     .takes = takes,
                                     .product_layers = product_layers,
                                     .create = create,
                                     .dense_forward = dense_forward,
                                     .dense_backward = dense_backward,
                                     .row_losses = row_losses,
                                     .gradient_complete = gradient_complete};
