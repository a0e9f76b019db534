/* Trains a network by hand whose loss or weights stop being finite. Needs the folder of
 * temporary.h. */
#ifndef WEFT_TESTS_DIVERGING_TRAINING_H
#define WEFT_TESTS_DIVERGING_TRAINING_H

#include "model_by_hand.h"
#include "plain_options.h"

/* Trains z = w x of two outputs, whose loss is half the squares of z - y, for an epoch of three
 * batches of two samples. Only the last batch has features, so that the two before it change
 * nothing. Asserts that training fails in the words `what`, and that the weights are as they were
 * before the epoch. */
static inline void assert_training_diverges(struct weft_device *trained, const float *weights,
                                            double learning_rate, enum weft_scale scale,
                                            size_t check_every, const char *what)
{
    static const float features[] = {0.0f, 0.0f, 0.0f, 0.0f, 1e5f, 1e5f};
    static const int32_t classes[] = {0, 1, 0, 1, 0, 0};
    struct weft_options options = plain_options();
    const struct hand_layer layer = {1, 2, weights, NULL};
    struct weft_dataset *samples;
    struct weft_training training;
    options.hidden_count = 0;
    options.head = WEFT_HEAD_IDENTITY;
    options.bias = false;
    options.shuffle = false;
    options.scale = scale;
    options.epochs = 1;
    options.batch_size = 2;
    options.learning_rate = learning_rate;
    options.check_every = check_every;
    ck_ok(weft_dataset_create(6, 1, 2, features, classes, &samples));
    struct weft_model *model = model_by_hand(&options, samples, &layer, 1);
    ck_fails(weft_train(trained, model, &options, samples, NULL, NULL, NULL, &training),
             WEFT_ERROR_DIVERGED, what);
    ck_assert_mem_eq(weft_model_weights(model, 0), weights, 2 * sizeof *weights);
    weft_model_destroy(model);
    weft_dataset_destroy(samples);
}

#endif
