/* Implements an OpenCL layer that counts objects and makes calls fail.
 *
 * The ICD loader puts it between the program and the driver, whichever these are:
 *
 *     OPENCL_LAYERS=.../libopencl_layer.so WEFT_LAYER_REPORT=report WEFT_LAYER_FAIL=17 weft train
 *
 * WEFT_LAYER_FAIL=n makes the n-th call that can fail do so. With n-, every later one fails too, as
 * after the loss of a device. A failing call never reaches the driver. Calls that only release
 * (clRelease*) never fail. WEFT_LAYER_END=abort or exit ends the program instead, as some drivers
 * do.
 *
 * WEFT_LAYER_REPORT=file is written when the process ends in any orderly way:
 *
 *     calls 1234                        calls that could fail
 *     failed 17 clCreateKernel          the first one that was made to fail
 *     called clSetKernelArg 480         one line for each function that was called
 *     kernel created 17 released 17     one line for each kind; retaining counts as creating
 *     left kernel of call 512           one line for each object that was never released
 *     stray kernel                      a release of something that is not a kernel any more
 *
 * objects.sh makes sure that every call of Weft and of CLBlast passes through here. Both call from
 * one thread, so nothing is locked.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <CL/cl_layer.h>

enum kind { CONTEXT, QUEUE, PROGRAM, KERNEL, MEMORY, EVENT, KINDS };
static const char *const kind_names[KINDS] = {"context", "queue",  "program",
                                              "kernel",  "memory", "event"};

struct object {
    enum kind kind;
    const void *handle;
    unsigned references;
    unsigned long call; /* that created it */
};

enum { MAX_OBJECTS = 4096, MAX_NAMES = 64 };

struct name {
    const char *text;
    unsigned long calls;
};

static struct {
    const cl_icd_dispatch *driver; /* the functions below this layer */

    unsigned long calls;
    struct name names[MAX_NAMES]; /* of those calls, as they came first */
    unsigned long failing;        /* number of the call to fail; 0: none */
    bool all_after;
    unsigned long failed; /* number and name of the first call that was made to fail */
    const char *failed_name;

    struct object objects[MAX_OBJECTS]; /* that live */
    size_t object_count;
    unsigned long created[KINDS], released[KINDS], strays[KINDS];
} layer;

/* ---- which call fails ---- */

static void failing_read(void)
{
    const char *text = getenv("WEFT_LAYER_FAIL");
    char *end = NULL;
    if (text == NULL)
        return;
    layer.failing = strtoul(text, &end, 10);
    layer.all_after = *end == '-';
}

static void count_by_name(const char *text)
{
    size_t i = 0;
    while (i < MAX_NAMES - 1 && layer.names[i].text != NULL &&
           strcmp(layer.names[i].text, text) != 0)
        i++;
    layer.names[i].text = text;
    layer.names[i].calls++;
}

static void end_if_asked(void)
{
    const char *end = getenv("WEFT_LAYER_END");
    if (end != NULL && strcmp(end, "abort") == 0)
        abort();
    if (end != NULL)
        exit(EXIT_SUCCESS);
}

/* Counts a call that can fail; true where it is to. */
static bool fails(const char *name)
{
    layer.calls++;
    count_by_name(name);
    if (layer.failing == 0 || layer.calls < layer.failing ||
        (layer.calls > layer.failing && !layer.all_after))
        return false;
    if (layer.failed == 0) {
        layer.failed = layer.calls;
        layer.failed_name = name;
    }
    end_if_asked();
    return true;
}

/* What a function that creates gives back when it fails. */
static void *nothing(cl_int code, cl_int *result)
{
    if (result != NULL)
        *result = code;
    return NULL;
}

/* ---- which objects live ---- */

static struct object *object_find(enum kind kind, const void *handle)
{
    for (size_t i = layer.object_count; i > 0; i--)
        if (layer.objects[i - 1].handle == handle && layer.objects[i - 1].kind == kind)
            return &layer.objects[i - 1];
    return NULL;
}

