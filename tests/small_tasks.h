/* Provides small problems for the tasks multilabel and regress, and a model for multilabel.
 *
 * The data are small multiples of 1/4 and the same in both: x_ij = ((7 i + 5 j) mod 11 - 5) / 4 and
 * y_it = ((3 i^2 + 4 i + 9 t) mod 13 - 6) / 4. Sample i has label k if k + 2 divides i + k.
 */
#ifndef WEFT_TESTS_SMALL_TASKS_H
#define WEFT_TESTS_SMALL_TASKS_H

#include "data/dataset.h"
#include "devices.h"
#include "model_by_hand.h"
#include "network/model.h"

enum { N = 12, D = 3, NUMBERS = 2, LABELS = 3 };

static struct weft_dataset *numbers, *several;

static inline void data_open(void)
{
    float x[N * D], y[N * NUMBERS], labels[N * LABELS];
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < D; j++)
            x[i * D + j] = (float)((7 * i + 5 * j) % 11 - 5) / 4.0f;
        for (int t = 0; t < NUMBERS; t++)
            y[i * NUMBERS + t] = (float)((3 * i * i + 4 * i + 9 * t) % 13 - 6) / 4.0f;
        for (int k = 0; k < LABELS; k++)
            labels[i * LABELS + k] = (i + k) % (k + 2) == 0;
    }
    ck_ok(weft_dataset_create_targets(N, D, NUMBERS, x, y, &numbers));
    ck_ok(weft_dataset_create_targets(N, D, LABELS, x, labels, &several));
}

static inline void data_close(void)
{
    weft_dataset_destroy(several);
    weft_dataset_destroy(numbers);
}

/* Returns options for plain gradient descent with all samples in one batch. */
static inline struct weft_options plain(const char *task, size_t epochs, double rate)
{
    struct weft_options options;
    ck_ok(weft_options_init(&options, "default"));
    ck_ok(weft_options_set(&options, "task", task));
    ck_ok(weft_options_set(&options, "hidden", "none"));
    ck_ok(weft_options_set(&options, "scale", "none"));
    ck_ok(weft_options_set(&options, "batches", "1"));
    ck_ok(weft_options_set(&options, "shuffle", "no"));
    ck_ok(weft_options_set(&options, "optimizer", "sgd"));
    ck_ok(weft_options_set(&options, "schedule", "constant"));
    ck_ok(weft_options_set(&options, "label-smoothing", "0"));
    ck_ok(weft_options_set(&options, "dropout", "0"));
    options.epochs = epochs;
    options.learning_rate = rate;
    return options;
}

static const float several_w[] = {0.5f, -0.25f, 1.0f, 0.0f, 0.75f, -0.5f, -1.0f, 0.5f, 0.25f};
static const float several_b[] = {0.25f, -0.5f, 0.125f};

static inline struct weft_model *several_model(const struct weft_options *options)
{
    const struct hand_layer layer = {D, LABELS, several_w, several_b};
    return model_by_hand(options, several, &layer, 1);
}

#endif
