/* The launchers of the fused step, see fused.h. */
#include "opencl/fused.h"

#include "base/memory.h"
#include "opencl/launch_kernel.h"

/* Samples in a panel, as in kernels/lanes.cl. */
enum { LANES = 16 };
/* The share of a work-item of step_gradient: vectors of the first layer's columns, at most; outputs
 * of a layer above. */
enum { ITEM_VECTORS = 5, ITEM_OUTPUTS = 5 };
/* Panels that a slice of the gradient adds up, at least; and slices at most. Both are fixed: how
 * sums are cut decides their last bits, on a device with any number of threads. */
enum { SLICE_PANELS = 16, MAX_SLICES = 8 };

/* struct step_layer of kernels/step.cl */
struct step_layer {
    cl_uint inputs, outputs, weights, biases, has_bias, activation, a, dz;
};

struct fused {
    struct opencl_device *device;  /* borrowed */
    const struct network *network; /* borrowed */
    struct step_layer *table;      /* [layer_count] owned, as `layers` has them */
    size_t units;                  /* numbers that a panel keeps of a sample */
    size_t slices;                 /* of the present batch */
    cl_mem layers;                 /* [layer_count] struct step_layer */
    cl_mem panels;                 /* [panels][units][LANES] */
    cl_mem partial;                /* [slices][parameter_count] */
};

static size_t divide_up(size_t n, size_t by)
{
    return (n + by - 1) / by;
}

static size_t panel_count(size_t rows)
{
    return divide_up(rows, LANES);
}

static size_t slice_panels(size_t rows)
{
    return size_max(SLICE_PANELS, divide_up(panel_count(rows), MAX_SLICES));
}

static size_t slice_count(size_t rows)
{
    return divide_up(panel_count(rows), slice_panels(rows));
}

/* Activations of the hidden layers first, then the deltas of all; z of the output layer lies where
 * its delta comes. */
static void table_fill(struct fused *fused)
{
    const struct network *network = fused->network;
    size_t unit = 0;
    for (size_t l = 0; l + 1 < network->layer_count; l++) {
        fused->table[l].a = (cl_uint)unit;
        unit += network->layers[l].outputs;
    }
    fused->table[network->layer_count - 1].a = (cl_uint)unit;
    for (size_t l = network->layer_count; l > 0; l--) {
        const struct dense_layer *dense = &network->layers[l - 1];
        struct step_layer *layer = &fused->table[l - 1];
        layer->inputs = (cl_uint)dense->inputs;
        layer->outputs = (cl_uint)dense->outputs;
        layer->weights = (cl_uint)dense->weight_offset;
        layer->biases = (cl_uint)dense->bias_offset;
        layer->has_bias = dense->bias;
        layer->activation = (cl_uint)dense->activation;
        layer->dz = (cl_uint)unit;
        unit += dense->outputs;
    }
    fused->units = unit;
}

static enum weft_status buffers_create(struct fused *fused, size_t batch)
{
    struct opencl_device *device = fused->device;
    const size_t layer_numbers = sizeof *fused->table / sizeof(cl_uint);
    const size_t layers = fused->network->layer_count;
    TRY(NEW_ARRAY(fused->table, layers));
    table_fill(fused);
    TRY(buffer_create(device, layers * layer_numbers, "the layers", &fused->layers));
    TRY(buffer_upload(device, fused->layers, 0, fused->table, layers * layer_numbers));
    TRY(buffer_create(device, panel_count(batch) * fused->units * LANES, "activations and deltas",
                      &fused->panels));
    return buffer_create(device, slice_count(batch) * fused->network->parameter_count,
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
    buffer_release(fused->device, &fused->panels);
    buffer_release(fused->device, &fused->layers);
    memory_free(fused->table);
    memory_free(fused);
}

enum weft_status fused_rows(struct fused *fused, const struct fused_batch *batch, cl_mem parameters,
                            const struct loss_rule *rule, cl_mem outputs, cl_mem loss,
                            cl_mem correct)
{
    const cl_ulong x_offset = batch->x_offset, labels_first = batch->labels_first;
    const cl_uint layer_count = (cl_uint)fused->network->layer_count;
    const cl_uint rows = (cl_uint)batch->rows, units = (cl_uint)fused->units;
    const cl_uint head = (cl_uint)fused->network->head, only = rule->true_class_only;
    const cl_float factor = rule->delta_factor;
    const struct kernel_argument arguments[] = {
        ARGUMENT(batch->x),      ARGUMENT(x_offset),   ARGUMENT(batch->labels),
        ARGUMENT(labels_first),  ARGUMENT(parameters), ARGUMENT(fused->layers),
        ARGUMENT(layer_count),   ARGUMENT(rows),       ARGUMENT(head),
        ARGUMENT(factor),        ARGUMENT(only),       ARGUMENT(units),
        ARGUMENT(fused->panels), ARGUMENT(outputs),    ARGUMENT(loss),
        ARGUMENT(correct)};
    return LAUNCH(fused->device, KERNEL_STEP_ROWS, "step_rows",
                  grid_threads(panel_count(batch->rows), 1), arguments);
}

enum weft_status fused_gradient(struct fused *fused, const struct fused_batch *batch)
{
    const struct network *network = fused->network;
    const cl_ulong x_offset = batch->x_offset;
    const cl_uint units = (cl_uint)fused->units, rows = (cl_uint)batch->rows;
    const cl_uint height = (cl_uint)slice_panels(batch->rows), outputs = ITEM_OUTPUTS;
    const cl_uint parameters = (cl_uint)network->parameter_count;
    const cl_uint column_items =
        (cl_uint)divide_up(divide_up(network_features(network), LANES), ITEM_VECTORS);
    size_t items = column_items;
    for (size_t l = 1; l < network->layer_count; l++)
        items += divide_up(network->layers[l].outputs, ITEM_OUTPUTS);
    fused->slices = slice_count(batch->rows);
    const struct kernel_argument arguments[] = {
        ARGUMENT(batch->x),   ARGUMENT(x_offset),      ARGUMENT(fused->panels),
        ARGUMENT(units),      ARGUMENT(fused->layers), ARGUMENT(rows),
        ARGUMENT(height),     ARGUMENT(column_items),  ARGUMENT(outputs),
        ARGUMENT(parameters), ARGUMENT(fused->partial)};
    return LAUNCH(fused->device, KERNEL_STEP_GRADIENT, "step_gradient",
                  grid_threads(items, fused->slices), arguments);
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
    return LAUNCH(fused->device, KERNEL_STEP_UPDATE, "step_update",
                  grid_line(fused->device, divide_up(network->parameter_count, LANES)), arguments);
}

/* values [rows][units] from units first .. of panels [panels][fused->units][LANES]. */
static void panels_read(const struct fused *fused, const float *panels, size_t first, size_t units,
                        size_t rows, float *values)
{
    for (size_t r = 0; r < rows; r++)
        for (size_t u = 0; u < units; u++)
            values[r * units + u] =
                panels[(r / LANES * fused->units + first + u) * LANES + r % LANES];
}

enum weft_status fused_download(struct fused *fused, enum tensor tensor, size_t layer, size_t rows,
                                float *values)
{
    const struct step_layer *place = &fused->table[layer];
    const size_t count = panel_count(rows) * fused->units * LANES;
    float *panels = NULL;
    TRY(NEW_ARRAY(panels, count));
    const enum weft_status status = buffer_download(fused->device, fused->panels, 0, panels, count);
    if (status == WEFT_OK)
        panels_read(fused, panels, tensor == TENSOR_DELTA ? place->dz : place->a, place->outputs,
                    rows, values);
    memory_free(panels);
    return status;
}
