/* Tests that models are written and read, and that damaged files are rejected. */
#define _XOPEN_SOURCE 700
#include <sys/stat.h>

#include "bounded.h"
#include "damage.h"
#include "models.h"

START_TEST(round_trip)
{
    struct weft_model *model = trained_model(), *back;
    ck_ok(weft_model_read(write_trained("round"), &back));
    check_same_numbers(model, back);
    ck_assert(signbit(back->parameters[0]) && back->parameters[1] == 1e-45f);
    ck_assert_str_eq(back->preset, "default");
    ck_assert(back->network.head == WEFT_HEAD_SOFTMAX && back->network.layers[1].bias);
    ck_assert(back->network.layer_count == 2 && back->widths[1] == 5 && back->classes == 3);
    for (size_t c = 0; c < 3; c++)
        ck_assert_str_eq(back->class_names[c], odd_names[c]);
    ck_assert(back->seed == 7 && !back->article_quirks);
    ck_assert(back->record.epochs == 20 && back->record.options.l1 == 0.1 &&
              back->record.options.l2 == 1e-4);
    ck_assert(back->record.options.learning_rate == 1.0 / 3.0);
    ck_assert(back->record.train_accuracy == 5.0 / 6.0 && back->record.test_accuracy == 1);
    ck_assert(isnan(back->record.validation_accuracy));
    weft_model_destroy(model);
    weft_model_destroy(back);
}
END_TEST

START_TEST(round_trip_of_the_article_and_xor)
{
    static const char *const presets[] = {"article", "xor"};
    for (size_t i = 0; i < 2; i++) {
        struct weft_options options;
        struct weft_model *back;
        ck_ok(weft_options_init(&options, presets[i]));
        options.seed = UINT64_MAX;
        struct weft_model *model = model_of(&options, 2);
        ck_ok(weft_model_write(model, temporary_path("preset")));
        ck_ok(weft_model_read(temporary_path("preset"), &back));
        ck_assert_str_eq(back->preset, presets[i]);
        ck_assert_uint_eq(back->seed, UINT64_MAX);
        ck_assert_int_eq(back->network.head, options.head);
        ck_assert_int_eq(back->article_quirks, options.article_quirks);
        ck_assert_int_eq(model_has_single_output(back), options.single_output);
        ck_assert_int_eq(back->network.layers[0].bias, false);
        ck_assert_uint_eq(back->scale.features, 0);
        ck_assert_mem_eq(back->parameters, model->parameters,
                         model->network.parameter_count * sizeof(float));
        weft_model_destroy(model);
        weft_model_destroy(back);
    }
}
END_TEST

START_TEST(the_same_model_gives_the_same_bytes)
{
    struct weft_model *model;
    const struct image first = image_load(write_trained("first")),
                       second = image_load(write_trained("second"));
    ck_assert_uint_eq(first.size, second.size);
    ck_assert_mem_eq(first.bytes, second.bytes, first.size);
    ck_ok(weft_model_read(temporary_path("first"), &model));
    ck_ok(weft_model_write(model, temporary_path("third")));
    weft_model_destroy(model);
    const struct image third = image_load(temporary_path("third"));
    ck_assert_uint_eq(first.size, third.size);
    ck_assert_mem_eq(first.bytes, third.bytes, first.size);
}
END_TEST

