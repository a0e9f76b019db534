/* Runs batches in slices; see slices.h. */
#include "train/slices.h"

#include <string.h>

#include "base/memory.h"

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

enum weft_status slices_allocate(struct slices *slices, const struct network *network,
                                 struct memory_count *count)
{
    const size_t n = network->parameter_count, own = slices->order.own;
    if (alone(slices))
        return WEFT_OK;
    TRY(TAKE_ARRAY(count, WEFT_MEMORY_GRADIENT, slices->own, own, n));
    TRY(TAKE_ARRAY(count, WEFT_MEMORY_GRADIENT, slices->sum, n, 1));
    TRY(TAKE_ARRAY(count, WEFT_MEMORY_WORKSPACE, slices->losses, slices->order.slices,
                   slices->order.batches.count));
    return TAKE_ARRAY(count, WEFT_MEMORY_WORKSPACE, slices->votes, slices->order.slices + own, 1);
}

void slices_reset(struct slices *slices)
{
    memory_free(slices->votes);
    memory_free(slices->losses);
    memory_free(slices->sum);
    memory_free(slices->own);
    memset(slices, 0, sizeof *slices);
}

/* ---- a batch ---- */

/* Makes slice number `i` of this rank from the whole batch. Returns false if it has no samples. */
static bool slice_make(const struct slices *slices, const struct training_batch *batch, size_t i,
                       struct batch_draw *draw, struct step *slice)
{
    const struct slice_order *order = &slices->order;
    const size_t number = batch->batch - 1;
    *slice = *batch->step;
    slice_order_rows(order, number, order->first + i, &slice->first, &slice->count);
    slice->slot = i * order->batches.count + number;
    *draw = *batch->step->draw;
    draw->row = slice_begin(batch->step->count, order->slices, order->first + i);
    slice->draw = draw;
    return slice->count > 0;
}

/* Adds the gradient of a slice, or stores it until the gradients of all ranks are added. */
static enum weft_status gradient_take(const struct slices *slices, const struct step *slice,
                                      size_t i, bool begins)
{
    if (alone(slices))
        return slice->backend->gradient_add(slice->workspace, begins);
    return slice->backend->gradient_download(slice->workspace,
                                             slices->own + i * slice->network->parameter_count);
}

/* Stores a gradient that changes no sum, not even the sign of a zero. */
static void gradient_leave_out(const struct slices *slices, const struct network *network, size_t i)
{
    for (size_t p = 0; !alone(slices) && p < network->parameter_count; p++)
        slices->own[i * network->parameter_count + p] = -0.0f;
}

/* Adds the gradients of all ranks, unless gradient_take has added those of the only rank. */
static enum weft_status gradients_sum(const struct slices *slices, const struct step *batch)
{
    struct slice_group *group = slices->group;
    if (alone(slices))
        return WEFT_OK;
    TRY(group->sum(group, slices->order.slices, slices->own, batch->network->parameter_count,
                   slices->sum));
    return batch->backend->sum_upload(batch->workspace, slices->sum);
}

enum weft_status slices_run(const struct slices *slices, const struct training_batch *batch,
                            const struct training_hooks *hooks)
{
    bool begins = true;
    for (size_t i = 0; i < slices->order.own; i++) {
        struct batch_draw draw;
        struct step slice;
        if (!slice_make(slices, batch, i, &draw, &slice)) {
            gradient_leave_out(slices, slice.network, i);
            continue;
        }
        TRY(step_forward(&slice));
        TRY(step_backward(&slice));
        if (hooks != NULL && hooks->after_slice != NULL)
            TRY(hooks->after_slice(hooks->user, batch, &slice));
        TRY(gradient_take(slices, &slice, i, begins));
        begins = false;
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

enum weft_status slices_agree(const struct slices *slices, bool *stop)
{
    const size_t count = slices->order.slices;
    struct slice_group *group = slices->group;
    if (alone(slices))
        return WEFT_OK;
    for (size_t i = 0; i < slices->order.own; i++)
        slices->votes[count + i] = *stop;
    TRY(group->gather(group, count, slices->votes + count, sizeof *slices->votes, slices->votes));
    for (size_t s = 0; s < count; s++)
        *stop = *stop || slices->votes[s];
    return WEFT_OK;
}
