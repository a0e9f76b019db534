/* Tests weft_predict and weft_evaluate on both devices, with models in which every weight is
 * known. */
#define _XOPEN_SOURCE 700

#include "base/random.h"
#include "devices.h"
#include "model_by_hand.h"
#include "plain_options.h"

/* Options of a model without hidden layers, biases and scale. */
static struct weft_options plain(enum weft_head head)
{
    struct weft_options options = plain_options();
    options.hidden_count = 0;
    options.bias = false;
    options.scale = WEFT_SCALE_NONE;
    options.head = head;
    return options;
}

static struct weft_dataset *dataset(size_t samples, size_t features, size_t classes, const float *x,
                                    const int32_t *labels)
{
    struct weft_dataset *made;
    ck_ok(weft_dataset_create(samples, features, classes, x, labels, &made));
    return made;
}

/* The model whose outputs are its features: one layer, the unit matrix. */
static struct weft_model *unit_model(enum weft_head head, const struct weft_dataset *data)
{
    static const float unit[] = {1.0f, 0.0f, 0.0f, 0.0f, 1.0f, 0.0f, 0.0f, 0.0f, 1.0f};
    const struct weft_options options = plain(head);
    const struct hand_layer layer = {3, 3, unit, NULL};
    return model_by_hand(&options, data, &layer, 1);
}

/* ---- evaluation ---- */

/* Six samples; the largest feature is the prediction, of equal ones the first.
 *
 *     label       0  0  0  1  1  2        confusion   2 1 0
 *     prediction  0  1  0  1  0  1                    1 1 0
 *                                                     0 1 0
 */
static const float six_x[] = {2.0f, 1.0f, 0.0f,  0.0f, 3.0f, 1.0f, 1.0f, 1.0f, 1.0f,
                              0.0f, 5.0f, -1.0f, 4.0f, 0.0f, 0.0f, 0.0f, 2.0f, 1.0f};
static const int32_t six_labels[] = {0, 0, 0, 1, 1, 2};

START_TEST(confusion_by_hand)
{
    static const size_t confusion[] = {2, 1, 0, 1, 1, 0, 0, 1, 0}, support[] = {3, 2, 1};
    struct weft_dataset *data = dataset(6, 3, 3, six_x, six_labels);
    struct weft_model *model = unit_model(WEFT_HEAD_SOFTMAX, data);
    struct weft_evaluation *evaluation;
    ck_ok(weft_evaluate(device, model, data, &evaluation));
    ck_assert(evaluation->samples == 6 && evaluation->classes == 3);
    ck_assert_double_eq(evaluation->accuracy, 0.5);
    ck_assert_mem_eq(evaluation->confusion, confusion, sizeof confusion);
    const struct weft_class_score *scores = evaluation->scores;
    for (size_t c = 0; c < 3; c++)
        ck_assert_uint_eq(scores[c].support, support[c]);
    ck_assert_double_eq_tol(scores[0].precision, 2.0 / 3.0, 1e-15);
    ck_assert_double_eq_tol(scores[0].recall, 2.0 / 3.0, 1e-15);
    ck_assert_double_eq_tol(scores[0].f1, 2.0 / 3.0, 1e-15);
    ck_assert_double_eq_tol(scores[1].precision, 1.0 / 3.0, 1e-15);
    ck_assert_double_eq_tol(scores[1].recall, 0.5, 1e-15);
    ck_assert_double_eq_tol(scores[1].f1, 0.4, 1e-15);
    ck_assert(isnan(scores[2].precision)); /* never predicted */
    ck_assert_double_eq(scores[2].recall, 0.0);
    ck_assert_double_eq(scores[2].f1, 0.0);
    weft_evaluation_destroy(evaluation);
    weft_model_destroy(model);
    weft_dataset_destroy(data);
}
END_TEST

/* The loss of a sample, written down: log sum exp z - z_label; sum of log(1 + exp z) - z_label;
 * half the squares of z - y. */
static double loss_of(enum weft_head head, const float *z, int32_t label)
{
    double sum = 0.0;
    for (int32_t c = 0; c < 3; c++) {
        const double zc = (double)z[c], y = c == label ? 1.0 : 0.0;
        if (head == WEFT_HEAD_SOFTMAX)
            sum += exp(zc);
        else if (head == WEFT_HEAD_SIGMOID)
            sum += log(1.0 + exp(zc)) - y * zc;
        else
            sum += 0.5 * (zc - y) * (zc - y);
    }
    return head == WEFT_HEAD_SOFTMAX ? log(sum) - (double)z[label] : sum;
}

START_TEST(loss_by_hand)
{
    const enum weft_head head = (enum weft_head)_i;
    struct weft_dataset *data = dataset(6, 3, 3, six_x, six_labels);
    struct weft_model *model = unit_model(head, data);
    struct weft_evaluation *evaluation;
    double expected = 0.0;
    for (size_t r = 0; r < 6; r++)
        expected += loss_of(head, six_x + 3 * r, six_labels[r]) / 6.0;
    ck_ok(weft_evaluate(device, model, data, &evaluation));
    ck_assert_double_eq_tol(evaluation->loss, expected, 1e-6 * expected);
    weft_evaluation_destroy(evaluation);
    weft_model_destroy(model);
    weft_dataset_destroy(data);
}
END_TEST