START_TEST(a_model_file_is_what_is_promised)
{
    static const char *const order[] = {"layers.0.weight", "layers.0.bias", "layers.1.weight",
                                        "layers.1.bias",   "scale.mean",    "scale.std"};
    struct safetensors file;
    ck_ok(safetensors_read(write_trained("promised"), &file));
    ck_assert_uint_eq(file.tensor_count, 6);
    for (size_t i = 0; i < 6; i++)
        ck_assert_str_eq(file.tensors[i].name, order[i]);
    ck_assert(file.tensors[0].shape[0] == 5 && file.tensors[0].shape[1] == 4);
    ck_assert(file.tensors[3].dimensions == 1 && file.tensors[3].shape[0] == 3);
    ck_assert_str_eq(safetensors_entry(&file, "format"), "weft");
    ck_assert_str_eq(safetensors_entry(&file, "format_version"), "1");
    ck_assert_str_eq(safetensors_entry(&file, "weft_version"), weft_version());
    ck_assert_str_eq(safetensors_entry(&file, "hidden"), "5");
    ck_assert_str_eq(safetensors_entry(&file, "head"), "softmax");
    ck_assert_str_eq(safetensors_entry(&file, "activation"), "sigmoid");
    ck_assert_str_eq(safetensors_entry(&file, "learning_rate"), "0.3333333333333333");
    ck_assert_str_eq(safetensors_entry(&file, "optimizer"), "adamw");
    ck_assert_str_eq(safetensors_entry(&file, "schedule"), "one-cycle");
    ck_assert_str_eq(safetensors_entry(&file, "l2"), "0.0001");
    ck_assert_str_eq(safetensors_entry(&file, "test_accuracy"), "1");
    ck_assert_ptr_null(safetensors_entry(&file, "validation_accuracy"));
    ck_assert_str_eq(safetensors_entry(&file, "class_names"),
                     "[\"T-shirt/top\",\"say \\\"\\\\\\\", \xc3\xa9\",\"\\t\\u0001\"]");
    safetensors_reset(&file);
}
END_TEST

/* The word of the scale comes back; a file that calls a global
 * scale standard, as all did once, stays one that can be read. */
START_TEST(a_global_scale_keeps_its_word)
{
    struct weft_model *model = trained_model(), *back;
    struct weft_model_info info;
    for (int global = 1; global >= 0; global--) {
        for (size_t j = 0; j < model->scale.features; j++) {
            model->scale.mean[j] = 0.25f;
            model->scale.std[j] = 2.0f;
        }
        model->scale.global = global == 1;
        ck_ok(weft_model_write(model, temporary_path("scaled")));
        ck_ok(weft_model_read(temporary_path("scaled"), &back));
        weft_model_get_info(back, &info);
        ck_assert_int_eq(info.scale, global == 1 ? WEFT_SCALE_GLOBAL : WEFT_SCALE_STANDARD);
        ck_assert(info.scale_mean[1] == 0.25f && info.scale_std[1] == 2.0f);
        weft_model_destroy(back);
    }
    weft_model_destroy(model);
}
END_TEST

START_TEST(model_files_are_recognized)
{
    static const unsigned char start[] = {64, 0, 0, 0, 0, 0, 0, 0, '{'};
    static const unsigned char huge[] = {64, 0, 0, 0, 1, 0, 0, 0, '{'}; /* a header of 4 GiB */
    const char *pipe = temporary_path("pipe");
    ck_assert(weft_model_recognize(write_trained("whole")));
    ck_assert(weft_model_recognize(temporary_write("start", start, sizeof start)));
    ck_assert(!weft_model_recognize(temporary_write("short", start, sizeof start - 1)));
    ck_assert(!weft_model_recognize(temporary_write("huge", huge, sizeof huge)));
    ck_assert(!weft_model_recognize(temporary_write("csv", "a,b,c\n1,2,{\n", 12)));
    ck_assert(!weft_model_recognize(temporary_path("missing")));
    ck_assert_int_eq(mkfifo(pipe, 0600), 0);
    ck_assert(!weft_model_recognize(pipe)); /* and nobody waits for a writer */
}
END_TEST

START_TEST(files_that_are_not_there)
{
    struct weft_model *model = NULL;
    ck_fails(weft_model_read(temporary_path("missing"), &model), WEFT_ERROR_IO, "missing");
    ck_assert_ptr_null(model);
    model = trained_model();
    ck_fails(weft_model_write(model, temporary_path("no/folder")), WEFT_ERROR_IO, "no/folder");
    weft_model_destroy(model);
}
END_TEST

START_TEST(truncated_anywhere)
{
    const char *path = write_trained("cut");
    const struct image image = image_load(path);
    struct weft_model *model;
    for (size_t size = image.size; size-- > 0;) {
        ck_assert_int_eq(truncate(path, (off_t)size), 0);
        ck_fails(weft_model_read(path, &model), WEFT_ERROR_MODEL, "cut: ");
        ck_assert_ptr_null(model);
    }
}
END_TEST

