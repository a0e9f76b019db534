/* The launchers of the middle of a step; see middle.h. */
#include "opencl/middle.h"

#include "base/memory.h"
#include "opencl/fused.h"
#include "opencl/launch_kernel.h"
#include "opencl/step_panels.h"

/* The most slices of the gradient. The slicing depends only on the number of rows, so that every
 * device adds in the same order. */
enum { MOST_SLICES = 256 };

/* MIDDLE_LINE is the distance between units in local memory, as in kernels/middle.cl. LOCAL_SPARE
 * is the local memory in bytes that drivers may need for themselves. MOST_PARAMETERS limits the
 * parameters above the first layer, because every slice stores a gradient for each of them. */
enum { MIDDLE_LINE = LANES + 1, LOCAL_SPARE = 1024, MOST_PARAMETERS = 1 << 14 };

struct middle {
    struct opencl_device *device;  /* borrowed */
    const struct network *network; /* borrowed */
    struct step_panels step;       /* owned */
    size_t slices;                 /* slices of the current batch */
    size_t room;                   /* slices that `partial` can hold */
    cl_mem partial;                /* [room][parameter_count - below] */
    cl_mem product;                /* [product_slices][below] borrowed; the first layer's dw */
    size_t product_slices;
};

/* The number of weights in the first layer. They are the first of all parameters. */
static size_t below(const struct network *network)
{
    return network->layers[1].weight_offset;
}

static size_t slice_panels(size_t rows)
{
    return size_divide_up(step_panels_count(rows), MOST_SLICES);
}

static size_t slice_count(size_t rows)
{
    return size_divide_up(step_panels_count(rows), slice_panels(rows));
}

static size_t local_bytes(const struct network *network)
{
    return step_panels_units(network) * MIDDLE_LINE * sizeof(cl_float);
}

bool middle_takes(const struct opencl_device *device, const struct network *network)
{
    return network->layer_count > 1 && fused_takes(network) &&
           network->parameter_count - below(network) <= MOST_PARAMETERS &&
           local_bytes(network) + LOCAL_SPARE <= device->max_local;
}

/* Fewer rows may give more slices: 4097 rows give 129 slices, but 4096 rows give 256. */
static enum weft_status buffers_create(struct middle *middle, size_t batch)
{
    const struct network *network = middle->network;
    middle->room = size_min(step_panels_count(batch), MOST_SLICES);
    TRY(step_panels_init(&middle->step, middle->device, network, batch));
    return buffer_create(middle->device, middle->room * (network->parameter_count - below(network)),
                         "the slices of the gradient", &middle->partial);
}

enum weft_status middle_create(struct opencl_device *device, const struct network *network,
                               size_t batch, struct middle **middle)
{
    *middle = NULL;
    struct middle *created = NULL;
    TRY(NEW_ARRAY(created, 1));
    created->device = device;
    created->network = network;
    const enum weft_status status = buffers_create(created, batch);
    if (status != WEFT_OK) {
        middle_destroy(created);
        return status;
    }
    *middle = created;
    return WEFT_OK;
}

void middle_destroy(struct middle *middle)
{
    if (middle == NULL)
        return;
    buffer_release(middle->device, &middle->partial);
    step_panels_reset(&middle->step);
    memory_free(middle);
}

enum weft_status middle_rows(struct middle *middle, const struct middle_batch *batch,
                             cl_mem parameters, const struct loss_rule *rule)
{
    const struct network *network = middle->network;
    struct opencl_device *device = middle->device;
    const cl_ulong labels_first = batch->labels_first;
    const cl_uint layer_count = (cl_uint)network->layer_count, rows = (cl_uint)batch->rows;
    const cl_uint head = (cl_uint)network->head, only = rule->true_class_only;
    const cl_float factor = rule->delta_factor;
    const cl_uint units = (cl_uint)middle->step.units, height = (cl_uint)slice_panels(batch->rows);
    const cl_uint first = (cl_uint)below(network), count = (cl_uint)network->parameter_count;
    const struct kernel_argument arguments[] = {ARGUMENT(batch->z1),
                                                ARGUMENT(batch->labels),
                                                ARGUMENT(labels_first),
                                                ARGUMENT(parameters),
                                                ARGUMENT(middle->step.layers),
                                                ARGUMENT(layer_count),
                                                ARGUMENT(rows),
                                                ARGUMENT(head),
                                                ARGUMENT(factor),
                                                ARGUMENT(only),
                                                ARGUMENT(units),
                                                ARGUMENT(height),
                                                ARGUMENT(first),
                                                ARGUMENT(count),
                                                ARGUMENT(middle->step.panels),
                                                ARGUMENT(batch->outputs),
                                                ARGUMENT(batch->dz),
                                                ARGUMENT(batch->loss),
                                                ARGUMENT(batch->correct),
                                                ARGUMENT(batch->dz1),
                                                ARGUMENT(middle->partial),
                                                LOCAL(local_bytes(network))};
    middle->slices = slice_count(batch->rows);
    if (middle->slices > middle->room)
        return fail(WEFT_ERROR_INTERNAL, "a gradient in %zu slices, room for %zu", middle->slices,
                    middle->room);
    return LAUNCH(device, KERNEL_MIDDLE_ROWS, grid_line(device, middle->slices * device->group),
                  arguments);
}

enum weft_status middle_product(struct middle *middle, const struct product *product,
                                struct product_room room)
{
    middle->product_slices = products_slices(product);
    middle->product = middle->product_slices > 1 ? room.buffer : product->c;
    return products_run_slices(middle->device, product, room);
}

enum weft_status middle_update(struct middle *middle, const struct update_rule *rule,
                               cl_mem gradient, cl_mem parameters)
{
    const struct network *network = middle->network;
    const struct update_rule none = {.learning_rate = 0.0f};
    const struct update_rule *r = rule != NULL ? rule : &none;
    const cl_uint product_slices = (cl_uint)middle->product_slices;
    const cl_uint first = (cl_uint)below(network), slices = (cl_uint)middle->slices;
    const cl_uint count = (cl_uint)network->parameter_count;
    const cl_uint weights = (cl_uint)network->weight_count;
    const cl_uint apply = rule != NULL && fused_updates(rule);
    const struct kernel_argument arguments[] = {
        ARGUMENT(middle->product),  ARGUMENT(product_slices), ARGUMENT(first),
        ARGUMENT(middle->partial),  ARGUMENT(slices),         ARGUMENT(count),
        ARGUMENT(weights),          ARGUMENT(r->l1),          ARGUMENT(r->l2),
        ARGUMENT(r->learning_rate), ARGUMENT(apply),          ARGUMENT(gradient),
        ARGUMENT(parameters)};
    return LAUNCH(middle->device, KERNEL_MIDDLE_UPDATE,
                  grid_elements(middle->device, network->parameter_count), arguments);
}

enum weft_status middle_download(struct middle *middle, enum tensor tensor, size_t layer,
                                 size_t rows, float *values)
{
    return step_panels_download(&middle->step, tensor, layer, rows, values);
}
