/* Tests which samples a slice takes: every sample once in an epoch, each from its shard; the same
 * for every number of ranks; for S = 1, the order of whole batches. */
#include "base/random.h"
#include "suite.h"
#include "train/slice_norm.h"
#include "train/slice_order.h"

/* With this many features, a block has two samples, and a window 128. */
enum { MOST = 300, BLOCK = 2, WINDOW = 128, BLOCK_FEATURES = 1 << 17 };

static uint32_t blocks[2 * MOST]; /* of the rank that was drawn last */

static struct slice_group group_of(size_t ranks, size_t rank)
{
    return (struct slice_group){.ranks = ranks, .rank = rank};
}

/* Stores, for each slice of each batch, the samples of the file that a rank gives it, one after the
 * other in `samples` [N], from the rows of its device order. */
static void rank_samples(const struct slice_order *order, uint64_t seed, size_t epoch,
                         uint32_t *samples)
{
    uint32_t places[MOST], scratch[MOST];
    size_t held = 0, held_count = 0, next = 0;
    slice_order_held(order, &held, &held_count);
    for (size_t i = 0; i < held_count; i++)
        places[i] = (uint32_t)i;
    if (slice_order_lists(order))
        slice_order_draw(order, seed, epoch, order->block_features > 0 ? blocks : NULL, scratch,
                         places);
    for (size_t b = 0; b < order->batches.count; b++)
        for (size_t s = order->first; s < order->first + order->own; s++) {
            size_t first = 0, count = 0, begin = 0, batch = 0;
            slice_order_rows(order, b, s, &first, &count);
            ck_assert_uint_eq(first, next); /* streams copy the next samples early */
            next = first + count;
            ck_assert_uint_le(next, held_count);
            ck_assert_uint_le(count, slice_order_largest(order));
            batch_plan_range(&order->batches, b, &begin, &batch);
            begin += slice_begin(batch, order->slices, s);
            for (size_t i = 0; i < count; i++) {
                ck_assert_uint_lt(places[first + i], held_count);
                samples[begin + i] = (uint32_t)held + places[first + i];
            }
        }
    ck_assert_uint_eq(next, slice_order_taken(order));
}

/* Batches of `size` samples, or `count` batches. */
struct plan_row {
    size_t samples, count, size, slices;
};

static const struct plan_row plans[] = {
    {203, 0, 40, 8},  {203, 7, 0, 3}, {203, 0, 203, 5}, {100, 0, 20, 20},
    {101, 0, 20, 16}, {64, 0, 16, 2}, {10, 3, 0, 3},    {1, 0, 1, 1},
    {300, 0, 7, 7},   {300, 0, 9, 1}, {290, 0, 8, 2},   {299, 11, 0, 9},
};
enum { PLANS = sizeof plans / sizeof *plans };

/* Makes the order of a rank for row `i`. The second half of the rows shuffles in blocks. */
static struct slice_order order_of(int i, bool shuffle, const struct slice_group *group)
{
    const struct plan_row *row = &plans[i % PLANS];
    const struct batch_plan plan = batch_plan_make(row->samples, row->count, row->size);
    struct slice_order order = slice_order_make(&plan, row->slices, shuffle, group);
    order.block_features = i >= PLANS && shuffle ? BLOCK_FEATURES : 0;
    ck_assert_uint_le(order.own * slice_order_blocks(&order), 2 * MOST);
    return order;
}

static void check_ranks(int i, bool shuffle, size_t ranks, const uint32_t *want)
{
    uint32_t got[MOST] = {0};
    for (size_t r = 0; r < ranks; r++) {
        const struct slice_group group = group_of(ranks, r);
        const struct slice_order order = order_of(i, shuffle, &group);
        rank_samples(&order, 9, 4, got);
    }
    ck_assert_mem_eq(got, want, plans[i % PLANS].samples * sizeof *got);
}

START_TEST(ranks_take_the_samples_of_one_rank)
{
    const struct plan_row *row = &plans[_i % PLANS];
    for (int shuffle = 0; shuffle < 2; shuffle++) {
        uint32_t alone[MOST];
        const struct slice_order order = order_of(_i, shuffle, &slice_group_local);
        rank_samples(&order, 9, 4, alone);
        for (size_t ranks = 1; ranks <= row->slices; ranks++)
            check_ranks(_i, shuffle, ranks, alone);
    }
}
END_TEST

