/* Tests the gradient check. Correct devices pass it with every head, every task and every random
 * choice of the training. The check names a gradient that is off by 0.1 %, a loss that does not
 * belong to the gradient, and a batch with other random draws. It also names the parameter that is
 * farthest off. */
#include <string.h>

#include "devices.h"
#include "options/activation_traits.h"
#include "plain_options.h"
#include "weft_device.h"

/* 6-5-4, or what the options make of it, and a few samples: images of 2 x 3 pixels. */
struct subject {
    struct weft_options options;
    struct weft_dataset *dataset;
    struct weft_model *model;
    struct weft_gradient gradient;
};

enum { SAMPLES = 9, MANY_SAMPLES = 50, FEATURES = 6, CLASSES = 4 };

static size_t samples = SAMPLES;

/* Samples with labels, or with the targets of another task. */
static void dataset_open(struct subject *subject)
{
    float x[MANY_SAMPLES * FEATURES], targets[MANY_SAMPLES * CLASSES];
    int32_t labels[MANY_SAMPLES];
    const enum weft_task task = subject->options.task;
    for (size_t i = 0; i < samples * FEATURES; i++)
        x[i] = (float)((i * 37) % 23) / 7.0f;
    for (size_t i = 0; i < samples; i++)
        labels[i] = (int32_t)(i % CLASSES);
    for (size_t i = 0; i < samples * CLASSES; i++)
        targets[i] =
            task == WEFT_TASK_REGRESS ? (float)((i * 11) % 17) / 5.0f - 1.0f : (float)(i % 7 % 2);
    if (task == WEFT_TASK_CLASSIFY)
        ck_ok(weft_dataset_create(samples, FEATURES, CLASSES, x, labels, &subject->dataset));
    else
        ck_ok(
            weft_dataset_create_targets(samples, FEATURES, CLASSES, x, targets, &subject->dataset));
    ck_ok(weft_dataset_set_image(subject->dataset, 2, 3, 1));
}

enum { MOST_SETTINGS = 8 };

/* settings [MOST_SETTINGS] of name and value, up to the first NULL */
static void subject_open_with(struct subject *subject, const char *const (*settings)[2])
{
    subject->options = plain_options();
    ck_ok(weft_options_set(&subject->options, "hidden", "5"));
    ck_ok(weft_options_set(&subject->options, "l1", "0.01"));
    ck_ok(weft_options_set(&subject->options, "l2", "0.03"));
    for (size_t i = 0; i < MOST_SETTINGS && settings[i][0] != NULL; i++)
        ck_ok(weft_options_set(&subject->options, settings[i][0], settings[i][1]));
    dataset_open(subject);
    ck_ok(weft_model_create(&subject->options, subject->dataset, &subject->model));
}

static void subject_open(struct subject *subject, const char *head)
{
    const char *const settings[MOST_SETTINGS][2] = {{"head", head}};
    subject_open_with(subject, settings);
}

static void subject_close(struct subject *subject)
{
    weft_model_destroy(subject->model);
    weft_dataset_destroy(subject->dataset);
}

static enum weft_status subject_check(struct subject *subject, struct weft_device *checked)
{
    return weft_check_gradient(checked, subject->model, &subject->options, subject->dataset, NULL,
                               NULL, &subject->gradient);
}

/* Asserts that the worst gradients are not 0, and that those of the reference are slopes of its
 * loss. */
static void assert_slopes(const struct subject *subject, double tolerance)
{
    for (size_t w = 0; w < WEFT_WORST_PARAMETERS; w++) {
        const struct weft_parameter_gradient *worst = &subject->gradient.worst[w];
        ck_assert(worst->device != 0.0);
        ck_assert_double_eq_tol(worst->reference_difference, worst->reference, tolerance);
    }
}

/* The same with targets that labels do not say. */
START_TEST(smoothed_and_weighted_targets_pass)
{
    static const char *const heads[] = {"sigmoid", "softmax", "identity"};
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        struct subject subject;
        subject_open(&subject, heads[i]);
        ck_ok(weft_options_set(&subject.options, "label-smoothing", "0.2"));
        ck_ok(weft_options_set(&subject.options, "class-weight", "1,0.3,2,0"));
        ck_ok(subject_check(&subject, device));
        /* features, targets and weights of the samples; then as below */
        ck_assert_uint_eq(subject.gradient.check.results, 3 + 12);
        assert_slopes(&subject, 1e-8);
        subject_close(&subject);
    }
}
END_TEST

/* Batches with samples enough for steps in parts, where output_delta gathers the batch. */
START_TEST(large_batches_pass)
{
    static const char *const settings[][MOST_SETTINGS][2] = {
        {{"task", "regress"}},
        {{"label-smoothing", "0.2"}, {"class-weight", "1,0.3,2,0"}},
        {{"input-dropout", "0.3"}, {"dropout", "0.4"}},
        {{"shift", "1"}, {"flip", "yes"}}};
    struct subject subject;
    samples = MANY_SAMPLES;
    subject_open_with(&subject, settings[_i]);
    ck_ok(subject_check(&subject, device));
    ck_assert_uint_eq(subject.gradient.samples, MANY_SAMPLES);
    ck_assert_uint_eq(subject.gradient.check.failed, 0);
    subject_close(&subject);
    samples = SAMPLES;
}
END_TEST

