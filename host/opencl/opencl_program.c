/* The kernels of a device: sources, build and handles.
 *
 * The library contains the sources. If WEFT_KERNEL_DIR is set, files in that folder replace the
 * embedded sources of the same name. This makes it possible to try a kernel without building Weft.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/memory.h"
#include "opencl/device_shape.h"
#include "opencl/kernel_call.h"
#include "opencl/kernel_sources.h"
#include "opencl/opencl.h"
#include "opencl/opencl_device.h"
#include "opencl/program_cache.h"

enum { MAX_SOURCE_BYTES = 1 << 20, MAX_LINE_MARK = 160 };

/* Stores the text of one source in `*text`, owned. A #line mark makes driver messages name the
 * file. */
static enum weft_status source_text(const struct kernel_source *source, const char *folder,
                                    char **text)
{
    char *path = NULL;
    struct file_content content = {NULL, 0};
    if (folder != NULL)
        TRY(path_join(folder, source->name, &path));
    enum weft_status status = WEFT_OK;
    /* A folder of that name must not fall back to the embedded source. Reading it reports the
     * error. */
    const bool replaced = path != NULL && (file_exists(path) || folder_exists(path));
    if (replaced)
        status = file_read(path, MAX_SOURCE_BYTES, WEFT_ERROR_USAGE, &content);
    memory_free(path);
    if (status != WEFT_OK)
        return status;

    const char *body = replaced ? (const char *)content.data : source->text;
    const size_t length = replaced ? content.size : strlen(source->text);
    status = NEW_ARRAY(*text, length + MAX_LINE_MARK);
    if (status == WEFT_OK) {
        const int mark = snprintf(*text, MAX_LINE_MARK, "#line 1 \"kernels/%s\"\n", source->name);
        if (length > 0)
            memcpy(*text + mark, body, length);
    }
    memory_free(content.data);
    return status;
}

/* Returns the folder that replaces the kernels, or NULL. */
static const char *kernel_folder(void)
{
    const char *folder = getenv("WEFT_KERNEL_DIR");
    return folder != NULL && folder[0] != '\0' ? folder : NULL;
}

bool opencl_is_replaced(void)
{
    return kernel_folder() != NULL || device_shape_name()[0] != '\0';
}

/* Fills texts [kernel_source_count], each owned. */
static enum weft_status source_texts(char **texts)
{
    const char *folder = kernel_folder();
    if (folder != NULL && !folder_exists(folder))
        return fail(WEFT_ERROR_IO, "%s: WEFT_KERNEL_DIR is not a folder", folder);
    for (size_t i = 0; i < kernel_source_count; i++)
        TRY(source_text(&kernel_sources[i], folder, &texts[i]));
    return WEFT_OK;
}

/* Copies the first line of `log` that mentions an error, or else its first line, to `line`. */
static void first_error_line(const char *log, char *line, size_t size)
{
    const char *start = strstr(log, "error");
    if (start == NULL)
        start = log + strspn(log, " \n\r\t");
    while (start > log && start[-1] != '\n')
        start--;
    snprintf(line, size, "%.*s", (int)strcspn(start, "\r\n"), start);
}

/* Returns the status of a failed build. The whole log of the driver goes to the device's log
 * function. */
static enum weft_status build_failure(struct opencl_device *device, cl_int code)
{
    size_t bytes = 0;
    char *log = NULL;
    (void)clGetProgramBuildInfo(device->program, device->id, CL_PROGRAM_BUILD_LOG, 0, NULL, &bytes);
    TRY(NEW_ARRAY(log, bytes + 1));
    (void)clGetProgramBuildInfo(device->program, device->id, CL_PROGRAM_BUILD_LOG, bytes, log,
                                NULL);
    char line[256];
    first_error_line(log, line, sizeof line);
    if (device->base.log != NULL)
        device->base.log(device->base.log_user, log);
    memory_free(log);
    return fail(WEFT_ERROR_DEVICE, "%s: the kernels do not build: %s (%d): %s",
                device->base.info.name, opencl_error_name(code), (int)code, line);
}

static enum weft_status program_from_source(struct opencl_device *device, char *const *texts)
{
    cl_int code = CL_SUCCESS;
    device->program = clCreateProgramWithSource(device->context, (cl_uint)kernel_source_count,
                                                (const char **)texts, NULL, &code);
    TRY(opencl_check(device, code, "program"));
    code = clBuildProgram(device->program, 1, &device->id,
                          device_shape_build_options(device->lanes), NULL, NULL);
    if (code == CL_BUILD_PROGRAM_FAILURE)
        return build_failure(device, code);
    return opencl_check(device, code, "build of the kernels");
}

