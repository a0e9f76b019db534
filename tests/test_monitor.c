/* Tests the number that early stopping watches if it is neither a loss nor an accuracy: macro
 * F1. */
#define _XOPEN_SOURCE 700

#include "small_tasks.h"
#include "train/slice_score.h"

static double macro_f1(const struct weft_model *model, const struct weft_dataset *dataset)
{
    const struct data_source source = {.samples = dataset->samples,
                                       .features = dataset->features,
                                       .x = dataset->x,
                                       .labels = dataset->labels,
                                       .targets = dataset->targets,
                                       .target_count = dataset->classes};
    const struct slices slices = {.group = &slice_group_local, .order = {.slices = 1, .own = 1}};
    struct device_data *data;
    struct pass pass;
    double f1;
    ck_ok(backend->data_create(device, &source, &data));
    const struct sliced_set set = {.data = data, .dataset = dataset, .samples = dataset->samples};
    ck_ok(pass_init(&pass, device, &model->network, dataset->samples, WEFT_GEMM_AUTO));
    ck_ok(pass_parameters(&pass, model->parameters));
    ck_ok(slice_macro_f1(&slices, &pass, &set, &f1));
    pass_reset(&pass);
    backend->data_destroy(data);
    return f1;
}

/* scikit-learn's f1_score, average macro. */
START_TEST(macro_f1_of_labels)
{
    const struct weft_options options = plain("multilabel", 1, 0.1);
    struct weft_model *model = several_model(&options);
    ck_assert_double_eq_tol(macro_f1(model, several), 0.5094017094017094, 1e-15);
    weft_model_destroy(model);
}
END_TEST

/* The first label is found right, the second is nowhere: 0 / 0, which is 0 (zero_division=0). */
START_TEST(macro_f1_of_a_label_that_is_nowhere)
{
    static const float x[] = {1.0f, -1.0f, -1.0f, -1.0f}, same[] = {1.0f, 0.0f, 0.0f, 1.0f};
    static const float some[] = {1.0f, 0.0f, 0.0f, 0.0f}, none[4] = {0.0f}, nothing[4] = {0.0f};
    const struct weft_options options = plain("multilabel", 1, 0.1);
    const struct hand_layer layer = {2, 2, same, NULL};
    struct weft_dataset *first, *empty;
    ck_ok(weft_dataset_create_targets(2, 2, 2, x, some, &first));
    ck_ok(weft_dataset_create_targets(2, 2, 2, nothing, none, &empty));
    struct weft_model *model = model_by_hand(&options, first, &layer, 1);
    ck_assert_double_eq(macro_f1(model, first), 0.5);
    ck_assert_double_eq(macro_f1(model, empty), 0.0);
    weft_model_destroy(model);
    weft_dataset_destroy(empty);
    weft_dataset_destroy(first);
}
END_TEST

/* Of each class 2 TP / (2 TP + FP + FN): 4/5, 2/4, 2/3; the fourth is nowhere. */
START_TEST(macro_f1_of_classes)
{
    enum { SAMPLES = 6, CLASSES = 4 };
    static const int32_t labels[SAMPLES] = {0, 0, 0, 1, 1, 2};
    static const int found[SAMPLES] = {0, 0, 1, 1, 2, 2};
    float x[SAMPLES * CLASSES] = {0.0f}, same[CLASSES * CLASSES] = {0.0f};
    for (int i = 0; i < SAMPLES; i++)
        x[i * CLASSES + found[i]] = 1.0f;
    for (int c = 0; c < CLASSES; c++)
        same[c * CLASSES + c] = 1.0f;
    const struct weft_options options = plain("classify", 1, 0.1);
    const struct hand_layer layer = {CLASSES, CLASSES, same, NULL};
    struct weft_dataset *dataset;
    ck_ok(weft_dataset_create(SAMPLES, CLASSES, CLASSES, x, labels, &dataset));
    struct weft_model *model = model_by_hand(&options, dataset, &layer, 1);
    ck_assert_double_eq_tol(macro_f1(model, dataset), (4.0 / 5 + 2.0 / 4 + 2.0 / 3) / 3, 1e-15);
    weft_model_destroy(model);
    weft_dataset_destroy(dataset);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_checked_fixture(tests, data_open, data_close);
    tcase_add_test(tests, macro_f1_of_labels);
    tcase_add_test(tests, macro_f1_of_a_label_that_is_nowhere);
    tcase_add_test(tests, macro_f1_of_classes);
}

int main(void)
{
    Suite *suite = suite_create("monitor");
    suite_add_devices(suite, add_tests);
    return suite_main(suite);
}
