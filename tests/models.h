/* Makes models and their files for the suites about them. Needs _XOPEN_SOURCE 700 before the first
 * include. */
#ifndef WEFT_TESTS_MODELS_H
#define WEFT_TESTS_MODELS_H

#include "network/model.h"
#include "network/safetensors.h"
#include "plain_options.h"
#include "suite.h"
#include "temporary.h"

enum { FEATURES = 4, SAMPLES = 6 };

static const char *const odd_names[] = {"T-shirt/top", "say \"\\\", \xc3\xa9", "\t\x01"};

/* Makes 6 samples of 4 features with 1 to 3 classes and their names. */
static inline struct weft_dataset *dataset_of(size_t classes, const char *const *names)
{
    struct weft_dataset *dataset;
    ck_ok(dataset_allocate("six", SAMPLES, FEATURES, true, &dataset));
    for (size_t i = 0; i < SAMPLES * FEATURES; i++)
        dataset->x[i] = (float)i;
    for (size_t i = 0; i < SAMPLES; i++)
        dataset->labels[i] = (int32_t)(i % classes);
    ck_ok(dataset_finish(dataset, classes, names));
    return dataset;
}

/* Returns options for a 4-5-3 network of preset default with seed 7. */
static inline struct weft_options small_options(void)
{
    struct weft_options options = plain_options();
    ck_ok(weft_options_set(&options, "hidden", "5"));
    ck_ok(weft_options_set(&options, "seed", "7"));
    return options;
}

static inline struct weft_model *model_of(const struct weft_options *options, size_t classes)
{
    struct weft_dataset *dataset = dataset_of(classes, classes == 3 ? odd_names : NULL);
    struct weft_model *model;
    ck_ok(weft_model_create(options, dataset, &model));
    weft_dataset_destroy(dataset);
    return model;
}

/* Makes a model as training leaves it: biases, scale and record are not zero. */
static inline struct weft_model *trained_model(void)
{
    const struct weft_options options = small_options();
    struct weft_model *model = model_of(&options, 3);
    for (size_t i = 0; i < 8; i++)
        model->parameters[model->network.weight_count + i] = (float)i - 3.5f;
    model->parameters[0] = -0.0f;
    model->parameters[1] = 1e-45f;
    ck_ok(scale_init(&model->scale, FEATURES));
    for (size_t i = 0; i < FEATURES; i++) {
        model->scale.mean[i] = 9.0f + (float)i;
        model->scale.std[i] = 6.8313f * (float)(i + 1);
    }
    model->record = (struct training_record){.epochs = 20,
                                             .options = {.l1 = 0.1,
                                                         .l2 = 1e-4,
                                                         .learning_rate = 1.0 / 3.0,
                                                         .optimizer = WEFT_OPTIMIZER_ADAMW,
                                                         .schedule = WEFT_SCHEDULE_ONE_CYCLE},
                                             .train_accuracy = 5.0 / 6.0,
                                             .validation_accuracy = (double)NAN,
                                             .test_accuracy = 1};
    return model;
}

static inline const char *write_trained(const char *name)
{
    struct weft_model *model = trained_model();
    const char *path = temporary_path(name);
    ck_ok(weft_model_write(model, path));
    weft_model_destroy(model);
    return path;
}

static inline void check_same_numbers(const struct weft_model *a, const struct weft_model *b)
{
    ck_assert_uint_eq(a->network.parameter_count, b->network.parameter_count);
    ck_assert_mem_eq(a->parameters, b->parameters,
                     a->network.parameter_count * sizeof *a->parameters);
    ck_assert_uint_eq(a->scale.features, b->scale.features);
    ck_assert_mem_eq(a->scale.mean, b->scale.mean, a->scale.features * sizeof *a->scale.mean);
    ck_assert_mem_eq(a->scale.std, b->scale.std, a->scale.features * sizeof *a->scale.std);
}

/* Reads the file of the trained model into memory, so that a test can damage it. */
static inline struct safetensors trained_file(void)
{
    struct safetensors file;
    ck_ok(safetensors_read(write_trained("unspoilt"), &file));
    return file;
}

static inline struct safetensor *tensor_of(const struct safetensors *file, const char *name)
{
    const struct safetensor *tensor = safetensors_find(file, name);
    ck_assert_ptr_nonnull(tensor);
    return &file->tensors[tensor - file->tensors];
}

/* Writes a copy of `file` without the tensor `without`. If `without` is NULL, it writes all
 * tensors. */
static inline const char *write_without(const struct safetensors *file, const char *without)
{
    struct safetensors copy = {0};
    const char *path = temporary_path("spoilt");
    for (size_t i = 0; i < file->tensor_count; i++) {
        const struct safetensor *t = &file->tensors[i];
        if (without == NULL || strcmp(t->name, without) != 0)
            ck_ok(safetensors_add(&copy, t->name, t->values, t->shape, t->dimensions));
    }
    for (size_t i = 0; i < file->entry_count; i++)
        ck_ok(safetensors_add_entry(&copy, file->entries[i].key, file->entries[i].value));
    ck_ok(safetensors_write(path, &copy));
    safetensors_reset(&copy);
    return path;
}

#endif
