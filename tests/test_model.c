/* Tests models made from options and data. */
#define _XOPEN_SOURCE 700
#include "models.h"

START_TEST(a_model_from_options)
{
    const struct weft_options options = small_options();
    struct weft_model *model = model_of(&options, 3);
    struct weft_model_info info;
    weft_model_get_info(model, &info);
    ck_assert_str_eq(info.preset, "default");
    ck_assert(info.head == WEFT_HEAD_SOFTMAX && info.bias && info.scale == WEFT_SCALE_NONE);
    ck_assert(info.features == 4 && info.classes == 3 && info.outputs == 3 && info.layers == 2);
    ck_assert(info.widths[0] == 4 && info.widths[1] == 5 && info.widths[2] == 3);
    ck_assert_str_eq(info.class_names[1], odd_names[1]);
    ck_assert(info.scale_mean == NULL && info.scale_std == NULL);
    ck_assert(info.seed == 7 && info.epochs == 0 && info.l1 == 0 && info.l2 == 0);
    ck_assert_uint_eq(info.parameters, 4 * 5 + 5 * 3 + 5 + 3);
    ck_assert(isnan(model->record.train_accuracy) && isnan(model->record.test_accuracy));
    weft_model_destroy(model);
}
END_TEST

START_TEST(weights_and_biases_are_where_they_are)
{
    struct weft_model *model = trained_model();
    ck_assert_ptr_eq(weft_model_weights(model, 0), model->parameters);
    ck_assert_ptr_eq(weft_model_weights(model, 1), model->parameters + 20);
    ck_assert_ptr_null(weft_model_weights(model, 2));
    ck_assert(weft_model_biases(model, 0)[0] == -3.5f);
    ck_assert(weft_model_biases(model, 1)[2] == 3.5f);
    ck_assert_ptr_null(weft_model_biases(model, 2));
    weft_model_destroy(model);
    struct weft_options options = small_options();
    options.bias = false;
    model = model_of(&options, 3);
    ck_assert_ptr_null(weft_model_biases(model, 0));
    weft_model_destroy(model);
    weft_model_destroy(NULL);
}
END_TEST

START_TEST(the_seed_decides_the_weights)
{
    struct weft_options options = small_options();
    struct weft_model *a = model_of(&options, 3), *b = model_of(&options, 3);
    ck_assert_mem_eq(a->parameters, b->parameters, 43 * sizeof(float));
    weft_model_destroy(b);
    options.seed = 8;
    b = model_of(&options, 3);
    ck_assert_int_ne(memcmp(a->parameters, b->parameters, 35 * sizeof(float)), 0);
    ck_assert(a->parameters[0] != 0 && a->parameters[34] != 0 && a->parameters[35] == 0);
    weft_model_destroy(a);
    weft_model_destroy(b);
}
END_TEST

START_TEST(presets_make_models)
{
    struct weft_options options;
    struct weft_model_info info;
    ck_ok(weft_options_init(&options, "article"));
    struct weft_model *model = model_of(&options, 3);
    weft_model_get_info(model, &info);
    ck_assert(info.parameters == 4 * 50 + 50 * 3 && !info.bias && model->article_quirks);
    weft_model_destroy(model);
    ck_ok(weft_options_init(&options, "xor"));
    model = model_of(&options, 2);
    weft_model_get_info(model, &info);
    ck_assert(info.outputs == 1 && info.classes == 2 && info.parameters == 4 * 3 + 3);
    ck_assert(model_has_single_output(model));
    weft_model_destroy(model);
    ck_ok(weft_options_set(&options, "hidden", "none"));
    model = model_of(&options, 2);
    weft_model_get_info(model, &info);
    ck_assert(info.layers == 1 && info.parameters == 4);
    weft_model_destroy(model);
}
END_TEST

static void check_refused(const struct weft_options *options, struct weft_dataset *dataset,
                          enum weft_status code, const char *error)
{
    struct weft_model *model = (struct weft_model *)options; /* must become NULL */
    ck_fails(weft_model_create(options, dataset, &model), code, error);
    ck_assert_ptr_null(model);
    weft_dataset_destroy(dataset);
}

START_TEST(contradictions_are_refused)
{
    struct weft_options o;
    ck_ok(weft_options_init(&o, "article"));
    ck_ok(weft_options_set(&o, "head", "softmax"));
    check_refused(&o, dataset_of(3, NULL), WEFT_ERROR_USAGE, "head: got softmax, preset article");
    ck_ok(weft_options_init(&o, "article"));
    o.single_output = true;
    check_refused(&o, dataset_of(2, NULL), WEFT_ERROR_USAGE, "article_quirks: need one output");
    ck_ok(weft_options_init(&o, "xor"));
    check_refused(&o, dataset_of(3, NULL), WEFT_ERROR_USAGE,
                  "six: got 3 classes, a single output needs 2");
    ck_ok(weft_options_set(&o, "head", "softmax"));
    check_refused(&o, dataset_of(2, NULL), WEFT_ERROR_USAGE, "a single output needs sigmoid");
    o = small_options();
    o.hidden[0] = 0;
    check_refused(&o, dataset_of(3, NULL), WEFT_ERROR_USAGE,
                  "hidden 0: the width must be between 1");
    o.hidden_count = WEFT_MAX_HIDDEN + 1;
    check_refused(&o, dataset_of(3, NULL), WEFT_ERROR_USAGE, "hidden: got 65 values");
    o = small_options();
    o.head = (enum weft_head)3;
    check_refused(&o, dataset_of(3, NULL), WEFT_ERROR_USAGE, "head 3: unknown head");
    o = small_options();
    o.initialization = (enum weft_initialization)99;
    check_refused(&o, dataset_of(3, NULL), WEFT_ERROR_USAGE, "init 99: unknown initialization");
}
END_TEST

