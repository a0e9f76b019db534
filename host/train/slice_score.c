/* Scores samples shard by shard; see slice_score.h. */
#include "train/slice_score.h"

#include "base/memory.h"
#include "train/monitor.h"
#include "train/score.h"

/* The samples first .. first + count - 1 of a set. On the device, they begin at `place`. */
struct shard {
    size_t first, place, count;
};

/* How a shard is measured, and the bytes of the record that it gives. */
struct measure {
    enum weft_status (*take)(const struct measure *measure, struct pass *pass,
                             const struct sliced_set *set, const struct shard *shard, void *record);
    size_t bytes;
    bool true_class_only; /* for sum_take */
};

static struct shard shard_find(const struct slice_order *order, const struct sliced_set *set,
                               size_t slice)
{
    struct shard shard = {.count = 0};
    size_t held = 0, held_count = 0;
    if (!set->training) {
        slice_range(set->samples, order->slices, slice, &shard.first, &shard.count);
        shard.place = shard.first;
        return shard;
    }
    slice_order_held(order, &held, &held_count);
    slice_order_shard(order, slice, &shard.first, &shard.count);
    shard.place = shard.first - held;
    return shard;
}

/* Measures the shards of this rank, and gathers the records of all shards. records [own slices +
 * S]. `*all` [S], in `records`, receives the records in slice order. */
static enum weft_status shards_measure(const struct slices *slices, struct pass *pass,
                                       const struct sliced_set *set, const struct measure *measure,
                                       unsigned char *records, void **all)
{
    const struct slice_order *order = &slices->order;
    struct slice_group *group = slices->group;
    *all = records;
    for (size_t i = 0; i < order->own; i++) {
        const struct shard shard = shard_find(order, set, order->first + i);
        TRY(measure->take(measure, pass, set, &shard, records + i * measure->bytes));
    }
    if (group->ranks == 1)
        return WEFT_OK;
    *all = records + order->own * measure->bytes;
    return group->gather(group, order->slices, records, measure->bytes, *all);
}

/* Allocates the records, which the caller frees. */
static enum weft_status measured(const struct slices *slices, struct pass *pass,
                                 const struct sliced_set *set, struct measure measure,
                                 unsigned char **records, void **all)
{
    const size_t shards = slices->order.own + slices->order.slices;
    TRY(NEW_ARRAY(*records, size_product(shards, measure.bytes)));
    return shards_measure(slices, pass, set, &measure, *records, all);
}

/* ---- loss and correct predictions ---- */

static enum weft_status sum_take(const struct measure *measure, struct pass *pass,
                                 const struct sliced_set *set, const struct shard *shard,
                                 void *record)
{
    return pass_sum(pass, set->data, shard->place, shard->count, measure->true_class_only, record);
}

enum weft_status slice_score(const struct slices *slices, struct pass *pass,
                             const struct sliced_set *set, bool true_class_only,
                             struct pass_result *result)
{
    const struct measure measure = {sum_take, sizeof(struct pass_sum), true_class_only};
    struct pass_sum total = {.loss = 0.0};
    unsigned char *records = NULL;
    void *all = NULL;
    if (!slices_in_use(slices))
        return pass_score(pass, set->data, set->samples, true_class_only, result);
    const enum weft_status status = measured(slices, pass, set, measure, &records, &all);
    const struct pass_sum *sums = all;
    for (size_t s = 0; status == WEFT_OK && s < slices->order.slices; s++) {
        total.loss += sums[s].loss;
        total.correct += sums[s].correct;
    }
    memory_free(records);
    *result = (struct pass_result){.mean_loss = total.loss / (double)set->samples,
                                   .correct = (size_t)total.correct};
    return status;
}

/* ---- R^2 ---- */

static enum weft_status squares_take(const struct measure *measure, struct pass *pass,
                                     const struct sliced_set *set, const struct shard *shard,
                                     void *record)
{
    const size_t columns = network_outputs(pass->network);
    (void)measure;
    return score_squares_pass(pass, set->data, shard->place, shard->count,
                              set->dataset->targets + shard->first * columns, record);
}

enum weft_status slice_r2(const struct slices *slices, struct pass *pass,
                          const struct sliced_set *set, double *r2)
{
    const size_t columns = network_outputs(pass->network);
    const struct measure measure = {squares_take, columns * sizeof(double), false};
    unsigned char *records = NULL;
    void *all = NULL;
    const enum weft_status status = measured(slices, pass, set, measure, &records, &all);
    double *squares = all;
    for (size_t i = columns; status == WEFT_OK && i < slices->order.slices * columns; i++)
        squares[i % columns] += squares[i];
    if (status == WEFT_OK)
        *r2 = score_r2_of_squares(set->dataset->targets, set->samples, columns, squares);
    memory_free(records);
    return status;
}

/* ---- macro F1 ---- */

static enum weft_status f1_take(const struct measure *measure, struct pass *pass,
                                const struct sliced_set *set, const struct shard *shard,
                                void *record)
{
    (void)measure;
    return f1_count(pass, set->data, set->dataset, shard->place, shard->count, record);
}

enum weft_status slice_macro_f1(const struct slices *slices, struct pass *pass,
                                const struct sliced_set *set, double *f1)
{
    const size_t numbers = f1_classes(pass->network) * F1_COUNTS;
    const struct measure measure = {f1_take, numbers * sizeof(uint64_t), false};
    unsigned char *records = NULL;
    void *all = NULL;
    const enum weft_status status = measured(slices, pass, set, measure, &records, &all);
    uint64_t *counts = all;
    for (size_t i = numbers; status == WEFT_OK && i < slices->order.slices * numbers; i++)
        counts[i % numbers] += counts[i];
    if (status == WEFT_OK)
        *f1 = f1_macro(pass->network, counts);
    memory_free(records);
    return status;
}

/* ---- one answer ---- */

static enum weft_status answer_take(const struct measure *measure, struct pass *pass,
                                    const struct sliced_set *set, const struct shard *shard,
                                    void *record)
{
    (void)measure;
    return answer_find(pass, set->data, shard->place, shard->count, record);
}

enum weft_status slice_one_answer(const struct slices *slices, struct pass *pass,
                                  const struct sliced_set *set, struct one_answer *answer)
{
    unsigned char *records = NULL;
    void *all = NULL;
    *answer = (struct one_answer){.is_one = false};
    if (pass->network->task == WEFT_TASK_REGRESS)
        return WEFT_OK;
    const struct measure measure = {answer_take, answer_size(pass->network) * sizeof(uint32_t),
                                    false};
    const enum weft_status status = measured(slices, pass, set, measure, &records, &all);
    if (status == WEFT_OK)
        *answer = answers_merge(pass->network, all, slices->order.slices);
    memory_free(records);
    return status;
}
