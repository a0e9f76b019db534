/* Samples in memory. They are standardized once, unless images stay raw for augmentation. */
#include <string.h>

#include "base/memory.h"
#include "cpu/cpu_kernels.h"
#include "cpu/cpu_workspace.h"

/* Stores the statistics of raw samples. Without a scale, it stores a mean of 0 and a standard
 * deviation of 1, which change nothing. */
static enum weft_status scale_keep(struct device_data *data, const struct scale *scale)
{
    const bool scaled = scale != NULL && scale->features > 0;
    TRY(NEW_ARRAY(data->mean, data->features));
    TRY(NEW_ARRAY(data->std, data->features));
    for (size_t f = 0; f < data->features; f++) {
        data->mean[f] = scaled ? scale->mean[f] : 0.0f;
        data->std[f] = scaled ? scale->std[f] : 1.0f;
    }
    return WEFT_OK;
}

/* Samples are stored as floats even if they come as bytes. Standardizing each number in every epoch
 * takes longer here than reading a quarter of the memory saves. */
static enum weft_status data_fill(struct device_data *data, const struct data_source *source)
{
    size_t count;
    if (!size_multiply(source->samples, source->features, &count))
        return memory_exhausted(source->samples, source->features);
    TRY(NEW_ARRAY(data->x, count));
    TRY(NEW_ARRAY(data->labels, source->samples));
    TRY(NEW_ARRAY(data->order, source->samples));
    TRY(NEW_ARRAY(data->weights, source->samples));
    data->samples = source->samples;
    data->features = source->features;
    memcpy(data->x, source->x, count * sizeof *data->x);
    if (source->labels != NULL)
        memcpy(data->labels, source->labels, source->samples * sizeof *data->labels);
    for (size_t i = 0; i < source->samples; i++)
        data->weights[i] = source->weights != NULL ? source->weights[i] : 1.0f;
    if (source->targets != NULL) {
        if (!size_multiply(source->samples, source->target_count, &count))
            return memory_exhausted(source->samples, source->target_count);
        TRY(NEW_ARRAY(data->targets, count));
        memcpy(data->targets, source->targets, count * sizeof *data->targets);
    }
    if (source->images)
        return scale_keep(data, source->scale);
    if (source->scale != NULL && source->scale->features > 0)
        cpu_standardize_rows(data->x, source->scale->mean, source->scale->std, source->samples,
                             source->features);
    return WEFT_OK;
}

enum weft_status cpu_data_create(struct weft_device *device, const struct data_source *source,
                                 struct device_data **data)
{
    (void)device;
    *data = NULL;
    struct device_data *created;
    TRY(NEW_ARRAY(created, 1));
    enum weft_status status = data_fill(created, source);
    if (status != WEFT_OK) {
        cpu_data_destroy(created);
        return status;
    }
    *data = created;
    return WEFT_OK;
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
