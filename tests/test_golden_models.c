/* Tests model files of an earlier Weft. They must have the same meaning and the same predictions in
 * this one.
 *
 * golden/models has the files and NumPy's predictions in float64. Each line has the largest
 * difference that float32 explains. golden/make_models.py made them. models.json describes each
 * model. These files must never change, because users have others like them.
 */
#include <jansson.h>
#include <stdio.h>

#include "suite.h"

#define FOLDER WEFT_SOURCE_DIR "/tests/golden/models/"

enum { MODELS = 20, MOST_OUTPUTS = 10, PATH_SIZE = 512 };

static json_t *models; /* of models.json */

static void load_models(void)
{
    json_error_t error;
    json_t *root = json_load_file(FOLDER "models.json", 0, &error);
    ck_assert_msg(root != NULL, "%s", error.text);
    models = json_incref(json_object_get(root, "models"));
    json_decref(root);
    ck_assert_uint_eq(json_array_size(models), MODELS);
}

static void free_models(void)
{
    json_decref(models);
}

/* FOLDER, then `name` and `ending`. */
static const char *path_of(const char *name, const char *ending)
{
    static char path[PATH_SIZE];
    ck_assert_int_lt(snprintf(path, sizeof path, FOLDER "%s%s", name, ending), PATH_SIZE);
    return path;
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    ck_assert_msg(text != NULL, "%s is missing", key);
    return text;
}

static struct weft_model *golden_model(const json_t *entry)
{
    struct weft_model *model;
    ck_ok(weft_model_read(path_of(text_of(entry, "name"), ".safetensors"), &model));
    return model;
}

/* ---- what a model is */

/* The options that `expect` names: the library itself turns words into values. */
static struct weft_options expected_options(const json_t *expect)
{
    static const char *const keys[] = {"task", "head", "scale", "optimizer", "schedule"};
    struct weft_options options;
    ck_ok(weft_options_init(&options, "default"));
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        ck_ok(weft_options_set(&options, keys[i], text_of(expect, keys[i])));
    return options;
}

static size_t size_of(const json_t *expect, const char *key)
{
    const json_t *value = json_object_get(expect, key);
    ck_assert_msg(json_is_integer(value), "%s is missing", key);
    return (size_t)json_integer_value(value);
}

static bool truth_of(const json_t *expect, const char *key)
{
    const json_t *value = json_object_get(expect, key);
    ck_assert_msg(json_is_boolean(value), "%s is missing", key);
    return json_is_true(value);
}

static void check_layers(const json_t *expect, const struct weft_model_info *info)
{
    const json_t *widths = json_object_get(expect, "widths");
    const json_t *activations = json_object_get(expect, "activations");
    ck_assert_uint_eq(info->layers + 1, json_array_size(widths));
    for (size_t l = 0; l <= info->layers; l++)
        ck_assert_uint_eq(info->widths[l], (size_t)json_integer_value(json_array_get(widths, l)));
    for (size_t l = 0; l + 1 < info->layers; l++) {
        const size_t named = json_array_size(activations) == 1 ? 0 : l;
        struct weft_options options;
        ck_ok(weft_options_init(&options, "default"));
        ck_ok(weft_options_set(&options, "activation",
                               json_string_value(json_array_get(activations, named))));
        ck_assert_int_eq(info->activations[l], options.activation[0]);
    }
}

/* Without `names` classes have their numbers. */
static void check_names(const json_t *expect, const struct weft_model_info *info)
{
    const json_t *names = json_object_get(expect, "names");
    ck_assert_uint_eq(info->classes, size_of(expect, "classes"));
    for (size_t c = 0; c < info->classes; c++) {
        char number[24];
        snprintf(number, sizeof number, "%zu", c);
        const char *name = json_string_value(json_array_get(names, c));
        ck_assert_str_eq(info->class_names[c], name != NULL ? name : number);
    }
}

