/* Tests Philox against its published results. The values that Weft derives from it are compared
 * with an independent program, a dozen lines of Python that follow Salmon et al. 2011. */
#include <stdint.h>
#include <string.h>

#include "base/random.h"
#include "suite.h"

/* Random123 1.14, tests/kat_vectors, rows `philox4x32 10`: counter, key, result. */
static const struct {
    uint32_t counter[4], key[2], result[4];
} known_answers[] = {
    {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
    {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
     {0xffffffff, 0xffffffff},
     {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
    {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
     {0xa4093822, 0x299f31d0},
     {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
};

START_TEST(philox_known_answers)
{
    const uint32_t *counter = known_answers[_i].counter, *key = known_answers[_i].key;
    struct random_stream stream = {
        .seed = (uint64_t)key[1] << 32 | key[0], .epoch = counter[2], .purpose = counter[3]};
    uint32_t words[4];
    random_block(stream, (uint64_t)counter[1] << 32 | counter[0], words);
    for (size_t i = 0; i < 4; i++)
        ck_assert_uint_eq(words[i], known_answers[_i].result[i]);
}
END_TEST

START_TEST(numbers_are_words_of_blocks)
{
    const struct random_stream zero = {0};
    for (size_t i = 0; i < 4; i++)
        ck_assert_uint_eq(random_bits(zero, i), known_answers[0].result[i]);
    const struct random_stream stream = {0x123456789abcdef0, RANDOM_WEIGHTS, 2};
    ck_assert_uint_eq(random_bits(stream, 0), 0x40287530);
    ck_assert_uint_eq(random_bits(stream, 5), 0xc68ffd89);
    ck_assert_uint_eq(random_bits(stream, (uint64_t)1 << 40), 0x73b94cd4);
}
END_TEST

/* By vectors, and what is left over; across 2^32, where the counter has a carry. */
START_TEST(blocks_are_blocks)
{
    enum { MOST = 37, GUARD = 4 };
    const struct random_stream stream = {0x9e3779b97f4a7c15, RANDOM_DROPOUT + 256, 77};
    const uint64_t first = ((uint64_t)9 << 32) - 18;
    for (size_t count = 0; count <= MOST; count++) {
        uint32_t words[4 * MOST + GUARD], want[4];
        memset(words, 0xa5, sizeof words);
        random_blocks(stream, first, count, words);
        for (size_t i = 0; i < 4 * count; i++) {
            random_block(stream, first + i / 4, want);
            ck_assert_uint_eq(words[i], want[i % 4]);
        }
        for (size_t i = 0; i < GUARD; i++)
            ck_assert_uint_eq(words[4 * count + i], 0xa5a5a5a5);
    }
}
END_TEST

START_TEST(uniform_values)
{
    const struct random_stream stream = {0x123456789abcdef0, RANDOM_WEIGHTS, 2};
    ck_assert(random_uniform(stream, 0, -1.0f, 1.0f) == -0.49876534938812256f);
    ck_assert(random_uniform(stream, 5, -1.0f, 1.0f) == 0.5512691736221313f);
    /* 24 bits set: 2 - 2^-24 rounds to 2, which is not below 2 */
    const struct random_stream top = {42, RANDOM_CHECK, 0};
    ck_assert_uint_eq(random_bits(top, 34153891) >> 8, 0xffffff);
    ck_assert(random_uniform(top, 34153891, 1.0f, 2.0f) == 0x1.fffffep0f);
}
END_TEST

/* Mean 1/2 and variance 1/12, each within five standard errors. */
START_TEST(uniform_moments)
{
    enum { COUNT = 100000 };
    const struct random_stream stream = {7, RANDOM_SYNTHETIC, 0};
    double sum = 0.0, squares = 0.0;
    for (uint64_t i = 0; i < COUNT; i++) {
        double value = (double)random_uniform(stream, i, 0.0f, 1.0f);
        ck_assert(value >= 0.0 && value < 1.0);
        sum += value;
        squares += value * value;
    }
    double mean = sum / COUNT, variance = squares / COUNT - mean * mean;
    ck_assert_double_eq_tol(mean, 0.5, 5.0 * sqrt(1.0 / 12.0 / COUNT));
    ck_assert_double_eq_tol(variance, 1.0 / 12.0, 5.0 * sqrt(1.0 / 180.0 / COUNT));
}
END_TEST

START_TEST(permutation_known_answers)
{
    static const uint32_t order_42[] = {0, 5, 8, 6, 2, 3, 7, 4, 1, 9};
    static const uint32_t holdout_1[] = {9, 5, 1, 8, 7, 2, 6, 0, 3, 4};
    uint32_t order[10];
    random_permutation((struct random_stream){42, RANDOM_ORDER, 3}, order, 10);
    ck_assert_mem_eq(order, order_42, sizeof order);
    random_permutation((struct random_stream){1, RANDOM_HOLDOUT, 0}, order, 10);
    ck_assert_mem_eq(order, holdout_1, sizeof order);
}
END_TEST

START_TEST(permutation_has_each_once)
{
    static const size_t sizes[] = {0, 1, 2, 3, 4, 5, 7, 64, 93, 1000};
    const size_t n = sizes[_i];
    uint32_t order[1001];
    char seen[1000] = {0};
    order[n] = 0xdeadbeef;
    random_permutation((struct random_stream){9, RANDOM_ORDER, 1}, order, n);
    for (size_t i = 0; i < n; i++) {
        ck_assert_uint_lt(order[i], n);
        ck_assert_int_eq(seen[order[i]]++, 0);
    }
    ck_assert_uint_eq(order[n], 0xdeadbeef);
}
END_TEST

/* 24 orders of four things over 24000 epochs: chi-square with 23 degrees of freedom, whose 99.99 %
 * point is 55. */
START_TEST(permutation_is_uniform)
{
    enum { EPOCHS = 24000, ORDERS = 24 };
    size_t counts[256] = {0};
    for (uint32_t epoch = 0; epoch < EPOCHS; epoch++) {
        uint32_t order[4];
        random_permutation((struct random_stream){5, RANDOM_ORDER, epoch}, order, 4);
        counts[order[0] | order[1] << 2 | order[2] << 4 | order[3] << 6]++;
    }
    const double expected = (double)EPOCHS / ORDERS;
    double chi_square = 0.0;
    size_t orders = 0;
    for (size_t i = 0; i < 256; i++) {
        if (counts[i] == 0)
            continue;
        orders++;
        chi_square += ((double)counts[i] - expected) * ((double)counts[i] - expected) / expected;
    }
    ck_assert_uint_eq(orders, ORDERS);
    ck_assert_double_lt(chi_square, 55.0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("random");
    TCase *tests = tcase_create("random");
    tcase_add_loop_test(tests, philox_known_answers, 0, 3);
    tcase_add_test(tests, numbers_are_words_of_blocks);
    tcase_add_test(tests, blocks_are_blocks);
    tcase_add_test(tests, uniform_values);
    tcase_add_test(tests, uniform_moments);
    tcase_add_test(tests, permutation_known_answers);
    tcase_add_loop_test(tests, permutation_has_each_once, 0, 10);
    tcase_add_test(tests, permutation_is_uniform);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
