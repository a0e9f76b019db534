/* The panels and slices of a step; see step_panels.h. */
#include "opencl/step_panels.h"

#include <string.h>

#include "base/memory.h"

bool step_panels_take(const struct workspace_plan *plan)
{
    bool takes = plan->training && !plan->targets.dense;
    for (size_t l = 0; l < plan->network->layer_count; l++)
        takes = takes && !layer_keeps_z(&plan->network->layers[l]);
    return takes;
}

size_t step_panels_units(const struct network *network)
{
    size_t units = network_outputs(network);
    for (size_t l = 0; l + 1 < network->layer_count; l++)
        units += 2 * network->layers[l].outputs;
    return units;
}

size_t step_panels_count(size_t rows, size_t width)
{
    return size_divide_up(rows, width);
}

/* Activations of the hidden layers come first, then the deltas of all layers. z of the output layer
 * is stored in the place of its delta. */
static void table_fill(struct step_panels *panels, const struct network *network)
{
    size_t unit = 0;
    for (size_t l = 0; l + 1 < network->layer_count; l++) {
        panels->table[l].a = (cl_uint)unit;
        unit += network->layers[l].outputs;
    }
    panels->table[network->layer_count - 1].a = (cl_uint)unit;
    for (size_t l = network->layer_count; l > 0; l--) {
        const struct dense_layer *dense = &network->layers[l - 1];
        struct step_layer *layer = &panels->table[l - 1];
        layer->inputs = (cl_uint)dense->inputs;
        layer->outputs = (cl_uint)dense->outputs;
        layer->weights = (cl_uint)dense->weight_offset;
        layer->biases = (cl_uint)dense->bias_offset;
        layer->has_bias = dense->bias;
        layer->activation = (cl_uint)dense->activation;
        layer->dz = (cl_uint)unit;
        unit += dense->outputs;
    }
}

enum weft_status step_panels_init(struct step_panels *panels, struct opencl_device *device,
                                  const struct network *network, size_t batch, size_t width,
                                  size_t most_slices, size_t slice_values)
{
    const size_t numbers = network->layer_count * sizeof *panels->table / sizeof(cl_uint);
    memset(panels, 0, sizeof *panels);
    panels->device = device;
    panels->width = width;
    panels->units = step_panels_units(network);
    TRY(NEW_ARRAY(panels->table, network->layer_count));
    table_fill(panels, network);
    TRY(buffer_create(device, WEFT_MEMORY_WORKSPACE, numbers, "the layers", &panels->layers));
    TRY(buffer_create(device, WEFT_MEMORY_ACTIVATIONS,
                      step_panels_count(batch, width) * panels->units * width,
                      "activations and deltas", &panels->panels));
    panels->most_slices = most_slices;
    return buffer_create(device, WEFT_MEMORY_GRADIENT, most_slices * slice_values,
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
    return panels->panels != NULL &&
           (tensor == TENSOR_DELTA || (tensor == TENSOR_ACTIVATION && hidden));
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
        panels_read(panels, all, tensor == TENSOR_DELTA ? place->dz : place->a, place->outputs,
                    rows, values);
    memory_free(all);
    return status;
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
