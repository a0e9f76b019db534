/* Tests the presets, and the values that they leave to the data. */
#include <math.h>

#include "data/dataset.h"
#include "network/network.h"
#include "plain_options.h"
#include "preset.h"

START_TEST(article_is_the_article)
{
    const struct weft_options o = preset("article");
    ck_assert_uint_eq(o.hidden_count, 1);
    ck_assert_uint_eq(o.hidden[0], 50);
    ck_assert(o.head == WEFT_HEAD_SIGMOID && !o.bias && !o.single_output);
    ck_assert(o.initialization == WEFT_INIT_UNIFORM_ONE && o.seed == 42);
    ck_assert(o.epochs == 300 && o.batches == 25 && o.batch_size == 0);
    ck_assert(o.learning_rate == 0.001 && o.l1 == 0 && o.l2 == 0.5);
    ck_assert(o.reduction == WEFT_REDUCTION_SUM && !o.shuffle && o.scale == WEFT_SCALE_STANDARD);
    ck_assert(o.article_quirks && o.gemm == WEFT_GEMM_AUTO);
}
END_TEST

START_TEST(xor_is_the_first_example)
{
    const struct weft_options o = preset("xor");
    ck_assert(o.hidden_count == 1 && o.hidden[0] == 3);
    ck_assert(o.head == WEFT_HEAD_IDENTITY && !o.bias && o.single_output);
    ck_assert(o.initialization == WEFT_INIT_UNIFORM_UNIT);
    ck_assert(o.epochs == 50000 && o.batches == 1 && o.batch_size == 0);
    ck_assert(o.learning_rate == 0.1 && o.l1 == 0 && o.l2 == 0);
    ck_assert(o.reduction == WEFT_REDUCTION_SUM && !o.shuffle && o.scale == WEFT_SCALE_NONE);
    ck_assert(!o.article_quirks);
}
END_TEST

START_TEST(default_has_no_quirks)
{
    const struct weft_options o = preset("default");
    ck_assert(o.hidden_count == 2 && o.hidden[0] == 256 && o.hidden[1] == 128);
    ck_assert(o.head == WEFT_HEAD_SOFTMAX && o.bias && !o.single_output && !o.article_quirks);
    ck_assert(o.initialization == WEFT_INIT_AUTO && o.reduction == WEFT_REDUCTION_MEAN);
    ck_assert(o.label_smoothing == WEFT_AUTO);
    ck_assert(o.shuffle && o.scale == WEFT_SCALE_STANDARD);
}
END_TEST

/* Batches of N / 50, but 16 to 256; 20 epochs, or 30 from 10000 samples, or as many as the updates
 * take; rate 180 / N. The rest depends on the task. For classes: N / 3 updates, but 500 to 5000;
 * decay (3000 / N)^2, but 1/30 to 1; rate at most 0.01, or 0.003 for 64 to 999 samples. For
 * numbers: N updates, but 1000 to 4000; decay (3000 / N)^2, but 1/30 to 0.3, or (360 / N)^2 up to 2
 * where that is more; rate at most 0.005. */
static const struct {
    enum weft_task task;
    size_t samples, batch, epochs;
    double decay, rate;
} settled[] = {
    {WEFT_TASK_CLASSIFY, 1, 16, 500, 1.0, 0.01},
    {WEFT_TASK_CLASSIFY, 63, 16, 125, 1.0, 0.01},
    {WEFT_TASK_CLASSIFY, 64, 16, 125, 1.0, 0.003},
    {WEFT_TASK_CLASSIFY, 320, 16, 25, 1.0, 0.003},
    {WEFT_TASK_CLASSIFY, 850, 17, 20, 1.0, 0.003},
    {WEFT_TASK_CLASSIFY, 999, 19, 20, 1.0, 0.003},
    {WEFT_TASK_CLASSIFY, 1000, 20, 20, 1.0, 0.01},
    {WEFT_TASK_CLASSIFY, 3200, 64, 22, 0.87890625, 0.01},
    {WEFT_TASK_MULTILABEL, 4000, 80, 27, 0.5625, 0.01},
    {WEFT_TASK_CLASSIFY, 12000, 240, 80, 0.0625, 0.01},
    {WEFT_TASK_CLASSIFY, 20000, 256, 64, 1.0 / 30.0, 0.009},
    {WEFT_TASK_CLASSIFY, 60000, 256, 30, 1.0 / 30.0, 0.003},
    {WEFT_TASK_REGRESS, 1, 16, 1000, 2.0, 0.005},
    {WEFT_TASK_REGRESS, 320, 16, 50, 1.265625, 0.005},
    {WEFT_TASK_REGRESS, 480, 16, 34, 0.5625, 0.005},
    {WEFT_TASK_REGRESS, 800, 16, 20, 0.3, 0.005},
    {WEFT_TASK_REGRESS, 3200, 64, 64, 0.3, 0.005},
    {WEFT_TASK_REGRESS, 12000, 240, 80, 0.0625, 0.005},
    {WEFT_TASK_REGRESS, 60000, 256, 30, 1.0 / 30.0, 0.003},
};

