/* Runs batches in slices; see slices.h. */
#include "train/slices.h"

#include <string.h>

#include "base/memory.h"
#include "train/slice_norm.h"

struct slice_group *slices_group_of(const struct weft_device *device)
{
    return device != NULL && device->group != NULL ? device->group : &slice_group_local;
}

static bool alone(const struct slices *slices)
{
    return slices->group->ranks == 1;
}

size_t slices_slots(const struct slices *slices)
{
    return size_product(slices->order.own, slices->order.batches.count);
}

/* What batch norm exchanges. */
static enum weft_status norm_allocate(struct slices *slices, const struct network *network,
                                      struct memory_count *count)
{
    const enum weft_memory kind = WEFT_MEMORY_WORKSPACE;
    const size_t numbers = size_product(2, network_widest(network));
    TRY(TAKE_ARRAY(count, kind, slices->workspaces, slices->order.own, 1));
    TRY(TAKE_ARRAY(count, kind, slices->norm_own, slices->order.own, numbers));
    TRY(TAKE_ARRAY(count, kind, slices->norm_whole, numbers, 1));
    return alone(slices) ? WEFT_OK
                         : TAKE_ARRAY(count, kind, slices->norm_all, slices->order.slices, numbers);
}

enum weft_status slices_allocate(struct slices *slices, const struct network *network,
                                 struct memory_count *count)
{
    const enum weft_memory kind = WEFT_MEMORY_WORKSPACE;
    const size_t n = network->parameter_count, own = slices->order.own;
    if (!slices_in_use(slices))
        return WEFT_OK;
    TRY(TAKE_ARRAY(count, kind, slices->current, own, 1));
    if (network_has_norm(network))
        TRY(norm_allocate(slices, network, count));
    if (alone(slices))
        return WEFT_OK;
    TRY(TAKE_ARRAY(count, WEFT_MEMORY_GRADIENT, slices->own, own, n));
    TRY(TAKE_ARRAY(count, WEFT_MEMORY_GRADIENT, slices->sum, n, 1));
    return TAKE_ARRAY(count, kind, slices->losses, slices->order.slices,
                      slices->order.batches.count);
}

enum weft_status slices_workspaces_create(struct slices *slices, struct weft_device *device,
                                          const struct workspace_plan *plan,
                                          struct workspace *first)
{
    struct workspace_plan next = *plan;
    if (slices->workspaces == NULL)
        return WEFT_OK;
    next.shares = true;
    next.first = slices->workspaces[0] = first;
    for (size_t i = 1; i < slices->order.own; i++)
        TRY(device->backend->workspace_create(device, &next, &slices->workspaces[i]));
    return WEFT_OK;
}

enum weft_status slices_workspaces_count(const struct slices *slices, struct weft_device *device,
                                         const struct workspace_plan *plan,
                                         struct memory_counts *counts)
{
    struct workspace_plan next = *plan;
    next.shares = true;
    for (size_t i = 1; i < slices->order.own && network_has_norm(plan->network); i++)
        TRY(device->backend->workspace_count(device, &next, counts));
    return WEFT_OK;
}

void slices_reset(struct slices *slices, const struct backend *backend)
{
    for (size_t i = 1; slices->workspaces != NULL && i < slices->order.own; i++)
        if (slices->workspaces[i] != NULL)
            backend->workspace_destroy(slices->workspaces[i]);
    memory_free(slices->losses);
    memory_free(slices->sum);
    memory_free(slices->own);
    memory_free(slices->norm_whole);
    memory_free(slices->norm_all);
    memory_free(slices->norm_own);
    memory_free(slices->workspaces);
    memory_free(slices->current);
    memset(slices, 0, sizeof *slices);
}

/* ---- a batch ---- */

/* Makes slice number `i` of this rank from the whole batch. */
static void slice_make(struct slices *slices, const struct training_batch *batch, size_t i)
{
    const struct slice_order *order = &slices->order;
    const size_t number = batch->batch - 1;
    struct slice *slice = &slices->current[i];
    *slice = (struct slice){.step = *batch->step};
    if (batch->step->draw != NULL)
        slice->draw = *batch->step->draw;
    slice_order_rows(order, number, order->first + i, &slice->step.first, &slice->step.count);
    slice->step.slot = i * order->batches.count + number;
    slice->draw.row = slice_begin(batch->step->count, order->slices, order->first + i);
    slice->step.draw = &slice->draw;
    if (slices->workspaces != NULL)
        slice->step.workspace = slices->workspaces[i];
}

