/* Tests models that start from the weights of a file, whether Weft wrote it or not. */
#define _XOPEN_SOURCE 700
#include "bounded.h"
#include "damage.h"
#include "models.h"

/* `file` without its metadata, and without what is in its entries. */
static const char *write_bare(struct safetensors *file, const char *without)
{
    const size_t entries = file->entry_count;
    file->entry_count = 0;
    const char *path = write_without(file, without);
    file->entry_count = entries;
    return path;
}

static enum weft_status create_from(const char *path, const struct weft_options *options,
                                    bool keep_scale, struct weft_model **model)
{
    struct weft_dataset *dataset = dataset_of(3, NULL);
    const enum weft_status status =
        weft_model_create_from(path, options, keep_scale, dataset, model);
    weft_dataset_destroy(dataset);
    return status;
}

START_TEST(from_a_file_with_everything)
{
    const struct weft_options options = small_options();
    struct weft_model *trained = trained_model(), *model;
    ck_ok(create_from(write_trained("whole"), &options, true, &model));
    check_same_numbers(trained, model);
    ck_assert_str_eq(model->class_names[1], "1"); /* the data's, not the file's */
    ck_assert_uint_eq(model->record.epochs, 0);
    weft_model_destroy(model);
    ck_ok(create_from(write_trained("whole"), &options, false, &model));
    ck_assert_uint_eq(model->scale.features, 0);
    ck_assert_mem_eq(model->parameters, trained->parameters, 43 * sizeof(float));
    weft_model_destroy(model);
    weft_model_destroy(trained);
}
END_TEST

START_TEST(from_bare_weights)
{
    struct weft_options options = small_options();
    struct weft_model *trained = trained_model(), *model;
    struct safetensors file = trained_file();
    /* layers.0.bias is missing, layers.1.bias is there */
    ck_ok(create_from(write_bare(&file, "layers.0.bias"), &options, true, &model));
    ck_assert_mem_eq(model->parameters, trained->parameters, 35 * sizeof(float));
    for (size_t i = 0; i < 5; i++)
        ck_assert(weft_model_biases(model, 0)[i] == 0);
    ck_assert(weft_model_biases(model, 1)[0] == 1.5f);
    ck_assert_uint_eq(model->scale.features, FEATURES);
    weft_model_destroy(model);
    weft_model_destroy(trained);
    safetensors_reset(&file);
}
END_TEST

START_TEST(from_a_file_without_scale)
{
    const struct weft_options options = small_options();
    const struct weft_options plain = small_options();
    struct weft_model *written = model_of(&plain, 3), *model;
    ck_ok(weft_model_write(written, temporary_path("plain")));
    ck_ok(create_from(temporary_path("plain"), &options, true, &model));
    ck_assert_uint_eq(model->scale.features, 0);
    weft_model_destroy(written);
    weft_model_destroy(model);
}
END_TEST

static void check_not_from(const char *path, const struct weft_options *options, bool keep_scale,
                           const char *error)
{
    struct weft_model *model = (struct weft_model *)options;
    ck_fails(create_from(path, options, keep_scale, &model), WEFT_ERROR_MODEL, error);
    ck_assert_ptr_null(model);
}

START_TEST(files_that_do_not_fit_the_options)
{
    struct weft_options options = small_options();
    struct safetensors file = trained_file();
    check_not_from(write_bare(&file, "layers.1.weight"), &options, true,
                   "spoilt: layers.1.weight: missing");
    check_not_from(write_bare(&file, "scale.std"), &options, true, "scale.std: missing");
    check_not_from(write_bare(&file, "scale.mean"), &options, true, "scale.mean: missing");
    options.hidden[0] = 64;
    check_not_from(write_bare(&file, NULL), &options, true,
                   "spoilt: layers.0.weight: shape [5, 4], need [64, 4]");
    options.hidden_count = 0;
    check_not_from(write_bare(&file, NULL), &options, true, "layers.0.weight: shape [5, 4], need");
    options = small_options();
    options.bias = false;
    check_not_from(write_bare(&file, NULL), &options, true, "layers.0.bias: has no place");
    options = small_options();
    tensor_of(&file, "scale.std")->values[0] = 0;
    check_not_from(write_bare(&file, NULL), &options, true, "scale.std: value 0 is 0");
    tensor_of(&file, "layers.1.bias")->values[0] = NAN;
    check_not_from(write_bare(&file, NULL), &options, false, "layers.1.bias: value 0 is NaN");
    check_not_from(temporary_write("text", "weights, honestly", 17), &options, true, "text: ");
    safetensors_reset(&file);
}
END_TEST

/* 5 GiB that are not the network's, all of it a hole: not read to say so. */
START_TEST(a_large_file_of_something_else)
{
    const struct weft_options options = small_options();
    struct weft_model *model;
    const char *alone = sparse_file("alone", NULL);
    const char *added = sparse_file("added", write_trained("whole"));
    const struct bounds bounds = bounds_begin();
    ck_fails(create_from(alone, &options, true, &model), WEFT_ERROR_MODEL,
             "alone: layers.0.weight: missing");
    ck_fails(create_from(added, &options, true, &model), WEFT_ERROR_MODEL,
             "added: sparse: has no place in a network of 2 layers");
    bounds_check(&bounds);
    ck_assert_int_eq(unlink(alone) + unlink(added), 0);
}
END_TEST

/* What shows in no shape the metadata tell, where there are some: here softmax and sigmoids. */
START_TEST(metadata_that_are_not_the_options)
{
    struct weft_options options = small_options();
    struct safetensors file = trained_file();
    struct weft_model *model;
    ck_ok(weft_options_set(&options, "head", "identity"));
    check_not_from(write_trained("whole"), &options, true,
                   "whole: head softmax, the options have identity: need head softmax, or "
                   "another file");
    ck_ok(create_from(write_bare(&file, NULL), &options, true, &model)); /* which says nothing */
    ck_assert_int_eq(model->network.head, WEFT_HEAD_IDENTITY);
    weft_model_destroy(model);
    options = small_options();
    ck_ok(weft_options_set(&options, "activation", "tanh"));
    check_not_from(write_trained("whole"), &options, true,
                   "whole: activation sigmoid, the options have tanh: need activation "
                   "sigmoid, or another file");
    safetensors_reset(&file);
}
END_TEST

START_TEST(the_task_is_the_options)
{
    struct weft_options options = small_options();
    const float x[FEATURES] = {0.0f}, y[3] = {0.0f};
    struct weft_dataset *dataset;
    struct weft_model *model;
    ck_ok(weft_options_set(&options, "task", "regress"));
    ck_ok(weft_dataset_create_targets(1, FEATURES, 3, x, y, &dataset));
    ck_fails(weft_model_create_from(write_trained("whole"), &options, true, dataset, &model),
             WEFT_ERROR_MODEL,
             "task classify, the options have regress: need task classify, or another file");
    ck_assert_ptr_null(model);
    weft_dataset_destroy(dataset);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("model_init");
    TCase *tests = tcase_create("model_init");
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_test(tests, from_a_file_with_everything);
    tcase_add_test(tests, from_bare_weights);
    tcase_add_test(tests, from_a_file_without_scale);
    tcase_add_test(tests, files_that_do_not_fit_the_options);
    tcase_add_test(tests, a_large_file_of_something_else);
    tcase_add_test(tests, metadata_that_are_not_the_options);
    tcase_add_test(tests, the_task_is_the_options);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
