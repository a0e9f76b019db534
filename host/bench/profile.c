/* Implements a table of operations that times another one. See profile.h. */
#include "bench/profile.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "weft_device.h"

/* Positions in profile.seconds. The order is: order, gather, forward of every layer, output delta,
 * backward of every layer from the last, penalty, update, download. */
enum { ORDER, GATHER, FORWARD };

static size_t output_delta_of(const struct profile *profile)
{
    return FORWARD + profile->network->layer_count;
}

static size_t backward_of(const struct profile *profile, size_t layer)
{
    return output_delta_of(profile) + profile->network->layer_count - layer;
}

static size_t penalty_of(const struct profile *profile)
{
    return backward_of(profile, 0) + 1;
}

static size_t update_of(const struct profile *profile)
{
    return penalty_of(profile) + 1;
}

static size_t download_of(const struct profile *profile)
{
    return update_of(profile) + 1;
}

/* The structure that the loop holds instead of the inner device's own. */
struct device_data {
    struct profile *profile;   /* borrowed */
    struct device_data *inner; /* owned; a different structure, known only to its backend */
};

struct workspace {
    struct profile *profile; /* borrowed */
    struct workspace *inner; /* owned; a different structure, known only to its backend */
};

static const struct backend *inner_table(const struct profile *profile)
{
    return profile->inner->backend;
}

/* Waits for an operation that began at `start` and adds its time. */
static enum weft_status count(struct profile *profile, size_t operation, double start,
                              enum weft_status status)
{
    TRY(status);
    TRY(inner_table(profile)->device_wait(profile->inner));
    profile->seconds[operation] += clock_seconds() - start;
    return WEFT_OK;
}

/* ---- operations that are not timed ---- */

static enum weft_status device_wait(struct weft_device *device)
{
    const struct profile *profile = (struct profile *)device;
    return inner_table(profile)->device_wait(profile->inner);
}

static void data_destroy(struct device_data *data)
{
    if (data == NULL)
        return;
    if (data->inner != NULL)
        inner_table(data->profile)->data_destroy(data->inner);
    memory_free(data);
}

static enum weft_status data_create(struct weft_device *device, const struct data_source *source,
                                    struct device_data **data)
{
    *data = NULL;
    struct device_data *created = NULL;
    TRY(NEW_ARRAY(created, 1));
    created->profile = (struct profile *)device;
    struct weft_device *inner = created->profile->inner;
    const enum weft_status status = inner->backend->data_create(inner, source, &created->inner);
    if (status != WEFT_OK) {
        data_destroy(created);
        return status;
    }
    *data = created;
    return WEFT_OK;
}

static void workspace_destroy(struct workspace *workspace)
{
    if (workspace == NULL)
        return;
    if (workspace->inner != NULL)
        inner_table(workspace->profile)->workspace_destroy(workspace->inner);
    memory_free(workspace);
}

static enum weft_status workspace_create(struct weft_device *device,
                                         const struct workspace_plan *plan,
                                         struct workspace **workspace)
{
    *workspace = NULL;
    struct workspace *created = NULL;
    TRY(NEW_ARRAY(created, 1));
    created->profile = (struct profile *)device;
    struct weft_device *inner = created->profile->inner;
    struct workspace_plan inner_plan = *plan;
    if (plan->first != NULL)
        inner_plan.first = plan->first->inner;
    const enum weft_status status =
        inner->backend->workspace_create(inner, &inner_plan, &created->inner);
    if (status != WEFT_OK) {
        workspace_destroy(created);
        return status;
    }
    *workspace = created;
    return WEFT_OK;
}

static enum weft_status parameters_upload(struct workspace *workspace, const float *parameters)
{
    return inner_table(workspace->profile)->parameters_upload(workspace->inner, parameters);
}

/* ---- operations that are timed ---- */

static enum weft_status order_upload(struct device_data *data, const uint32_t *order)
{
    struct profile *profile = data->profile;
    const double start = clock_seconds();
    return count(profile, ORDER, start, inner_table(profile)->order_upload(data->inner, order));
}

static enum weft_status batch_gather(struct workspace *workspace, const struct device_data *data,
                                     size_t first, size_t samples, const struct batch_draw *draw)
{
    struct profile *profile = workspace->profile;
    const double start = clock_seconds();
    return count(
        profile, GATHER, start,
        inner_table(profile)->batch_gather(workspace->inner, data->inner, first, samples, draw));
}

static enum weft_status dense_forward(struct workspace *workspace, size_t layer)
{
    struct profile *profile = workspace->profile;
    const double start = clock_seconds();
    return count(profile, FORWARD + layer, start,
                 inner_table(profile)->dense_forward(workspace->inner, layer));
}

static enum weft_status output_delta(struct workspace *workspace, const struct loss_rule *rule,
                                     size_t slot)
{
    struct profile *profile = workspace->profile;
    const double start = clock_seconds();
    return count(profile, output_delta_of(profile), start,
                 inner_table(profile)->output_delta(workspace->inner, rule, slot));
}

static enum weft_status dense_backward(struct workspace *workspace, size_t layer)
{
    struct profile *profile = workspace->profile;
    const double start = clock_seconds();
    return count(profile, backward_of(profile, layer), start,
                 inner_table(profile)->dense_backward(workspace->inner, layer));
}

/* Parts of dense_forward and dense_backward. */
static enum weft_status norm_statistics(struct workspace *workspace, size_t layer,
                                        float *statistics)
{
    struct profile *profile = workspace->profile;
    const double start = clock_seconds();
    return count(profile, FORWARD + layer, start,
                 inner_table(profile)->norm_statistics(workspace->inner, layer, statistics));
}