START_TEST(data_that_cannot_train_are_refused)
{
    const struct weft_options options = small_options();
    const float x[] = {1, 2};
    const int32_t label = 32768;
    static char long_name[1 << 20];
    const char *const long_names[] = {long_name, "b"};
    const char *const latin_names[] = {"caf\xe9", "b"};
    struct weft_dataset *dataset;
    ck_ok(weft_dataset_create(1, 2, 0, x, NULL, &dataset));
    check_refused(&options, dataset, WEFT_ERROR_DATA, "labels: got none");
    ck_ok(weft_dataset_create(1, 2, 0, x, &label, &dataset));
    check_refused(&options, dataset, WEFT_ERROR_DATA, "got 32769 classes, need at most 32768");
    check_refused(&options, dataset_of(2, latin_names), WEFT_ERROR_DATA,
                  "the name of class 0 is not UTF-8");
    memset(long_name, 'a', sizeof long_name - 1);
    check_refused(&options, dataset_of(2, long_names), WEFT_ERROR_DATA,
                  "class names take 1048586 bytes");
    check_refused(&options, dataset_of(1, NULL), WEFT_ERROR_DATA, "six: got only one class");
}
END_TEST

/* What model_limits_check lets pass must fit into a header, be it all quotes. */
START_TEST(what_may_be_trained_can_be_written)
{
    struct weft_options options = small_options();
    struct weft_model *model, *back;
    static char quotes[245000], controls[140000];
    const char *const names[] = {quotes, "b"}, *const others[] = {controls, "b"};
    options.hidden_count = WEFT_MAX_HIDDEN;
    for (size_t i = 0; i < WEFT_MAX_HIDDEN; i++)
        options.hidden[i] = 1;
    memset(quotes, '"', sizeof quotes - 1);
    memset(controls, '\x1f', sizeof controls - 1);
    for (int i = 0; i < 2; i++) {
        struct weft_dataset *dataset = dataset_of(2, i == 0 ? names : others);
        ck_ok(weft_model_create(&options, dataset, &model));
        weft_dataset_destroy(dataset);
        ck_ok(weft_model_write(model, temporary_path("large")));
        ck_ok(weft_model_read(temporary_path("large"), &back));
        ck_assert_str_eq(back->class_names[0], i == 0 ? quotes : controls);
        weft_model_destroy(model);
        weft_model_destroy(back);
    }
}
END_TEST

/* 1 MiB of header holds a quarter as many quotes, a seventh as many control characters. */
START_TEST(names_that_grow_too_long_in_a_file_are_refused)
{
    const struct weft_options options = small_options();
    static char quotes[270000], controls[155000];
    const char *const names[] = {quotes, "b"}, *const others[] = {controls, "b"};
    memset(quotes, '"', sizeof quotes - 1);
    memset(controls, '\x1f', sizeof controls - 1);
    check_refused(&options, dataset_of(2, names), WEFT_ERROR_DATA, "class names take 1080007");
    check_refused(&options, dataset_of(2, others), WEFT_ERROR_DATA, "class names take 1085004");
}
END_TEST

START_TEST(the_most_classes_can_be_written)
{
    struct weft_options options = small_options();
    const float x[] = {1, 2};
    const int32_t label = 32767;
    struct weft_dataset *dataset;
    struct weft_model *model, *back;
    ck_ok(weft_dataset_create(1, 2, 0, x, &label, &dataset));
    ck_ok(weft_model_create(&options, dataset, &model));
    weft_dataset_destroy(dataset);
    ck_ok(weft_model_write(model, temporary_path("classes")));
    ck_ok(weft_model_read(temporary_path("classes"), &back));
    ck_assert_str_eq(back->class_names[32767], "32767");
    weft_model_destroy(model);
    weft_model_destroy(back);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("model");
    TCase *tests = tcase_create("model");
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_test(tests, a_model_from_options);
    tcase_add_test(tests, weights_and_biases_are_where_they_are);
    tcase_add_test(tests, the_seed_decides_the_weights);
    tcase_add_test(tests, presets_make_models);
    tcase_add_test(tests, contradictions_are_refused);
    tcase_add_test(tests, data_that_cannot_train_are_refused);
    tcase_add_test(tests, what_may_be_trained_can_be_written);
    tcase_add_test(tests, names_that_grow_too_long_in_a_file_are_refused);
    tcase_add_test(tests, the_most_classes_can_be_written);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
