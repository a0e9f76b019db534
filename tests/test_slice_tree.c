/* Tests the order in which the gradients of slices are added: worked by hand, and the same for
 * every number of ranks. */
#include "suite.h"
#include "train/slice_group.h"

enum { MOST_SLICES = 70, MOST_NODES = 70 };

/* Value of a slice. The magnitudes differ, so that another order gives another sum. */
static float value(size_t s)
{
    static const float magnitudes[] = {1e-7f, 1.0f, 3e7f, -3e7f, 1e3f};
    return magnitudes[s * 7 % 5] * (1.0f + (float)(s * 31 % 101) / 100.0f);
}

/* Adds the slices of a rank into nodes, one slice after the other, as a device does. Returns the
 * number of nodes. */
static size_t nodes_make(size_t slices, size_t first, size_t count, float *nodes)
{
    struct slice_tree tree;
    const size_t sums = slice_tree_make(&tree, slices, first, count), made = tree.count;
    tree.count = 0;
    for (size_t s = first; s < first + count; s++) {
        const size_t before = tree.count;
        size_t additions = slice_tree_append(&tree, (struct slice_node){.first = s});
        ck_assert_uint_le(additions, before);
        if (additions == 0) {
            ck_assert_uint_lt(before, sums);
            nodes[before] = value(s);
            continue;
        }
        nodes[before - 1] += value(s);
        for (size_t last = before; additions > 1; additions--, last--)
            nodes[last - 2] += nodes[last - 1];
    }
    ck_assert_uint_eq(tree.count, made);
    return made;
}

static float sum_of(size_t slices, size_t ranks)
{
    float nodes[MOST_NODES], sum = 0.0f;
    float *arrays[MOST_NODES];
    struct slice_addition additions[MOST_NODES];
    size_t made = 0;
    for (size_t r = 0; r < ranks; r++) {
        size_t first, count;
        slice_range(slices, ranks, r, &first, &count);
        made += nodes_make(slices, first, count, nodes + made);
    }
    ck_assert_uint_eq(slice_tree_additions(slices, ranks, NULL), made);
    ck_assert_uint_eq(slice_tree_additions(slices, ranks, additions), made);
    for (size_t i = 0; i < made; i++)
        arrays[i] = &nodes[i];
    slice_tree_sum(additions, made - 1, arrays, 1, &sum);
    return sum;
}

START_TEST(sums_are_those_worked_by_hand)
{
    float v[8];
    for (size_t s = 0; s < 8; s++)
        v[s] = value(s);
    const float pairs[] = {v[0] + v[1], v[2] + v[3], v[4] + v[5], v[6] + v[7]};
    const float want[] = {v[0],
                          pairs[0],
                          pairs[0] + v[2],
                          pairs[0] + pairs[1],
                          pairs[0] + pairs[1] + v[4],
                          pairs[0] + pairs[1] + pairs[2],
                          pairs[0] + pairs[1] + (pairs[2] + v[6]),
                          pairs[0] + pairs[1] + (pairs[2] + pairs[3])};
    for (size_t slices = 1; slices <= 8; slices++) {
        const float got = sum_of(slices, 1);
        ck_assert_msg(memcmp(&got, &want[slices - 1], sizeof got) == 0,
                      "%zu slices: got %.9g, expected %.9g", slices, (double)got,
                      (double)want[slices - 1]);
    }
}
END_TEST

START_TEST(every_number_of_ranks_adds_in_the_same_order)
{
    for (size_t slices = 1; slices <= MOST_SLICES; slices++) {
        const float want = sum_of(slices, 1);
        for (size_t ranks = 2; ranks <= slices; ranks++) {
            const float got = sum_of(slices, ranks);
            ck_assert_msg(memcmp(&got, &want, sizeof got) == 0,
                          "%zu slices on %zu ranks: got %.9g, expected %.9g", slices, ranks,
                          (double)got, (double)want);
        }
    }
}
END_TEST

/* What a rank sends and holds. */
START_TEST(few_arrays_suffice)
{
    struct slice_tree tree;
    static const struct {
        size_t slices, ranks, nodes;
    } rows[] = {{8, 1, 1}, {8, 2, 2}, {8, 4, 4}, {8, 8, 8}, {8, 3, 5}, {1024, 2, 2}, {1000, 2, 9}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ck_assert_uint_eq(slice_tree_additions(rows[i].slices, rows[i].ranks, NULL), rows[i].nodes);
    ck_assert_uint_eq(slice_tree_make(&tree, 2, 0, 2), 1);
    ck_assert_uint_eq(slice_tree_make(&tree, 8, 0, 8), 3);
    ck_assert_uint_eq(slice_tree_make(&tree, 1024, 0, 1024), 10);
    ck_assert_uint_eq(slice_tree_make(&tree, (size_t)1 << 20, 1, ((size_t)1 << 20) - 2), 38);
    ck_assert_uint_le(tree.count, SLICE_TREE_NODES);
}
END_TEST

/* Long arrays are shared by threads, in parts. */
START_TEST(long_arrays_are_added_whole)
{
    enum { N = 100003, ARRAYS = 3 };
    static float numbers[ARRAYS][N], sum[N];
    float *arrays[ARRAYS] = {numbers[0], numbers[1], numbers[2]};
    struct slice_addition additions[ARRAYS];
    for (size_t i = 0; i < ARRAYS * N; i++)
        numbers[i / N][i % N] = (float)(i % 1000) * (i / N == 1 ? -1.0f : 0.5f);
    ck_assert_uint_eq(slice_tree_additions(3, 3, additions), ARRAYS);
    slice_tree_sum(additions, ARRAYS - 1, arrays, N, sum);
    for (size_t i = 0; i < N; i++) {
        const float want =
            (float)(i % 1000) * 0.5f - (float)((i + N) % 1000) + (float)((i + 2 * N) % 1000) * 0.5f;
        ck_assert_msg(sum[i] == want, "number %zu: got %g, expected %g", i, (double)sum[i],
                      (double)want);
    }
}
END_TEST

/* Every number is in one piece. Pieces begin with a page of memory. */
START_TEST(pieces_cover_all_numbers)
{
    static const size_t sizes[] = {1, 1023, 1024, 1025, 7777, 1863690};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (size_t ranks = 1; ranks <= 9; ranks++) {
            const size_t count = sizes[i] - sizes[i] / 5;
            size_t next = 0, next_of_values = 0;
            for (size_t r = 0; r < ranks; r++) {
                size_t first, size;
                slice_piece(sizes[i], sizes[i], ranks, r, &first, &size);
                ck_assert_uint_eq(first, next_of_values);
                ck_assert_uint_eq(first % 1024, size == 0 ? first % 1024 : 0);
                next_of_values += size;
                slice_piece(sizes[i], count, ranks, r, &first, &size);
                ck_assert_uint_eq(first, next);
                next += size;
            }
            ck_assert_uint_eq(next, count);
            ck_assert_uint_eq(next_of_values, sizes[i]);
        }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("slice_tree");
    TCase *tests = tcase_create("slice_tree");
    tcase_add_test(tests, sums_are_those_worked_by_hand);
    tcase_add_test(tests, every_number_of_ranks_adds_in_the_same_order);
    tcase_add_test(tests, few_arrays_suffice);
    tcase_add_test(tests, long_arrays_are_added_whole);
    tcase_add_test(tests, pieces_cover_all_numbers);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
