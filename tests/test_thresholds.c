/* What is predicted at the edge, on both devices: outputs that are equal, or next to 1/2. */
#include "devices.h"

enum { ROWS = 6, COLUMNS = 3 };

/* correct [rows] of a head for z [rows][columns] */
static void judge(enum primitive head, size_t rows, size_t columns, const float *z,
                  const int32_t *labels, uint32_t *correct)
{
    float z_copy[ROWS * COLUMNS], dz[ROWS * COLUMNS], loss[ROWS];
    int32_t labels_copy[ROWS];
    memcpy(z_copy, z, rows * columns * sizeof *z);
    memcpy(labels_copy, labels, rows * sizeof *labels);
    const struct primitive_call call = {.primitive = head,
                                        .rows = rows,
                                        .columns = columns,
                                        .scalars = {1.0f, 0.0f},
                                        .arrays = {{z_copy, rows * columns},
                                                   {labels_copy, rows},
                                                   {dz, rows * columns},
                                                   {loss, rows},
                                                   {correct, rows}}};
    ck_ok(backend->primitive_run(device, &call));
}

/* A single output predicts class 1 where it exceeds 1/2, by the last bit. */
START_TEST(one_half_is_class_0)
{
    const float half = 0.5f, above = nextafterf(half, 1.0f), below = nextafterf(half, 0.0f);
    const float z[ROWS] = {below, half, above, below, half, above};
    static const int32_t labels[ROWS] = {0, 0, 0, 1, 1, 1};
    static const uint32_t expected[ROWS] = {1, 1, 0, 0, 0, 1};
    uint32_t correct[ROWS];
    judge(PRIMITIVE_IDENTITY_SQUARED_ERROR, ROWS, 1, z, labels, correct);
    ck_assert_mem_eq(correct, expected, sizeof expected);
}
END_TEST

/* Of a sigmoid: z = 0 is 1/2 exactly, 1e-6 above it by four units of the last place. */
START_TEST(a_sigmoid_of_one_half_is_class_0)
{
    static const float z[ROWS] = {-1e-6f, 0.0f, 1e-6f, -1e-6f, 0.0f, 1e-6f};
    static const int32_t labels[ROWS] = {0, 0, 0, 1, 1, 1};
    static const uint32_t expected[ROWS] = {1, 1, 0, 0, 0, 1};
    uint32_t correct[ROWS];
    judge(PRIMITIVE_SIGMOID_CROSS_ENTROPY, ROWS, 1, z, labels, correct);
    ck_assert_mem_eq(correct, expected, sizeof expected);
}
END_TEST

/* Of equal outputs the first is the prediction. _i is the head. */
START_TEST(the_first_of_equals)
{
    static const enum primitive heads[] = {PRIMITIVE_SOFTMAX_CROSS_ENTROPY,
                                           PRIMITIVE_SIGMOID_CROSS_ENTROPY,
                                           PRIMITIVE_IDENTITY_SQUARED_ERROR};
    static const float z[ROWS * COLUMNS] = {2.0f,  2.0f,  2.0f,  1.0f, 2.0f, 2.0f,
                                            2.0f,  1.0f,  2.0f,  0.0f, 0.0f, 1.0f,
                                            -1.0f, -1.0f, -2.0f, 3.0f, 4.0f, 4.0f};
    static const int32_t labels[ROWS] = {0, 1, 2, 2, 1, 2};
    static const uint32_t expected[ROWS] = {1, 1, 0, 1, 0, 0};
    uint32_t correct[ROWS];
    judge(heads[_i], ROWS, COLUMNS, z, labels, correct);
    ck_assert_mem_eq(correct, expected, sizeof expected);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_test(tests, one_half_is_class_0);
    tcase_add_test(tests, a_sigmoid_of_one_half_is_class_0);
    tcase_add_loop_test(tests, the_first_of_equals, 0, 3);
}

int main(void)
{
    Suite *suite = suite_create("thresholds");
    suite_add_devices(suite, add_tests);
    return suite_main(suite);
}
