/* Scores samples shard by shard; see slice_score.h. */
#include "train/slice_score.h"

#include <string.h>

#include "base/memory.h"
#include "train/score.h"

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

/* ---- outputs of all ranks ---- */

/* The outputs of the samples, and scratch. All arrays are owned. */
struct outputs {
    size_t columns;   /* C */
    size_t most;      /* samples of the largest shard */
    float *z, *p;     /* [N][C] */
    float *own, *all; /* [own slices][most][2][C], [S][most][2][C]: z and p of each sample */
    float *block;     /* [2][PASS_BLOCK][C] */
};

static enum weft_status outputs_init(struct outputs *outputs, const struct slices *slices,
                                     const struct pass *pass, const struct sliced_set *set)
{
    const struct slice_order *order = &slices->order;
    const size_t columns = network_outputs(pass->network);
    size_t first = 0, most = 0;
    if (set->training) /* the last shard is the largest */
        slice_order_shard(order, order->slices - 1, &first, &most);
    else
        slice_range(set->samples, order->slices, order->slices - 1, &first, &most);
    *outputs = (struct outputs){.columns = columns, .most = most};
    const size_t shard = size_product(most, 2 * columns);
    TRY(NEW_ARRAY(outputs->z, size_product(set->samples, columns)));
    TRY(NEW_ARRAY(outputs->p, size_product(set->samples, columns)));
    TRY(NEW_ARRAY(outputs->own, size_product(order->own, shard)));
    TRY(NEW_ARRAY(outputs->all, size_product(order->slices, shard)));
    return NEW_ARRAY(outputs->block, 2 * PASS_BLOCK * columns);
}

static void outputs_reset(struct outputs *outputs)
{
    memory_free(outputs->block);
    memory_free(outputs->all);
    memory_free(outputs->own);
    memory_free(outputs->p);
    memory_free(outputs->z);
}

/* Computes z and p of the samples first .. first + count - 1, for shard [count][2][C]. */
static enum weft_status shard_outputs(struct outputs *outputs, struct pass *pass,
                                      const struct sliced_set *set, size_t first, size_t count,
                                      float *shard)
{
    const size_t columns = outputs->columns, bytes = columns * sizeof *shard;
    float *z = outputs->block, *p = outputs->block + PASS_BLOCK * columns;
    for (size_t done = 0; done < count; done += PASS_BLOCK) {
        const size_t rows = size_min(PASS_BLOCK, count - done);
        TRY(pass_outputs(pass, set->data, first + done, rows, false, z, p, NULL));
        for (size_t r = 0; r < rows; r++) {
            float *row = shard + (done + r) * 2 * columns;
            memcpy(row, z + r * columns, bytes);
            memcpy(row + columns, p + r * columns, bytes);
        }
    }
    return WEFT_OK;
}

/* Stores z and p of a shard where its samples are in file order. */
static void shard_place(struct outputs *outputs, const struct slices *slices,
                        const struct sliced_set *set, size_t slice)
{
    const size_t columns = outputs->columns, bytes = columns * sizeof(float);
    const float *shard = outputs->all + slice * outputs->most * 2 * columns;
    size_t first = 0, count = 0;
    if (set->training)
        slice_order_shard(&slices->order, slice, &first, &count);
    else
        slice_range(set->samples, slices->order.slices, slice, &first, &count);
    for (size_t i = 0; i < count; i++) {
        memcpy(outputs->z + (first + i) * columns, shard + i * 2 * columns, bytes);
        memcpy(outputs->p + (first + i) * columns, shard + (i * 2 + 1) * columns, bytes);
    }
}

/* Computes z and p of all samples. Each rank computes those of its own shards. */
static enum weft_status outputs_compute(struct outputs *outputs, const struct slices *slices,
                                        struct pass *pass, const struct sliced_set *set)
{
    const struct slice_order *order = &slices->order;
    struct slice_group *group = slices->group;
    TRY(outputs_init(outputs, slices, pass, set));
    const size_t shard = outputs->most * 2 * outputs->columns;
    for (size_t i = 0; i < order->own; i++) {
        size_t first = 0, count = 0;
        shard_find(order, set, order->first + i, &first, &count);
        TRY(shard_outputs(outputs, pass, set, first, count, outputs->own + i * shard));
    }
    TRY(group->gather(group, order->slices, outputs->own, shard * sizeof(float), outputs->all));
    for (size_t s = 0; s < order->slices; s++)
        shard_place(outputs, slices, set, s);
    return WEFT_OK;
}

enum weft_status slice_r2(const struct slices *slices, struct pass *pass,
                          const struct sliced_set *set, const float *y, double *r2)
{
    struct outputs outputs = {.z = NULL};
    if (slices->group->ranks == 1)
        return score_r2_pass(pass, set->data, y, set->samples, r2);
    const enum weft_status status = outputs_compute(&outputs, slices, pass, set);
    if (status == WEFT_OK)
        *r2 = score_r2(y, outputs.z, set->samples, outputs.columns);
    outputs_reset(&outputs);
    return status;
}

enum weft_status slice_one_answer(const struct slices *slices, struct pass *pass,
                                  const struct sliced_set *set, struct one_answer *answer)
{
    struct outputs outputs = {.z = NULL};
    if (slices->group->ranks == 1)
        return one_answer_find(pass, set->data, set->samples, answer);
    enum weft_status status = outputs_compute(&outputs, slices, pass, set);
    if (status == WEFT_OK)
        status = one_answer_of_outputs(pass->network, outputs.z, outputs.p, set->samples, answer);
    outputs_reset(&outputs);
    return status;
}
