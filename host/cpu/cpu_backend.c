/* The CPU as a device: its description and its table of operations.
 *
 * Opening it takes little work. Memory is the host's, and threads start with the first work that is
 * large enough to share.
 */
#include "cpu/cpu.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/parallel.h"
#include "cpu/cpu_blas.h"
#include "cpu/cpu_vectors.h"
#include "cpu/cpu_workspace.h"

static void device_destroy(struct weft_device *device)
{
    memory_free(device);
}

/* Every operation of the CPU has finished when it returns. */
static enum weft_status device_wait(struct weft_device *device)
{
    (void)device;
    return WEFT_OK;
}

static const struct backend cpu_backend = {
    .name = "cpu",
    .device_destroy = device_destroy,
    .device_wait = device_wait,
    .data_create = cpu_data_create,
    .data_destroy = cpu_data_destroy,
    .data_count = cpu_data_count,
    .order_upload = cpu_order_upload,
    .workspace_create = cpu_workspace_create,
    .workspace_destroy = cpu_workspace_destroy,
    .workspace_count = cpu_workspace_count,
    .parameters_upload = cpu_parameters_upload,
    .parameters_download = cpu_parameters_download,
    .state_upload = cpu_state_upload,
    .state_download = cpu_state_download,
    .batch_gather = cpu_batch_gather,
    .dense_forward = cpu_dense_forward,
    .output_delta = cpu_output_delta,
    .dense_backward = cpu_dense_backward,
    .gradient_add = cpu_slice_gradient_add,
    .sum_clear = cpu_sum_clear,
    .sum_add = cpu_sum_add,
    .sum_download = cpu_sum_download,
    .sum_upload = cpu_sum_upload,
    .range_download = cpu_range_download,
    .sum_in_place = cpu_sum_in_place,
    .parameters_in_place = cpu_parameters_in_place,
    .norm_statistics = cpu_slice_norm_statistics,
    .norm_merge = cpu_slice_norm_merge,
    .norm_forward = cpu_slice_norm_forward,
    .norm_gradient = cpu_slice_norm_gradient,
    .norm_backward = cpu_slice_norm_backward,
    .penalty_terms = cpu_network_penalty,
    .update = cpu_update,
    .output_probabilities = cpu_output_probabilities,
    .metrics_download = cpu_metrics_download,
    .tensor_download = cpu_tensor_download,
    .primitive_run = cpu_primitive_run,
};

static void describe(struct weft_device_info *info)
{
    const char *blas = cpu_blas_name();
    const char *space = strchr(blas, ' ');
    const char *end = space != NULL ? strchr(space + 1, ' ') : NULL; /* after the version */
    int length = end != NULL ? (int)(end - blas) : (int)strlen(blas);

    snprintf(info->platform, sizeof info->platform, "CBLAS");
    snprintf(info->name, sizeof info->name, "CPU (%.*s)", length, blas);
    snprintf(info->driver, sizeof info->driver, "%s", blas);
    snprintf(info->type, sizeof info->type, "cpu");
    info->unified_memory = true;
    info->fp64 = true;
    info->compute_units = (unsigned)parallel_threads();
}

enum weft_status cpu_device_create(struct weft_device **device)
{
    *device = NULL;
    TRY(cpu_vectors_choose());
    TRY(cpu_blas_prepare());
    struct weft_device *created;
    TRY(NEW_ARRAY(created, 1));
    created->backend = &cpu_backend;
    describe(&created->info);
    *device = created;
    return WEFT_OK;
}
