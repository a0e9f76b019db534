/* Describes the optimizer that the options choose, and computes the rule of each of its steps. */
#ifndef WEFT_TRAIN_OPTIMIZER_H
#define WEFT_TRAIN_OPTIMIZER_H

#include "options/option_words.h"
#include "train/objective.h"

struct optimizer {
    enum weft_optimizer kind;
    double momentum, beta1, beta2, epsilon, weight_decay, clip_norm;
    double ema; /* 0: no averaging */
};

/* Returns the optimizer that the options select. */
struct optimizer optimizer_make(const struct weft_options *options);

/* Returns the rule of step `step`, counted from 1, at this learning rate. Bias corrections and
 * decay are computed in double precision and rounded once. */
struct update_rule optimizer_rule(const struct optimizer *optimizer,
                                  const struct objective *objective, double learning_rate,
                                  uint64_t step);

/* Returns the number of state arrays of value_count values: the optimizer's arrays, then the weight
 * average if there is one. */
size_t optimizer_state_count(const struct optimizer *optimizer);

#endif
