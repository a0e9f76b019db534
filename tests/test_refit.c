/* Tests a model that is trained again: what it keeps from training to training and from file to
 * file, and its state after a rejected call. */
#define _XOPEN_SOURCE 700

#include "same_model.h"
#include "small_training.h"

static struct weft_options recipe(void)
{
    struct weft_options options = small("default");
    options.optimizer = WEFT_OPTIMIZER_ADAMW;
    options.learning_rate = 0.01;
    options.epochs = 2;
    return options;
}

/* Whatever a call of weft_fit is refused for, the model that was trained is what it was. */
START_TEST(what_is_refused_changes_nothing)
{
    enum { CALLS = 7 };
    struct weft_options good = recipe();
    struct weft_options options[CALLS];
    struct weft_dataset *narrow;
    struct weft_training training;
    const float x[] = {1.0f, 2.0f};
    const int32_t labels[] = {0, 1};
    good.batch_norm = true;
    struct weft_model *model = model_new(&good), *same = model_new(&good);
    ck_ok(weft_dataset_create(2, 1, CLASSES, x, labels, &narrow));
    ck_ok(weft_partial_fit(device, model, &good, data, NULL, NULL, &training));
    ck_ok(weft_partial_fit(device, same, &good, data, NULL, NULL, &training));
    for (size_t i = 0; i < CALLS; i++)
        options[i] = good;
    options[0].patience = 3;
    options[1].schedule = WEFT_SCHEDULE_PLATEAU;
    options[2].batch_size = 1;
    options[3].dropout_count = 2;
    options[4].initialization = (enum weft_initialization)99;
    options[5].initial_range = -1.0;
    options[6].flip = true; /* the samples are not images */
    for (size_t i = 0; i < CALLS; i++) {
        ck_assert_int_eq(weft_fit(device, model, &options[i], data, NULL, NULL, &training),
                         WEFT_ERROR_USAGE);
        assert_same(model, same);
    }
    ck_assert_int_eq(weft_fit(device, model, &good, narrow, NULL, NULL, &training),
                     WEFT_ERROR_DATA);
    assert_same(model, same);
    weft_model_destroy(same);
    weft_model_destroy(model);
    weft_dataset_destroy(narrow);
}
END_TEST

/* Its file would be refused: probabilities are a softmax over classes. */
START_TEST(the_article_has_an_output_for_each_class)
{
    struct weft_options options;
    struct weft_dataset * xor ;
    struct weft_model *model;
    struct weft_training training;
    ck_ok(weft_dataset_open("xor", &xor, NULL));
    ck_ok(weft_options_init(&options, "xor"));
    options.head = WEFT_HEAD_SIGMOID;
    ck_ok(weft_model_create(&options, xor, &model));
    options.article_quirks = true;
    ck_fails(weft_train(device, model, &options, xor, NULL, NULL, NULL, &training),
             WEFT_ERROR_USAGE, "article_quirks: the model has a single output");
    weft_model_destroy(model);
    weft_dataset_destroy(xor);
}
END_TEST

static struct weft_model *written_and_read(const struct weft_model *model)
{
    struct weft_model *read;
    ck_ok(weft_model_write(model, temporary_path("written")));
    ck_ok(weft_model_read(temporary_path("written"), &read));
    return read;
}

/* A file does not have the dropout, which is the training's. */
START_TEST(a_model_that_was_read_trains_alike)
{
    struct weft_options options = recipe();
    struct weft_training training;
    struct weft_model *model = model_new(&options), *read = written_and_read(model), *without;
    options.epochs = 2;
    options.dropout_count = 1;
    options.dropout[0] = 0.5;
    ck_ok(weft_train(device, model, &options, data, NULL, NULL, NULL, &training));
    ck_ok(weft_train(device, read, &options, data, NULL, NULL, NULL, &training));
    assert_same(model, read);
    options.dropout_count = 0;
    without = model_new(&options);
    ck_ok(weft_train(device, without, &options, data, NULL, NULL, NULL, &training));
    ck_assert(weft_model_weights(without, 0)[0] != weft_model_weights(model, 0)[0]);
    options.dropout_count = 2;
    ck_fails(weft_train(device, read, &options, data, NULL, NULL, NULL, &training),
             WEFT_ERROR_USAGE, "dropout: got 2, need 1 or one for each of 1 layers");
    weft_model_destroy(without);
    weft_model_destroy(read);
    weft_model_destroy(model);
}
END_TEST

