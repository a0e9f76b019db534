/* Models: made from options and data, written, read, and refused when damaged. */
#define _XOPEN_SOURCE 700
#include "network/model.h"
#include "network/safetensors.h"
#include "suite.h"
#include "temporary.h"

enum { FEATURES = 4, SAMPLES = 6, LARGEST_FILE = 1 << 14 };

static const char *const odd_names[] = {"T-shirt/top", "say \"\\\", \xc3\xa9", "\t\x01"};

/* 6 samples of 4 features; names of its 1 to 3 classes. */
static struct weft_dataset *dataset_of(size_t classes, const char *const *names)
{
    struct weft_dataset *dataset;
    ck_ok(dataset_allocate("six", SAMPLES, FEATURES, true, &dataset));
    for (size_t i = 0; i < SAMPLES * FEATURES; ++i)
        dataset->x[i] = (float)i;
    for (size_t i = 0; i < SAMPLES; ++i)
        dataset->labels[i] = (int32_t)(i % classes);
    ck_ok(dataset_finish(dataset, classes, names));
    return dataset;
}

/* 4-5-3 of preset default, seed 7. */
static struct weft_options small_options(void)
{
    struct weft_options options;
    ck_ok(weft_options_init(&options, "default"));
    ck_ok(weft_options_set(&options, "hidden", "5"));
    ck_ok(weft_options_set(&options, "seed", "7"));
    return options;
}

static struct weft_model *model_of(const struct weft_options *options, size_t classes)
{
    struct weft_dataset *dataset = dataset_of(classes, classes == 3 ? odd_names : NULL);
    struct weft_model *model;
    ck_ok(weft_model_create(options, dataset, &model));
    weft_dataset_destroy(dataset);
    return model;
}

/* As training leaves it: biases, scale and record are not zero. */
static struct weft_model *trained_model(void)
{
    const struct weft_options options = small_options();
    struct weft_model *model = model_of(&options, 3);
    for (size_t i = 0; i < 8; ++i)
        model->parameters[model->network.weight_count + i] = (float)i - 3.5f;
    model->parameters[0] = -0.0f;
    model->parameters[1] = 1e-45f;
    ck_ok(scale_init(&model->scale, FEATURES));
    for (size_t i = 0; i < FEATURES; ++i) {
        model->scale.mean[i] = 9.0f + (float)i;
        model->scale.std[i] = 6.8313f * (float)(i + 1);
    }
    model->record = (struct training_record){.epochs = 20,
                                             .l1 = 0.1,
                                             .l2 = 1e-4,
                                             .learning_rate = 1.0 / 3.0,
                                             .train_accuracy = 5.0 / 6.0,
                                             .validation_accuracy = (double)NAN,
                                             .test_accuracy = 1};
    return model;
}

static const char *write_trained(const char *name)
{
    struct weft_model *model = trained_model();
    const char *path = temporary_path(name);
    ck_ok(weft_model_write(model, path));
    weft_model_destroy(model);
    return path;
}

struct image {
    size_t size;
    unsigned char bytes[LARGEST_FILE];
};

static struct image load(const char *path)
{
    static struct image image;
    FILE *file = fopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    image.size = fread(image.bytes, 1, sizeof image.bytes, file);
    fclose(file);
    ck_assert_uint_lt(image.size, sizeof image.bytes);
    return image;
}

static void check_same_numbers(const struct weft_model *a, const struct weft_model *b)
{
    ck_assert_uint_eq(a->network.parameter_count, b->network.parameter_count);
    ck_assert_mem_eq(a->parameters, b->parameters,
                     a->network.parameter_count * sizeof *a->parameters);
    ck_assert_uint_eq(a->scale.features, b->scale.features);
    ck_assert_mem_eq(a->scale.mean, b->scale.mean, a->scale.features * sizeof *a->scale.mean);
    ck_assert_mem_eq(a->scale.std, b->scale.std, a->scale.features * sizeof *a->scale.std);
}

