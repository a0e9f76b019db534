/* Predictions of samples with the classes that the model finds most probable. */
#ifndef WEFT_APP_GUESSES_H
#define WEFT_APP_GUESSES_H

#include "weft.h"

enum { GUESS_SHARES = 3 };

/* A prediction, and the classes of its largest probabilities. */
struct guess {
    size_t sample;
    size_t classes[GUESS_SHARES];
    double shares[GUESS_SHARES];
    const char *names[GUESS_SHARES]; /* borrowed from the model */
    bool right;
};

struct guesses {
    struct weft_model_info model; /* of the model that predicted */
    struct weft_dataset_info data;
    struct guess *list; /* [count] owned */
    size_t count;
    size_t predicted; /* samples that were predicted */
};

/* Predicts the first `count` samples of a data set with a model for classes. Prints a message for
 * any failure. The caller calls guesses_reset in either case. */
WEFT_MUST_CHECK enum weft_status guesses_make(struct weft_device *device,
                                              const struct weft_model *model,
                                              const struct weft_dataset *dataset, size_t count,
                                              struct guesses *guesses);

/* Keeps the wrong ones alone, the most confident ones first. */
void guesses_keep_mistakes(struct guesses *guesses);

/* Returns the name of the true class. */
const char *guess_label(const struct guesses *guesses, const struct guess *guess);

void guesses_reset(struct guesses *guesses);

#endif