START_TEST(what_is_left_to_the_data_is_settled)
{
    struct weft_options o = preset("default");
    const struct weft_dataset table = {.samples = settled[_i].samples};
    o.task = settled[_i].task;
    ck_ok(weft_options_settle(&o, &table));
    ck_assert_uint_eq(o.batch_size, settled[_i].batch);
    ck_assert_uint_eq(o.epochs, settled[_i].epochs);
    ck_assert_uint_eq(o.batches, 0);
    ck_assert_double_eq_tol(o.weight_decay, settled[_i].decay, 1e-15);
    ck_assert_double_eq_tol(o.learning_rate, settled[_i].rate, 1e-15);
}
END_TEST

/* Numbers that are curved functions of few samples take less decay and twice as many updates, up to
 * 4000. */
START_TEST(curved_numbers_are_settled_otherwise)
{
    static const struct {
        size_t samples, epochs;
    } expected[] = {{400, 80}, {1500, 60}, {4000, 80}};
    static float x[4000], y[4000];
    for (int i = 0; i < 4000; i++) {
        x[i] = (float)(i * 7 % 100) / 100.0f;
        y[i] = cosf(7.0f * x[i]);
    }
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        struct weft_options o = preset("default");
        const struct weft_dataset train = {
            .samples = expected[i].samples, .features = 1, .classes = 1, .x = x, .targets = y};
        ck_ok(weft_options_set(&o, "task", "regress"));
        ck_ok(weft_options_settle(&o, &train));
        ck_assert(o.weight_decay == 0.1 && o.learning_rate == 0.005);
        ck_assert_uint_eq(o.epochs, expected[i].epochs);
        ck_ok(weft_options_set(&o, "epochs", "3"));
        ck_ok(weft_options_set(&o, "weight-decay", "2"));
        ck_ok(weft_options_settle(&o, &train));
        ck_assert(o.weight_decay == 2.0 && o.epochs == 3);
    }
}
END_TEST

START_TEST(small_sets_of_images_take_the_usual_rate)
{
    struct weft_options o = preset("default");
    const struct weft_dataset train = {.samples = 320, .height = 28};
    ck_ok(weft_options_settle(&o, &train));
    ck_assert(o.learning_rate == 0.01);
}
END_TEST

/* Fashion-MNIST trains as it always did. */
START_TEST(fashion_mnist_is_settled_as_before)
{
    struct weft_options o = preset("default");
    const struct weft_dataset train = {.samples = 60000, .height = 28};
    ck_ok(weft_options_settle(&o, &train));
    ck_assert(o.epochs == 30 && o.batch_size == 256 && o.learning_rate == 0.003);
    ck_assert(o.weight_decay == 2000.0 / 60000.0 && o.label_smoothing == 0.05);
    ck_assert(o.activation[0] == WEFT_ACTIVATION_RELU && o.dropout[0] == 0.2);
}
END_TEST

START_TEST(smoothing_is_for_classes)
{
    struct weft_options options;
    ck_ok(weft_options_init(&options, "best"));
    ck_assert(options.label_smoothing > 0.0);
    ck_ok(weft_options_set(&options, "task", "multilabel"));
    ck_assert(options.label_smoothing == 0.0);
}
END_TEST

