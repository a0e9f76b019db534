/* The OpenCL devices of this machine, numbered from 0 over all platforms in the order of the
 * loader. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/plain_text.h"
#include "opencl/opencl.h"
#include "opencl/opencl_device.h"
#include "opencl/products_clblast.h"

/* The answer of the loader if there is no platform. */
enum { PLATFORM_NOT_FOUND_KHR = -1001 };

static enum weft_status platforms_failure(cl_int code)
{
    return fail(WEFT_ERROR_NO_DEVICE, "OpenCL: the platforms cannot be listed: %s (%d)",
                opencl_error_name(code), (int)code);
}

/* Stores the platforms in a new array. Without platforms, the count is 0 and the array is NULL. */
static enum weft_status platforms_create(cl_platform_id **platforms, cl_uint *count)
{
    *platforms = NULL;
    *count = 0;
    const cl_int code = clGetPlatformIDs(0, NULL, count);
    if (code == PLATFORM_NOT_FOUND_KHR || (code == CL_SUCCESS && *count == 0)) {
        *count = 0;
        return WEFT_OK;
    }
    if (code != CL_SUCCESS)
        return platforms_failure(code);
    TRY(NEW_ARRAY(*platforms, *count));
    const cl_int listed = clGetPlatformIDs(*count, *platforms, NULL);
    if (listed == CL_SUCCESS)
        return WEFT_OK;
    memory_free(*platforms);
    *platforms = NULL;
    return platforms_failure(listed);
}

/* Returns the number of devices of a platform. A platform that reports an error counts as empty, so
 * that it does not hide the others. `*failure` keeps the first error. */
static cl_uint platform_device_count(cl_platform_id platform, cl_int *failure)
{
    cl_uint count = 0;
    const cl_int code = clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 0, NULL, &count);
    if (code == CL_SUCCESS)
        return count;
    if (code != CL_DEVICE_NOT_FOUND && *failure == CL_SUCCESS)
        *failure = code;
    return 0;
}

static enum weft_status devices_failure(cl_int code)
{
    return fail(WEFT_ERROR_NO_DEVICE, "OpenCL: the devices cannot be listed: %s (%d)",
                opencl_error_name(code), (int)code);
}

static enum weft_status property_failure(const char *subject, const char *name, cl_int code)
{
    return fail(WEFT_ERROR_DEVICE, "%s: %s: %s (%d)", subject, name, opencl_error_name(code),
                (int)code);
}

enum weft_status opencl_property(const char *subject, cl_device_id id, cl_device_info property,
                                 const char *name, void *value, size_t size)
{
    const cl_int code = clGetDeviceInfo(id, property, size, value, NULL);
    return code == CL_SUCCESS ? WEFT_OK : property_failure(subject, name, code);
}

/* Reads a property that some versions of OpenCL lack. In that case `value` keeps its content. */
static enum weft_status optional_property(const char *subject, cl_device_id id,
                                          cl_device_info property, const char *name, void *value,
                                          size_t size)
{
    const cl_int code = clGetDeviceInfo(id, property, size, value, NULL);
    return code == CL_SUCCESS || code == CL_INVALID_VALUE ? WEFT_OK
                                                          : property_failure(subject, name, code);
}

/* Copies a text property of a device without leading and trailing blanks. */
static enum weft_status text_property(const char *subject, cl_device_id id, cl_device_info property,
                                      const char *name, char *text, size_t size)
{
    char raw[1024] = "";
    TRY(opencl_property(subject, id, property, name, raw, sizeof raw));
    raw[sizeof raw - 1] = '\0';
    const char *start = raw + strspn(raw, " ");
    size_t length = strlen(start);
    while (length > 0 && start[length - 1] == ' ')
        length--;
    snprintf(text, size, "%.*s", (int)length, start);
    text_make_plain(text);
    return WEFT_OK;
}

static const char *type_name(cl_device_type type)
{
    if (type & CL_DEVICE_TYPE_GPU)
        return "gpu";
    return type & CL_DEVICE_TYPE_CPU ? "cpu" : "accelerator";
}

