/* Opens the table `people` and trains a model of it, for the suites about models of tables. Needs
 * _XOPEN_SOURCE 700 before the first include. */
#ifndef WEFT_TESTS_PEOPLE_H
#define WEFT_TESTS_PEOPLE_H

#include "models.h"
#include "tables.h"

/* Data options with target y that keep the notes. */
static inline struct weft_data_options data_options(void)
{
    struct weft_data_options options;
    weft_data_options_init(&options);
    options.target = "y";
    options.note = notes_add;
    notes_text[0] = '\0';
    return options;
}

static inline const char *people_file(void)
{
    return temporary_write("people.csv", people, strlen(people));
}

/* Makes a model of `people` that is a little trained. */
static inline struct weft_model *people_model(struct weft_data_sets *sets)
{
    struct weft_data_options data = data_options();
    struct weft_options options = small_options();
    struct weft_device *device;
    struct weft_model *model;
    struct weft_training training;
    options.epochs = 3;
    options.scale = WEFT_SCALE_STANDARD;
    ck_ok(weft_data_open(people_file(), NULL, &data, sets));
    ck_ok(weft_device_create("cpu", NULL, NULL, &device));
    ck_ok(weft_model_create(&options, sets->train, &model));
    ck_ok(weft_train(device, model, &options, sets->train, NULL, NULL, NULL, &training));
    weft_device_destroy(device);
    return model;
}

#endif
