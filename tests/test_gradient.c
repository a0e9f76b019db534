/* The check of gradients: honest devices pass it with every head; a gradient that is off by 0.1 %,
 * or a loss that is not the gradient's, is named, with the parameter that is farthest off.
 */
#include <string.h>

#include "devices.h"
#include "plain_options.h"

/* 6-5-C with `classes` classes and a few random samples. */
struct subject {
    struct weft_options options;
    struct weft_dataset *dataset;
    struct weft_model *model;
    struct weft_gradient gradient;
};

enum { SAMPLES = 9, FEATURES = 6, CLASSES = 4 };

static void subject_open(struct subject *subject, const char *head)
{
    float x[SAMPLES * FEATURES];
    int32_t labels[SAMPLES];
    for (size_t i = 0; i < SAMPLES * FEATURES; i++)
        x[i] = (float)((i * 37) % 23) / 7.0f;
    for (size_t i = 0; i < SAMPLES; i++)
        labels[i] = (int32_t)(i % CLASSES);
    subject->options = plain_options();
    ck_ok(weft_options_set(&subject->options, "hidden", "5"));
    ck_ok(weft_options_set(&subject->options, "head", head));
    ck_ok(weft_options_set(&subject->options, "l1", "0.01"));
    ck_ok(weft_options_set(&subject->options, "l2", "0.03"));
    ck_ok(weft_dataset_create(SAMPLES, FEATURES, CLASSES, x, labels, &subject->dataset));
    ck_ok(weft_model_create(&subject->options, subject->dataset, &subject->model));
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
        ck_assert_uint_eq(subject.gradient.check.results, 12);
        for (size_t w = 0; w < WEFT_WORST_PARAMETERS; w++) {
            const struct weft_parameter_gradient *worst = &subject.gradient.worst[w];
            ck_assert(worst->device != 0.0);
            ck_assert_double_eq_tol(worst->reference_difference, worst->reference, 1e-8);
        }
        subject_close(&subject);
    }
}
END_TEST

START_TEST(honest_devices_pass)
{
    static const char *const heads[] = {"sigmoid", "softmax", "identity"};
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        struct subject subject;
        subject_open(&subject, heads[i]);
        ck_ok(subject_check(&subject, device));
        /* weights and biases of two layers, each in three ways */
        ck_assert_uint_eq(subject.gradient.check.results, 12);
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

static void add_tests(TCase *tests)
{
    tcase_add_test(tests, honest_devices_pass);
    tcase_add_test(tests, smoothed_and_weighted_targets_pass);
    tcase_add_test(tests, a_wrong_gradient_is_named);
    tcase_add_test(tests, a_wrong_loss_is_named);
}

int main(void)
{
    Suite *suite = suite_create("gradient");
    suite_add_devices(suite, add_tests);
    return suite_main(suite);
}
