/* Views of the samples; see batch_views.h. */
#include "opencl/batch_views.h"

#include "base/memory.h"
#include "opencl/products_clblast.h"

/* Every view begins at a multiple of `*elements` elements. */
static enum weft_status view_alignment(const struct opencl_device *device, size_t *elements)
{
    cl_uint bits = 0;
    TRY(opencl_property(device->base.info.name, device->id, CL_DEVICE_MEM_BASE_ADDR_ALIGN,
                        "the alignment of buffers", &bits, sizeof bits));
    *elements = size_max(bits / (8 * sizeof(cl_float)), 1);
    return WEFT_OK;
}

enum weft_status batch_views_create(struct opencl_device *device, size_t batch, size_t features,
                                    size_t outputs, struct batch_views **views)
{
    size_t alignment = 1;
    bool pays = false;
    *views = NULL;
    TRY(view_alignment(device, &alignment));
    TRY(clblast_turning_pays(device, batch, outputs, features, &pays));
    if (!pays || batch * features % alignment != 0)
        return WEFT_OK;
    TRY(NEW_ARRAY(*views, 1));
    (*views)->device = device;
    (*views)->batch = batch;
    (*views)->features = features;
    return WEFT_OK;
}

/* Releases all views of one kind and the array that holds them. */
static void views_release(struct opencl_device *device, size_t count, cl_mem **views)
{
    for (size_t i = 0; *views != NULL && i < count; i++)
        view_release(device, &(*views)[i]);
    memory_free(*views);
    *views = NULL;
}

static void views_clear(struct batch_views *views)
{
    views_release(views->device, views->batches, &views->slices);
    views_release(views->device, views->batches, &views->turned_slices);
    buffer_release(views->device, &views->turned);
    views->batches = 0;
    views->data = 0;
}

void batch_views_destroy(struct batch_views *views)
{
    if (views == NULL)
        return;
    views_clear(views);
    memory_free(views);
}

/* Creates a view of `count` elements of `buffer`, starting at element `first`. */
static enum weft_status view_create(const struct batch_views *views, cl_mem buffer, size_t first,
                                    size_t count, cl_mem *view)
{
    const cl_buffer_region region = {first * sizeof(cl_float), count * sizeof(cl_float)};
    cl_int code = CL_SUCCESS;
    *view =
        clCreateSubBuffer(buffer, CL_MEM_READ_WRITE, CL_BUFFER_CREATE_TYPE_REGION, &region, &code);
    return opencl_check(views->device, code, "a view of the samples");
}

/* Creates a view of every batch of `data`. The last batch may be shorter. */
static enum weft_status slices_create(struct batch_views *views, const struct device_data *data)
{
    for (size_t i = 0; i < views->batches; i++) {
        const size_t first = i * views->batch;
        const size_t rows = size_min(views->batch, data->samples - first);
        TRY(view_create(views, data->x, first * views->features, rows * views->features,
                        &views->slices[i]));
    }
    return WEFT_OK;
}

/* Transposes every full batch of `data` if the device has enough memory. */
static enum weft_status turned_slices_create(struct batch_views *views,
                                             const struct device_data *data)
{
    const size_t each = views->batch * views->features, whole = data->samples / views->batch;
    if (whole == 0 || !buffer_fits(views->device, whole * each))
        return WEFT_OK;
    TRY(buffer_create(views->device, whole * each, "the turned samples", &views->turned));
    for (size_t i = 0; i < whole; i++) {
        TRY(view_create(views, views->turned, i * each, each, &views->turned_slices[i]));
        TRY(clblast_turn(views->device, views->slices[i], views->batch, views->features,
                         views->turned_slices[i]));
    }
    return WEFT_OK;
}

static enum weft_status views_of(struct batch_views *views, const struct device_data *data)
{
    views_clear(views);
    const size_t batches = size_divide_up(data->samples, views->batch);
    TRY(NEW_ARRAY(views->slices, batches));
    views->batches = batches;
    TRY(NEW_ARRAY(views->turned_slices, batches));
    TRY(slices_create(views, data));
    TRY(turned_slices_create(views, data));
    views->data = data->number;
    return WEFT_OK;
}

enum weft_status batch_views_take(struct batch_views *views, const struct device_data *data,
                                  size_t first, size_t count)
{
    const size_t i = first / views->batch;
    if (views->data != data->number)
        TRY(views_of(views, data));
    const bool one = first % views->batch == 0;
    views->slice = one ? views->slices[i] : NULL;
    views->slice_turned = one && count == views->batch ? views->turned_slices[i] : NULL;
    return WEFT_OK;
}
