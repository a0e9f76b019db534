/* Samples on an OpenCL device. They are uploaded once and standardized there. */
#include "opencl/opencl_data.h"

#include "base/memory.h"
#include "data/bytes.h"
#include "opencl/launch.h"

/* The most rows in one launch of standardize_rows. */
enum { STANDARDIZE_ROWS = 1 << 20 };

/* Computes x = (x - mean) / std on the device. The caller owns the two buffers. */
static enum weft_status standardize_with(struct device_data *data, const struct scale *scale,
                                         cl_mem mean, cl_mem std)
{
    struct opencl_device *device = data->device;
    TRY(buffer_upload(device, mean, 0, scale->mean, data->features));
    TRY(buffer_upload(device, std, 0, scale->std, data->features));
    for (size_t row = 0; row < data->samples; row += STANDARDIZE_ROWS)
        TRY(launch_standardize_rows(device, data->x, mean, std, row,
                                    size_min(STANDARDIZE_ROWS, data->samples - row),
                                    data->features));
    return opencl_check(device, clFinish(device->queue), "standardize_rows");
}

static enum weft_status standardize(struct device_data *data, const struct scale *scale)
{
    struct opencl_device *device = data->device;
    cl_mem mean = NULL, std = NULL;
    enum weft_status status = buffer_create(device, data->features, "the means", &mean);
    if (status == WEFT_OK)
        status = buffer_create(device, data->features, "the standard deviations", &std);
    if (status == WEFT_OK)
        status = standardize_with(data, scale, mean, std);
    buffer_release(device, &std);
    buffer_release(device, &mean);
    return status;
}

/* Uploads the statistics of samples that stay raw. Without a scale, mean 0 and std 1 change
 * nothing. */
static enum weft_status scale_upload(struct device_data *data, const struct scale *scale)
{
    const bool scaled = scale != NULL && scale->features > 0;
    const size_t features = data->features;
    TRY(buffer_create(data->device, features, "the means", &data->mean));
    TRY(buffer_create(data->device, features, "the standard deviations", &data->std));
    if (scaled) {
        TRY(buffer_upload(data->device, data->mean, 0, scale->mean, features));
        return buffer_upload(data->device, data->std, 0, scale->std, features);
    }
    TRY(buffer_clear(data->device, data->mean, features));
    return buffer_fill(data->device, data->std, 1.0f, features);
}

/* Whether the device stores the samples as bytes, which takes a quarter of the memory. All values
 * must be bytes. In addition, either the samples are gathered or are images, so that batches are
 * copied anyway, or floats do not fit. */
static bool bytes_wanted(const struct opencl_device *device, const struct data_source *source,
                         size_t count)
{
    return (source->gathered || source->images || !buffer_fits(device, count)) &&
           bytes_hold(source->x, count);
}

/* The bytes of one upload, and the bytes of a buffer element. */
enum { STAGE_BYTES = 1 << 22, ELEMENT_BYTES = 4 };

static enum weft_status bytes_upload(struct device_data *data, const float *x, size_t count)
{
    uint8_t *stage = NULL; /* [STAGE_BYTES] */
    enum weft_status status = NEW_ARRAY(stage, STAGE_BYTES);
    for (size_t first = 0; first < count && status == WEFT_OK; first += STAGE_BYTES) {
        const size_t part = size_min(STAGE_BYTES, count - first);
        bytes_take(x + first, part, stage);
        status = buffer_upload(data->device, data->x, first / ELEMENT_BYTES, stage,
                               size_divide_up(part, ELEMENT_BYTES));
    }
    memory_free(stage);
    return status;
}

/* Uploads the raw samples to x. */
static enum weft_status samples_upload(struct device_data *data, const float *x, size_t count)
{
    struct opencl_device *device = data->device;
    const size_t elements =
        data->bytes ? size_divide_up(count, ELEMENT_BYTES) : count; /* elements of 4 bytes */
    TRY(buffer_create(device, elements, "the samples", &data->x));
    return data->bytes ? bytes_upload(data, x, count) : buffer_upload(device, data->x, 0, x, count);
}