START_TEST(honest_devices_pass)
{
    static const char *const heads[] = {"sigmoid", "softmax", "identity"};
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        struct subject subject;
        subject_open(&subject, heads[i]);
        ck_ok(subject_check(&subject, device));
        /* features; weights and biases of two layers, each in three ways */
        ck_assert_uint_eq(subject.gradient.check.results, 1 + 12);
        ck_assert_uint_eq(subject.gradient.check.failed, 0);
        ck_assert_uint_eq(subject.gradient.samples, SAMPLES);
        ck_assert_uint_eq(subject.gradient.worst_count, WEFT_WORST_PARAMETERS);
        for (size_t w = 0; w < WEFT_WORST_PARAMETERS; w++) {
            const struct weft_parameter_gradient *worst = &subject.gradient.worst[w];
            ck_assert_double_eq_tol(worst->device, worst->reference, 1e-5);
            ck_assert_double_eq_tol(worst->device_difference, worst->reference, 1e-2);
            ck_assert_double_eq_tol(worst->reference_difference, worst->reference, 1e-8);
            ck_assert(w == 0 || worst->ratio <= worst[-1].ratio);
        }
        subject_close(&subject);
    }
}
END_TEST

/* ---- what training draws ---- */

/* What the batch and the network have besides, and how many results there are: 3 of dense targets
 * or 1, and 3 ways for each tensor. */
static const struct drawn {
    size_t results;
    const char *settings[MOST_SETTINGS][2];
} drawn[] = {
    {1 + 12, {{"dropout", "0.4"}}},
    {1 + 12, {{"input-dropout", "0.3"}}},
    {1 + 12, {{"shift", "1"}, {"flip", "yes"}, {"erase", "1"}}},
    {3 + 12, {{"mixup", "0.7"}, {"input-dropout", "0.2"}}},
    {1 + 15, {{"batch-norm", "yes"}, {"activation", "relu"}}},
    {1 + 24, {{"batch-norm", "yes"}, {"hidden", "5,4"}, {"activation", "tanh,gelu"}}},
    {1 + 24, /* bends sharply: two samples that are hardly apart */
     {{"batch-norm", "yes"},
      {"hidden", "6,4"},
      {"batch-size", "2"},
      {"input-dropout", "0.2"},
      {"seed", "2"}}},
    {3 + 15,
     {{"batch-norm", "yes"},
      {"dropout", "0.3"},
      {"input-dropout", "0.2"},
      {"mixup", "1"},
      {"shift", "1"},
      {"class-weight", "0.5,1,2,3"},
      {"activation", "silu"}}},
    {3 + 12, {{"task", "multilabel"}}},
    {3 + 12, {{"task", "regress"}}},
    {3 + 12, {{"task", "multilabel"}, {"label-smoothing", "0.1"}, {"dropout", "0.5"}}},
    {3 + 15, {{"task", "regress"}, {"batch-norm", "yes"}, {"mixup", "0.4"}, {"dropout", "0.2"}}},
};

START_TEST(what_training_draws_is_checked)
{
    struct subject subject;
    subject_open_with(&subject, drawn[_i].settings);
    ck_ok(subject_check(&subject, device));
    ck_assert_uint_eq(subject.gradient.check.results, drawn[_i].results);
    ck_assert_uint_eq(subject.gradient.check.failed, 0);
    assert_slopes(&subject, 1e-7);
    subject_close(&subject);
}
END_TEST

/* Two hidden layers of each activation; the first has batch norm, so that its z has both signs. */
START_TEST(every_activation_is_checked)
{
    const char *name = weft_option_word("activation", (unsigned)_i);
    const char *const settings[MOST_SETTINGS][2] = {
        {"hidden", "6,5"}, {"batch-norm", "yes"}, {"activation", name}};
    struct subject subject;
    subject_open_with(&subject, settings);
    ck_ok(subject_check(&subject, device));
    ck_assert_uint_eq(subject.gradient.check.failed, 0);
    assert_slopes(&subject, 1e-7);
    subject_close(&subject);
}
END_TEST

/* ---- devices that are wrong ---- */

static struct backend wrong;

/* One weight of layer 1 has a gradient that is 0.1 % too large. */
static enum weft_status spoilt_download(struct workspace *workspace, enum tensor tensor,
                                        size_t layer, float *values)
{
    ck_ok(backend->tensor_download(workspace, tensor, layer, values));
    if (tensor == TENSOR_WEIGHT_GRADIENT && layer == 1)
        values[2 * 5 + 3] *= 1.001f;
    return WEFT_OK;
}

/* Losses that are 1 % too large. */
static enum weft_status spoilt_metrics(struct workspace *workspace, size_t count,
                                       struct batch_metrics *metrics)
{
    ck_ok(backend->metrics_download(workspace, count, metrics));
    for (size_t i = 0; i < count; i++)
        metrics[i].loss *= 1.01f;
    return WEFT_OK;
}

