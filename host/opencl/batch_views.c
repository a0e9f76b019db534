/* Views of the samples, see batch_views.h. */
#include "opencl/batch_views.h"

#include "base/memory.h"
#include "opencl/products_clblast.h"

/* Where a view may begin: multiples of this many elements. */
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

static void view_release(cl_mem *view)
{
    if (*view != NULL)
        (void)clReleaseMemObject(*view);
    *view = NULL;
}

void batch_views_destroy(struct batch_views *views)
{
    if (views == NULL)
        return;
    view_release(&views->slice_turned);
    view_release(&views->slice);
    buffer_release(views->device, &views->turned);
    memory_free(views);
}

/* `count` elements of `buffer` from element `first`. */
static enum weft_status view_create(const struct batch_views *views, cl_mem buffer, size_t first,
                                    size_t count, cl_mem *view)
{
    const cl_buffer_region region = {first * sizeof(cl_float), count * sizeof(cl_float)};
    cl_int code = CL_SUCCESS;
    *view =
        clCreateSubBuffer(buffer, CL_MEM_READ_WRITE, CL_BUFFER_CREATE_TYPE_REGION, &region, &code);
    return opencl_check(views->device, code, "a view of the samples");
}

static enum weft_status slice_take(struct batch_views *views, const struct device_data *data,
                                   size_t first, size_t count)
{
    view_release(&views->slice);
    return view_create(views, data->x, first * views->features, count * views->features,
                       &views->slice);
}

static enum weft_status slice_turned_take(struct batch_views *views, size_t index)
{
    const size_t count = views->batch * views->features;
    view_release(&views->slice_turned);
    return view_create(views, views->turned, index * count, count, &views->slice_turned);
}

/* Turns every whole batch of `data`, where there is room for that. */
static enum weft_status turn(struct batch_views *views, const struct device_data *data)
{
    const size_t each = views->batch * views->features;
    view_release(&views->slice_turned);
    buffer_release(views->device, &views->turned);
    views->data = data->number;
    views->batches = data->samples / views->batch;
    if (views->batches == 0 || !buffer_fits(views->device, views->batches * each))
        return WEFT_OK;
    TRY(buffer_create(views->device, views->batches * each, "the turned samples", &views->turned));
    for (size_t i = 0; i < views->batches; i++) {
        TRY(slice_take(views, data, i * views->batch, views->batch));
        TRY(slice_turned_take(views, i));
        TRY(clblast_turn(views->device, views->slice, views->batch, views->features,
                         views->slice_turned));
    }
    return WEFT_OK;
}

enum weft_status batch_views_take(struct batch_views *views, const struct device_data *data,
                                  size_t first, size_t count)
{
    if (views->data != data->number)
        TRY(turn(views, data));
    view_release(&views->slice_turned);
    view_release(&views->slice);
    if (first % views->batch != 0)
        return WEFT_OK;
    TRY(slice_take(views, data, first, count));
    if (views->turned == NULL || count != views->batch)
        return WEFT_OK;
    return slice_turned_take(views, first / views->batch);
}
