/* Tests the loss of the mean over several runs, which are the members of an ensemble or mirror
 * images. The expected values are worked by hand, for every head and task. One run outputs z = (2,
 * -1), the other (0, 2), and the first output is the correct one. */
#define _XOPEN_SOURCE 700

#include "devices.h"
#include "model_by_hand.h"
#include "plain_options.h"

/* softmax   -log ((1 / (1 + e^-3) + 1 / (1 + e^2)) / 2)
 * sigmoid   -log ((s(2) + s(0)) / 2) - log ((s(1) + s(-2)) / 2), s(z) = 1 / (1 + e^-z)
 * identity  ((1 - 1)^2 + (0 - 0.5)^2) / 2 */
static const struct {
    const char *task, *head;
    bool article;
    double loss;
} cases[] = {{"classify", "softmax", false, 0.6238291163656269},
             {"classify", "sigmoid", false, 1.225844764941301},
             {"classify", "sigmoid", true, 1.225844764941301},
             {"classify", "identity", false, 0.125},
             {"multilabel", "sigmoid", false, 1.225844764941301},
             {"regress", "identity", false, 0.125}};
enum { CASES = sizeof cases / sizeof *cases, FEATURES = 2, OUTPUTS = 2 };

static struct weft_options options_of(int i)
{
    struct weft_options options = plain_options();
    ck_ok(weft_options_set(&options, "task", cases[i].task));
    ck_ok(weft_options_set(&options, "head", cases[i].head));
    options.article_quirks = cases[i].article;
    options.hidden_count = 0;
    options.bias = false;
    options.scale = WEFT_SCALE_NONE;
    return options;
}

/* The sample (first, 0). */
static struct weft_dataset *data_of(const struct weft_options *options, float first)
{
    static const float targets[] = {1.0f, 0.0f};
    const float x[] = {first, 0.0f};
    static const int32_t label = 0;
    struct weft_dataset *data;
    if (options->task == WEFT_TASK_CLASSIFY)
        ck_ok(weft_dataset_create(1, FEATURES, OUTPUTS, x, &label, &data));
    else
        ck_ok(weft_dataset_create_targets(1, FEATURES, OUTPUTS, x, targets, &data));
    return data;
}

static struct weft_model *model_of(const struct weft_options *options,
                                   const struct weft_dataset *data, const float *weights)
{
    const struct hand_layer layer = {FEATURES, OUTPUTS, weights, NULL};
    return model_by_hand(options, data, &layer, 1);
}

static double loss_of(const struct weft_model *model, const struct weft_dataset *data)
{
    struct weft_evaluation *evaluation;
    ck_ok(weft_evaluate(device, model, data, &evaluation));
    const double loss = evaluation->loss;
    weft_evaluation_destroy(evaluation);
    return loss;
}

START_TEST(of_an_ensemble)
{
    static const float one[] = {2.0f, 0.0f, -1.0f, 0.0f}, other[] = {0.0f, 0.0f, 2.0f, 0.0f};
    const struct weft_options options = options_of(_i);
    struct weft_dataset *data = data_of(&options, 1.0f);
    struct weft_model *model = model_of(&options, data, one);
    ck_ok(weft_model_add_member(model, model_of(&options, data, other)));
    ck_assert_double_eq_tol(loss_of(model, data), cases[_i].loss, 1e-6);
    weft_model_destroy(model);
    weft_dataset_destroy(data);
}
END_TEST

START_TEST(of_mirror_images)
{
    static const float both[] = {2.0f, 0.0f, -1.0f, 2.0f};
    const struct weft_options options = options_of(_i);
    struct weft_dataset *data = data_of(&options, 1.0f);
    struct weft_model *model = model_of(&options, data, both);
    ck_ok(weft_model_predict_mirrored(model, FEATURES, 1));
    ck_assert_double_eq_tol(loss_of(model, data), cases[_i].loss, 1e-6);
    weft_model_destroy(model);
    weft_dataset_destroy(data);
}
END_TEST

/* -log of the least normal float, where all agree on what is wrong. */
START_TEST(it_is_finite)
{
    static const float wrong[] = {-400.0f, 0.0f, 400.0f, 0.0f};
    const struct weft_options options = options_of(0);
    struct weft_dataset *data = data_of(&options, 1.0f);
    struct weft_model *model = model_of(&options, data, wrong);
    ck_ok(weft_model_add_member(model, model_of(&options, data, wrong)));
    ck_assert_double_eq_tol(loss_of(model, data), 87.33654475055310, 1e-12);
    weft_model_destroy(model);
    weft_dataset_destroy(data);
}
END_TEST

/* The hidden units are infinite, of both signs: their sum is no number, and has no loss. */
START_TEST(there_is_none_where_the_outputs_are_no_numbers)
{
    static const float huge[] = {3e38f, 3e38f, -3e38f, -3e38f}, sum[] = {1.0f, 1.0f, 1.0f, 1.0f};
    static const struct hand_layer layers[] = {{FEATURES, 2, huge, NULL}, {2, OUTPUTS, sum, NULL}};
    struct weft_options options = options_of(_i);
    options.hidden_count = 1;
    options.hidden[0] = 2;
    options.activation_count = 1;
    options.activation[0] = WEFT_ACTIVATION_IDENTITY;
    struct weft_dataset *data = data_of(&options, 3e38f);
    struct weft_model *model = model_by_hand(&options, data, layers, 2);
    ck_ok(weft_model_add_member(model, model_by_hand(&options, data, layers, 2)));
    struct weft_evaluation *evaluation;
    ck_fails(weft_evaluate(device, model, data, &evaluation), WEFT_ERROR_DATA,
             "sample 0: output 0: got nan");
    weft_model_destroy(model);
    weft_dataset_destroy(data);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_loop_test(tests, of_an_ensemble, 0, CASES);
    tcase_add_loop_test(tests, of_mirror_images, 0, CASES);
    tcase_add_test(tests, it_is_finite);
    tcase_add_loop_test(tests, there_is_none_where_the_outputs_are_no_numbers, 0, CASES);
}

int main(void)
{
    Suite *suite = suite_create("mean_loss");
    suite_add_devices(suite, add_tests);
    return suite_main(suite);
}