#define PROPERTY(subject, id, property, variable)                                                  \
    opencl_property((subject), (id), (property), #property, &(variable), sizeof(variable))
#define OPTIONAL_PROPERTY(subject, id, property, variable)                                         \
    optional_property((subject), (id), (property), #property, &(variable), sizeof(variable))
#define TEXT_PROPERTY(subject, id, property, text)                                                 \
    text_property((subject), (id), (property), #property, (text), sizeof(text))

/* Fills in what the device itself knows. The caller sets the index and the platform numbers. */
static enum weft_status describe(cl_platform_id platform, cl_device_id id,
                                 struct weft_device_info *info)
{
    cl_device_type type = 0;
    cl_uint units = 0;
    cl_ulong global = 0;
    cl_bool unified = CL_FALSE;
    cl_device_fp_config fp64 = 0;
    TRY(TEXT_PROPERTY("OpenCL", id, CL_DEVICE_NAME, info->name));
    TRY(TEXT_PROPERTY(info->name, id, CL_DRIVER_VERSION, info->driver));
    TRY(PROPERTY(info->name, id, CL_DEVICE_TYPE, type));
    TRY(PROPERTY(info->name, id, CL_DEVICE_MAX_COMPUTE_UNITS, units));
    TRY(PROPERTY(info->name, id, CL_DEVICE_GLOBAL_MEM_SIZE, global));
    TRY(OPTIONAL_PROPERTY(info->name, id, CL_DEVICE_HOST_UNIFIED_MEMORY, unified));
    TRY(OPTIONAL_PROPERTY(info->name, id, CL_DEVICE_DOUBLE_FP_CONFIG, fp64));
    if (clGetPlatformInfo(platform, CL_PLATFORM_NAME, sizeof info->platform, info->platform,
                          NULL) != CL_SUCCESS)
        return fail(WEFT_ERROR_DEVICE, "%s: the platform does not report its name", info->name);
    text_make_plain(info->platform);
    snprintf(info->type, sizeof info->type, "%s", type_name(type));
    info->opencl = true;
    info->compute_units = units;
    info->global_bytes = global;
    info->unified_memory = unified == CL_TRUE;
    info->fp64 = fp64 != 0;
    return WEFT_OK;
}

enum weft_status opencl_device_count(size_t *count)
{
    cl_platform_id *platforms = NULL;
    cl_uint platform_count = 0;
    cl_int failure = CL_SUCCESS;
    *count = 0;
    TRY(platforms_create(&platforms, &platform_count));
    for (cl_uint p = 0; p < platform_count; p++)
        *count += platform_device_count(platforms[p], &failure);
    memory_free(platforms);
    return *count == 0 && failure != CL_SUCCESS ? devices_failure(failure) : WEFT_OK;
}

/* Gets device `position` of `platform`, which has `count` devices. */
static enum weft_status device_at(cl_platform_id platform, cl_uint count, size_t position,
                                  cl_device_id *id)
{
    cl_device_id *ids = NULL;
    TRY(NEW_ARRAY(ids, count));
    const cl_int code = clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, count, ids, NULL);
    *id = ids[position];
    memory_free(ids);
    return code == CL_SUCCESS ? WEFT_OK : devices_failure(code);
}

static enum weft_status find_in(const cl_platform_id *platforms, cl_uint platform_count,
                                size_t index, cl_device_id *id, struct weft_device_info *info)
{
    size_t before = 0;
    cl_int failure = CL_SUCCESS;
    for (cl_uint p = 0; p < platform_count; p++) {
        const cl_uint count = platform_device_count(platforms[p], &failure);
        if (index >= before + count) {
            before += count;
            continue;
        }
        TRY(device_at(platforms[p], count, index - before, id));
        if (info != NULL) {
            memset(info, 0, sizeof *info);
            TRY(describe(platforms[p], *id, info));
            info->index = index;
            info->platform_index = p;
            info->platform_device = index - before;
        }
        return WEFT_OK;
    }
    if (failure != CL_SUCCESS)
        return devices_failure(failure);
    return fail(WEFT_ERROR_NO_DEVICE,
                "OpenCL: got device number %zu, but there are only %zu devices", index, before);
}

enum weft_status opencl_find(size_t index, cl_device_id *id, struct weft_device_info *info)
{
    cl_platform_id *platforms = NULL;
    cl_uint count = 0;
    TRY(platforms_create(&platforms, &count));
    const enum weft_status status = find_in(platforms, count, index, id, info);
    memory_free(platforms);
    return status;
}

enum weft_status opencl_device_describe(size_t index, struct weft_device_info *info)
{
    cl_device_id id = NULL;
    return opencl_find(index, &id, info);
}

/* Appends ", NAME (VERSION)" for each platform. */
static void platforms_text(char *text, size_t size)
{
    cl_platform_id *platforms = NULL;
    cl_uint count = 0;
    if (platforms_create(&platforms, &count) != WEFT_OK)
        count = 0;
    size_t used = strlen(text);
    for (cl_uint p = 0; p < count && used < size - 1; p++) {
        char name[128] = "", version[128] = "";
        (void)clGetPlatformInfo(platforms[p], CL_PLATFORM_NAME, sizeof name, name, NULL);
        (void)clGetPlatformInfo(platforms[p], CL_PLATFORM_VERSION, sizeof version, version, NULL);
        snprintf(text + used, size - used, ", %s (%s)", name, version);
        text_make_plain(text + used);
        used = strlen(text);
    }
    if (count == 0)
        snprintf(text + used, size - used, ", no platform on this machine");
    memory_free(platforms);
}

/* Returns a known reason why the platform has no devices, or "". */
static const char *platform_need(const char *name)
{
    if (strcmp(name, "Portable Computing Language") == 0)
        return ": PoCL needs a writable cache folder; set POCL_CACHE_DIR to one";
    if (strcmp(name, "rusticl") == 0)
        return ": set RUSTICL_ENABLE to a Mesa driver, for example llvmpipe";
    return "";
}

const char *opencl_idle_platforms(void)
{
    static char text[512];
    cl_platform_id *platforms = NULL;
    cl_uint count = 0;
    cl_int failure = CL_SUCCESS;
    text[0] = '\0';
    if (platforms_create(&platforms, &count) != WEFT_OK)
        count = 0;
    for (cl_uint p = 0; p < count; p++) {
        const size_t used = strlen(text);
        char name[128] = "";
        if (platform_device_count(platforms[p], &failure) > 0)
            continue;
        (void)clGetPlatformInfo(platforms[p], CL_PLATFORM_NAME, sizeof name, name, NULL);
        snprintf(text + used, sizeof text - used, "; platform %s has no device%s", name,
                 platform_need(name));
    }
    memory_free(platforms);
    return text;
}

const char *opencl_products_name(void)
{
    static char text[64];
    snprintf(text, sizeof text, "CLBlast %s", clblast_version());
    return text;
}

const char *opencl_components(void)
{
    static char text[1024];
    snprintf(text, sizeof text, "OpenCL 1.2");
    platforms_text(text, sizeof text - 64);
    snprintf(text + strlen(text), 64, "\n%.62s", opencl_products_name());
    return text;
}
