/* Provides a small problem for complete trainings on `device`. */
#ifndef WEFT_TESTS_SMALL_TRAINING_H
#define WEFT_TESTS_SMALL_TRAINING_H

#include "base/random.h"
#include "devices.h"
#include "plain_options.h"

enum { SAMPLES = 203, FEATURES = 9, CLASSES = 3, HIDDEN = 6, BATCH = 32 };

static struct weft_dataset *data;

/* Makes samples whose class a small network can learn: the index of the largest of three features.
 * All features are off center, which standardizing corrects. */
static inline void data_open(void)
{
    float x[SAMPLES * FEATURES];
    int32_t labels[SAMPLES];
    for (size_t i = 0; i < SAMPLES * FEATURES; i++)
        x[i] = random_uniform((struct random_stream){5, RANDOM_SYNTHETIC, 0}, i, 3.0f, 9.0f);
    for (size_t r = 0; r < SAMPLES; r++) {
        const float *row = x + r * FEATURES;
        labels[r] = row[0] > row[1] ? 0 : 1;
        labels[r] = row[2] > row[labels[r]] ? 2 : labels[r];
    }
    ck_ok(weft_dataset_create(SAMPLES, FEATURES, CLASSES, x, labels, &data));
}

static inline void data_close(void)
{
    weft_dataset_destroy(data);
}

/* Returns the preset from plain_preset, reduced to the size of these data. */
static inline struct weft_options small(const char *preset)
{
    struct weft_options options = plain_preset(preset);
    options.hidden[0] = HIDDEN;
    options.epochs = 3;
    options.batch_size = BATCH;
    options.batches = 0;
    return options;
}

static inline struct weft_model *model_new(const struct weft_options *options)
{
    struct weft_model *model;
    ck_ok(weft_model_create(options, data, &model));
    return model;
}

/* Creates a new model and trains it. */
static inline struct weft_model *trained(const struct weft_options *options,
                                         const struct weft_callbacks *callbacks,
                                         struct weft_training *training)
{
    struct weft_model *model = model_new(options);
    ck_ok(weft_train(device, model, options, data, NULL, NULL, callbacks, training));
    return model;
}

#endif