static enum weft_status norm_merge(struct workspace *workspace, size_t layer,
                                   const float *statistics, size_t samples)
{
    struct profile *profile = workspace->profile;
    const double start = clock_seconds();
    return count(profile, FORWARD + layer, start,
                 inner_table(profile)->norm_merge(workspace->inner, layer, statistics, samples));
}

static enum weft_status norm_forward(struct workspace *workspace, size_t layer)
{
    struct profile *profile = workspace->profile;
    const double start = clock_seconds();
    return count(profile, FORWARD + layer, start,
                 inner_table(profile)->norm_forward(workspace->inner, layer));
}

static enum weft_status norm_gradient(struct workspace *workspace, size_t layer, float *gradient)
{
    struct profile *profile = workspace->profile;
    const double start = clock_seconds();
    return count(profile, backward_of(profile, layer + 1), start,
                 inner_table(profile)->norm_gradient(workspace->inner, layer, gradient));
}

static enum weft_status norm_backward(struct workspace *workspace, size_t layer,
                                      const float *gradient, size_t samples)
{
    struct profile *profile = workspace->profile;
    const double start = clock_seconds();
    return count(profile, backward_of(profile, layer + 1), start,
                 inner_table(profile)->norm_backward(workspace->inner, layer, gradient, samples));
}

/* These three are parts of the update. */
static enum weft_status gradient_add(struct workspace *workspace, size_t sum, bool begins)
{
    struct profile *profile = workspace->profile;
    const double start = clock_seconds();
    return count(profile, update_of(profile), start,
                 inner_table(profile)->gradient_add(workspace->inner, sum, begins));
}

static enum weft_status sum_clear(struct workspace *workspace, size_t sum)
{
    struct profile *profile = workspace->profile;
    const double start = clock_seconds();
    return count(profile, update_of(profile), start,
                 inner_table(profile)->sum_clear(workspace->inner, sum));
}

static enum weft_status sum_add(struct workspace *workspace, size_t into, size_t from)
{
    struct profile *profile = workspace->profile;
    const double start = clock_seconds();
    return count(profile, update_of(profile), start,
                 inner_table(profile)->sum_add(workspace->inner, into, from));
}

static enum weft_status penalty_terms(struct workspace *workspace, size_t slot)
{
    struct profile *profile = workspace->profile;
    const double start = clock_seconds();
    return count(profile, penalty_of(profile), start,
                 inner_table(profile)->penalty_terms(workspace->inner, slot));
}

static enum weft_status update(struct workspace *workspace, const struct update_rule *rule)
{
    struct profile *profile = workspace->profile;
    const double start = clock_seconds();
    return count(profile, update_of(profile), start,
                 inner_table(profile)->update(workspace->inner, rule));
}

static enum weft_status metrics_download(struct workspace *workspace, size_t slots,
                                         struct batch_metrics *metrics)
{
    struct profile *profile = workspace->profile;
    const double start = clock_seconds();
    return count(profile, download_of(profile), start,
                 inner_table(profile)->metrics_download(workspace->inner, slots, metrics));
}

static enum weft_status parameters_download(struct workspace *workspace, float *parameters)
{
    struct profile *profile = workspace->profile;
    const double start = clock_seconds();
    return count(profile, download_of(profile), start,
                 inner_table(profile)->parameters_download(workspace->inner, parameters));
}

/* This table has exactly the operations that the epoch loop calls for a single rank. */
static const struct backend profiling = {
    .name = "profile",
    .device_wait = device_wait,
    .data_create = data_create,
    .data_destroy = data_destroy,
    .order_upload = order_upload,
    .workspace_create = workspace_create,
    .workspace_destroy = workspace_destroy,
    .parameters_upload = parameters_upload,
    .parameters_download = parameters_download,
    .batch_gather = batch_gather,
    .dense_forward = dense_forward,
    .output_delta = output_delta,
    .dense_backward = dense_backward,
    .norm_statistics = norm_statistics,
    .norm_merge = norm_merge,
    .norm_forward = norm_forward,
    .norm_gradient = norm_gradient,
    .norm_backward = norm_backward,
    .gradient_add = gradient_add,
    .sum_clear = sum_clear,
    .sum_add = sum_add,
    .penalty_terms = penalty_terms,
    .update = update,
    .metrics_download = metrics_download,
};

void profile_init(struct profile *profile, struct weft_device *inner, const struct network *network)
{
    assert(network->layer_count <= WEFT_MAX_HIDDEN + 1);
    *profile = (struct profile){.base = *inner, .inner = inner, .network = network};
    profile->base.backend = &profiling;
    profile->base.group = NULL;
}

void profile_clear(struct profile *profile)
{
    memset(profile->seconds, 0, sizeof profile->seconds);
}

size_t profile_operations(const struct profile *profile, size_t epochs,
                          struct weft_bench_operation *operations)
{
    const size_t layers = profile->network->layer_count;
    const size_t operation_count = download_of(profile) + 1;
    for (size_t i = 0; i < operation_count; i++)
        operations[i].seconds = profile->seconds[i] / (double)epochs;
    for (size_t l = 0; l < layers; l++) {
        snprintf(operations[FORWARD + l].name, sizeof operations->name, "forward %zu", l + 1);
        snprintf(operations[backward_of(profile, l)].name, sizeof operations->name, "backward %zu",
                 l + 1);
    }
    snprintf(operations[ORDER].name, sizeof operations->name, "order");
    snprintf(operations[GATHER].name, sizeof operations->name, "gather");
    snprintf(operations[output_delta_of(profile)].name, sizeof operations->name, "output delta");
    snprintf(operations[penalty_of(profile)].name, sizeof operations->name, "penalty");
    snprintf(operations[update_of(profile)].name, sizeof operations->name, "update");
    snprintf(operations[download_of(profile)].name, sizeof operations->name, "download");
    return operation_count;
}
