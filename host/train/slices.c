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
    TRY(TAKE_ARRAY(count, kind, slices->norm_arrays, slices->order.slices, 1));
    TRY(TAKE_ARRAY(count, kind, slices->norm_additions, slices->order.slices, 1));
    if (slices->norm_additions != NULL) /* a slice each, as if there were S ranks */
        (void)slice_tree_additions(slices->order.slices, slices->order.slices,
                                   slices->norm_additions);
    return alone(slices) ? WEFT_OK
                         : TAKE_ARRAY(count, kind, slices->norm_all, slices->order.slices, numbers);
}

void slices_plan(struct slices *slices, const struct network *network)
{
    const struct slice_group *group = slices->group;
    const size_t values = network->value_count;
    slices->range = (struct update_range){.count = values};
    if (!slices_in_use(slices))
        return;
    slices->sums = slice_tree_make(&slices->tree, slices->order.slices, slices->order.first,
                                   slices->order.own);
    slice_piece(values, values, group->ranks, group->rank, &slices->range.first,
                &slices->range.count);
}

/* What ranks exchange. */
static enum weft_status exchange_allocate(struct slices *slices, const struct network *network,
                                          const struct backend *backend, struct memory_count *count)
{
    const enum weft_memory gradient = WEFT_MEMORY_GRADIENT, other = WEFT_MEMORY_WORKSPACE;
    const size_t all = slices->order.slices, ranks = slices->group->ranks;
    const size_t own = slices->tree.count, nodes = slice_tree_additions(all, ranks, NULL);
    TRY(TAKE_ARRAY(count, other, slices->nodes, own, 1));
    TRY(TAKE_ARRAY(count, other, slices->arrays, nodes, 1));
    TRY(TAKE_ARRAY(count, gradient, slices->received, nodes - own, slices->range.count));
    TRY(TAKE_ARRAY(count, other, slices->additions, nodes, 1));
    if (slices->additions != NULL)
        (void)slice_tree_additions(all, ranks, slices->additions);
    TRY(TAKE_ARRAY(count, other, slices->losses, all, slices->order.batches.count));
    if (backend != NULL && backend->sum_in_place != NULL)
        return WEFT_OK;
    TRY(TAKE_ARRAY(count, gradient, slices->staged, own, network->parameter_count));
    return TAKE_ARRAY(count, WEFT_MEMORY_PARAMETERS, slices->values, network->value_count, 1);
}

enum weft_status slices_allocate(struct slices *slices, const struct network *network,
                                 const struct backend *backend, struct memory_count *count)
{
    if (!slices_in_use(slices))
        return WEFT_OK;
    TRY(TAKE_ARRAY(count, WEFT_MEMORY_WORKSPACE, slices->current, slices->order.own, 1));
    if (network_has_norm(network))
        TRY(norm_allocate(slices, network, count));
    return alone(slices) ? WEFT_OK : exchange_allocate(slices, network, backend, count);
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
    memory_free(slices->values);
    memory_free(slices->staged);
    memory_free(slices->additions);
    memory_free(slices->received);
    memory_free(slices->arrays);
    memory_free(slices->nodes);
    memory_free(slices->norm_additions);
    memory_free(slices->norm_arrays);
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

/* Adds the gradient of a slice to the node to its left, or begins a node with it. */
static enum weft_status gradient_take(struct slices *slices, size_t i)
{
    const struct step *slice = &slices->current[i].step;
    struct slice_tree *tree = &slices->tree;
    const size_t before = tree->count, number = slices->order.first + i;
    size_t additions = slice_tree_append(tree, (struct slice_node){.first = number});
    if (slice->count > 0)
        TRY(slice->backend->gradient_add(slice->workspace, before - (additions > 0),
                                         additions == 0));
    else if (additions == 0)
        TRY(slice->backend->sum_clear(slice->workspace, before));
    for (size_t last = before; additions > 1; additions--, last--)
        TRY(slice->backend->sum_add(slice->workspace, last - 2, last - 1));
    return WEFT_OK;
}

/* Finds the sums of the own nodes on the host. */
static enum weft_status nodes_take(struct slices *slices, const struct step *batch)
{
    const struct backend *backend = batch->backend;
    for (size_t i = 0; i < slices->tree.count; i++) {
        if (slices->staged == NULL) {
            slices->nodes[i] = backend->sum_in_place(batch->workspace, i);
            continue;
        }
        slices->nodes[i] = slices->staged + i * batch->network->parameter_count;
        TRY(backend->sum_download(batch->workspace, i, slices->nodes[i]));
    }
    return WEFT_OK;
}

/* Adds the piece of this rank, or all pieces if the update needs the norm of the gradient. */
static enum weft_status gradients_sum(struct slices *slices, const struct training_batch *batch)
{
    struct slice_group *group = slices->group;
    const struct step *step = batch->step;
    const size_t n = step->network->parameter_count, values = step->network->value_count;
    const bool whole = batch->update->clip_norm != 0.0f;
    TRY(nodes_take(slices, step));
    const struct slice_sum sum = {.slices = slices->order.slices,
                                  .values = values,
                                  .count = n,
                                  .nodes = slices->nodes,
                                  .arrays = slices->arrays,
                                  .received = slices->received,
                                  .additions = slices->additions,
                                  .sum = slices->nodes[0]};
    TRY(group->sum(group, &sum));
    if (whole)
        TRY(group->spread(group, values, n, sum.sum));
    if (slices->staged == NULL)
        return WEFT_OK;
    const size_t first = whole ? 0 : size_min(slices->range.first, n);
    const size_t count = whole ? n : size_min(slices->range.count, n - first);
    return step->backend->sum_upload(step->workspace, first, count, sum.sum + first);
}

/* Gives all ranks the parameters that each has updated. */
static enum weft_status parameters_spread(struct slices *slices, const struct step *step)
{
    struct slice_group *group = slices->group;
    const size_t values = step->network->value_count;
    if (slices->values == NULL)
        return group->spread(group, values, values,
                             step->backend->parameters_in_place(step->workspace));
    TRY(step->backend->range_download(step->workspace, slices->values));
    TRY(group->spread(group, values, values, slices->values));
    return step->backend->parameters_upload(step->workspace, slices->values);
}

enum weft_status slices_spread(const struct slices *slices, const struct network *network,
                               float *values)
{
    struct slice_group *group = slices->group;
    const size_t count = network->value_count;
    return alone(slices) ? WEFT_OK : group->spread(group, count, count, values);
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
    slices->tree.count = 0;
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
        TRY(gradient_take(slices, i));
    }
    if (alone(slices))
        return step_update(batch->step, batch->penalty, batch->update);
    TRY(gradients_sum(slices, batch));
    TRY(step_update(batch->step, batch->penalty, batch->update));
    return parameters_spread(slices, batch->step);
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