static enum weft_status targets_upload(struct device_data *data, const struct data_source *source)
{
    size_t count = 0;
    if (source->targets == NULL)
        return WEFT_OK;
    if (!size_multiply(source->samples, source->target_count, &count))
        return memory_exhausted(source->samples, source->target_count);
    TRY(buffer_create(data->device, count, "the targets", &data->targets));
    return buffer_upload(data->device, data->targets, 0, source->targets, count);
}

static enum weft_status weights_upload(struct device_data *data, const float *weights)
{
    const size_t samples = data->samples;
    TRY(buffer_create(data->device, samples, "the weights of samples", &data->weights));
    if (weights == NULL)
        return buffer_fill(data->device, data->weights, 1.0f, samples);
    return buffer_upload(data->device, data->weights, 0, weights, samples);
}

static enum weft_status fill(struct device_data *data, const struct data_source *source)
{
    struct opencl_device *device = data->device;
    size_t count = 0;
    if (!size_multiply(source->samples, source->features, &count) || source->samples > UINT32_MAX)
        return fail(WEFT_ERROR_DEVICE, "%s: %zu samples of %zu features are too many",
                    device->base.info.name, source->samples, source->features);
    data->bytes = bytes_wanted(device, source, count);
    TRY(samples_upload(data, source->x, count));
    TRY(buffer_create(device, source->samples, "the labels", &data->labels));
    TRY(buffer_create(device, source->samples, "the order of the samples", &data->order));
    if (source->labels != NULL)
        TRY(buffer_upload(device, data->labels, 0, source->labels, source->samples));
    else
        TRY(buffer_clear(device, data->labels, source->samples));
    TRY(targets_upload(data, source));
    TRY(weights_upload(data, source->weights));
    data->ordered = true; /* makes the next line write the file order */
    TRY(opencl_order_upload(data, NULL));
    if (source->images || data->bytes)
        TRY(scale_upload(data, source->scale));
    else if (source->scale != NULL && source->scale->features > 0)
        TRY(standardize(data, source->scale));
    return WEFT_OK;
}

enum weft_status opencl_data_create(struct weft_device *device, const struct data_source *source,
                                    struct device_data **data)
{
    *data = NULL;
    struct device_data *created = NULL;
    TRY(NEW_ARRAY(created, 1));
    created->device = opencl_from(device);
    created->samples = source->samples;
    created->features = source->features;
    const enum weft_status status = fill(created, source);
    if (status != WEFT_OK) {
        opencl_data_destroy(created);
        return status;
    }
    *data = created;
    return WEFT_OK;
}

void opencl_data_destroy(struct device_data *data)
{
    if (data == NULL)
        return;
    (void)clFinish(data->device->queue); /* queued commands may still read the samples */
    buffer_release(data->device, &data->order);
    buffer_release(data->device, &data->std);
    buffer_release(data->device, &data->mean);
    buffer_release(data->device, &data->weights);
    buffer_release(data->device, &data->targets);
    buffer_release(data->device, &data->labels);
    buffer_release(data->device, &data->x);
    memory_free(data);
}

/* Uploads the order 0 .. N-1, for batches that are gathered from data in file order. */
static enum weft_status file_order_upload(struct device_data *data)
{
    uint32_t *order = NULL;
    TRY(NEW_ARRAY(order, data->samples));
    for (size_t i = 0; i < data->samples; i++)
        order[i] = (uint32_t)i;
    const enum weft_status status =
        buffer_upload(data->device, data->order, 0, order, data->samples);
    memory_free(order);
    return status;
}

enum weft_status opencl_order_upload(struct device_data *data, const uint32_t *order)
{
    if (order == NULL && !data->ordered)
        return WEFT_OK;
    if (order == NULL)
        TRY(file_order_upload(data));
    else
        TRY(buffer_upload(data->device, data->order, 0, order, data->samples));
    data->ordered = order != NULL;
    return WEFT_OK;
}
