/* The OpenCL backend: its table of operations, and how a device is opened and closed. */
#include <string.h>

#include <math.h>

#include "base/memory.h"
#include "opencl/device_shape.h"
#include "opencl/layer_products.h"
#include "opencl/opencl.h"
#include "opencl/opencl_workspace.h"
#include "opencl/products.h"
#include "opencl/products_clblast.h"
#include "opencl/program_cache.h"
#include "opencl/repair.h"
#include "opencl/step_plan.h"
#include "record/record.h"

/* GROUP is the largest work-group of Weft's own kernels: two of AMD's narrow wavefronts or one wide
 * one, or two of NVIDIA's warps. Few devices allow less. LOOP replaces it on CPUs for kernels with
 * one element per work-item. */
enum { GROUP = 64, LOOP = 1024 };

/* The most work-groups in the second dimension of a launch. CUDA hardware has this limit. */
enum { MOST_GROUPS = 65535 };

static void device_destroy(struct weft_device *base)
{
    struct opencl_device *device = opencl_from(base);
    if (device->queue != NULL)
        (void)clFinish(device->queue);
    program_release(device);
    clblast_release();
    if (device->queue != NULL)
        (void)clReleaseCommandQueue(device->queue);
    if (device->context != NULL)
        (void)clReleaseContext(device->context);
    memory_free(device);
}

static enum weft_status device_wait(struct weft_device *base)
{
    struct opencl_device *device = opencl_from(base);
    return opencl_check(device, clFinish(device->queue), "wait");
}

static const struct backend opencl_backend = {
    .name = "opencl",
    .device_destroy = device_destroy,
    .device_wait = device_wait,
    .data_create = opencl_data_create,
    .data_destroy = opencl_data_destroy,
    .data_count = opencl_data_count,
    .order_upload = opencl_order_upload,
    .workspace_create = opencl_workspace_create,
    .workspace_destroy = opencl_workspace_destroy,
    .workspace_count = opencl_workspace_count,
    .parameters_upload = opencl_parameters_upload,
    .parameters_download = opencl_parameters_download,
    .state_upload = opencl_state_upload,
    .state_download = opencl_state_download,
    .batch_gather = opencl_batch_gather,
    .dense_forward = opencl_dense_forward,
    .output_delta = opencl_output_delta,
    .dense_backward = opencl_dense_backward,
    .gradient_add = opencl_slice_gradient_add,
    .sum_clear = opencl_sum_clear,
    .sum_add = opencl_sum_add,
    .sum_download = opencl_sum_download,
    .sum_upload = opencl_sum_upload,
    .range_download = opencl_range_download,
    .norm_statistics = opencl_slice_norm_statistics,
    .norm_merge = opencl_slice_norm_merge,
    .norm_forward = opencl_slice_norm_forward,
    .norm_gradient = opencl_slice_norm_gradient,
    .norm_backward = opencl_slice_norm_backward,
    .penalty_terms = opencl_network_penalty,
    .update = opencl_update,
    .output_probabilities = opencl_output_probabilities,
    .metrics_download = opencl_metrics_download,
    .tensor_download = opencl_tensor_download,
    .primitive_run = opencl_primitive_run,
    .repair = opencl_repair,
    .product_algorithm = products_algorithm,
    .step_product_layers = step_plan_product_layers,
    .layer_primitives = layer_primitives,
    .step_choices = step_plan_choices,
    .tuning_apply = products_tuning_apply,
};

/* Reads a limit of the device into `variable`. */
#define LIMIT_READ(device, property, variable)                                                     \
    opencl_property((device)->base.info.name, (device)->id, (property), #property, &(variable),    \
                    sizeof(variable))

/* Halves `wanted`, a power of two, until it is at most `limit`. The result is at least 1. */
static size_t group_size(size_t wanted, size_t limit)
{
    while (wanted > size_max(limit, 1))
        wanted /= 2;
    return wanted;
}

/* A GPU that also draws a display cannot draw while a kernel runs. So no launch may take longer
 * than LAUNCH_SECONDS. The rate is far below what any GPU reaches in a matrix product: one with few
 * lanes per unit has 16 operations per cycle. Only the device decides, so that results repeat. */
