/* Implements an OpenCL layer that writes down what a device would compile and run.
 *
 * The ICD loader puts it between the program and the driver, whichever these are:
 *
 *     OPENCL_LAYERS=.../libprogram_layer.so WEFT_LAYER_FOLDER=out weft train
 *
 * The folder, which must exist, receives for program number N, in the order of the builds
 *
 *     N.cl         the source text, as the driver got it
 *     N.options    the build options
 *
 * and `launches`, with a line for each launch: the kernel, the global and local sizes, and all
 * arguments. An argument of 4 or 8 bytes is a number, a buffer is `b` and its number of bytes, and
 * local memory is `l` and its number of bytes.
 *
 * WEFT_LAYER_VENDOR and WEFT_LAYER_NAME replace the vendor and the name of every device, and
 * WEFT_LAYER_GROUP the size of its largest work-groups. The device then says that it is a GPU.
 * CLBlast chooses the parameters of its kernels by these words.
 *
 * With WEFT_LAYER_DRY no kernel runs, so the results are wrong, and a driver that compiles kernels
 * at their first launch compiles none.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "layer_answer.h"

enum { MAX_OBJECTS = 4096, MAX_ARGUMENTS = 32, MAX_PATH = 4096 };

/* What is known of a program, a kernel or a buffer. A handle that is used again is forgotten. */
struct note {
    const void *handle;
    char *text; /* source of a program, name of a kernel */
    size_t bytes;
    char arguments[MAX_ARGUMENTS][24];
    cl_uint argument_count;
};

static struct {
    const cl_icd_dispatch *driver; /* the functions below this layer */
    FILE *launches;
    unsigned programs;
    size_t count;
    struct note notes[MAX_OBJECTS];
} layer;

static struct note *note_find(const void *handle)
{
    for (size_t i = 0; i < layer.count; i++)
        if (layer.notes[i].handle == handle)
            return &layer.notes[i];
    return NULL;
}

/* Returns an empty note for the handle. It takes the place of an older one. */
static struct note *note_make(const void *handle)
{
    struct note *note = note_find(handle);
    if (note == NULL && layer.count == MAX_OBJECTS) {
        fputs("program_layer: more objects than it has room for\n", stderr);
        abort();
    }
    if (note == NULL)
        note = &layer.notes[layer.count++];
    free(note->text);
    *note = (struct note){.handle = handle};
    return note;
}

/* Opens the file NAME of the folder. */
static FILE *file_open(const char *name)
{
    char path[MAX_PATH];
    const char *folder = getenv("WEFT_LAYER_FOLDER");
    snprintf(path, sizeof path, "%s/%s", folder != NULL ? folder : ".", name);
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        fprintf(stderr, "program_layer: %s: cannot be written\n", path);
        abort();
    }
    return file;
}

static void file_write(const char *ending, const char *text)
{
    char name[32];
    snprintf(name, sizeof name, "%u.%s", layer.programs, ending);
    FILE *file = file_open(name);
    fputs(text, file);
    fclose(file);
}

/* ---- what the device says of itself ---- */

static cl_int CL_API_CALL layer_clGetDeviceInfo(cl_device_id device, cl_device_info what,
                                                size_t size, void *value, size_t *needed)
{
    const cl_device_type type = CL_DEVICE_TYPE_GPU;
    const char *vendor = getenv("WEFT_LAYER_VENDOR"), *name = getenv("WEFT_LAYER_NAME");
    const char *group = getenv("WEFT_LAYER_GROUP");
    const size_t most = group != NULL ? strtoul(group, NULL, 10) : 0;
    if (what == CL_DEVICE_VENDOR && vendor != NULL)
        return layer_answer(vendor, strlen(vendor) + 1, size, value, needed);
    if (what == CL_DEVICE_NAME && name != NULL)
        return layer_answer(name, strlen(name) + 1, size, value, needed);
    if (what == CL_DEVICE_TYPE && name != NULL)
        return layer_answer(&type, sizeof type, size, value, needed);
    if (what == CL_DEVICE_MAX_WORK_GROUP_SIZE && most != 0)
        return layer_answer(&most, sizeof most, size, value, needed);
    return layer.driver->clGetDeviceInfo(device, what, size, value, needed);
}

/* ---- programs ---- */

/* Returns the texts as one, or NULL without memory. A length of 0 means that a text ends with 0. */
static char *text_join(cl_uint count, const char **texts, const size_t *lengths)
{
    size_t total = 0;
    char *whole = NULL;
    for (cl_uint i = 0; i < count; i++) {
        const size_t bytes = lengths != NULL && lengths[i] != 0 ? lengths[i] : strlen(texts[i]);
        char *longer = realloc(whole, total + bytes + 1);
        if (longer == NULL) {
            free(whole);
            return NULL;
        }
        whole = longer;
        memcpy(whole + total, texts[i], bytes);
        total += bytes;
        whole[total] = '\0';
    }
    return whole;
}

static cl_program CL_API_CALL layer_clCreateProgramWithSource(cl_context context, cl_uint count,
                                                              const char **texts,
                                                              const size_t *lengths, cl_int *result)
{
    cl_program program =
        layer.driver->clCreateProgramWithSource(context, count, texts, lengths, result);
    note_make(program)->text = text_join(count, texts, lengths);
    return program;
}

