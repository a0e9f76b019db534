/* How a training step changes the parameters: the scalars of an optimizer, as a device uses them.
 *
 * The kernels in kernels/update.cl begin with the formulas that every device evaluates for a
 * parameter w with gradient dw, where g = clip dw. The average is updated after w, as average +=
 * average_gain (w - average). The statistics are averaged the same way.
 *
 * clip is 1, or min(1, clip_norm / (||dw|| + 1e-6)). The norm covers all parameters and includes
 * the gradient of the penalty. Some scalars depend on the number of the step: bias corrections and
 * the learning rate of the schedule. The host computes them in double precision and rounds them
 * once; see train/optimizer.h.
 */
#ifndef WEFT_BACKEND_UPDATE_RULE_H
#define WEFT_BACKEND_UPDATE_RULE_H

#include "options/optimizer_traits.h"

struct update_rule {
    float learning_rate;
    float l1, l2; /* dw += l1 sign(w) + l2 w for weights, before everything else */
    enum weft_optimizer optimizer;
    float momentum;
    float beta1, beta2, gain1, gain2; /* gains: 1 - beta */
    float epsilon;
    float step, root;   /* learning_rate / (1 - beta1^t), 1 / sqrt(1 - beta2^t) */
    float decay_factor; /* 1 - learning_rate weight_decay */
    float clip_norm;    /* 0 means that clip is 1 */
    float average_gain; /* 0: there is no average; 1: the average becomes w */
};

/* The arrays of the optimizer, and the average. */
enum { UPDATE_MOST_STATES = OPTIMIZER_MOST_STATES + 1 };

/* Tells whether the update also computes a running average of the parameters. */
static inline bool update_averages(const struct update_rule *rule)
{
    return rule->average_gain != 0.0f;
}

/* Returns the number of arrays that an update maintains: the optimizer state, and the average
 * last. */
static inline size_t update_states(const struct update_rule *rule)
{
    return optimizer_states(rule->optimizer) + update_averages(rule);
}

#endif