START_TEST(every_bit_of_the_header_flipped)
{
    const char *path = write_trained("flipped");
    const struct image image = image_load(path);
    struct weft_model *whole, *model;
    size_t refused = 0, taken = 0;
    ck_ok(weft_model_read(path, &whole));
    for (size_t bit = 0; bit < 8 * image_header_end(&image); bit++) {
        image_put(path, &image, bit, true);
        const enum weft_status status = weft_model_read(path, &model);
        if (status == WEFT_OK)
            check_same_numbers(whole, model);
        else
            ck_assert_msg(status == WEFT_ERROR_MODEL, "bit %zu: %s", bit, weft_error());
        refused += status != WEFT_OK;
        taken += status == WEFT_OK;
        weft_model_destroy(model);
        image_put(path, &image, bit, false);
    }
    ck_assert_uint_gt(refused, 4 * taken); /* what passes is a letter of a name, a digit */
    weft_model_destroy(whole);
}
END_TEST

/* Files of more than 5 GiB, of which almost nothing is on the disk: their headers agree with them,
 * and are no header of a model. Not a byte of their values is needed to say so. */
START_TEST(a_bad_header_is_refused_without_the_values)
{
    struct weft_model *model;
    const char *alone = sparse_file("alone", NULL);
    const char *added = sparse_file("added", write_trained("whole"));
    const struct bounds bounds = bounds_begin();
    ck_fails(weft_model_read(alone, &model), WEFT_ERROR_MODEL, "alone: not a model of Weft");
    ck_fails(weft_model_read(added, &model), WEFT_ERROR_MODEL,
             "added: sparse: has no place in a network of 2 layers");
    bounds_check(&bounds);
    ck_assert_int_eq(unlink(alone) + unlink(added), 0);
}
END_TEST

/* ---------------------------------------------------------------- wrong contents */

static void check_spoilt(const char *path, const char *error)
{
    struct weft_model *model;
    ck_fails(weft_model_read(path, &model), WEFT_ERROR_MODEL, error);
    ck_assert_ptr_null(model);
}

static const struct spoilt_entry {
    const char *key, *value; /* NULL: taken out */
    const char *error;
} spoilt_entries[] = {
    {"format", NULL, "spoilt: not a model of Weft"},
    {"format", "waft", "not a model of Weft"},
    {"format_version", "4", "format_version: got 4, need at most 3: written by a newer Weft"},
    {"format_version", "18446744073709551615", "written by a newer Weft"},
    {"format_version", "0", "format_version: got \"0\", need 1"},
    {"format_version", "1.0", "format_version: got \"1.0\", need a whole number"},
    {"format_version", NULL, "spoilt: format_version: missing in the metadata"},
    {"preset", NULL, "preset: missing"},
    {"preset", "0123456789012345678901234567890123", "preset: got"},
    {"features", "5", "layers.0.weight: shape [5, 4], need [5, 5]"},
    {"features", "0", "features: got \"0\", need 1"},
    {"features", "2147483647", "layers.0.weight: shape [5, 4], need [5, 2147483647]"},
    {"features", "2147483648", "features: got \"2147483648\", need 1 to 2147483647"},
    {"features", "18446744073709551615", "need 1 to 2147483647"},
    {"features", "18446744073709551616", "need a whole number"},
    {"features", "four", "features: got \"four\", need a whole number"},
    {"hidden", "6", "layers.0.weight: shape [5, 4], need [6, 4]"},
    {"hidden", "2147483647", "need [2147483647, 4]"},
    {"hidden", "5,5", "layers.1.weight: shape [3, 5], need [5, 5]"},
    {"hidden", "none", "layers.0.weight: shape [5, 4], need [3, 4]"},
    {"hidden", "", "hidden: got \"\""},
    {"classes", "4", "class_names: got 3 names, need 4"},
    {"classes", "1", "classes: got \"1\", need 2 or more"},
    {"classes", "-3", "classes: got \"-3\""},
    {"class_names", "[\"a\",\"b\"]", "class_names: got 2 names, need 3"},
    {"class_names", "[\"a\",\"b\",3]", "class_names: entry 2 is not a text"},
    {"class_names", "{}", "class_names: got 0 names"},
    {"class_names", "[\"a\",\"b\",", "not JSON"},
    {"class_names", "", "not JSON"},
    {"class_names", NULL, "class_names: missing"},
    {"head", "softmin", "head: got \"softmin\", need sigmoid, softmax or identity"},
    {"activation", "rel", "activation: got \"rel\", need the name of one for all"},
    {"activation", "relu,relu,relu,relu,relu,relu", "or one for each"},
    {"bias", "yes", "bias: got \"yes\", need false or true"},
    {"bias", "false", "layers.0.bias: has no place in a network of 2 layers without biases"},
    {"single_output", "true", "single_output: got \"true\", need false"},
    {"probability", "softmax_of_head", "probability: got \"softmax_of_head\", need head"},
    {"probability", "", "probability: got \"\", need head or softmax_of_head"},
    {"scale", "none", "scale.mean: has no place"},
    {"scale", "minmax", "scale: got \"minmax\", need none, standard or global"},
    {"seed", "-1", "seed: got \"-1\""},
    {"epochs", "1e3", "epochs: got \"1e3\""},
    {"l1", "-0.5", "l1: got \"-0.5\", need 0 or more"},
    {"l2", "inf", "l2: got \"inf\""},
    {"learning_rate", "0,1", "learning_rate: got \"0,1\""},
    {"learning_rate", NULL, "learning_rate: missing"},
    {"optimizer", "adamx", "optimizer: got \"adamx\", need a word that this version knows"},
    {"schedule", "", "schedule: got \"\", need a word"},
    {"train_accuracy", "1.5", "train_accuracy: got \"1.5\", need 0 to 1"},
    {"validation_accuracy", "-1", "validation_accuracy: got \"-1\", need 0 to 1"},
    {"test_accuracy", "nan", "test_accuracy: got \"nan\""},
};