START_TEST(numbers_are_learned_by_another_network)
{
    struct weft_options o = preset("default");
    ck_ok(weft_options_set(&o, "task", "regress"));
    ck_assert(o.activation_count == 1 && o.activation[0] == WEFT_ACTIVATION_SILU);
    ck_assert(o.dropout_count == 1 && o.dropout[0] == 0.1);
    ck_assert(o.hidden_count == 3 && o.hidden[0] == 128 && o.hidden[2] == 64);
    ck_ok(weft_options_set(&o, "task", "multilabel"));
    ck_assert(o.activation[0] == WEFT_ACTIVATION_RELU && o.dropout[0] == 0.2);
    ck_assert(o.hidden_count == 2 && o.hidden[0] == 256);
    ck_ok(weft_options_set(&o, "activation", "tanh,relu"));
    ck_ok(weft_options_set(&o, "dropout", "0.25,0.5"));
    ck_ok(weft_options_set(&o, "task", "regress"));
    ck_assert(o.activation_count == 2 && o.activation[0] == WEFT_ACTIVATION_TANH);
    ck_assert(o.dropout_count == 2 && o.dropout[1] == 0.5);
    ck_assert(o.hidden_count == 2); /* The lists have two values. */
    o = preset("default");
    ck_ok(weft_options_set(&o, "hidden", "9"));
    ck_ok(weft_options_set(&o, "task", "regress"));
    ck_assert(o.hidden_count == 1 && o.hidden[0] == 9);
    o = preset("best");
    ck_ok(weft_options_set(&o, "task", "regress"));
    ck_assert(o.activation[0] == WEFT_ACTIVATION_GELU && o.dropout[0] == 0.3);
}
END_TEST

/* Labels of images are smoothed. Other tasks have none, and tables would lose log loss. */
START_TEST(label_smoothing_is_for_images)
{
    static const struct {
        enum weft_task task;
        size_t height;
        double smoothing;
    } expected[] = {{WEFT_TASK_CLASSIFY, 28, 0.05},
                    {WEFT_TASK_CLASSIFY, 0, 0.0},
                    {WEFT_TASK_MULTILABEL, 28, 0.0},
                    {WEFT_TASK_REGRESS, 28, 0.0}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        struct weft_options o = preset("default");
        const struct weft_dataset train = {.samples = 100, .height = expected[i].height};
        o.task = expected[i].task;
        ck_ok(weft_options_settle(&o, &train));
        ck_assert(o.label_smoothing == expected[i].smoothing);
        ck_ok(weft_options_set(&o, "label-smoothing", "0.25"));
        ck_ok(weft_options_settle(&o, &train));
        ck_assert(o.label_smoothing == 0.25);
    }
}
END_TEST

START_TEST(what_is_given_is_not_settled)
{
    const struct weft_dataset hundred = {.samples = 100};
    struct weft_options o = preset("default");
    ck_ok(weft_options_set(&o, "epochs", "3"));
    ck_ok(weft_options_set(&o, "batch-size", "7"));
    ck_ok(weft_options_set(&o, "weight-decay", "0"));
    ck_ok(weft_options_set(&o, "learning-rate", "0"));
    ck_ok(weft_options_settle(&o, &hundred));
    ck_assert(o.epochs == 3 && o.batch_size == 7);
    ck_assert(o.weight_decay == 0.0 && o.learning_rate == 0.0);
    ck_ok(weft_options_set(&o, "weight-decay", "auto"));
    ck_ok(weft_options_set(&o, "learning-rate", "auto"));
    ck_assert(o.weight_decay == WEFT_AUTO && o.learning_rate == WEFT_AUTO);
    ck_ok(weft_options_set(&o, "schedule", "cosine"));
    ck_ok(weft_options_set(&o, "min-rate", "0.007"));
    ck_ok(weft_options_check(&o)); /* the rate is not known yet, but at most 0.01 */
    ck_ok(weft_options_set(&o, "task", "regress"));
    ck_fails(weft_options_check(&o), WEFT_ERROR_USAGE,
             "min-rate: got 0.007, need at most the learning rate 0.005");
    ck_ok(weft_options_set(&o, "task", "classify"));
    ck_ok(weft_options_set(&o, "epochs", "auto"));
    ck_ok(weft_options_set(&o, "batches", "40"));
    ck_ok(weft_options_settle(&o, &hundred));
    ck_assert(o.epochs == 20 && o.batches == 40 && o.batch_size == 0);
    ck_assert(o.weight_decay == 1.0);
    ck_ok(weft_options_set(&o, "batch-size", "auto"));
    ck_ok(weft_options_settle(&o, &hundred));
    ck_assert(o.batches == 0 && o.batch_size == 16);
}
END_TEST

/* A recipe may change, but not into one that the options do not allow, nor best-plain into one that
 * augments. */
