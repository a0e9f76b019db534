/* Samples on an OpenCL device. They are uploaded once and standardized there, or they are
 * streamed. */
#include "opencl/opencl_data.h"

#include "base/memory.h"
#include "opencl/launch.h"
#include "opencl/opencl_stream.h"

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
    enum weft_status status =
        buffer_create(device, WEFT_MEMORY_SAMPLES, data->features, "the means", &mean);
    if (status == WEFT_OK)
        status = buffer_create(device, WEFT_MEMORY_SAMPLES, data->features,
                               "the standard deviations", &std);
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
    if (scaled) {
        TRY(buffer_upload(data->device, data->mean, 0, scale->mean, features));
        return buffer_upload(data->device, data->std, 0, scale->std, features);
    }
    TRY(buffer_clear(data->device, data->mean, features));
    return buffer_fill(data->device, data->std, 1.0f, features);
}

/* Whether the device stores the samples as bytes, which takes a quarter of the memory. All values
 * must be bytes. In addition, either batches are copied anyway, because the samples are gathered,
 * are images or are streamed, or floats do not fit. */
static bool bytes_wanted(const struct opencl_device *device, const struct data_source *source,
                         size_t count)
{
    const bool copied = source->gathered || source->images || source->streamed;
    if (source->x_bytes != NULL)
        return true;
    return source->x_index == NULL && (copied || !buffer_fits(device, count)) &&
           bytes_hold_known(source->x, count, source->known);
}

static bool is_scaled(const struct data_source *source)
{
    return source->scale != NULL && source->scale->features > 0;
}

/* Whether batches are standardized when they are gathered. Samples without a scale need it only for
 * the kernels of bytes and images. */
static bool standardizes_late(const struct device_data *data, const struct data_source *source)
{
    return source->images || data->bytes || (source->streamed && is_scaled(source));
}

/* The bytes of one upload, and the bytes of a buffer element. */
enum { STAGE_BYTES = 1 << 22, ELEMENT_BYTES = 4 };

/* Uploads the samples through a stage, because they change their type or because an index selects
 * them. */
static enum weft_status staged_upload(struct device_data *data, const struct sample_rows *rows,
                                      size_t count, uint8_t *stage)
{
    const size_t size = data->bytes ? 1 : ELEMENT_BYTES, most = STAGE_BYTES / size;
    for (size_t first = 0; first < count; first += most) {
        const size_t part = size_min(most, count - first);
        if (data->bytes)
            sample_rows_bytes(rows, first, part, stage);
        else
            sample_rows_numbers(rows, first, part, (float *)(void *)stage);
        TRY(buffer_upload(data->device, data->x, first * size / ELEMENT_BYTES, stage,
                          size_divide_up(part * size, ELEMENT_BYTES)));
    }
    return WEFT_OK;
}

static enum weft_status samples_upload(struct device_data *data, const struct data_source *source,
                                       size_t count)
{
    const struct sample_rows rows = data_source_rows(source);
    uint8_t *stage; /* [STAGE_BYTES] */
    if (!data->bytes && rows.index == NULL)
        return buffer_upload(data->device, data->x, 0, rows.x, count);
    TRY(NEW_ARRAY(stage, STAGE_BYTES));
    const enum weft_status status = staged_upload(data, &rows, count, stage);
    memory_free(stage);
    return status;
}

/* Creates the buffers of samples [N][D] and of what belongs to them. */
static enum weft_status rows_create(struct device_data *data, const struct data_source *source,
                                    size_t count)
{
    struct opencl_device *device = data->device;
    const enum weft_memory kind = WEFT_MEMORY_SAMPLES;
    const size_t samples = source->samples;
    const size_t elements =
        data->bytes ? size_divide_up(count, ELEMENT_BYTES) : count; /* elements of 4 bytes */
    TRY(buffer_create(device, kind, elements, "the samples", &data->x));
    TRY(buffer_create(device, kind, samples, "the labels", &data->labels));
    TRY(buffer_create(device, kind, samples, "the order of the samples", &data->order));
    if (source->targets != NULL)
        TRY(buffer_create_matrix(device, kind, samples, source->target_count, "the targets",
                                 &data->targets));
    return buffer_create(device, kind, samples, "the weights of samples", &data->weights);
}