static bool is_scaled(const struct weft_model *model)
{
    struct weft_model_info info;
    weft_model_get_info(model, &info);
    ck_assert_int_eq(info.scale != WEFT_SCALE_NONE, info.scale_mean != NULL);
    return info.scale_mean != NULL;
}

/* A model that was trained on features as they are gets them so ever after. */
START_TEST(no_scale_is_a_scale)
{
    struct weft_options plain = recipe(), standard = recipe();
    struct weft_training training;
    struct weft_model *model = model_new(&plain), *read, *from, *other;
    plain.scale = WEFT_SCALE_NONE;
    plain.epochs = standard.epochs = 1;
    ck_ok(weft_fit(device, model, &plain, data, NULL, NULL, &training));
    read = written_and_read(model);
    ck_ok(weft_model_create_from(temporary_path("written"), &standard, true, data, &from));
    ck_ok(weft_model_create_from(temporary_path("written"), &standard, false, data, &other));
    ck_ok(weft_train(device, read, &standard, data, NULL, NULL, NULL, &training));
    ck_ok(weft_train(device, from, &standard, data, NULL, NULL, NULL, &training));
    ck_ok(weft_train(device, other, &standard, data, NULL, NULL, NULL, &training));
    standard.warm_start = true;
    ck_ok(weft_fit(device, model, &standard, data, NULL, NULL, &training));
    ck_assert(!is_scaled(read) && !is_scaled(from) && !is_scaled(model));
    ck_assert(is_scaled(other)); /* the file's was not to be kept */
    standard.warm_start = false; /* which forgets it */
    ck_ok(weft_fit(device, model, &standard, data, NULL, NULL, &training));
    ck_assert(is_scaled(model));
    weft_model_destroy(other);
    weft_model_destroy(from);
    weft_model_destroy(read);
    weft_model_destroy(model);
}
END_TEST

/* Nothing is decided by writing a model that was never trained. */
START_TEST(a_new_model_in_a_file_has_no_scale_yet)
{
    const struct weft_options options = recipe();
    struct weft_training training;
    struct weft_model *model = model_new(&options), *read = written_and_read(model);
    ck_ok(weft_partial_fit(device, read, &options, data, NULL, NULL, &training));
    ck_assert(is_scaled(read));
    weft_model_destroy(read);
    weft_model_destroy(model);
}
END_TEST

/* What early stopping and the plateau schedule watch is a validation set. */
START_TEST(watching_needs_a_validation_set)
{
    struct weft_options options = recipe();
    struct weft_training training;
    struct weft_model *model = model_new(&options);
    options.patience = 2;
    ck_fails(weft_partial_fit(device, model, &options, data, NULL, NULL, &training),
             WEFT_ERROR_USAGE, "patience: needs a validation set");
    options.patience = 0;
    options.schedule = WEFT_SCHEDULE_PLATEAU;
    ck_fails(weft_partial_fit(device, model, &options, data, NULL, NULL, &training),
             WEFT_ERROR_USAGE, "schedule: plateau needs a validation set");
    weft_model_destroy(model);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_checked_fixture(tests, data_open, data_close);
    tcase_add_test(tests, what_is_refused_changes_nothing);
    tcase_add_test(tests, the_article_has_an_output_for_each_class);
    tcase_add_test(tests, a_model_that_was_read_trains_alike);
    tcase_add_test(tests, no_scale_is_a_scale);
    tcase_add_test(tests, a_new_model_in_a_file_has_no_scale_yet);
    tcase_add_test(tests, watching_needs_a_validation_set);
}

int main(void)
{
    Suite *suite = suite_create("refit");
    suite_add_devices(suite, add_tests);
    return suite_main(suite);
}
