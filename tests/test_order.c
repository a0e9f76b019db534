/* Tests the batches of an epoch. Their expected sizes come from numpy.array_split. */
#include <string.h>

#include "data/order.h"
#include "suite.h"

/* The batches follow each other, cover all samples, and none is larger than `largest`. */
static void check_cover(const struct batch_plan *plan)
{
    size_t next = 0, largest = 0;
    for (size_t i = 0; i < plan->count; i++) {
        size_t first, count;
        batch_plan_range(plan, i, &first, &count);
        ck_assert_uint_eq(first, next);
        ck_assert_uint_ge(count, 1);
        next += count;
        largest = count > largest ? count : largest;
    }
    ck_assert_uint_eq(next, plan->samples);
    ck_assert_uint_eq(largest, plan->largest);
}

/* numpy.array_split(range(samples), parts): `larger` parts of size + 1, then parts of `size`. */
START_TEST(parts_as_array_split)
{
    static const struct {
        size_t samples, parts, larger, size;
    } rows[] = {{10, 3, 1, 3},        {10, 4, 2, 2}, {48000, 25, 0, 1920},
                {60000, 25, 0, 2400}, {7, 7, 0, 1},  {60000, 7, 3, 8571},
                {93, 64, 29, 1},      {1, 1, 0, 1},  {1000003, 1000, 3, 1000}};
    for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
        struct batch_plan plan = batch_plan_make(rows[row].samples, rows[row].parts, 0);
        ck_assert_uint_eq(plan.count, rows[row].parts);
        ck_assert(!plan.by_size);
        for (size_t i = 0; i < plan.count; i++) {
            size_t first, count;
            batch_plan_range(&plan, i, &first, &count);
            ck_assert_uint_eq(count, rows[row].size + (i < rows[row].larger));
        }
        check_cover(&plan);
    }
}
END_TEST

START_TEST(more_parts_than_samples)
{
    struct batch_plan plan = batch_plan_make(5, 9, 0);
    ck_assert_uint_eq(plan.count, 5);
    ck_assert_uint_eq(plan.largest, 1);
    check_cover(&plan);
}
END_TEST

START_TEST(batches_of_a_size)
{
    static const struct {
        size_t samples, size, count, last;
    } rows[] = {{10, 4, 3, 2}, {10, 5, 2, 5}, {10, 1, 10, 1}, {3, 64, 1, 3}, {60000, 64, 938, 32}};
    for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
        struct batch_plan plan = batch_plan_make(rows[row].samples, 0, rows[row].size);
        size_t first, count;
        ck_assert(plan.by_size);
        ck_assert_uint_eq(plan.count, rows[row].count);
        batch_plan_range(&plan, plan.count - 1, &first, &count);
        ck_assert_uint_eq(count, rows[row].last);
        check_cover(&plan);
    }
}
END_TEST

START_TEST(parts_win_over_size)
{
    struct batch_plan plan = batch_plan_make(10, 2, 3);
    ck_assert(!plan.by_size);
    ck_assert_uint_eq(plan.count, 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("order");
    TCase *tests = tcase_create("order");
    tcase_add_test(tests, parts_as_array_split);
    tcase_add_test(tests, more_parts_than_samples);
    tcase_add_test(tests, batches_of_a_size);
    tcase_add_test(tests, parts_win_over_size);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
