/* Tests the order of --shuffle-blocks: it visits each sample once, and each block within one
 * window, so that an epoch reads a file once. */
#include <string.h>

#include "base/random.h"
#include "data/block_order.h"
#include "suite.h"

enum { MOST_SAMPLES = 40000, MOST_BLOCKS = 2000 };

static uint32_t samples[MOST_SAMPLES], others[MOST_SAMPLES], blocks[MOST_BLOCKS];

/* Blocks have floor(2^18 / D) samples, and at least one. */
static const struct {
    size_t samples, features, block, blocks;
} shapes[] = {{1, 1, 262144, 1},       {150, 4, 65536, 1},         {40000, 784, 334, 120},
              {40000, 8000, 32, 1250}, {1000, 262144, 1, 1000},    {1000, 300000, 1, 1000},
              {33 * 64, 7900, 33, 64}, {33 * 64 + 1, 7900, 33, 65}};
enum { SHAPES = sizeof shapes / sizeof *shapes };

START_TEST(blocks_have_a_mebibyte)
{
    const struct block_order order = block_order_make(shapes[_i].samples, shapes[_i].features);
    ck_assert_uint_eq(order.block, shapes[_i].block);
    ck_assert_uint_eq(order.blocks, shapes[_i].blocks);
}
END_TEST

/* Each window of 64 blocks holds the samples of 64 blocks, whole: every sample comes once, and no
 * block is spread over two windows. */
START_TEST(a_window_has_whole_blocks)
{
    const struct block_order order = block_order_make(shapes[_i].samples, shapes[_i].features);
    static bool seen[MOST_SAMPLES];
    memset(seen, 0, sizeof seen);
    block_order_draw(&order, 42, 1, 0, blocks, samples);
    for (size_t place = 0, window = 0; place < order.samples; window++) {
        bool expected[MOST_BLOCKS] = {false};
        size_t count = 0;
        for (size_t b = window * 64; b < (window + 1) * 64 && b < order.blocks; b++) {
            expected[blocks[b]] = true;
            count += (size_t)blocks[b] + 1 < order.blocks
                         ? order.block
                         : order.samples - (order.blocks - 1) * order.block;
        }
        for (size_t i = 0; i < count; i++, place++) {
            ck_assert(!seen[samples[place]]);
            seen[samples[place]] = true;
            ck_assert_msg(expected[samples[place] / order.block], "sample %u in window %zu",
                          samples[place], window);
        }
    }
}
END_TEST

/* In a random order of n numbers, one of them stays in its place on average, and n / 2 are followed
 * by a larger one. */
static void check_mixed(const uint32_t *order, size_t n)
{
    size_t kept = 0, rises = 0;
    for (size_t i = 0; i + 1 < n; i++) {
        kept += order[i] == i;
        rises += order[i] < order[i + 1];
    }
    ck_assert_uint_lt(kept, 10);
    ck_assert_uint_gt(rises, n / 2 - n / 20);
    ck_assert_uint_lt(rises, n / 2 + n / 20);
}

START_TEST(samples_and_blocks_are_mixed)
{
    const struct block_order order = block_order_make(MOST_SAMPLES, 8000);
    block_order_draw(&order, 1, 1, 0, blocks, samples);
    check_mixed(samples, MOST_SAMPLES);
    check_mixed(blocks, order.blocks);
}
END_TEST

START_TEST(seed_and_epoch_decide)
{
    const struct block_order order = block_order_make(MOST_SAMPLES, 784);
    block_order_draw(&order, 7, 3, 0, blocks, samples);
    block_order_draw(&order, 7, 3, 0, blocks, others);
    ck_assert_mem_eq(samples, others, sizeof samples);
    block_order_draw(&order, 7, 4, 0, blocks, others);
    ck_assert_mem_ne(samples, others, sizeof samples);
    block_order_draw(&order, 8, 3, 0, blocks, others);
    ck_assert_mem_ne(samples, others, sizeof samples);
}
END_TEST

/* Data of one block are shuffled completely: Fisher-Yates from the end, with one number of the
 * stream for each place. */
START_TEST(one_window_is_a_shuffle_of_all)
{
    const struct block_order order = block_order_make(1000, 4);
    const struct random_stream within = {.seed = 42, .purpose = RANDOM_WINDOWS, .epoch = 2};
    block_order_draw(&order, 42, 2, 0, blocks, samples);
    for (uint32_t i = 0; i < 1000; i++)
        others[i] = i;
    for (size_t i = 1000; i-- > 1;) {
        const size_t j = (size_t)(((uint64_t)random_bits(within, i) * (i + 1)) >> 32);
        const uint32_t swapped = others[i];
        others[i] = others[j];
        others[j] = swapped;
    }
    ck_assert_mem_eq(samples, others, 1000 * sizeof *samples);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("block_order");
    TCase *tests = tcase_create("block_order");
    tcase_add_loop_test(tests, blocks_have_a_mebibyte, 0, SHAPES);
    tcase_add_loop_test(tests, a_window_has_whole_blocks, 0, SHAPES);
    tcase_add_test(tests, samples_and_blocks_are_mixed);
    tcase_add_test(tests, seed_and_epoch_decide);
    tcase_add_test(tests, one_window_is_a_shuffle_of_all);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