/* A new object, or nothing where its creation failed. Returns the handle. */
static void *created(enum kind kind, void *handle)
{
    if (handle == NULL)
        return NULL;
    if (layer.object_count == MAX_OBJECTS) {
        fputs("opencl_layer: more objects than it has room for\n", stderr);
        abort();
    }
    layer.created[kind]++;
    layer.objects[layer.object_count++] = (struct object){kind, handle, 1, layer.calls};
    return handle;
}

static cl_int retained(enum kind kind, const void *handle, cl_int code)
{
    struct object *object = object_find(kind, handle);
    if (code == CL_SUCCESS && object != NULL) {
        object->references++;
        layer.created[kind]++;
    }
    return code;
}

/* Before the driver releases: after that the handle may belong to another object. */
static void released(enum kind kind, const void *handle)
{
    struct object *object = object_find(kind, handle);
    if (object == NULL) {
        layer.strays[kind]++;
        return;
    }
    layer.released[kind]++;
    if (--object->references == 0)
        *object = layer.objects[--layer.object_count];
}

/* The event that a queued command gave, if one was asked for. */
static cl_int queued(cl_int code, const cl_event *event)
{
    if (code == CL_SUCCESS && event != NULL)
        created(EVENT, *event);
    return code;
}

static void __attribute__((destructor)) report(void)
{
    const char *path = getenv("WEFT_LAYER_REPORT");
    FILE *file = path != NULL ? fopen(path, "w") : NULL;
    if (file == NULL)
        return;
    fprintf(file, "calls %lu\n", layer.calls);
    if (layer.failed != 0)
        fprintf(file, "failed %lu %s\n", layer.failed, layer.failed_name);
    for (size_t i = 0; i < MAX_NAMES && layer.names[i].text != NULL; i++)
        fprintf(file, "called %s %lu\n", layer.names[i].text, layer.names[i].calls);
    for (size_t k = 0; k < KINDS; k++)
        fprintf(file, "%s created %lu released %lu\n", kind_names[k], layer.created[k],
                layer.released[k]);
    for (size_t i = 0; i < layer.object_count; i++)
        fprintf(file, "left %s of call %lu\n", kind_names[layer.objects[i].kind],
                layer.objects[i].call);
    for (size_t k = 0; k < KINDS; k++)
        for (unsigned long i = 0; i < layer.strays[k]; i++)
            fprintf(file, "stray %s\n", kind_names[k]);
    fclose(file);
}

/* ---- the calls ----
 *
 * PASS: returns a status; QUEUE_COMMAND: so too, and may give an event; CREATE: returns an object.
 * A failure is the code that a driver gives for want of memory or of a device. */

