/* The panels and slices of a step; see step_panels.h. */
#include "opencl/step_panels.h"

#include <assert.h>
#include <string.h>

#include "base/memory.h"
#include "opencl/launch.h"

size_t step_panels_count(size_t rows, size_t width)
{
    return size_divide_up(rows, width);
}

static struct step_layer layer_row(const struct dense_layer *dense, size_t l)
{
    return (struct step_layer){.inputs = (cl_uint)dense->inputs,
                               .outputs = (cl_uint)dense->outputs,
                               .weights = (cl_uint)dense->weight_offset,
                               .biases = (cl_uint)dense->bias_offset,
                               .has_bias = dense->bias,
                               .activation = (cl_uint)dense->activation,
                               .keeps_z = layer_keeps_z(dense),
                               .purpose = dropout_purpose(l),
                               .threshold = dropout_threshold(dense->dropout),
                               .scale = dropout_scale(dense->dropout)};
}

/* Activations of the hidden layers come first, then the pre-activations that slopes need, then z of
 * the output layer if it is stored, then the deltas of all layers, and then the samples. */
static void table_fill(struct step_panels *panels, const struct network *network,
                       const struct step_sizes *sizes)
{
    const size_t layers = network->layer_count;
    struct step_layer *table = panels->table;
    cl_uint unit = 0, line = 0;
    for (size_t l = 0; l < layers; l++) {
        table[l] = layer_row(&network->layers[l], l);
        table[l].line = line;
        line += table[l].outputs;
    }
    for (size_t l = 0; l + 1 < layers; l++) {
        table[l].a = unit;
        unit += table[l].outputs;
    }
    for (size_t l = 0; l + 1 < layers; l++) {
        table[l].z = unit;
        unit += table[l].keeps_z ? table[l].outputs : 0;
    }
    table[layers - 1].a = unit;
    unit += sizes->outputs ? table[layers - 1].outputs : 0;
    for (size_t l = layers; l > 0; l--) {
        table[l - 1].dz = unit;
        unit += table[l - 1].outputs;
    }
    assert(unit + (sizes->samples ? network_features(network) : 0) == panels->units);
}

/* Returns the number of units in a panel. */
static size_t units_of(const struct network *network, const struct step_sizes *sizes)
{
    const size_t last = network_outputs(network);
    size_t units = last + (sizes->outputs ? last : 0);
    for (size_t l = 0; l + 1 < network->layer_count; l++)
        units += (layer_keeps_z(&network->layers[l]) ? 3 : 2) * network->layers[l].outputs;
    return units + (sizes->samples ? network_features(network) : 0);
}

bool step_panels_fit(const struct opencl_device *device, const struct network *network,
                     const struct step_sizes *sizes)
{
    const size_t panel = units_of(network, sizes) * sizes->width * sizeof(cl_float);
    return step_panels_count(sizes->batch, sizes->width) <= device->base.largest_buffer / panel;
}

enum weft_status step_panels_init(struct step_panels *panels, struct opencl_device *device,
                                  const struct network *network, const struct step_sizes *sizes)
{
    const size_t numbers = network->layer_count * sizeof *panels->table / sizeof(cl_uint);
    memset(panels, 0, sizeof *panels);
    panels->device = device;
    panels->width = sizes->width;
    panels->units = units_of(network, sizes);
    TRY(NEW_ARRAY(panels->table, network->layer_count));
    table_fill(panels, network, sizes);
    TRY(buffer_create(device, WEFT_MEMORY_WORKSPACE, numbers, "the layers", &panels->layers));
    TRY(buffer_create(device, WEFT_MEMORY_ACTIVATIONS,
                      step_panels_count(sizes->batch, sizes->width) * panels->units * sizes->width,
                      "activations and deltas", &panels->panels));
    panels->most_slices = sizes->most_slices;
    return buffer_create(device, WEFT_MEMORY_GRADIENT, sizes->most_slices * sizes->slice_values,
                         "the slices of the gradient", &panels->partial);
}

enum weft_status step_panels_fill(struct step_panels *panels, const struct network *network)
{
    if (panels->layers == NULL)
        return WEFT_OK;
    return buffer_upload(panels->device, panels->layers, 0, panels->table,
                         network->layer_count * sizeof *panels->table / sizeof(cl_uint));
}

void step_panels_reset(struct step_panels *panels)
{
    buffer_release(panels->device, &panels->partial);
    buffer_release(panels->device, &panels->panels);
    buffer_release(panels->device, &panels->layers);
    memory_free(panels->table);
}

bool step_panels_hold(const struct step_panels *panels, const struct network *network,
                      enum tensor tensor, size_t layer)
{
    const bool hidden = layer + 1 < network->layer_count;
    const bool forward = tensor == TENSOR_ACTIVATION || tensor == TENSOR_PRE_ACTIVATION;
    return panels->panels != NULL && (tensor == TENSOR_DELTA || (forward && hidden));
}

/* The first unit of a tensor in a panel. Without a z of its own, a layer's activations are all
 * there is. */
static size_t tensor_unit(const struct step_layer *place, enum tensor tensor)
{
    if (tensor == TENSOR_DELTA)
        return place->dz;
    return tensor == TENSOR_PRE_ACTIVATION && place->keeps_z ? place->z : place->a;
}

/* Copies to values [rows][units] the units from `first` on of from
 * [panels][panels->units][panels->width]. */
static void panels_read(const struct step_panels *panels, const float *from, size_t first,
                        size_t units, size_t rows, float *values)
{
    const size_t width = panels->width;
    for (size_t r = 0; r < rows; r++)
        for (size_t u = 0; u < units; u++)
            values[r * units + u] =
                from[(r / width * panels->units + first + u) * width + r % width];
}

enum weft_status step_panels_download(const struct step_panels *panels, enum tensor tensor,
                                      size_t layer, size_t rows, float *values)
{
    const struct step_layer *place = &panels->table[layer];
    const size_t count = step_panels_count(rows, panels->width) * panels->units * panels->width;
    float *all = NULL;
    TRY(NEW_ARRAY(all, count));
    const enum weft_status status = buffer_download(panels->device, panels->panels, 0, all, count);
    if (status == WEFT_OK)
        panels_read(panels, all, tensor_unit(place, tensor), place->outputs, rows, values);
    memory_free(all);
    return status;
}

struct step_draws step_draws_of(const struct network *network, const struct batch_draw *draw)
{
    bool drops = false;
    for (size_t l = 0; draw != NULL && l < network->layer_count; l++)
        drops = drops || network->layers[l].dropout > 0.0f;
    if (!drops)
        return (struct step_draws){.drops = false};
    return (struct step_draws){.drops = true,
                               .seed = draw->seed,
                               .row = draw->row,
                               .epoch = draw->epoch,
                               .batch = draw->batch};
}

struct step_finish step_finish_of(const struct update_rule *rule)
{
    if (rule == NULL)
        return (struct step_finish){.apply = false};
    return (struct step_finish){.l1 = rule->l1,
                                .l2 = rule->l2,
                                .learning_rate = rule->learning_rate,
                                .apply = rule->optimizer == WEFT_OPTIMIZER_SGD &&
                                         rule->clip_norm == 0.0f};
}