static enum weft_status buffers_create(struct device_data *data, const struct data_source *source,
                                       size_t count)
{
    struct opencl_device *device = data->device;
    const enum weft_memory kind = WEFT_MEMORY_SAMPLES;
    const size_t features = source->features;
    if (source->streamed)
        TRY(stream_create(device, source, data->bytes, &data->stream));
    else
        TRY(rows_create(data, source, count));
    if (!standardizes_late(data, source))
        return WEFT_OK;
    TRY(buffer_create(device, kind, features, "the means", &data->mean));
    return buffer_create(device, kind, features, "the standard deviations", &data->std);
}

/* Uploads the labels, the targets, the weights and the order. */
static enum weft_status rows_upload(struct device_data *data, const struct data_source *source)
{
    struct opencl_device *device = data->device;
    const size_t samples = source->samples;
    if (source->labels != NULL)
        TRY(buffer_upload(device, data->labels, 0, source->labels, samples));
    else
        TRY(buffer_clear(device, data->labels, samples));
    if (source->targets != NULL)
        TRY(buffer_upload(device, data->targets, 0, source->targets,
                          samples * source->target_count));
    if (source->weights == NULL)
        TRY(buffer_fill(device, data->weights, 1.0f, samples));
    else
        TRY(buffer_upload(device, data->weights, 0, source->weights, samples));
    data->ordered = true; /* makes the next line write the file order */
    return opencl_order_upload(data, NULL);
}

static enum weft_status buffers_fill(struct device_data *data, const struct data_source *source,
                                     size_t count)
{
    if (!source->streamed) {
        TRY(samples_upload(data, source, count));
        TRY(rows_upload(data, source));
    }
    if (standardizes_late(data, source))
        return scale_upload(data, source->scale);
    return is_scaled(source) ? standardize(data, source->scale) : WEFT_OK;
}

/* Creates the buffers and, unless they are only counted, fills them. */
static enum weft_status data_make(struct device_data *data, const struct data_source *source)
{
    struct opencl_device *device = data->device;
    size_t count = 0;
    if (!size_multiply(source->samples, source->features, &count) || source->samples > UINT32_MAX)
        return fail(WEFT_ERROR_DEVICE, "%s: %zu samples of %zu features are too many",
                    device->base.info.name, source->samples, source->features);
    data->bytes = bytes_wanted(device, source, count);
    TRY(buffers_create(data, source, count));
    return device->counts != NULL ? WEFT_OK : buffers_fill(data, source, count);
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
    const enum weft_status status = data_make(created, source);
    if (status != WEFT_OK) {
        opencl_data_destroy(created);
        return status;
    }
    *data = created;
    return WEFT_OK;
}

/* The buffers for standardizing are not counted. They are gone before the workspace for scores,
 * which is larger, is created. */
enum weft_status opencl_data_count(struct weft_device *device, const struct data_source *source,
                                   struct memory_counts *counts)
{
    struct opencl_device *counting = opencl_from(device);
    struct device_data counted = {
        .device = counting, .samples = source->samples, .features = source->features};
    counting->counts = counts;
    const enum weft_status status = data_make(&counted, source);
    counting->counts = NULL;
    return status;
}

void opencl_data_destroy(struct device_data *data)
{
    if (data == NULL)
        return;
    (void)clFinish(data->device->queue); /* queued commands may still read the samples */
    stream_destroy(data->stream);
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
    if (data->stream != NULL) {
        stream_order(data->stream, order);
        return WEFT_OK;
    }
    if (order == NULL && !data->ordered)
        return WEFT_OK;
    if (order == NULL)
        TRY(file_order_upload(data));
    else
        TRY(buffer_upload(data->device, data->order, 0, order, data->samples));
    data->ordered = order != NULL;
    return WEFT_OK;
}
