/* Samples in memory. They are standardized once, unless images stay raw for augmentation. */
#include <string.h>

#include "base/memory.h"
#include "cpu/cpu_kernels.h"
#include "cpu/cpu_workspace.h"

/* Allocates the arrays, or only counts them. */
static enum weft_status arrays_allocate(struct device_data *data, const struct data_source *source,
                                        struct memory_count *count)
{
    const enum weft_memory kind = WEFT_MEMORY_SAMPLES;
    const size_t samples = source->samples, features = source->features;
    TRY(TAKE_ARRAY(count, kind, data->x, samples, features));
    TRY(TAKE_ARRAY(count, kind, data->labels, samples, 1));
    TRY(TAKE_ARRAY(count, kind, data->order, samples, 1));
    TRY(TAKE_ARRAY(count, kind, data->weights, samples, 1));
    if (source->targets != NULL)
        TRY(TAKE_ARRAY(count, kind, data->targets, samples, source->target_count));
    if (!source->images)
        return WEFT_OK;
    TRY(TAKE_ARRAY(count, kind, data->mean, features, 1));
    return TAKE_ARRAY(count, kind, data->std, features, 1);
}

/* Stores the statistics of raw samples. Without a scale, it stores a mean of 0 and a standard
 * deviation of 1, which change nothing. */
static void scale_keep(struct device_data *data, const struct scale *scale)
{
    const bool scaled = scale != NULL && scale->features > 0;
    for (size_t f = 0; f < data->features; f++) {
        data->mean[f] = scaled ? scale->mean[f] : 0.0f;
        data->std[f] = scaled ? scale->std[f] : 1.0f;
    }
}

/* Samples are stored as floats even if they come as bytes. Standardizing each number in every epoch
 * takes longer here than reading a quarter of the memory saves. */
static void data_fill(struct device_data *data, const struct data_source *source)
{
    const size_t samples = source->samples;
    memcpy(data->x, source->x, samples * source->features * sizeof *data->x);
    if (source->labels != NULL)
        memcpy(data->labels, source->labels, samples * sizeof *data->labels);
    for (size_t i = 0; i < samples; i++)
        data->weights[i] = source->weights != NULL ? source->weights[i] : 1.0f;
    if (source->targets != NULL)
        memcpy(data->targets, source->targets,
               samples * source->target_count * sizeof *data->targets);
    if (source->images)
        scale_keep(data, source->scale);
    else if (source->scale != NULL && source->scale->features > 0)
        cpu_standardize_rows(data->x, source->scale->mean, source->scale->std, samples,
                             source->features);
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
    memory_free(data->x);
    memory_free(data->labels);
    memory_free(data->mean);
    memory_free(data->std);
    memory_free(data->targets);
    memory_free(data->weights);
    memory_free(data->order);
    memory_free(data);
}

enum weft_status cpu_order_upload(struct device_data *data, const uint32_t *order)
{
    data->ordered = order != NULL;
    if (order != NULL)
        memcpy(data->order, order, data->samples * sizeof *order);
    return WEFT_OK;
}