#define PASS(name, code, parameters, arguments)                                                    \
    static cl_int CL_API_CALL layer_##name parameters                                              \
    {                                                                                              \
        return fails(#name) ? (code) : layer.driver->name arguments;                               \
    }
#define QUEUE_COMMAND(name, parameters, arguments)                                                 \
    static cl_int CL_API_CALL layer_##name parameters                                              \
    {                                                                                              \
        return fails(#name) ? CL_OUT_OF_RESOURCES : queued(layer.driver->name arguments, event);   \
    }
#define CREATE(type, kind, name, code, parameters, arguments)                                      \
    static type CL_API_CALL layer_##name parameters                                                \
    {                                                                                              \
        return fails(#name) ? nothing((code), result)                                              \
                            : created((kind), layer.driver->name arguments);                       \
    }
#define RETAIN_RELEASE(type, kind, Name)                                                           \
    static cl_int CL_API_CALL layer_clRetain##Name(type handle)                                    \
    {                                                                                              \
        return retained((kind), handle, layer.driver->clRetain##Name(handle));                     \
    }                                                                                              \
    static cl_int CL_API_CALL layer_clRelease##Name(type handle)                                   \
    {                                                                                              \
        released((kind), handle);                                                                  \
        return layer.driver->clRelease##Name(handle);                                              \
    }

RETAIN_RELEASE(cl_context, CONTEXT, Context)
RETAIN_RELEASE(cl_command_queue, QUEUE, CommandQueue)
RETAIN_RELEASE(cl_program, PROGRAM, Program)
RETAIN_RELEASE(cl_kernel, KERNEL, Kernel)
RETAIN_RELEASE(cl_mem, MEMORY, MemObject)
RETAIN_RELEASE(cl_event, EVENT, Event)

PASS(clGetPlatformIDs, CL_OUT_OF_HOST_MEMORY,
     (cl_uint count, cl_platform_id *platforms, cl_uint *all), (count, platforms, all))
PASS(clGetPlatformInfo, CL_OUT_OF_HOST_MEMORY,
     (cl_platform_id platform, cl_platform_info what, size_t size, void *value, size_t *needed),
     (platform, what, size, value, needed))
PASS(clGetDeviceIDs, CL_OUT_OF_RESOURCES,
     (cl_platform_id platform, cl_device_type type, cl_uint count, cl_device_id *devices,
      cl_uint *all),
     (platform, type, count, devices, all))
PASS(clGetDeviceInfo, CL_OUT_OF_RESOURCES,
     (cl_device_id device, cl_device_info what, size_t size, void *value, size_t *needed),
     (device, what, size, value, needed))
CREATE(cl_context, CONTEXT, clCreateContext, CL_OUT_OF_RESOURCES,
       (const cl_context_properties *properties, cl_uint count, const cl_device_id *devices,
        void(CL_CALLBACK *notify)(const char *, const void *, size_t, void *), void *user,
        cl_int *result),
       (properties, count, devices, notify, user, result))

CREATE(cl_command_queue, QUEUE, clCreateCommandQueue, CL_OUT_OF_RESOURCES,
       (cl_context context, cl_device_id device, cl_command_queue_properties properties,
        cl_int *result),
       (context, device, properties, result))
PASS(clGetCommandQueueInfo, CL_OUT_OF_HOST_MEMORY,
     (cl_command_queue queue, cl_command_queue_info what, size_t size, void *value, size_t *needed),
     (queue, what, size, value, needed))
PASS(clFlush, CL_OUT_OF_RESOURCES, (cl_command_queue queue), (queue))
PASS(clFinish, CL_OUT_OF_RESOURCES, (cl_command_queue queue), (queue))
PASS(clWaitForEvents, CL_OUT_OF_RESOURCES, (cl_uint count, const cl_event *events), (count, events))

CREATE(cl_program, PROGRAM, clCreateProgramWithSource, CL_OUT_OF_HOST_MEMORY,
       (cl_context context, cl_uint count, const char **texts, const size_t *lengths,
        cl_int *result),
       (context, count, texts, lengths, result))
CREATE(cl_program, PROGRAM, clCreateProgramWithBinary, CL_OUT_OF_HOST_MEMORY,
       (cl_context context, cl_uint count, const cl_device_id *devices, const size_t *lengths,
        const unsigned char **binaries, cl_int *codes, cl_int *result),
       (context, count, devices, lengths, binaries, codes, result))
PASS(clBuildProgram, CL_OUT_OF_RESOURCES,
     (cl_program program, cl_uint count, const cl_device_id *devices, const char *options,
      void(CL_CALLBACK *notify)(cl_program, void *), void *user),
     (program, count, devices, options, notify, user))
PASS(clGetProgramInfo, CL_OUT_OF_HOST_MEMORY,
     (cl_program program, cl_program_info what, size_t size, void *value, size_t *needed),
     (program, what, size, value, needed))
PASS(clGetProgramBuildInfo, CL_OUT_OF_HOST_MEMORY,
     (cl_program program, cl_device_id device, cl_program_build_info what, size_t size, void *value,
      size_t *needed),
     (program, device, what, size, value, needed))

CREATE(cl_kernel, KERNEL, clCreateKernel, CL_OUT_OF_HOST_MEMORY,
       (cl_program program, const char *name, cl_int *result), (program, name, result))
PASS(clSetKernelArg, CL_OUT_OF_RESOURCES,
     (cl_kernel kernel, cl_uint index, size_t size, const void *value),
     (kernel, index, size, value))
PASS(clGetKernelWorkGroupInfo, CL_OUT_OF_RESOURCES,
     (cl_kernel kernel, cl_device_id device, cl_kernel_work_group_info what, size_t size,
      void *value, size_t *needed),
     (kernel, device, what, size, value, needed))
QUEUE_COMMAND(clEnqueueNDRangeKernel,
              (cl_command_queue queue, cl_kernel kernel, cl_uint dimensions, const size_t *offset,
               const size_t *global, const size_t *local, cl_uint count, const cl_event *wait,
               cl_event *event),
              (queue, kernel, dimensions, offset, global, local, count, wait, event))

CREATE(cl_mem, MEMORY, clCreateBuffer, CL_MEM_OBJECT_ALLOCATION_FAILURE,
       (cl_context context, cl_mem_flags flags, size_t size, void *host, cl_int *result),
       (context, flags, size, host, result))
CREATE(cl_mem, MEMORY, clCreateSubBuffer, CL_MEM_OBJECT_ALLOCATION_FAILURE,
       (cl_mem buffer, cl_mem_flags flags, cl_buffer_create_type type, const void *region,
        cl_int *result),
       (buffer, flags, type, region, result))
PASS(clGetMemObjectInfo, CL_OUT_OF_HOST_MEMORY,
     (cl_mem memory, cl_mem_info what, size_t size, void *value, size_t *needed),
     (memory, what, size, value, needed))
QUEUE_COMMAND(clEnqueueReadBuffer,
              (cl_command_queue queue, cl_mem buffer, cl_bool blocking, size_t offset, size_t size,
               void *values, cl_uint count, const cl_event *wait, cl_event *event),
              (queue, buffer, blocking, offset, size, values, count, wait, event))
QUEUE_COMMAND(clEnqueueWriteBuffer,
              (cl_command_queue queue, cl_mem buffer, cl_bool blocking, size_t offset, size_t size,
               const void *values, cl_uint count, const cl_event *wait, cl_event *event),
              (queue, buffer, blocking, offset, size, values, count, wait, event))
QUEUE_COMMAND(clEnqueueCopyBuffer,
              (cl_command_queue queue, cl_mem from, cl_mem to, size_t from_offset, size_t to_offset,
               size_t size, cl_uint count, const cl_event *wait, cl_event *event),
              (queue, from, to, from_offset, to_offset, size, count, wait, event))
QUEUE_COMMAND(clEnqueueFillBuffer,
              (cl_command_queue queue, cl_mem buffer, const void *pattern, size_t pattern_size,
               size_t offset, size_t size, cl_uint count, const cl_event *wait, cl_event *event),
              (queue, buffer, pattern, pattern_size, offset, size, count, wait, event))

/* What it gives is an address and no object; Weft asks for no event here. */
static void *CL_API_CALL layer_clEnqueueMapBuffer(cl_command_queue queue, cl_mem buffer,
                                                  cl_bool blocking, cl_map_flags flags,
                                                  size_t offset, size_t size, cl_uint count,
                                                  const cl_event *wait, cl_event *event,
                                                  cl_int *result)
{
    return fails("clEnqueueMapBuffer")
               ? nothing(CL_MAP_FAILURE, result)
               : layer.driver->clEnqueueMapBuffer(queue, buffer, blocking, flags, offset, size,
                                                  count, wait, event, result);
}

QUEUE_COMMAND(clEnqueueUnmapMemObject,
              (cl_command_queue queue, cl_mem buffer, void *address, cl_uint count,
               const cl_event *wait, cl_event *event),
              (queue, buffer, address, count, wait, event))

QUEUE_COMMAND(clEnqueueMarkerWithWaitList,
              (cl_command_queue queue, cl_uint count, const cl_event *wait, cl_event *event),
              (queue, count, wait, event))
QUEUE_COMMAND(clEnqueueBarrierWithWaitList,
              (cl_command_queue queue, cl_uint count, const cl_event *wait, cl_event *event),
              (queue, count, wait, event))

/* ---- what the loader asks for ---- */

/* Where an entry is NULL the loader calls the driver. */
static const cl_icd_dispatch own = {
    .clGetPlatformIDs = layer_clGetPlatformIDs,
    .clGetPlatformInfo = layer_clGetPlatformInfo,
    .clGetDeviceIDs = layer_clGetDeviceIDs,
    .clGetDeviceInfo = layer_clGetDeviceInfo,
    .clCreateContext = layer_clCreateContext,
    .clRetainContext = layer_clRetainContext,
    .clReleaseContext = layer_clReleaseContext,
    .clCreateCommandQueue = layer_clCreateCommandQueue,
    .clRetainCommandQueue = layer_clRetainCommandQueue,
    .clReleaseCommandQueue = layer_clReleaseCommandQueue,
    .clGetCommandQueueInfo = layer_clGetCommandQueueInfo,
    .clFlush = layer_clFlush,
    .clFinish = layer_clFinish,
    .clWaitForEvents = layer_clWaitForEvents,
    .clRetainEvent = layer_clRetainEvent,
    .clReleaseEvent = layer_clReleaseEvent,
    .clCreateProgramWithSource = layer_clCreateProgramWithSource,
    .clCreateProgramWithBinary = layer_clCreateProgramWithBinary,
    .clRetainProgram = layer_clRetainProgram,
    .clReleaseProgram = layer_clReleaseProgram,
    .clBuildProgram = layer_clBuildProgram,
    .clGetProgramInfo = layer_clGetProgramInfo,
    .clGetProgramBuildInfo = layer_clGetProgramBuildInfo,
    .clCreateKernel = layer_clCreateKernel,
    .clRetainKernel = layer_clRetainKernel,
    .clReleaseKernel = layer_clReleaseKernel,
    .clSetKernelArg = layer_clSetKernelArg,
    .clGetKernelWorkGroupInfo = layer_clGetKernelWorkGroupInfo,
    .clEnqueueNDRangeKernel = layer_clEnqueueNDRangeKernel,
    .clCreateBuffer = layer_clCreateBuffer,
    .clCreateSubBuffer = layer_clCreateSubBuffer,
    .clRetainMemObject = layer_clRetainMemObject,
    .clReleaseMemObject = layer_clReleaseMemObject,
    .clGetMemObjectInfo = layer_clGetMemObjectInfo,
    .clEnqueueReadBuffer = layer_clEnqueueReadBuffer,
    .clEnqueueWriteBuffer = layer_clEnqueueWriteBuffer,
    .clEnqueueCopyBuffer = layer_clEnqueueCopyBuffer,
    .clEnqueueFillBuffer = layer_clEnqueueFillBuffer,
    .clEnqueueMapBuffer = layer_clEnqueueMapBuffer,
    .clEnqueueUnmapMemObject = layer_clEnqueueUnmapMemObject,
    .clEnqueueMarkerWithWaitList = layer_clEnqueueMarkerWithWaitList,
    .clEnqueueBarrierWithWaitList = layer_clEnqueueBarrierWithWaitList};

CL_API_ENTRY cl_int CL_API_CALL clGetLayerInfo(cl_layer_info what, size_t size, void *value,
                                               size_t *needed)
{
    static const cl_layer_api_version version = CL_LAYER_API_VERSION_100;
    static const char name[] = "Weft's counter of objects";
    const void *answer = what == CL_LAYER_API_VERSION ? (const void *)&version : name;
    const size_t bytes = what == CL_LAYER_API_VERSION ? sizeof version : sizeof name;
    if ((what != CL_LAYER_API_VERSION && what != CL_LAYER_NAME) || (value != NULL && size < bytes))
        return CL_INVALID_VALUE;
    if (value != NULL)
        memcpy(value, answer, bytes);
    if (needed != NULL)
        *needed = bytes;
    return CL_SUCCESS;
}

CL_API_ENTRY cl_int CL_API_CALL clInitLayer(cl_uint count, const cl_icd_dispatch *driver,
                                            cl_uint *own_count, const cl_icd_dispatch **dispatch)
{
    const cl_uint entries = sizeof own / sizeof(void *);
    if (count < entries)
        return CL_INVALID_VALUE;
    layer.driver = driver;
    failing_read();
    *own_count = entries;
    *dispatch = &own;
    return CL_SUCCESS;
}
