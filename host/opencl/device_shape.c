/* Chooses the shape of kernels for a kind of device; see device_shape.h. */
#include "opencl/device_shape.h"

#include <stdlib.h>
#include <string.h>

#define STANDARD "-cl-std=CL1.2"

static const struct {
    size_t lanes;
    const char *options;
} builds[] = {{16, STANDARD}, {4, STANDARD " -DLANES=4"}, {1, STANDARD " -DLANES=1"}};

static const struct {
    const char *name;
    cl_device_type type;
    size_t lanes;
} shapes[] = {{"cpu", CL_DEVICE_TYPE_CPU, 16},  {"gpu", CL_DEVICE_TYPE_GPU, 1},
              {"cpu:1", CL_DEVICE_TYPE_CPU, 1}, {"cpu:4", CL_DEVICE_TYPE_CPU, 4},
              {"gpu:4", CL_DEVICE_TYPE_GPU, 4}, {"gpu:16", CL_DEVICE_TYPE_GPU, 16}};

const char *device_shape_name(void)
{
    const char *name = getenv("WEFT_DEVICE_SHAPE");
    return name != NULL ? name : "";
}

const char *device_shape_build_options(size_t lanes)
{
    size_t i = 0;
    while (builds[i].lanes != lanes)
        i++;
    return builds[i].options;
}

/* Mesa's rusticl runs the work-items of a group side by side in the lanes of a vector, as GPUs do,
 * on CPUs too (llvmpipe). Vectors in a kernel only slow it down, and Mesa 22.3 compiles such
 * kernels wrong: they write over the memory of the program. */
static bool runs_items_in_lanes(const struct opencl_device *device)
{
    return strcmp(device->base.info.platform, "rusticl") == 0;
}

enum weft_status device_shape_choose(struct opencl_device *device)
{
    const char *name = device_shape_name();
    if (runs_items_in_lanes(device))
        device->type = CL_DEVICE_TYPE_GPU;
    device->lanes = opencl_is_cpu(device) ? 16 : 1;
    if (name[0] == '\0')
        return WEFT_OK;
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        if (strcmp(name, shapes[i].name) == 0) {
            device->type = shapes[i].type;
            device->lanes = shapes[i].lanes;
            return WEFT_OK;
        }
    return fail(WEFT_ERROR_USAGE,
                "WEFT_DEVICE_SHAPE: unknown shape \"%s\": need cpu, cpu:1, cpu:4, gpu, gpu:4 or "
                "gpu:16",
                name);
}