START_TEST(what_cannot_be_evaluated_is_refused)
{
    struct weft_dataset *data = dataset(6, 3, 3, six_x, six_labels);
    struct weft_dataset *wide = dataset(3, 6, 3, six_x, six_labels);
    struct weft_dataset *unlabeled = dataset(6, 3, 0, six_x, NULL);
    struct weft_dataset *unknown = dataset(1, 3, 9, six_x, (int32_t[]){8});
    struct weft_model *model = unit_model(WEFT_HEAD_SOFTMAX, data);
    struct weft_evaluation *evaluation;
    ck_fails(weft_evaluate(device, model, wide, &evaluation), WEFT_ERROR_DATA,
             "got 6, the model needs 3");
    ck_assert_ptr_null(evaluation);
    ck_fails(weft_evaluate(device, model, unlabeled, &evaluation), WEFT_ERROR_DATA, "labels");
    ck_fails(weft_evaluate(device, model, unknown, &evaluation), WEFT_ERROR_DATA,
             "got 8, need 0 to 2");
    weft_evaluation_destroy(NULL);
    weft_model_destroy(model);
    weft_dataset_destroy(unknown);
    weft_dataset_destroy(unlabeled);
    weft_dataset_destroy(wide);
    weft_dataset_destroy(data);
}
END_TEST

/* ---- probabilities ---- */

static double logistic(double z)
{
    return 1.0 / (1.0 + exp(-z));
}

/* Probabilities of z = -1, 0.25, 2 as weft.h has them for each head. */
START_TEST(probabilities_by_hand)
{
    static const float z[] = {-1.0f, 0.25f, 2.0f};
    const enum weft_head head = (enum weft_head)_i;
    struct weft_dataset *data = dataset(6, 3, 3, six_x, six_labels);
    struct weft_model *model = unit_model(head, data);
    float p[3];
    int32_t class = -1;
    double sum = 0.0;
    ck_ok(weft_predict(device, model, z, 1, &class, p));
    ck_assert_int_eq(class, 2);
    for (size_t c = 0; c < 3; c++)
        sum += exp((double)z[c]);
    for (size_t c = 0; c < 3; c++) {
        const double zc = (double)z[c], cut = fmin(fmax(zc, 0.0), 1.0);
        const double expected = head == WEFT_HEAD_SOFTMAX   ? exp(zc) / sum
                                : head == WEFT_HEAD_SIGMOID ? logistic(zc)
                                                            : cut;
        ck_assert_double_eq_tol((double)p[c], expected, 2e-7);
    }
    ck_ok(weft_predict(device, model, z, 1, NULL, p)); /* either may be left out */
    ck_ok(weft_predict(device, model, z, 1, &class, NULL));
    ck_ok(weft_predict(device, model, z, 0, NULL, NULL));
    weft_model_destroy(model);
    weft_dataset_destroy(data);
}
END_TEST

/* The article's: the softmax of the sigmoids, so ten classes never exceed e / (e + 9). */
START_TEST(the_article_squeezes)
{
    enum { CLASSES = 10 };
    float weights[CLASSES] = {0.0f}, p[CLASSES];
    int32_t labels[] = {3};
    const float x[] = {1.0f};
    struct weft_options options;
    ck_ok(weft_options_init(&options, "article"));
    options.hidden_count = 0;
    options.scale = WEFT_SCALE_NONE;
    for (size_t c = 0; c < CLASSES; c++)
        weights[c] = c == 3 ? 40.0f : -40.0f;
    const struct hand_layer layer = {1, CLASSES, weights, NULL};
    struct weft_dataset *data = dataset(1, 1, CLASSES, x, labels);
    struct weft_model *model = model_by_hand(&options, data, &layer, 1);
    int32_t class = -1;
    ck_ok(weft_predict(device, model, x, 1, &class, p));
    ck_assert_int_eq(class, 3);
    for (size_t c = 0; c < CLASSES; c++)
        ck_assert_double_eq_tol((double)p[c], (c == 3 ? exp(1.0) : 1.0) / (exp(1.0) + 9.0), 1e-7);
    weft_model_destroy(model);
    weft_dataset_destroy(data);
}
END_TEST

