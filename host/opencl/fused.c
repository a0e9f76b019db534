/* The launchers of the fused step; see fused.h. */
#include "opencl/fused.h"

#include "base/memory.h"
#include "opencl/launch_kernel.h"
#include "opencl/step_panels.h"

/* A work-item of step_gradient handles at most ITEM_VECTORS vectors of the first layer's columns,
 * or at most ITEM_OUTPUTS outputs of a layer above it. */
enum { ITEM_VECTORS = 5, ITEM_OUTPUTS = 5 };
/* A slice of the gradient sums at least SLICE_PANELS panels, and there are at most MAX_SLICES
 * slices. Both are fixed, because the slicing decides the last bits of the sums. The result must
 * not depend on the number of threads. */
enum { SLICE_PANELS = 16, MAX_SLICES = 8 };

struct fused {
    struct opencl_device *device;  /* borrowed */
    const struct network *network; /* borrowed */
    struct step_panels step;       /* owned */
    size_t slices;                 /* slices of the current batch */
    cl_mem partial;                /* [slices][parameter_count] */
};

static size_t slice_panels(size_t rows)
{
    return size_max(SLICE_PANELS, size_divide_up(step_panels_count(rows), MAX_SLICES));
}

/* Fewer rows never give more slices: from MAX_SLICES * SLICE_PANELS panels on, there are always
 * MAX_SLICES slices. */
static size_t slice_count(size_t rows)
{
    return size_divide_up(step_panels_count(rows), slice_panels(rows));
}

static enum weft_status buffers_create(struct fused *fused, size_t batch)
{
    TRY(step_panels_init(&fused->step, fused->device, fused->network, batch));
    return buffer_create(fused->device, slice_count(batch) * fused->network->parameter_count,
                         "the slices of the gradient", &fused->partial);
}

bool fused_takes(const struct network *network)
{
    for (size_t l = 0; l < network->layer_count; l++)
        if (layer_keeps_z(&network->layers[l]))
            return false;
    return true;
}

enum weft_status fused_create(struct opencl_device *device, const struct network *network,
                              size_t batch, struct fused **fused)
{
    *fused = NULL;
    struct fused *created = NULL;
    TRY(NEW_ARRAY(created, 1));
    created->device = device;
    created->network = network;
    const enum weft_status status = buffers_create(created, batch);
    if (status != WEFT_OK) {
        fused_destroy(created);
        return status;
    }
    *fused = created;
    return WEFT_OK;
}

void fused_destroy(struct fused *fused)
{
    if (fused == NULL)
        return;
    buffer_release(fused->device, &fused->partial);
    step_panels_reset(&fused->step);
    memory_free(fused);
}

enum weft_status fused_rows(struct fused *fused, const struct fused_batch *batch, cl_mem parameters,
                            const struct loss_rule *rule, cl_mem outputs, cl_mem loss,
                            cl_mem correct)
{
    const cl_ulong x_offset = batch->x_offset, labels_first = batch->labels_first;
    const cl_uint layer_count = (cl_uint)fused->network->layer_count;
    const cl_uint rows = (cl_uint)batch->rows, units = (cl_uint)fused->step.units;
    const cl_uint head = (cl_uint)fused->network->head, only = rule->true_class_only;
    const cl_float factor = rule->delta_factor;
    const struct kernel_argument arguments[] = {ARGUMENT(batch->x),
                                                ARGUMENT(x_offset),
                                                ARGUMENT(batch->labels),
                                                ARGUMENT(labels_first),
                                                ARGUMENT(parameters),
                                                ARGUMENT(fused->step.layers),
                                                ARGUMENT(layer_count),
                                                ARGUMENT(rows),
                                                ARGUMENT(head),
                                                ARGUMENT(factor),
                                                ARGUMENT(only),
                                                ARGUMENT(units),
                                                ARGUMENT(fused->step.panels),
                                                ARGUMENT(outputs),
                                                ARGUMENT(loss),
                                                ARGUMENT(correct)};
    return LAUNCH(fused->device, KERNEL_STEP_ROWS, grid_threads(step_panels_count(batch->rows), 1),
                  arguments);
}

enum weft_status fused_gradient(struct fused *fused, const struct fused_batch *batch)
{
    const struct network *network = fused->network;
    const cl_ulong x_offset = batch->x_offset;
    const cl_uint units = (cl_uint)fused->step.units, rows = (cl_uint)batch->rows;
    const cl_uint height = (cl_uint)slice_panels(batch->rows), outputs = ITEM_OUTPUTS;
    const cl_uint parameters = (cl_uint)network->parameter_count;
    const cl_uint column_items =
        (cl_uint)size_divide_up(size_divide_up(network_features(network), LANES), ITEM_VECTORS);
    size_t items = column_items;
    for (size_t l = 1; l < network->layer_count; l++)
        items += size_divide_up(network->layers[l].outputs, ITEM_OUTPUTS);
    fused->slices = slice_count(batch->rows);
    const struct kernel_argument arguments[] = {
        ARGUMENT(batch->x),   ARGUMENT(x_offset),           ARGUMENT(fused->step.panels),
        ARGUMENT(units),      ARGUMENT(fused->step.layers), ARGUMENT(rows),
        ARGUMENT(height),     ARGUMENT(column_items),       ARGUMENT(outputs),
        ARGUMENT(parameters), ARGUMENT(fused->partial)};
    return LAUNCH(fused->device, KERNEL_STEP_GRADIENT, grid_threads(items, fused->slices),
                  arguments);
}

bool fused_updates(const struct update_rule *rule)
{
    return rule->optimizer == WEFT_OPTIMIZER_SGD && rule->clip_norm == 0.0f;
}

enum weft_status fused_update(struct fused *fused, const struct update_rule *rule, cl_mem gradient,
                              cl_mem parameters)
{
    const struct network *network = fused->network;
    const struct update_rule none = {.learning_rate = 0.0f};
    const struct update_rule *r = rule != NULL ? rule : &none;
    const cl_uint slices = (cl_uint)fused->slices;
    const cl_uint apply = rule != NULL && fused_updates(rule);
    const cl_uint count = (cl_uint)network->parameter_count;
    const cl_uint weights = (cl_uint)network->weight_count;
    const struct kernel_argument arguments[] = {
        ARGUMENT(fused->partial),   ARGUMENT(slices), ARGUMENT(count),
        ARGUMENT(weights),          ARGUMENT(r->l1),  ARGUMENT(r->l2),
        ARGUMENT(r->learning_rate), ARGUMENT(apply),  ARGUMENT(gradient),
        ARGUMENT(parameters)};
    return LAUNCH(fused->device, KERNEL_STEP_UPDATE,
                  grid_line(fused->device, size_divide_up(network->parameter_count, LANES)),
                  arguments);
}

enum weft_status fused_download(struct fused *fused, enum tensor tensor, size_t layer, size_t rows,
                                float *values)
{
    return step_panels_download(&fused->step, tensor, layer, rows, values);
}
