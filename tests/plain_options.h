/* Provides options for tests that do not concern recipes: plain gradient descent on one sigmoid
 * layer. */
#ifndef WEFT_TESTS_PLAIN_OPTIONS_H
#define WEFT_TESTS_PLAIN_OPTIONS_H

#include "suite.h"
#include "weft.h"

/* Returns preset default without its improvements: 128 sigmoid units, batches of 128, 30 epochs at
 * rate 0.3. */
static inline struct weft_options plain_options(void)
{
    static const char *const plain[][2] = {
        {"hidden", "128"},        {"activation", "sigmoid"}, {"dropout", "0"},
        {"epochs", "30"},         {"batch-size", "128"},     {"learning-rate", "0.3"},
        {"schedule", "constant"}, {"optimizer", "sgd"},      {"label-smoothing", "0"}};
    struct weft_options options;
    ck_ok(weft_options_init(&options, "default"));
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        ck_ok(weft_options_set(&options, plain[i][0], plain[i][1]));
    return options;
}

/* Returns the preset of that name, or plain_options if the name is "default". */
static inline struct weft_options plain_preset(const char *name)
{
    struct weft_options options = plain_options();
    if (strcmp(name, "default") != 0)
        ck_ok(weft_options_init(&options, name));
    return options;
}

#endif
