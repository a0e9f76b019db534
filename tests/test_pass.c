/* Tests scores of forward passes in blocks on both devices. The numbers of samples are around the
 * size of a block, and the expected scores are worked by hand. The network passes its only feature
 * through, so that every sum is exact. */
#include "devices.h"
#include "train/pass.h"

static const size_t counts[] = {
    1, 2, PASS_BLOCK - 1, PASS_BLOCK, PASS_BLOCK + 1, 2 * PASS_BLOCK, 2 * PASS_BLOCK + 452};
enum { COUNTS = sizeof counts / sizeof *counts, LONGEST = 2 * PASS_BLOCK + 452 };

static struct network network;

/* One feature, one output, weight 1, no bias. */
static void network_open(void)
{
    const size_t widths[] = {1, 1};
    ck_ok(network_init(&network, widths, 1, WEFT_HEAD_IDENTITY, false));
}

static void network_close(void)
{
    network_reset(&network);
}

/* x = 0, 1, 2, 3, 0, ... and label 0, 0, 1, 0, 0, 1, ...: loss (x - label)^2 / 2, and right where
 * x > 1/2 tells the label. */
static float feature(size_t i)
{
    return (float)(i % 4);
}

static int32_t label(size_t i)
{
    return i % 3 == 2;
}

static struct device_data *samples_open(size_t count)
{
    static float x[LONGEST];
    static int32_t labels[LONGEST];
    for (size_t i = 0; i < count; i++) {
        x[i] = feature(i);
        labels[i] = label(i);
    }
    const struct data_source source = {.samples = count, .features = 1, .x = x, .labels = labels};
    struct device_data *data;
    ck_ok(backend->data_create(device, &source, &data));
    return data;
}

static void pass_open(struct pass *pass, size_t samples)
{
    static const float weight = 1.0f;
    ck_ok(pass_init(pass, device, &network, samples, WEFT_GEMM_AUTO));
    ck_ok(pass_parameters(pass, &weight));
}

START_TEST(scores_of_any_number)
{
    const size_t count = counts[_i];
    double loss = 0.0;
    size_t correct = 0;
    for (size_t i = 0; i < count; i++) {
        const double difference = (double)feature(i) - (double)label(i);
        loss += difference * difference / 2.0;
        correct += (i % 4 != 0) == (i % 3 == 2);
    }
    struct device_data *data = samples_open(count);
    struct pass pass;
    struct pass_result result;
    pass_open(&pass, count);
    for (int twice = 0; twice < 2; twice++) {
        ck_ok(pass_score(&pass, data, count, false, &result));
        ck_assert_double_eq(result.mean_loss, loss / (double)count);
        ck_assert_uint_eq(result.correct, correct);
    }
    pass_reset(&pass);
    backend->data_destroy(data);
}
END_TEST

/* Fewer than there are: the rest is not looked at. */
START_TEST(the_first_samples_alone)
{
    struct device_data *data = samples_open(LONGEST);
    struct pass pass;
    struct pass_result result;
    pass_open(&pass, LONGEST);
    ck_ok(pass_score(&pass, data, 6, false, &result));
    /* x 0 1 2 3 0 1, label 0 0 1 0 0 1: halves of 0 1 1 9 0 0, and right 1 0 1 0 1 1 */
    ck_assert_double_eq(result.mean_loss, 5.5 / 6.0);
    ck_assert_uint_eq(result.correct, 4);
    pass_reset(&pass);
    backend->data_destroy(data);
}
END_TEST

/* Memory for as many blocks as needed, and no more; a pass may be reset twice. */
START_TEST(blocks_of_the_longest_pass)
{
    static const size_t blocks[COUNTS] = {1, 1, 1, 1, 2, 2, 3};
    struct pass pass;
    for (size_t i = 0; i < COUNTS; i++) {
        ck_ok(pass_init(&pass, device, &network, counts[i], WEFT_GEMM_AUTO));
        ck_assert_uint_eq(pass.blocks, blocks[i]);
        pass_reset(&pass);
        pass_reset(&pass);
        ck_assert_ptr_null(pass.workspace);
        ck_assert_ptr_null(pass.metrics);
    }
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_checked_fixture(tests, network_open, network_close);
    tcase_add_loop_test(tests, scores_of_any_number, 0, COUNTS);
    tcase_add_test(tests, the_first_samples_alone);
    tcase_add_test(tests, blocks_of_the_longest_pass);
}

int main(void)
{
    Suite *suite = suite_create("pass");
    suite_add_devices(suite, add_tests);
    return suite_main(suite);
}