START_TEST(recipes_for_accuracy_are_whole)
{
    static const char *const recipes[] = {"default", "best-plain", "best"};
    for (int i = 0; i < 3; i++) {
        const struct weft_options o = preset(recipes[i]);
        ck_ok(weft_options_check(&o));
        ck_assert(o.optimizer == WEFT_OPTIMIZER_ADAMW && o.schedule == WEFT_SCHEDULE_ONE_CYCLE);
        ck_assert(o.head == WEFT_HEAD_SOFTMAX && o.shuffle && o.task == WEFT_TASK_CLASSIFY);
        ck_assert(o.dropout_count == 1 && o.dropout[0] > 0.0);
        ck_assert((o.label_smoothing > 0.0) == (i > 0));
        ck_assert(o.batch_norm == (i > 0));
        ck_assert((o.shift > 0 && o.flip) == (i == 2));
        ck_assert(o.mixup == 0.0 && o.erase == 0);
    }
}
END_TEST

START_TEST(unknown_preset)
{
    struct weft_options options;
    ck_fails(
        weft_options_init(&options, "artcle"), WEFT_ERROR_USAGE,
        "preset artcle: unknown preset; did you mean article? Known: default, best-plain, best, "
        "article, xor");
    ck_fails(weft_options_init(&options, ""), WEFT_ERROR_USAGE,
             "preset \"\": unknown preset; known: default, best-plain, best, article, xor");
}
END_TEST

/* Output of the 2-3-1 network, w1 [3][2], w2 [3]; a [3] its hidden activations. */
static double xor_output(const double *w1, const double *w2, const double *x, double *a)
{
    double y = 0;
    for (int h = 0; h < 3; h++) {
        a[h] = 1 / (1 + exp(-(w1[2 * h] * x[0] + w1[2 * h + 1] * x[1])));
        y += w2[h] * a[h];
    }
    return y;
}

/* One epoch of full-batch gradient descent on half the squared error; the worst |output - target|
 * before it. */
static double xor_epoch(double *w1, double *w2, double rate)
{
    static const double x[4][2] = {{0, 0}, {0, 1}, {1, 0}, {1, 1}}, target[4] = {0, 1, 1, 0};
    double dw1[6] = {0}, dw2[3] = {0}, worst = 0;
    for (int s = 0; s < 4; s++) {
        double a[3];
        const double dz = xor_output(w1, w2, x[s], a) - target[s];
        worst = fmax(worst, fabs(dz));
        for (int h = 0; h < 3; h++) {
            const double da = dz * w2[h] * a[h] * (1 - a[h]);
            dw2[h] += dz * a[h];
            dw1[2 * h] += da * x[s][0];
            dw1[2 * h + 1] += da * x[s][1];
        }
    }
    for (int i = 0; i < 6; i++)
        w1[i] -= rate * dw1[i];
    for (int i = 0; i < 3; i++)
        w2[i] -= rate * dw2[i];
    return worst;
}

START_TEST(the_seed_of_xor_finds_the_solution)
{
    const struct weft_options o = preset("xor");
    const size_t widths[] = {2, o.hidden[0], 1};
    struct network network;
    float p[9];
    double w1[6], w2[3], first = 0, worst = 0;
    ck_ok(network_init(&network, widths, 2, o.head, o.bias));
    ck_assert_uint_eq(network.parameter_count, 9);
    network_initialize(&network, o.initialization, o.seed, p);
    for (int i = 0; i < 9; i++)
        *(i < 6 ? &w1[i] : &w2[i - 6]) = (double)p[i];
    for (size_t epoch = 0; epoch < o.epochs; epoch++) {
        worst = xor_epoch(w1, w2, o.learning_rate);
        first = epoch == 0 ? worst : first;
    }
    ck_assert_double_gt(first, 0.3); /* it was not there from the start */
    ck_assert_double_lt(worst, 1e-6);
    network_reset(&network);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("presets");
    TCase *tests = tcase_create("presets");
    tcase_add_test(tests, article_is_the_article);
    tcase_add_test(tests, xor_is_the_first_example);
    tcase_add_test(tests, default_has_no_quirks);
    tcase_add_loop_test(tests, what_is_left_to_the_data_is_settled, 0,
                        sizeof settled / sizeof *settled);
    tcase_add_test(tests, curved_numbers_are_settled_otherwise);
    tcase_add_test(tests, small_sets_of_images_take_the_usual_rate);
    tcase_add_test(tests, fashion_mnist_is_settled_as_before);
    tcase_add_test(tests, smoothing_is_for_classes);
    tcase_add_test(tests, numbers_are_learned_by_another_network);
    tcase_add_test(tests, label_smoothing_is_for_images);
    tcase_add_test(tests, what_is_given_is_not_settled);
    tcase_add_test(tests, recipes_for_accuracy_are_whole);
    tcase_add_test(tests, unknown_preset);
    tcase_add_test(tests, the_seed_of_xor_finds_the_solution);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