/* One output p: 1 - p and p, class 1 where the output exceeds 0.5. */
START_TEST(a_single_output_has_two_classes)
{
    static const float x[] = {-1.5f, 0.25f, 0.5f, 0.75f}, one[] = {1.0f};
    static const int32_t labels[] = {0, 1, 0, 1};
    const enum weft_head head = _i == 0 ? WEFT_HEAD_SIGMOID : WEFT_HEAD_IDENTITY;
    struct weft_options options = plain(head);
    options.single_output = true;
    const struct hand_layer layer = {1, 1, one, NULL};
    struct weft_dataset *data = dataset(4, 1, 2, x, labels);
    struct weft_model *model = model_by_hand(&options, data, &layer, 1);
    float p[4][2];
    int32_t classes[4];
    ck_ok(weft_predict(device, model, x, 4, classes, &p[0][0]));
    for (size_t r = 0; r < 4; r++) {
        const double z = (double)x[r];
        const double expected = head == WEFT_HEAD_SIGMOID ? logistic(z) : fmin(fmax(z, 0.0), 1.0);
        ck_assert_double_eq_tol((double)p[r][1], expected, 2e-7);
        ck_assert_double_eq_tol((double)p[r][0], 1.0 - expected, 2e-7);
        ck_assert_int_eq(classes[r], expected > 0.5 ? 1 : 0);
    }
    weft_model_destroy(model);
    weft_dataset_destroy(data);
}
END_TEST

/* ---- scale ---- */

/* Raw samples are standardized with the statistics of the training set, however few they are. */
START_TEST(samples_are_standardized_as_in_training)
{
    static const float x[] = {10.0f, 14.0f, 10.0f, 14.0f}; /* mean 12, standard deviation 2 */
    static const int32_t labels[] = {0, 1, 0, 1};
    static const float weights[] = {-1.0f, 1.0f};
    struct weft_options options = plain(WEFT_HEAD_IDENTITY);
    struct weft_training training;
    options.scale = WEFT_SCALE_STANDARD;
    options.learning_rate = 0.0;
    options.epochs = 1;
    const struct hand_layer layer = {1, 2, weights, NULL};
    struct weft_dataset *data = dataset(4, 1, 2, x, labels);
    struct weft_model *model = model_by_hand(&options, data, &layer, 1);
    ck_ok(weft_train(device, model, &options, data, NULL, NULL, NULL, &training));
    float p[2];
    ck_ok(weft_predict(device, model, (float[]){12.5f}, 1, NULL, p));
    ck_assert_double_eq_tol((double)p[0], 0.0, 1e-7);
    ck_assert_double_eq_tol((double)p[1], 0.25, 1e-7);
    weft_model_destroy(model);
    weft_dataset_destroy(data);
}
END_TEST

/* ---- what a row depends on ---- */

enum { MOST = 3000, WIDE = 20 };

/* A row gets the same bits alone, in any place and in any company. */
START_TEST(rows_stand_alone)
{
    static const size_t counts[] = {1, 7, 1024, 1025, MOST};
    static float x[MOST * WIDE], p[MOST * 3], some[MOST * 3];
    static int32_t classes[MOST], some_classes[MOST];
    struct weft_options options;
    struct weft_model *model;
    for (size_t i = 0; i < MOST * WIDE; i++)
        x[i] = random_uniform((struct random_stream){1, RANDOM_CHECK, 0}, i, -2.0f, 2.0f);
    struct weft_dataset *data = dataset(3, WIDE, 3, x, (int32_t[]){0, 1, 2});
    options = plain_options();
    options.scale = WEFT_SCALE_NONE;
    ck_ok(weft_model_create(&options, data, &model));
    ck_ok(weft_predict(device, model, x, MOST, classes, p));
    ck_assert_mem_ne(p, p + 3, 3 * sizeof *p);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        const size_t n = counts[i], first = MOST - n;
        ck_ok(weft_predict(device, model, x + first * WIDE, n, some_classes, some));
        ck_assert_msg(memcmp(some, p + first * 3, n * 3 * sizeof *p) == 0,
                      "the last %zu of %d samples get other probabilities alone", n, MOST);
        ck_assert_mem_eq(some_classes, classes + first, n * sizeof *classes);
    }
    weft_model_destroy(model);
    weft_dataset_destroy(data);
}
END_TEST

START_TEST(features_that_are_not_finite_are_refused)
{
    struct weft_dataset *data = dataset(6, 3, 3, six_x, six_labels);
    struct weft_model *model = unit_model(WEFT_HEAD_SOFTMAX, data);
    float x[6 * 3], p[6 * 3];
    memcpy(x, six_x, sizeof x);
    x[7] = NAN;
    x[11] = -INFINITY;
    ck_fails(weft_predict(device, model, x, 6, NULL, p), WEFT_ERROR_DATA,
             "2 features are not finite, the first at sample 2, feature 1");
    ck_ok(weft_predict(device, model, x, 2, NULL, p)); /* those before it are fine */
    weft_model_destroy(model);
    weft_dataset_destroy(data);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_test(tests, confusion_by_hand);
    tcase_add_loop_test(tests, loss_by_hand, 0, 3);
    tcase_add_test(tests, what_cannot_be_evaluated_is_refused);
    tcase_add_loop_test(tests, probabilities_by_hand, 0, 3);
    tcase_add_test(tests, the_article_squeezes);
    tcase_add_loop_test(tests, a_single_output_has_two_classes, 0, 2);
    tcase_add_test(tests, samples_are_standardized_as_in_training);
    tcase_add_test(tests, rows_stand_alone);
    tcase_add_test(tests, features_that_are_not_finite_are_refused);
}

int main(void)
{
    Suite *suite = suite_create("predict");
    suite_add_devices(suite, add_tests);
    return suite_main(suite);
}
