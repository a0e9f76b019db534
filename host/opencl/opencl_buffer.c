/* Buffers. Creation checks the memory of the device; uploads and downloads wait. */
#include <inttypes.h>

#include "backend/device_memory.h"
#include "base/memory.h"
#include "opencl/opencl_device.h"

enum { ELEMENT_BYTES = 4 };

static enum weft_status too_large(const struct opencl_device *device, const char *what,
                                  uint64_t needed, uint64_t most)
{
    return fail(WEFT_ERROR_DEVICE, "%s: memory for %s: need %" PRIu64 " bytes, available %" PRIu64,
                device->base.info.name, what, needed, most);
}

/* The bytes of device memory that are not in use. Buffers that were only counted are in use. */
static uint64_t available(const struct opencl_device *device)
{
    const uint64_t global = device_memory(&device->base);
    const uint64_t used =
        device->counts != NULL ? memory_count_total(&device->counts->device) : device->allocated;
    return used > global ? 0 : global - used;
}

bool buffer_fits(const struct opencl_device *device, size_t count)
{
    size_t bytes = 0;
    return size_multiply(size_max(count, 1), ELEMENT_BYTES, &bytes) &&
           bytes <= device->base.largest_buffer && bytes <= available(device);
}

/* Asks for large pages behind a buffer of a CPU, whose memory is host memory. While the buffer is
 * mapped, its address is known, and nothing has been written to it yet. */
static enum weft_status large_pages(struct opencl_device *device, cl_mem buffer, size_t bytes)
{
    if (!opencl_is_cpu(device) || bytes < LARGE_PAGES_LEAST)
        return WEFT_OK;
    cl_int code = CL_SUCCESS;
    void *values =
        clEnqueueMapBuffer(device->queue, buffer, CL_TRUE, CL_MAP_WRITE_INVALIDATE_REGION, 0, bytes,
                           0, NULL, NULL, &code);
    TRY(opencl_check(device, code, "mapped memory"));
    memory_wish_large_pages(values, bytes);
    return opencl_check(
        device, clEnqueueUnmapMemObject(device->queue, buffer, values, 0, NULL, NULL), "unmapping");
}

enum weft_status buffer_create(struct opencl_device *device, enum weft_memory kind, size_t count,
                               const char *what, cl_mem *buffer)
{
    size_t bytes = 0;
    if (device->counts != NULL)
        return memory_count_array(&device->counts->device, kind, size_max(count, 1), 1,
                                  ELEMENT_BYTES);
    if (!size_multiply(size_max(count, 1), ELEMENT_BYTES, &bytes))
        return too_large(device, what, SIZE_MAX, device->base.largest_buffer);
    if (bytes > device->base.largest_buffer)
        return too_large(device, what, bytes, device->base.largest_buffer);
    if (bytes > available(device))
        return too_large(device, what, bytes, available(device));
    cl_int code = CL_SUCCESS;
    *buffer = clCreateBuffer(device->context, CL_MEM_READ_WRITE, bytes, NULL, &code);
    TRY(opencl_check(device, code, what));
    device->allocated += bytes;
    if (device->allocated > device->base.peak_bytes)
        device->base.peak_bytes = device->allocated;
    return large_pages(device, *buffer, bytes);
}

enum weft_status buffer_create_matrix(struct opencl_device *device, enum weft_memory kind,
                                      size_t rows, size_t columns, const char *what, cl_mem *buffer)
{
    return buffer_create(device, kind, size_product(rows, columns), what, buffer);
}

void buffer_release(struct opencl_device *device, cl_mem *buffer)
{
    if (*buffer == NULL)
        return;
    size_t bytes = 0;
    if (clGetMemObjectInfo(*buffer, CL_MEM_SIZE, sizeof bytes, &bytes, NULL) == CL_SUCCESS)
        device->allocated -= bytes;
    (void)clReleaseMemObject(*buffer);
    device->buffers_gone++;
    *buffer = NULL;
}

enum weft_status buffer_upload(struct opencl_device *device, cl_mem buffer, size_t offset,
                               const void *values, size_t count)
{
    return opencl_check(device,
                        clEnqueueWriteBuffer(device->queue, buffer, CL_TRUE, offset * ELEMENT_BYTES,
                                             count * ELEMENT_BYTES, values, 0, NULL, NULL),
                        "upload");
}

enum weft_status buffer_download(struct opencl_device *device, cl_mem buffer, size_t offset,
                                 void *values, size_t count)
{
    return opencl_check(device,
                        clEnqueueReadBuffer(device->queue, buffer, CL_TRUE, offset * ELEMENT_BYTES,
                                            count * ELEMENT_BYTES, values, 0, NULL, NULL),
                        "download");
}

enum weft_status buffer_fill(struct opencl_device *device, cl_mem buffer, float value, size_t count)
{
    return opencl_check(device,
                        clEnqueueFillBuffer(device->queue, buffer, &value, sizeof value, 0,
                                            count * ELEMENT_BYTES, 0, NULL, NULL),
                        "fill");
}

enum weft_status buffer_clear(struct opencl_device *device, cl_mem buffer, size_t count)
{
    return buffer_fill(device, buffer, 0.0f, count);
}
