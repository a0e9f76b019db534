/* The optimizer that options ask for, and the rule of each of its steps. */
#ifndef WEFT_TRAIN_OPTIMIZER_H
#define WEFT_TRAIN_OPTIMIZER_H

#include "options/option_words.h"
#include "train/objective.h"

struct optimizer {
    enum weft_optimizer kind;
    double momentum, beta1, beta2, epsilon, weight_decay, clip_norm;
    double ema; /* 0: no average */
};

struct optimizer optimizer_make(const struct weft_options *options);

/* The rule of step number `step`, from 1, at that rate. Bias corrections and decay are computed in
 * double and rounded once. */
struct update_rule optimizer_rule(const struct optimizer *optimizer,
                                  const struct objective *objective, double learning_rate,
                                  uint64_t step);

/* Arrays of value_count that its rules keep: the optimizer's, and the average last. */
size_t optimizer_keeps(const struct optimizer *optimizer);

#endif
