/* Kernel objects and their arguments; see kernel_call.h. */
#include "opencl/kernel_call.h"

#include <assert.h>
#include <string.h>

#include "base/memory.h"

/* The names of the __kernel functions. */
#define NAME(value, name) [KERNEL_##value] = #name,
static const char *const kernel_names[KERNEL_COUNT] = {KERNELS(NAME)};

/* The most objects of one kernel. Beyond that, the least recently used object takes the new
 * buffers. */
enum { MOST_CALLS = 16 };

/* The last value of an argument. Size 0 means that it was never set. */
struct kept_argument {
    size_t size;
    unsigned char value[ARGUMENT_BYTES]; /* unused for local memory */
};

/* The value of kernel_call.buffers_gone before any buffer is set. */
#define NEVER UINT64_MAX

struct kernel_call {
    cl_kernel object;         /* owned */
    uint64_t buffers_gone;    /* device->buffers_gone when the buffers were set; initially NEVER */
    struct kernel_call *next; /* owned; less recently used */
    struct kept_argument kept[MOST_ARGUMENTS];
};

const char *kernel_name(enum kernel kernel)
{
    return kernel_names[kernel];
}

enum weft_status kernel_call_create(struct opencl_device *device, enum kernel kernel)
{
    struct kernel_call *call = NULL;
    TRY(NEW_ARRAY(call, 1));
    cl_int code = CL_SUCCESS;
    call->object = clCreateKernel(device->program, kernel_names[kernel], &code);
    if (code != CL_SUCCESS) {
        memory_free(call);
        return opencl_check(device, code, kernel_names[kernel]);
    }
    call->buffers_gone = NEVER;
    call->next = device->calls[kernel];
    device->calls[kernel] = call;
    return WEFT_OK;
}

enum weft_status kernel_group_limit(const struct opencl_device *device, enum kernel kernel,
                                    size_t *limit)
{
    return opencl_check(device,
                        clGetKernelWorkGroupInfo(device->calls[kernel]->object, device->id,
                                                 CL_KERNEL_WORK_GROUP_SIZE, sizeof *limit, limit,
                                                 NULL),
                        kernel_names[kernel]);
}

void kernel_calls_release(struct opencl_device *device, enum kernel kernel)
{
    while (device->calls[kernel] != NULL) {
        struct kernel_call *call = device->calls[kernel];
        device->calls[kernel] = call->next;
        (void)clReleaseKernel(call->object);
        memory_free(call);
    }
}

/* The driver may reuse the handle of a released buffer, so compare generations too. */
static bool buffers_exist(const struct opencl_device *device, const struct kernel_call *call)
{
    return call->buffers_gone == device->buffers_gone;
}

static bool same_value(const struct kept_argument *kept, const struct kernel_argument *argument)
{
    return kept->size == argument->size &&
           (argument->value == NULL || memcmp(kept->value, argument->value, kept->size) == 0);
}

static bool same_buffers(const struct kernel_call *call, const struct kernel_argument *arguments,
                         cl_uint count)
{
    for (cl_uint i = 0; i < count; i++)
        if (arguments[i].buffer && !same_value(&call->kept[i], &arguments[i]))
            return false;
    return true;
}

/* Returns the link to the call that already has these buffers. Otherwise returns the link to a call
 * whose buffers are gone or, if MOST_CALLS exist, to the least recently used call. NULL means that
 * a new call is needed. */
static struct kernel_call **call_find(struct opencl_device *device, enum kernel kernel,
                                      const struct kernel_argument *arguments, cl_uint count)
{
    struct kernel_call **last = NULL, **gone = NULL;
    size_t made = 0;
    for (struct kernel_call **link = &device->calls[kernel]; *link != NULL; link = &(*link)->next) {
        last = link;
        made++;
        if (!buffers_exist(device, *link))
            gone = link;
        else if (same_buffers(*link, arguments, count))
            return link;
    }
    if (gone != NULL)
        return gone;
    return made < MOST_CALLS ? NULL : last;
}

/* Makes the call to use the first of the list. */
static enum weft_status call_choose(struct opencl_device *device, enum kernel kernel,
                                    const struct kernel_argument *arguments, cl_uint count)
{
    struct kernel_call **link = call_find(device, kernel, arguments, count);
    if (link == NULL)
        return kernel_call_create(device, kernel);
    struct kernel_call *call = *link;
    *link = call->next;
    call->next = device->calls[kernel];
    device->calls[kernel] = call;
    return WEFT_OK;
}

static enum weft_status arguments_set(const struct opencl_device *device, enum kernel kernel,
                                      const struct kernel_argument *arguments, cl_uint count)
{
    struct kernel_call *call = device->calls[kernel];
    const bool exist = buffers_exist(device, call);
    for (cl_uint i = 0; i < count; i++) {
        struct kept_argument *kept = &call->kept[i];
        assert(arguments[i].value == NULL || arguments[i].size <= ARGUMENT_BYTES);
        if (same_value(kept, &arguments[i]) && (exist || !arguments[i].buffer))
            continue;
        TRY(opencl_check(device,
                         clSetKernelArg(call->object, i, arguments[i].size, arguments[i].value),
                         kernel_names[kernel]));
        kept->size = arguments[i].size;
        if (arguments[i].value != NULL)
            memcpy(kept->value, arguments[i].value, kept->size);
    }
    call->buffers_gone = device->buffers_gone;
    return WEFT_OK;
}

enum weft_status kernel_call_take(struct opencl_device *device, enum kernel kernel,
                                  const struct kernel_argument *arguments, cl_uint count,
                                  cl_kernel *object)
{
    assert(count <= MOST_ARGUMENTS);
    TRY(call_choose(device, kernel, arguments, count));
    *object = device->calls[kernel]->object;
    return arguments_set(device, kernel, arguments, count);
}