/* Gradients of scale and shift that are 0.1 % too large. */
static enum weft_status spoilt_norm(struct workspace *workspace, enum tensor tensor, size_t layer,
                                    float *values)
{
    ck_ok(backend->tensor_download(workspace, tensor, layer, values));
    for (size_t i = 0; tensor == TENSOR_NORM_GRADIENT && i < 2 * 5; i++)
        values[i] *= 1.001f;
    return WEFT_OK;
}

/* Every batch is another one's, as far as it is drawn. */
static enum weft_status spoilt_gather(struct workspace *workspace, const struct device_data *data,
                                      size_t first, size_t count, const struct batch_draw *draw)
{
    struct batch_draw other = *draw;
    other.batch++;
    return backend->batch_gather(workspace, data, first, count, &other);
}

/* The check on `device` with the table `wrong`, once it has passed the known-answer test. */
static enum weft_status subject_check_wrong(struct subject *subject)
{
    ck_ok(subject_check(subject, device));
    device->backend = &wrong;
    const enum weft_status status = subject_check(subject, device);
    device->backend = backend;
    return status;
}

START_TEST(a_wrong_gradient_is_named)
{
    struct subject subject;
    subject_open(&subject, "softmax");
    wrong = *backend;
    wrong.tensor_download = spoilt_download;
    ck_assert_int_eq(subject_check_wrong(&subject), WEFT_ERROR_WRONG_RESULT);
    ck_assert_msg(strstr(weft_error(), "gradient layer 1: weights, 4x5: dw, element 13") != NULL,
                  "%s", weft_error());
    ck_assert_uint_eq(subject.gradient.check.failed, 1);
    ck_assert_uint_eq(subject.gradient.worst[0].layer, 1);
    ck_assert_uint_eq(subject.gradient.worst[0].output, 2);
    ck_assert_uint_eq(subject.gradient.worst[0].input, 3);
    ck_assert_double_gt(subject.gradient.worst[0].ratio, 1.0);
    subject_close(&subject);
}
END_TEST

START_TEST(a_wrong_loss_is_named)
{
    struct subject subject;
    subject_open(&subject, "sigmoid");
    wrong = *backend;
    wrong.metrics_download = spoilt_metrics;
    ck_assert_int_eq(subject_check_wrong(&subject), WEFT_ERROR_WRONG_RESULT);
    ck_assert_msg(strstr(weft_error(), "device_difference") != NULL, "%s", weft_error());
    subject_close(&subject);
}
END_TEST

START_TEST(a_wrong_gradient_of_batch_norm_is_named)
{
    static const char *const settings[MOST_SETTINGS][2] = {{"batch-norm", "yes"}};
    struct subject subject;
    subject_open_with(&subject, settings);
    wrong = *backend;
    wrong.tensor_download = spoilt_norm;
    ck_assert_int_eq(subject_check_wrong(&subject), WEFT_ERROR_WRONG_RESULT);
    ck_assert_msg(strstr(weft_error(), "gradient layer 0: scales, 5: dscale") != NULL, "%s",
                  weft_error());
    ck_assert_uint_eq(subject.gradient.check.failed, 2);
    subject_close(&subject);
}
END_TEST

/* What is drawn, and where it shows first. */
static const struct {
    const char *settings[MOST_SETTINGS][2], *named;
} other_draws[] = {{{{"dropout", "0.4"}}, ": gradient layer "},
                   {{{"input-dropout", "0.3"}}, ": gather 9x6: x"},
                   {{{"shift", "1"}}, ": gather 9x6: x"},
                   {{{"mixup", "0.7"}}, ": gather 9x6: x"}};

START_TEST(other_draws_are_named)
{
    struct subject subject;
    subject_open_with(&subject, other_draws[_i].settings);
    wrong = *backend;
    wrong.batch_gather = spoilt_gather;
    ck_assert_int_eq(subject_check_wrong(&subject), WEFT_ERROR_WRONG_RESULT);
    ck_assert_msg(strstr(weft_error(), other_draws[_i].named) != NULL, "%s", weft_error());
    subject_close(&subject);
}
END_TEST

static void add_tests(TCase *tests)
{
    const int draws = sizeof drawn / sizeof *drawn;
    const int others = sizeof other_draws / sizeof *other_draws;
    tcase_add_test(tests, honest_devices_pass);
    tcase_add_loop_test(tests, large_batches_pass, 0, 4);
    tcase_add_test(tests, smoothed_and_weighted_targets_pass);
    tcase_add_test(tests, a_wrong_gradient_is_named);
    tcase_add_test(tests, a_wrong_loss_is_named);
    tcase_add_loop_test(tests, what_training_draws_is_checked, 0, draws);
    tcase_add_loop_test(tests, every_activation_is_checked, 0, ACTIVATION_COUNT);
    tcase_add_test(tests, a_wrong_gradient_of_batch_norm_is_named);
    tcase_add_loop_test(tests, other_draws_are_named, 0, others);
}

int main(void)
{
    Suite *suite = suite_create("gradient");
    suite_add_devices(suite, add_tests);
    return suite_main(suite);
}