/* Adds the gradient of a slice, or stores it until the gradients of all ranks are added. An empty
 * slice stores a gradient that changes no sum, not even the sign of a zero. */
static enum weft_status gradient_take(struct slices *slices, size_t i, bool *begins)
{
    const struct step *slice = &slices->current[i].step;
    const size_t n = slice->network->parameter_count;
    if (!alone(slices) && slice->count > 0)
        return slice->backend->gradient_download(slice->workspace, slices->own + i * n);
    for (size_t p = 0; !alone(slices) && p < n; p++)
        slices->own[i * n + p] = -0.0f;
    if (!alone(slices) || slice->count == 0)
        return WEFT_OK;
    TRY(slice->backend->gradient_add(slice->workspace, *begins));
    *begins = false;
    return WEFT_OK;
}

/* Adds the gradients of all ranks, unless gradient_take has added those of the only rank. */
static enum weft_status gradients_sum(struct slices *slices, const struct step *batch)
{
    struct slice_group *group = slices->group;
    if (alone(slices))
        return WEFT_OK;
    TRY(group->sum(group, slices->order.slices, slices->own, batch->network->parameter_count,
                   slices->sum));
    return batch->backend->sum_upload(batch->workspace, slices->sum);
}

static enum weft_status slice_watch(const struct training_hooks *hooks,
                                    const struct training_batch *batch, const struct step *slice)
{
    return hooks != NULL && hooks->after_slice != NULL && slice->count > 0
               ? hooks->after_slice(hooks->user, batch, slice)
               : WEFT_OK;
}

enum weft_status slices_run(struct slices *slices, const struct training_batch *batch,
                            const struct training_hooks *hooks)
{
    const bool together = slices->workspaces != NULL;
    bool begins = true;
    for (size_t i = 0; i < slices->order.own; i++)
        slice_make(slices, batch, i);
    if (together)
        TRY(slice_norm_run(slices, batch));
    for (size_t i = 0; i < slices->order.own; i++) {
        const struct step *slice = &slices->current[i].step;
        if (!together && slice->count > 0) {
            TRY(step_forward(slice));
            TRY(step_backward(slice));
        }
        TRY(slice_watch(hooks, batch, slice));
        TRY(gradient_take(slices, i, &begins));
    }
    TRY(gradients_sum(slices, batch->step));
    return step_update(batch->step, batch->penalty, batch->update);
}

/* ---- between batches ---- */

/* Adds the losses and the correct predictions of batch `b`, in slice order. all [S][batches] */
static void batch_metrics_sum(const struct slice_order *order, const struct batch_metrics *all,
                              size_t b, struct batch_metrics *metrics)
{
    size_t first = 0, samples = 0;
    batch_plan_range(&order->batches, b, &first, &samples);
    *metrics = all[b]; /* slice 0 has the penalty terms */
    metrics->loss = -0.0f;
    metrics->correct = 0;
    for (size_t s = 0; s < order->slices; s++) {
        size_t rows = 0;
        slice_range(samples, order->slices, s, &first, &rows);
        if (rows == 0)
            continue;
        metrics->loss += all[s * order->batches.count + b].loss;
        metrics->correct += all[s * order->batches.count + b].correct;
    }
}

enum weft_status slices_metrics(const struct slices *slices, const struct batch_metrics *slots,
                                size_t first, size_t end, struct batch_metrics *metrics)
{
    const struct slice_order *order = &slices->order;
    struct slice_group *group = slices->group;
    if (!alone(slices))
        TRY(group->gather(group, order->slices, slots, order->batches.count * sizeof *slots,
                          slices->losses));
    for (size_t b = first; b < end; b++)
        batch_metrics_sum(order, alone(slices) ? slots : slices->losses, b, &metrics[b]);
    return WEFT_OK;
}

void slices_begin(const struct slices *slices)
{
    if (alone(slices))
        return; /* the local group is shared by threads */
    slices->group->votes_sent &= ~SLICE_VOTE_STOP;
    slices->group->votes_seen &= ~SLICE_VOTE_STOP;
}

bool slices_are_stopping(const struct slices *slices)
{
    return (slices->group->votes_seen & SLICE_VOTE_STOP) != 0;
}

bool slices_stop(const struct slices *slices)
{
    if (!alone(slices))
        slices->group->votes_sent |= SLICE_VOTE_STOP;
    return alone(slices);
}