/* ---------------------------------------------------------------- making */

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
    check_refused(&o, dataset_of(3, NULL), WEFT_ERROR_USAGE, "width 0 of layer 1");
    o.hidden_count = WEFT_MAX_HIDDEN + 1;
    check_refused(&o, dataset_of(3, NULL), WEFT_ERROR_USAGE, "hidden: got 65 layers");
    o = small_options();
    o.head = (enum weft_head)3;
    check_refused(&o, dataset_of(3, NULL), WEFT_ERROR_USAGE, "head: 3");
    o = small_options();
    o.initialisation = (enum weft_initialisation)3;
    check_refused(&o, dataset_of(3, NULL), WEFT_ERROR_USAGE, "initialisation: 3");
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
    check_refused(&options, dataset, WEFT_ERROR_DATA, "no labels");
    ck_ok(weft_dataset_create(1, 2, 0, x, &label, &dataset));
    check_refused(&options, dataset, WEFT_ERROR_DATA, "got 32769 classes, need at most 32768");
    check_refused(&options, dataset_of(2, latin_names), WEFT_ERROR_DATA,
                  "the name of class 0 is not UTF-8");
    memset(long_name, 'a', sizeof long_name - 1);
    check_refused(&options, dataset_of(2, long_names), WEFT_ERROR_DATA,
                  "class names take 1048586 bytes");
    check_refused(&options, dataset_of(1, NULL), WEFT_ERROR_DATA, "six: one class only");
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
    for (size_t i = 0; i < WEFT_MAX_HIDDEN; ++i)
        options.hidden[i] = 1;
    memset(quotes, '"', sizeof quotes - 1);
    memset(controls, '\x1f', sizeof controls - 1);
    for (int i = 0; i < 2; ++i) {
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

/* ---------------------------------------------------------------- files */

START_TEST(round_trip)
{
    struct weft_model *model = trained_model(), *back;
    ck_ok(weft_model_read(write_trained("round"), &back));
    check_same_numbers(model, back);
    ck_assert(signbit(back->parameters[0]) && back->parameters[1] == 1e-45f);
    ck_assert_str_eq(back->preset, "default");
    ck_assert(back->network.head == WEFT_HEAD_SOFTMAX && back->network.layers[1].bias);
    ck_assert(back->network.layer_count == 2 && back->widths[1] == 5 && back->classes == 3);
    for (size_t c = 0; c < 3; ++c)
        ck_assert_str_eq(back->class_names[c], odd_names[c]);
    ck_assert(back->seed == 7 && !back->article_quirks);
    ck_assert(back->record.epochs == 20 && back->record.l1 == 0.1 && back->record.l2 == 1e-4);
    ck_assert(back->record.learning_rate == 1.0 / 3.0);
    ck_assert(back->record.train_accuracy == 5.0 / 6.0 && back->record.test_accuracy == 1);
    ck_assert(isnan(back->record.validation_accuracy));
    weft_model_destroy(model);
    weft_model_destroy(back);
}
END_TEST

START_TEST(round_trip_of_the_article_and_xor)
{
    static const char *const presets[] = {"article", "xor"};
    for (size_t i = 0; i < 2; ++i) {
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
    const struct image first = load(write_trained("first")), second = load(write_trained("second"));
    ck_assert_uint_eq(first.size, second.size);
    ck_assert_mem_eq(first.bytes, second.bytes, first.size);
    ck_ok(weft_model_read(temporary_path("first"), &model));
    ck_ok(weft_model_write(model, temporary_path("third")));
    weft_model_destroy(model);
    const struct image third = load(temporary_path("third"));
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
    for (size_t i = 0; i < 6; ++i)
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
    ck_assert_str_eq(safetensors_entry(&file, "l2"), "0.0001");
    ck_assert_str_eq(safetensors_entry(&file, "test_accuracy"), "1");
    ck_assert_ptr_null(safetensors_entry(&file, "validation_accuracy"));
    ck_assert_str_eq(safetensors_entry(&file, "class_names"),
                     "[\"T-shirt/top\",\"say \\\"\\\\\\\", \xc3\xa9\",\"\\t\\u0001\"]");
    safetensors_reset(&file);
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
    const struct image image = load(write_trained("whole"));
    struct weft_model *model;
    for (size_t size = 0; size < image.size; ++size) {
        ck_fails(weft_model_read(temporary_write("cut", image.bytes, size), &model),
                 WEFT_ERROR_MODEL, "cut: ");
        ck_assert_ptr_null(model);
    }
}
END_TEST

START_TEST(every_bit_of_the_header_flipped)
{
    const struct image image = load(write_trained("whole"));
    const size_t header_end = 8 + image.bytes[0] + 256u * image.bytes[1];
    struct weft_model *whole, *model;
    size_t refused = 0, taken = 0;
    ck_ok(weft_model_read(temporary_path("whole"), &whole));
    for (size_t bit = 0; bit < 8 * header_end; ++bit) {
        static struct image flipped;
        flipped = image;
        flipped.bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
        const enum weft_status status =
            weft_model_read(temporary_write("flipped", flipped.bytes, flipped.size), &model);
        if (status == WEFT_OK)
            check_same_numbers(whole, model);
        else
            ck_assert_msg(status == WEFT_ERROR_MODEL, "bit %zu: %s", bit, weft_error());
        refused += status != WEFT_OK;
        taken += status == WEFT_OK;
        weft_model_destroy(model);
    }
    ck_assert_uint_gt(refused, 4 * taken); /* what passes is a letter of a name, a digit */
    weft_model_destroy(whole);
}
END_TEST

/* ---------------------------------------------------------------- wrong contents */

/* The trained model's file in memory, for spoiling. */
static struct safetensors trained_file(void)
{
    struct safetensors file;
    ck_ok(safetensors_read(write_trained("unspoilt"), &file));
    return file;
}

static struct safetensor *tensor_of(const struct safetensors *file, const char *name)
{
    const struct safetensor *tensor = safetensors_find(file, name);
    ck_assert_ptr_nonnull(tensor);
    return &file->tensors[tensor - file->tensors];
}

/* A copy of `file` without the tensor `without` (NULL: with all). */
static const char *write_without(const struct safetensors *file, const char *without)
{
    struct safetensors copy = {0};
    const char *path = temporary_path("spoilt");
    for (size_t i = 0; i < file->tensor_count; ++i) {
        const struct safetensor *t = &file->tensors[i];
        if (without == NULL || strcmp(t->name, without) != 0)
            ck_ok(safetensors_add(&copy, t->name, t->values, t->shape, t->dimensions));
    }
    for (size_t i = 0; i < file->entry_count; ++i)
        ck_ok(safetensors_add_entry(&copy, file->entries[i].key, file->entries[i].value));
    ck_ok(safetensors_write(path, &copy));
    safetensors_reset(&copy);
    return path;
}

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
    {"format_version", "2", "format_version: got 2, need at most 1: written by a newer Weft"},
    {"format_version", "18446744073709551615", "written by a newer Weft"},
    {"format_version", "0", "format_version: got \"0\", need 1"},
    {"format_version", "1.0", "format_version: got \"1.0\", need a whole number"},
    {"format_version", NULL, "spoilt: format_version: missing in the metadata"},
    {"preset", NULL, "preset: missing"},
    {"preset", "0123456789012345678901234567890123", "preset: got"},
    {"features", "5", "layers.0.weight: shape [5, 4], need [5, 5]"},
    {"features", "0", "features: got \"0\", need 1"},
    {"features", "18446744073709551615", "need [5, 18446744073709551615]"},
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
    {"activation", "relu", "activation: got \"relu\", need sigmoid"},
    {"bias", "yes", "bias: got \"yes\", need false or true"},
    {"bias", "false", "layers.0.bias: has no place in a network of 2 layers without biases"},
    {"single_output", "true", "single_output: got \"true\", need false"},
    {"probability", "softmax_of_head", "probability: got \"softmax_of_head\", need head"},
    {"probability", "", "probability: got \"\", need head or softmax_of_head"},
    {"scale", "none", "scale.mean: has no place"},
    {"scale", "minmax", "scale: got \"minmax\", need none or standard"},
    {"seed", "-1", "seed: got \"-1\""},
    {"epochs", "1e3", "epochs: got \"1e3\""},
    {"l1", "-0.5", "l1: got \"-0.5\", need a number of 0 or more"},
    {"l2", "inf", "l2: got \"inf\""},
    {"learning_rate", "0,1", "learning_rate: got \"0,1\""},
    {"learning_rate", NULL, "learning_rate: missing"},
    {"train_accuracy", "1.5", "train_accuracy: got \"1.5\", need a fraction"},
    {"test_accuracy", "nan", "test_accuracy: got \"nan\""},
};

START_TEST(metadata_that_make_no_sense)
{
    const struct spoilt_entry *spoilt = &spoilt_entries[_i];
    struct safetensors file = trained_file(), copy = {0};
    for (size_t i = 0; i < file.entry_count; ++i) {
        const bool hit = strcmp(file.entries[i].key, spoilt->key) == 0;
        if (!hit || spoilt->value != NULL)
            ck_ok(safetensors_add_entry(&copy, file.entries[i].key,
                                        hit ? spoilt->value : file.entries[i].value));
    }
    for (size_t i = 0; i < file.tensor_count; ++i)
        ck_ok(safetensors_add(&copy, file.tensors[i].name, file.tensors[i].values,
                              file.tensors[i].shape, file.tensors[i].dimensions));
    check_spoilt(write_without(&copy, NULL), spoilt->error);
    safetensors_reset(&file);
    safetensors_reset(&copy);
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

/* ---------------------------------------------------------------- weft_model_create_from */

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
    for (size_t i = 0; i < 5; ++i)
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

START_TEST(shapes_decide_and_not_metadata)
{
    /* the file says softmax and preset default; the options say sigmoid */
    struct weft_options options = small_options();
    struct weft_model *model;
    ck_ok(weft_options_set(&options, "head", "sigmoid"));
    ck_ok(create_from(write_trained("whole"), &options, true, &model));
    ck_assert_int_eq(model->network.head, WEFT_HEAD_SIGMOID);
    weft_model_destroy(model);
}
END_TEST

static TCase *making(void)
{
    TCase *tests = tcase_create("making");
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
    return tests;
}

static TCase *files(void)
{
    TCase *tests = tcase_create("files");
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_test(tests, round_trip);
    tcase_add_test(tests, round_trip_of_the_article_and_xor);
    tcase_add_test(tests, the_same_model_gives_the_same_bytes);
    tcase_add_test(tests, a_model_file_is_what_is_promised);
    tcase_add_test(tests, files_that_are_not_there);
    tcase_add_test(tests, truncated_anywhere);
    tcase_add_test(tests, every_bit_of_the_header_flipped);
    tcase_add_loop_test(tests, metadata_that_make_no_sense, 0,
                        sizeof spoilt_entries / sizeof *spoilt_entries);
    tcase_add_loop_test(tests, numbers_that_make_no_sense, 0,
                        sizeof spoilt_values / sizeof *spoilt_values);
    tcase_add_loop_test(tests, tensors_that_are_missing, 0, 6);
    tcase_add_loop_test(tests, tensors_of_other_shapes, 0, 6);
    tcase_add_test(tests, a_tensor_too_many);
    return tests;
}

static TCase *starting_from_a_file(void)
{
    TCase *tests = tcase_create("starting from a file");
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_test(tests, from_a_file_with_everything);
    tcase_add_test(tests, from_bare_weights);
    tcase_add_test(tests, from_a_file_without_scale);
    tcase_add_test(tests, files_that_do_not_fit_the_options);
    tcase_add_test(tests, shapes_decide_and_not_metadata);
    return tests;
}

int main(void)
{
    Suite *suite = suite_create("model");
    suite_add_tcase(suite, making());
    suite_add_tcase(suite, files());
    suite_add_tcase(suite, starting_from_a_file());
    return suite_main(suite);
}