#define LAUNCH_SECONDS 0.25
enum { CYCLE_OPERATIONS = 4, LEAST_MEGAHERTZ = 100 };

static enum weft_status work_limit_read(struct opencl_device *device)
{
    cl_uint megahertz = 0;
    TRY(LIMIT_READ(device, CL_DEVICE_MAX_CLOCK_FREQUENCY, megahertz));
    const size_t clock = size_max(megahertz, LEAST_MEGAHERTZ);
    const size_t units = size_max(device->base.info.compute_units, 1);
    device->most_work = opencl_is_cpu(device) ? (double)INFINITY
                                              : LAUNCH_SECONDS * 1e6 * (double)clock *
                                                    (double)(units * CYCLE_OPERATIONS);
    return WEFT_OK;
}

/* Reads the limits of the device. */
static enum weft_status limits_read(struct opencl_device *device)
{
    size_t group = 1;
    size_t items[8] = {1, 1, 1};
    cl_ulong local = 0, buffer = 0;
    TRY(LIMIT_READ(device, CL_DEVICE_TYPE, device->type));
    TRY(device_shape_choose(device));
    TRY(LIMIT_READ(device, CL_DEVICE_MAX_WORK_GROUP_SIZE, group));
    TRY(LIMIT_READ(device, CL_DEVICE_MAX_WORK_ITEM_SIZES, items));
    TRY(LIMIT_READ(device, CL_DEVICE_LOCAL_MEM_SIZE, local));
    TRY(LIMIT_READ(device, CL_DEVICE_MAX_MEM_ALLOC_SIZE, buffer));
    device->max_local = (size_t)local;
    device->base.largest_buffer = buffer;
    device->max_group = size_min(group, size_min(items[0], items[1]));
    device->group = group_size(GROUP, device->max_group);
    device->loop = group_size(opencl_is_cpu(device) ? LOOP : GROUP, device->max_group);
    device->most_groups = MOST_GROUPS;
    return work_limit_read(device);
}

/* Selects the tuned CLBlast setting, unless a repair found it wrong. Otherwise selects the setting
 * of the last repair. If that setting is in use, the device's note tells about the repair. */
static enum weft_status products_begin(struct opencl_device *device)
{
    const struct record_repair *repair = record_last_repair(device->base.record);
    const struct record_tuning *tuning = record_last_tuning(device->base.record);
    const char *first = repair != NULL ? repair->setting : NULL;
    if (tuning != NULL && (repair == NULL || !repair_has_setting(repair, tuning->setting)))
        first = tuning->setting;
    TRY(products_init(device, first));
    if (tuning != NULL)
        products_rules_take(device, tuning);
    if (repair == NULL)
        return WEFT_OK;
    repair_take(device, repair);
    if (strcmp(repair->setting, products_setting_name(device)) == 0)
        record_repair_text(repair, device->base.info.note, sizeof device->base.info.note);
    return WEFT_OK;
}

static enum weft_status device_open(struct opencl_device *device, size_t index, bool as_shipped)
{
    TRY(opencl_find(index, &device->id, &device->base.info));
    TRY(limits_read(device));
    cl_int code = CL_SUCCESS;
    device->context = clCreateContext(NULL, 1, &device->id, NULL, NULL, &code);
    TRY(opencl_check(device, code, "context"));
    device->queue = clCreateCommandQueue(device->context, device->id, 0, &code);
    TRY(opencl_check(device, code, "queue"));
    device->keeps_programs = program_cache_wanted(device->base.info.platform);
    TRY(program_build(device));
    return as_shipped ? products_init(device, NULL) : products_begin(device);
}

enum weft_status opencl_device_create(const struct opencl_plan *plan, struct weft_device **device)
{
    *device = NULL;
    struct opencl_device *created = NULL;
    TRY(NEW_ARRAY(created, 1));
    created->base.backend = &opencl_backend;
    created->base.record = plan->record;
    created->base.log = plan->log;
    created->base.log_user = plan->log_user;
    const enum weft_status status = device_open(created, plan->index, plan->as_shipped);
    if (status != WEFT_OK) {
        device_destroy(&created->base);
        return status;
    }
    *device = &created->base;
    return WEFT_OK;
}