static cl_int CL_API_CALL layer_clBuildProgram(cl_program program, cl_uint count,
                                               const cl_device_id *devices, const char *options,
                                               void(CL_CALLBACK *notify)(cl_program, void *),
                                               void *user)
{
    const struct note *note = note_find(program);
    if (note != NULL && note->text != NULL) {
        layer.programs++;
        file_write("cl", note->text);
        file_write("options", options != NULL ? options : "");
    }
    return layer.driver->clBuildProgram(program, count, devices, options, notify, user);
}

/* ---- launches ---- */

static cl_mem CL_API_CALL layer_clCreateBuffer(cl_context context, cl_mem_flags flags, size_t size,
                                               void *host, cl_int *result)
{
    cl_mem buffer = layer.driver->clCreateBuffer(context, flags, size, host, result);
    if (buffer != NULL)
        note_make(buffer)->bytes = size;
    return buffer;
}

static cl_kernel CL_API_CALL layer_clCreateKernel(cl_program program, const char *name,
                                                  cl_int *result)
{
    cl_kernel kernel = layer.driver->clCreateKernel(program, name, result);
    if (kernel != NULL) {
        struct note *note = note_make(kernel);
        note->text = calloc(1, strlen(name) + 1);
        if (note->text != NULL)
            memcpy(note->text, name, strlen(name));
    }
    return kernel;
}

static void argument_write(char text[24], size_t size, const void *value)
{
    uint64_t number = 0;
    const void *handle = NULL;
    if (value == NULL) {
        snprintf(text, 24, "l%zu", size);
        return;
    }
    memcpy(&number, value, size < sizeof number ? size : sizeof number);
    if (size == sizeof handle)
        memcpy(&handle, value, sizeof handle);
    const struct note *buffer = size == sizeof handle ? note_find(handle) : NULL;
    if (buffer != NULL)
        snprintf(text, 24, "b%zu", buffer->bytes);
    else
        snprintf(text, 24, "%" PRIu64, number);
}

static cl_int CL_API_CALL layer_clSetKernelArg(cl_kernel kernel, cl_uint index, size_t size,
                                               const void *value)
{
    struct note *note = note_find(kernel);
    if (note != NULL && index < MAX_ARGUMENTS) {
        argument_write(note->arguments[index], size, value);
        if (note->argument_count <= index)
            note->argument_count = index + 1;
    }
    return layer.driver->clSetKernelArg(kernel, index, size, value);
}

static cl_int CL_API_CALL layer_clEnqueueNDRangeKernel(cl_command_queue queue, cl_kernel kernel,
                                                       cl_uint dimensions, const size_t *offset,
                                                       const size_t *global, const size_t *local,
                                                       cl_uint count, const cl_event *wait,
                                                       cl_event *event)
{
    const struct note *note = note_find(kernel);
    if (note != NULL && layer.launches != NULL) {
        fprintf(layer.launches, "%s %zu,%zu %zu,%zu", note->text, global[0],
                dimensions > 1 ? global[1] : 1, local != NULL ? local[0] : 0,
                local != NULL && dimensions > 1 ? local[1] : 1);
        for (cl_uint i = 0; i < note->argument_count; i++)
            fprintf(layer.launches, " %s", note->arguments[i]);
        fputc('\n', layer.launches);
    }
    if (getenv("WEFT_LAYER_DRY") == NULL)
        return layer.driver->clEnqueueNDRangeKernel(queue, kernel, dimensions, offset, global,
                                                    local, count, wait, event);
    return event == NULL ? CL_SUCCESS
                         : layer.driver->clEnqueueMarkerWithWaitList(queue, count, wait, event);
}

static void __attribute__((destructor)) finish(void)
{
    if (layer.launches != NULL)
        fclose(layer.launches);
}

/* ---- what the loader asks for ---- */

/* Where an entry is NULL the loader calls the driver. */
static const cl_icd_dispatch own = {.clGetDeviceInfo = layer_clGetDeviceInfo,
                                    .clCreateProgramWithSource = layer_clCreateProgramWithSource,
                                    .clBuildProgram = layer_clBuildProgram,
                                    .clCreateBuffer = layer_clCreateBuffer,
                                    .clCreateKernel = layer_clCreateKernel,
                                    .clSetKernelArg = layer_clSetKernelArg,
                                    .clEnqueueNDRangeKernel = layer_clEnqueueNDRangeKernel};

CL_API_ENTRY cl_int CL_API_CALL clGetLayerInfo(cl_layer_info what, size_t size, void *value,
                                               size_t *needed)
{
    return layer_answer_info("Weft's writer of programs", what, size, value, needed);
}

CL_API_ENTRY cl_int CL_API_CALL clInitLayer(cl_uint count, const cl_icd_dispatch *driver,
                                            cl_uint *own_count, const cl_icd_dispatch **dispatch)
{
    const cl_uint entries = sizeof own / sizeof(void *);
    if (count < entries)
        return CL_INVALID_VALUE;
    layer.driver = driver;
    layer.launches = file_open("launches");
    *own_count = entries;
    *dispatch = &own;
    return CL_SUCCESS;
}
