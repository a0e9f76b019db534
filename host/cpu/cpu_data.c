/* Samples in memory. They are standardized once, unless images stay raw for augmentation. Streamed
 * samples stay where they are, and each batch is standardized when it is gathered. */
#include <string.h>

#include "base/memory.h"
#include "cpu/cpu_kernels.h"
#include "cpu/cpu_workspace.h"

static bool is_scaled(const struct data_source *source)
{
    return source->scale != NULL && source->scale->features > 0;
}

/* Allocates the copies, or only counts them. */
static enum weft_status copies_allocate(struct sample_copies *copies,
                                        const struct data_source *source,
                                        struct memory_count *count)
{
    const enum weft_memory kind = WEFT_MEMORY_SAMPLES;
    const size_t samples = source->samples;
    TRY(TAKE_ARRAY(count, kind, copies->x, samples, source->features));
    TRY(TAKE_ARRAY(count, kind, copies->labels, samples, 1));
    TRY(TAKE_ARRAY(count, kind, copies->order, samples, 1));
    TRY(TAKE_ARRAY(count, kind, copies->weights, samples, 1));
    if (source->targets == NULL)
        return WEFT_OK;
    return TAKE_ARRAY(count, kind, copies->targets, samples, source->target_count);
}

static enum weft_status arrays_allocate(struct device_data *data, const struct data_source *source,
                                        struct memory_count *count)
{
    const bool late =
        source->images || (source->streamed && (source->x_bytes != NULL || is_scaled(source)));
    if (!source->streamed)
        TRY(copies_allocate(&data->owned, source, count));
    if (!late)
        return WEFT_OK;
    TRY(TAKE_ARRAY(count, WEFT_MEMORY_SAMPLES, data->mean, source->features, 1));
    return TAKE_ARRAY(count, WEFT_MEMORY_SAMPLES, data->std, source->features, 1);
}

/* Stores the statistics of raw samples. Without a scale, it stores a mean of 0 and a standard
 * deviation of 1, which change nothing. */
static void scale_keep(struct device_data *data, const struct data_source *source)
{
    const bool scaled = is_scaled(source);
    for (size_t f = 0; f < data->features; f++) {
        data->mean[f] = scaled ? source->scale->mean[f] : 0.0f;
        data->std[f] = scaled ? source->scale->std[f] : 1.0f;
    }
}

/* Samples are stored as floats even if they come as bytes. Standardizing each number in every epoch
 * takes longer here than reading a quarter of the memory saves. */
static void copies_fill(struct sample_copies *copies, const struct data_source *source)
{
    const size_t samples = source->samples;
    const struct sample_rows rows = data_source_rows(source);
    sample_rows_gather(&rows, NULL, 0, samples, copies->x);
    if (source->labels != NULL)
        memcpy(copies->labels, source->labels, samples * sizeof *copies->labels);
    for (size_t i = 0; i < samples; i++)
        copies->weights[i] = source->weights != NULL ? source->weights[i] : 1.0f;
    if (source->targets != NULL)
        memcpy(copies->targets, source->targets,
               samples * source->target_count * sizeof *copies->targets);
    if (!source->images && is_scaled(source))
        cpu_standardize_rows(copies->x, source->scale->mean, source->scale->std, samples,
                             source->features);
}

/* Sets where batches come from. */
static void data_fill(struct device_data *data, const struct data_source *source)
{
    const struct sample_copies *owned = &data->owned;
    if (data->mean != NULL)
        scale_keep(data, source);
    if (!source->streamed)
        copies_fill(&data->owned, source);
    data->x = source->streamed ? source->x : owned->x;
    data->bytes = source->streamed ? source->x_bytes : NULL;
    data->index = source->streamed ? source->x_index : NULL;
    data->labels = source->streamed ? source->labels : owned->labels;
    data->targets = source->streamed ? source->targets : owned->targets;
    data->weights = source->streamed ? source->weights : owned->weights;
}

enum weft_status cpu_data_create(struct weft_device *device, const struct data_source *source,
                                 struct device_data **data)
{
    (void)device;
    *data = NULL;
    struct device_data *created;
    TRY(NEW_ARRAY(created, 1));
    created->samples = source->samples;
    created->features = source->features;
    const enum weft_status status = arrays_allocate(created, source, NULL);
    if (status != WEFT_OK) {
        cpu_data_destroy(created);
        return status;
    }
    data_fill(created, source);
    *data = created;
    return WEFT_OK;
}

enum weft_status cpu_data_count(struct weft_device *device, const struct data_source *source,
                                struct memory_counts *counts)
{
    struct device_data counted = {.samples = source->samples};
    (void)device;
    return arrays_allocate(&counted, source, &counts->host);
}

void cpu_data_destroy(struct device_data *data)
{
    if (data == NULL)
        return;
    memory_free(data->owned.x);
    memory_free(data->owned.labels);
    memory_free(data->owned.targets);
    memory_free(data->owned.weights);
    memory_free(data->owned.order);
    memory_free(data->mean);
    memory_free(data->std);
    memory_free(data);
}

enum weft_status cpu_order_upload(struct device_data *data, const uint32_t *order)
{
    uint32_t *copy = data->owned.order; /* streamed data have none */
    if (order != NULL && copy != NULL)
        memcpy(copy, order, data->samples * sizeof *order);
    data->order = order != NULL && copy != NULL ? copy : order;
    return WEFT_OK;
}