START_TEST(an_earlier_model_means_the_same)
{
    const json_t *entry = json_array_get(models, (size_t)_i);
    const json_t *expect = json_object_get(entry, "expect");
    const struct weft_options options = expected_options(expect);
    struct weft_model *model = golden_model(entry);
    struct weft_model_info info;
    weft_model_get_info(model, &info);
    ck_assert_str_eq(info.preset, text_of(expect, "preset"));
    ck_assert_int_eq(info.task, options.task);
    ck_assert_int_eq(info.head, options.head);
    ck_assert_int_eq(info.scale, options.scale);
    ck_assert_int_eq(info.optimizer, options.optimizer);
    ck_assert_int_eq(info.schedule, options.schedule);
    ck_assert_int_eq(info.bias, truth_of(expect, "bias"));
    ck_assert_int_eq(info.batch_norm, truth_of(expect, "batch_norm"));
    ck_assert_uint_eq(info.seed, size_of(expect, "seed"));
    ck_assert_uint_eq(info.epochs, size_of(expect, "epochs"));
    ck_assert_uint_eq(info.members, size_of(expect, "members"));
    ck_assert(info.l1 == json_number_value(json_object_get(expect, "l1")));
    ck_assert(info.l2 == json_number_value(json_object_get(expect, "l2")));
    check_layers(expect, &info);
    check_names(expect, &info);
    weft_model_destroy(model);
}
END_TEST

/* ---- what it predicts */

/* Compares p [samples][columns] with NAME.csv, which has a line for each sample. */
static void check_predictions(const char *name, const char *device, const float *p, size_t samples,
                              size_t columns)
{
    FILE *file = fopen(path_of(name, ".csv"), "r");
    ck_assert_ptr_nonnull(file);
    for (size_t i = 0; i < samples; i++) {
        double line[MOST_OUTPUTS + 1]; /* [columns], then the bound */
        for (size_t c = 0; c <= columns; c++)
            ck_assert_int_eq(fscanf(file, c == 0 ? "%lf" : ",%lf", &line[c]), 1);
        for (size_t c = 0; c < columns; c++)
            ck_assert_msg(fabs((double)p[i * columns + c] - line[c]) <= line[columns],
                          "%s: %s: sample %zu, output %zu: got %.9g, expected %.17g within %g",
                          name, device, i, c, (double)p[i * columns + c], line[c], line[columns]);
    }
    ck_assert_int_eq(fscanf(file, " %*c"), EOF);
    fclose(file);
}

static void predict_on(const char *spec, const char *name, const struct weft_model *model,
                       const char *images)
{
    struct weft_device *device;
    struct weft_dataset *dataset;
    struct weft_dataset_info data;
    struct weft_model_info info;
    ck_ok(weft_dataset_open(path_of(images, ""), &dataset, NULL));
    weft_dataset_get_info(dataset, &data);
    weft_model_get_info(model, &info);
    ck_assert_uint_le(info.classes, MOST_OUTPUTS);
    float *p = calloc(data.samples * info.classes, sizeof *p); /* [N][C] */
    ck_assert_ptr_nonnull(p);
    ck_ok(weft_device_create(spec, NULL, NULL, &device));
    ck_ok(weft_predict(device, model, data.x, data.samples, NULL, p));
    check_predictions(name, spec, p, data.samples, info.classes);
    free(p);
    weft_device_destroy(device);
    weft_dataset_destroy(dataset);
}

START_TEST(an_earlier_model_predicts_the_same)
{
    const json_t *entry = json_array_get(models, (size_t)_i);
    struct weft_model *model = golden_model(entry);
    predict_on("cpu", text_of(entry, "name"), model, text_of(entry, "images"));
    predict_on("opencl", text_of(entry, "name"), model, text_of(entry, "images"));
    weft_model_destroy(model);
}
END_TEST

/* Weights alone, in float64, as NumPy or PyTorch write them. */
START_TEST(a_file_of_weights_alone_begins_a_training)
{
    struct weft_options options;
    struct weft_dataset *dataset;
    struct weft_model *model;
    const float x[12] = {0.0f};
    const int32_t labels[2] = {0, 1};
    ck_ok(weft_options_init(&options, "default"));
    ck_ok(weft_options_set(&options, "hidden", "5"));
    ck_ok(weft_dataset_create(2, 6, 3, x, labels, &dataset));
    ck_ok(weft_model_create_from(path_of("foreign", ".safetensors"), &options, true, dataset,
                                 &model));
    predict_on("cpu", "foreign", model, "features.idx");
    weft_model_destroy(model);
    weft_dataset_destroy(dataset);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("golden models");
    TCase *tests = tcase_create("earlier versions");
    tcase_add_checked_fixture(tests, load_models, free_models);
    tcase_add_loop_test(tests, an_earlier_model_means_the_same, 0, MODELS);
    tcase_add_loop_test(tests, an_earlier_model_predicts_the_same, 0, MODELS);
    tcase_add_test(tests, a_file_of_weights_alone_begins_a_training);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