/* Whether the kernel always runs in groups of one, because its work-items are threads. Its group
 * limit must not restrict other kernels. Such kernels use so much private memory that a GPU may
 * allow only small groups. */
static bool runs_alone(enum kernel kernel)
{
    return kernel == KERNEL_PRODUCT_BLOCKED || kernel == KERNEL_STEP_ROWS ||
           kernel == KERNEL_STEP_GRADIENT;
}

/* Whether kernels/losses_group.cl has the kernel, which is empty for the vectors of CPUs. */
static bool is_left_out(const struct opencl_device *device, enum kernel kernel)
{
    return device->lanes == MOST_LANES &&
           (kernel == KERNEL_SOFTMAX_ROWS_GROUP || kernel == KERNEL_SOFTMAX_CROSS_ENTROPY_GROUP ||
            kernel == KERNEL_SIGMOID_CROSS_ENTROPY_GROUP ||
            kernel == KERNEL_IDENTITY_SQUARED_ERROR_GROUP);
}

/* Creates the handles of all kernels. device->group and device->loop shrink to what every kernel
 * supports that runs in groups. */
static enum weft_status kernels_create(struct opencl_device *device)
{
    for (size_t i = 0; i < KERNEL_COUNT; i++) {
        size_t limit = 1;
        if (is_left_out(device, i))
            continue;
        TRY(kernel_call_create(device, i));
        if (runs_alone(i))
            continue;
        TRY(kernel_group_limit(device, i, &limit));
        while (device->group > size_max(limit, 1))
            device->group /= 2;
        while (device->loop > size_max(limit, 1))
            device->loop /= 2;
    }
    return WEFT_OK;
}

/* Creates an array with the kernel_source_count source texts. texts_destroy releases it. */
static enum weft_status texts_create(char ***texts)
{
    TRY(NEW_ARRAY(*texts, kernel_source_count));
    return source_texts(*texts);
}

static void texts_destroy(char **texts)
{
    for (size_t i = 0; texts != NULL && i < kernel_source_count; i++)
        memory_free(texts[i]);
    memory_free(texts);
}

/* Returns a digest of everything but the device that decides what the driver builds. */
static uint64_t texts_digest(char *const *texts)
{
    uint64_t digest = digest_text(DIGEST_START, device_shape_name());
    for (size_t i = 0; i < kernel_source_count; i++)
        digest = digest_text(digest, texts[i]);
    return digest;
}

enum weft_status opencl_kernels_digest(uint64_t *digest)
{
    char **texts = NULL;
    const enum weft_status status = texts_create(&texts);
    *digest = status == WEFT_OK ? texts_digest(texts) : 0;
    texts_destroy(texts);
    return status;
}

/* Loads the kept program and creates its kernels. device->program stays NULL if that fails. */
static enum weft_status program_from_cache(struct opencl_device *device, uint64_t digest)
{
    const size_t group = device->group, loop = device->loop;
    TRY(program_cache_read(device, digest, device_shape_build_options(device->lanes),
                           &device->program));
    if (device->program == NULL || kernels_create(device) == WEFT_OK)
        return WEFT_OK;
    program_release(device); /* the file holds another program */
    device->group = group;
    device->loop = loop;
    return WEFT_OK;
}

static enum weft_status program_from(struct opencl_device *device, char *const *texts)
{
    const uint64_t digest =
        digest_text(texts_digest(texts), device_shape_build_options(device->lanes));
    if (device->keeps_programs)
        TRY(program_from_cache(device, digest));
    device->program_was_kept = device->program != NULL;
    if (device->program_was_kept)
        return WEFT_OK;
    TRY(program_from_source(device, texts));
    TRY(kernels_create(device));
    if (device->keeps_programs)
        program_cache_write(device, digest);
    return WEFT_OK;
}

enum weft_status program_build(struct opencl_device *device)
{
    char **texts = NULL;
    enum weft_status status = texts_create(&texts);
    if (status == WEFT_OK)
        status = program_from(device, texts);
    texts_destroy(texts);
    return status;
}

void program_release(struct opencl_device *device)
{
    for (size_t i = 0; i < KERNEL_COUNT; i++)
        kernel_calls_release(device, i);
    if (device->program != NULL)
        (void)clReleaseProgram(device->program);
    device->program = NULL;
}