/* Reading a copy of `file`, its text `key` replaced or (NULL) taken out, ends with that error. */
static void check_spoilt_entry(const struct safetensors *file, const char *key, const char *value,
                               const char *error)
{
    struct safetensors copy = {0};
    for (size_t i = 0; i < file->entry_count; i++) {
        if (strcmp(file->entries[i].key, key) != 0)
            ck_ok(safetensors_add_entry(&copy, file->entries[i].key, file->entries[i].value));
    }
    if (value != NULL)
        ck_ok(safetensors_add_entry(&copy, key, value));
    for (size_t i = 0; i < file->tensor_count; i++)
        ck_ok(safetensors_add(&copy, file->tensors[i].name, file->tensors[i].values,
                              file->tensors[i].shape, file->tensors[i].dimensions));
    check_spoilt(write_without(&copy, NULL), error);
    safetensors_reset(&copy);
}

START_TEST(metadata_that_make_no_sense)
{
    const struct spoilt_entry *spoilt = &spoilt_entries[_i];
    struct safetensors file = trained_file();
    check_spoilt_entry(&file, spoilt->key, spoilt->value, spoilt->error);
    safetensors_reset(&file);
}
END_TEST

/* Words that are right one by one, of a network of two classes that cannot be. */
static const struct contradiction {
    const char *preset, *key, *value, *error;
} contradictions[] = {
    {"default", "single_output", "true", "single_output: got \"true\", need false with this head"},
    {"xor", "probability", "softmax_of_head", "probability: got \"softmax_of_head\", need head"},
    {"xor", "head", "softmax", "single_output: got \"true\", need false with this head"},
    {"article", "head", "identity", "probability: got \"softmax_of_head\", need head with this"},
};

START_TEST(words_that_contradict_each_other)
{
    const struct contradiction *wrong = &contradictions[_i];
    struct weft_options options;
    struct safetensors file;
    ck_ok(weft_options_init(&options, wrong->preset));
    struct weft_model *model = model_of(&options, 2);
    ck_ok(weft_model_write(model, temporary_path("right")));
    weft_model_destroy(model);
    ck_ok(safetensors_read(temporary_path("right"), &file));
    check_spoilt_entry(&file, wrong->key, wrong->value, wrong->error);
    safetensors_reset(&file);
}
END_TEST

