/* Scores samples shard by shard; see slice_score.h. */
#include "train/slice_score.h"

#include "base/memory.h"

/* Computes where the shard of a slice lies on the device. */
static void shard_find(const struct slice_order *order, const struct sliced_set *set, size_t slice,
                       size_t *first, size_t *count)
{
    size_t held = 0, held_count = 0;
    if (!set->training) {
        slice_range(set->samples, order->slices, slice, first, count);
        return;
    }
    slice_order_held(order, &held, &held_count);
    slice_order_shard(order, slice, first, count);
    *first -= held;
}

/* own [own slices], all [S] */
static enum weft_status shards_sum(const struct slices *slices, struct pass *pass,
                                   const struct sliced_set *set, bool true_class_only,
                                   struct pass_sum *own, struct pass_sum *all)
{
    const struct slice_order *order = &slices->order;
    struct slice_group *group = slices->group;
    for (size_t i = 0; i < order->own; i++) {
        size_t first = 0, count = 0;
        shard_find(order, set, order->first + i, &first, &count);
        TRY(pass_sum(pass, set->data, first, count, true_class_only, &own[i]));
    }
    return group->ranks > 1 ? group->gather(group, order->slices, own, sizeof *own, all) : WEFT_OK;
}

enum weft_status slice_score(const struct slices *slices, struct pass *pass,
                             const struct sliced_set *set, bool true_class_only,
                             struct pass_result *result)
{
    const size_t count = slices->order.slices, own = slices->order.own;
    struct pass_sum *sums = NULL, total = {.loss = 0.0};
    if (!slices_in_use(slices))
        return pass_score(pass, set->data, set->samples, true_class_only, result);
    TRY(NEW_ARRAY(sums, own + count));
    const struct pass_sum *all = slices->group->ranks > 1 ? sums + own : sums; /* [S] */
    const enum weft_status status =
        shards_sum(slices, pass, set, true_class_only, sums, sums + own);
    for (size_t s = 0; s < count; s++) {
        total.loss += all[s].loss;
        total.correct += all[s].correct;
    }
    memory_free(sums);
    *result = (struct pass_result){.mean_loss = total.loss / (double)set->samples,
                                   .correct = (size_t)total.correct};
    return status;
}