START_TEST(every_sample_comes_once_and_from_its_shard)
{
    const struct plan_row *row = &plans[_i % PLANS];
    const struct slice_order order = order_of(_i, true, &slice_group_local);
    const struct batch_plan plan = order.batches;
    uint32_t samples[MOST];
    bool met[MOST] = {false};
    size_t end = 0, moved = 0;
    rank_samples(&order, 9, 4, samples);
    for (size_t s = 0; s < row->slices; s++) {
        size_t shard = 0, count = 0;
        slice_order_shard(&order, s, &shard, &count);
        ck_assert_uint_eq(shard, end); /* the shards follow each other */
        end = shard + count;
        for (size_t b = 0; b < plan.count; b++) {
            size_t begin = 0, batch = 0, first = 0, rows = 0;
            batch_plan_range(&plan, b, &begin, &batch);
            slice_range(batch, row->slices, s, &first, &rows);
            for (size_t i = begin + first; i < begin + first + rows; i++) {
                ck_assert(samples[i] >= shard && samples[i] < end && !met[samples[i]]);
                met[samples[i]] = true;
                moved += samples[i] != i;
            }
        }
    }
    ck_assert_uint_eq(end, row->samples);
    ck_assert(row->samples < 20 || moved > row->samples / 2);
}
END_TEST

/* Asserts that a shard visits its blocks window by window. samples [of the shard] are in the
 * order in which slice `slice` of the batches takes them. */
static void check_windows(const struct slice_order *order, size_t slice, const uint32_t *samples)
{
    const uint32_t *drawn = blocks + slice * slice_order_blocks(order);
    size_t shard = 0, count = 0, moved = 0;
    slice_order_shard(order, slice, &shard, &count);
    for (size_t place = 0, window = 0; place < count; window++) {
        size_t end = place;
        bool expected[MOST] = {false};
        for (size_t b = window * (WINDOW / BLOCK);
             b < (window + 1) * (WINDOW / BLOCK) && b * BLOCK < count; b++) {
            expected[drawn[b]] = true;
            end += size_min(BLOCK, count - drawn[b] * BLOCK);
            moved += drawn[b] != b;
        }
        for (; place < end; place++)
            ck_assert(expected[(samples[place] - shard) / BLOCK]);
    }
    ck_assert(count < 40 || moved > count / BLOCK / 2);
}

START_TEST(shards_have_windows_of_blocks)
{
    const struct slice_order order = order_of(PLANS + _i, true, &slice_group_local);
    uint32_t samples[MOST], taken[MOST];
    rank_samples(&order, 9, 4, samples);
    for (size_t s = 0; s < order.slices; s++) {
        size_t count = 0;
        for (size_t b = 0; b < order.batches.count; b++) {
            size_t begin = 0, batch = 0, first = 0, rows = 0;
            batch_plan_range(&order.batches, b, &begin, &batch);
            slice_range(batch, order.slices, s, &first, &rows);
            for (size_t i = begin + first; i < begin + first + rows; i++)
                taken[count++] = samples[i];
        }
        check_windows(&order, s, taken);
    }
}
END_TEST

START_TEST(one_slice_has_the_order_of_whole_batches)
{
    const struct batch_plan plan = batch_plan_make(203, 0, 40);
    const struct slice_order order = slice_order_make(&plan, 0, true, &slice_group_local);
    const struct random_stream stream = {.seed = 9, .purpose = RANDOM_ORDER, .epoch = 4};
    uint32_t want[MOST], got[MOST];
    random_permutation(stream, want, 203);
    slice_order_draw(&order, 9, 4, NULL, NULL, got);
    ck_assert_mem_eq(got, want, 203 * sizeof *want);
}
END_TEST

/* Worked by hand: means and variances of slices of one or two rows each. Slices without rows, whose
 * numbers are undefined, do not count. */
START_TEST(statistics_merge)
{
    const float all[] = {2.0f, 1.0f, 8.0f, 0.0f}, far[] = {1e6f, 0.25f, 1e6f + 2.0f, 0.25f};
    const float empty[] = {NAN, NAN, 5.0f, 0.0f, NAN, NAN, 7.0f, 0.0f};
    float merged[2];
    slice_norm_merge(4, 2, 1, (const float[]){2.0f, 1.0f, 8.0f, 4.0f}, merged);
    ck_assert(merged[0] == 5.0f && merged[1] == 11.5f); /* of 1, 3, 6, 10 */
    slice_norm_merge(2, 2, 1, all, merged);
    ck_assert(merged[0] == 5.0f && merged[1] == 9.5f);
    slice_norm_merge(2, 2, 1, far, merged);
    ck_assert(merged[0] == 1e6f + 1.0f && merged[1] == 1.25f);
    slice_norm_merge(2, 4, 1, empty, merged);
    ck_assert(merged[0] == 6.0f && merged[1] == 1.0f);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("slice_order");
    TCase *tests = tcase_create("slice_order");
    tcase_add_loop_test(tests, ranks_take_the_samples_of_one_rank, 0, 2 * PLANS);
    tcase_add_loop_test(tests, every_sample_comes_once_and_from_its_shard, 0, 2 * PLANS);
    tcase_add_loop_test(tests, shards_have_windows_of_blocks, 0, PLANS);
    tcase_add_test(tests, one_slice_has_the_order_of_whole_batches);
    tcase_add_test(tests, statistics_merge);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