static const struct spoilt_value {
    const char *name;
    size_t index;
    float value;
    const char *error;
} spoilt_values[] = {
    {"layers.0.weight", 19, NAN, "spoilt: layers.0.weight: value 19 is NaN, need finite"},
    {"layers.1.weight", 0, -INFINITY, "layers.1.weight: value 0 is infinite"},
    {"layers.1.bias", 2, INFINITY, "layers.1.bias: value 2 is infinite"},
    {"scale.mean", 3, NAN, "scale.mean: value 3 is NaN"},
    {"scale.std", 1, 0.0f, "scale.std: value 1 is 0, need"},
    {"scale.std", 0, -1.0f, "scale.std: value 0 is -1, need"},
    {"scale.std", 0, 1e-40f, "scale.std: value 0 is 9.99"},
    {"scale.std", 0, INFINITY, "scale.std: value 0 is infinite"},
};

START_TEST(numbers_that_make_no_sense)
{
    const struct spoilt_value *spoilt = &spoilt_values[_i];
    struct safetensors file = trained_file();
    tensor_of(&file, spoilt->name)->values[spoilt->index] = spoilt->value;
    check_spoilt(write_without(&file, NULL), spoilt->error);
    safetensors_reset(&file);
}
END_TEST

static const char *const tensor_names[] = {"layers.0.weight", "layers.0.bias", "layers.1.weight",
                                           "layers.1.bias",   "scale.mean",    "scale.std"};

START_TEST(tensors_that_are_missing)
{
    struct safetensors file = trained_file();
    char error[64];
    snprintf(error, sizeof error, "spoilt: %s: missing", tensor_names[_i]);
    check_spoilt(write_without(&file, tensor_names[_i]), error);
    safetensors_reset(&file);
}
END_TEST

START_TEST(tensors_of_other_shapes)
{
    struct safetensors file = trained_file();
    struct safetensor *tensor = tensor_of(&file, tensor_names[_i]);
    char error[64];
    /* as many values, one more dimension */
    tensor->shape[tensor->dimensions++] = 1;
    snprintf(error, sizeof error, "spoilt: %s: shape [", tensor_names[_i]);
    check_spoilt(write_without(&file, NULL), error);
    safetensors_reset(&file);
}
END_TEST

START_TEST(a_tensor_too_many)
{
    struct safetensors file = trained_file();
    const size_t shape = 1;
    ck_ok(safetensors_add(&file, "layers.2.bias", file.tensors[0].values, &shape, 1));
    check_spoilt(write_without(&file, NULL), "layers.2.bias: has no place in a network of 2");
    safetensors_reset(&file);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("model_file");
    TCase *tests = tcase_create("model_file");
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_test(tests, round_trip);
    tcase_add_test(tests, round_trip_of_the_article_and_xor);
    tcase_add_test(tests, the_same_model_gives_the_same_bytes);
    tcase_add_test(tests, a_model_file_is_what_is_promised);
    tcase_add_test(tests, a_global_scale_keeps_its_word);
    tcase_add_test(tests, model_files_are_recognized);
    tcase_add_test(tests, files_that_are_not_there);
    tcase_add_test(tests, truncated_anywhere);
    tcase_add_test(tests, every_bit_of_the_header_flipped);
    tcase_add_test(tests, a_bad_header_is_refused_without_the_values);
    tcase_add_loop_test(tests, metadata_that_make_no_sense, 0,
                        sizeof spoilt_entries / sizeof *spoilt_entries);
    tcase_add_loop_test(tests, words_that_contradict_each_other, 0,
                        sizeof contradictions / sizeof *contradictions);
    tcase_add_loop_test(tests, numbers_that_make_no_sense, 0,
                        sizeof spoilt_values / sizeof *spoilt_values);
    tcase_add_loop_test(tests, tensors_that_are_missing, 0, 6);
    tcase_add_loop_test(tests, tensors_of_other_shapes, 0, 6);
    tcase_add_test(tests, a_tensor_too_many);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
