/* How a step moves the parameters: the scalars of an optimizer as a device multiplies with them.
 *
 * Formulas that a device evaluates for a parameter w with gradient dw, g = clip dw:
 *
 *   sgd        w -= learning_rate g
 *   momentum   v = momentum v + g;  w -= learning_rate v
 *   nesterov   v = momentum v + g;  w -= learning_rate (g + momentum v)
 *   rmsprop    v = beta2 v + (gain2 g) g;  w -= learning_rate g / (sqrt(v) + epsilon)
 *   adam(w)    m = beta1 m + gain1 g;  v = beta2 v + (gain2 g) g;
 *              w = keep w - step m / (sqrt(v) root + epsilon), keep on weights alone
 *   average    average = average_keep average + average_gain w, w after all of that, and the
 *              statistics likewise
 *
 * clip is 1, or min(1, clip_norm / (||dw|| + 1e-6)), the norm over all parameters with the
 * penalty's gradient. What a step's number decides (bias corrections, the schedule's rate) the host
 * computes in double and rounds once: see train/optimizer.h.
 */
#ifndef WEFT_BACKEND_UPDATE_RULE_H
#define WEFT_BACKEND_UPDATE_RULE_H

#include "weft.h"

struct update_rule {
    float learning_rate;
    float l1, l2; /* dw += l1 sign(w) + l2 w on weights, before all else */
    enum weft_optimizer optimizer;
    float momentum;
    float beta1, beta2, gain1, gain2; /* gains: 1 - beta */
    float epsilon;
    float step, root;                 /* learning_rate / (1 - beta1^t), 1 / sqrt(1 - beta2^t) */
    float keep;                       /* 1 - learning_rate weight_decay */
    float clip_norm;                  /* 0: clip is 1 */
    float average_keep, average_gain; /* both 0: there is no average */
};

enum { UPDATE_MOST_STATES = 3 };

/* Arrays of parameter_count that an optimizer keeps: v, or m and v. */
static inline size_t optimizer_states(enum weft_optimizer optimizer)
{
    switch (optimizer) {
    case WEFT_OPTIMIZER_SGD:
        break;
    case WEFT_OPTIMIZER_MOMENTUM:
    case WEFT_OPTIMIZER_NESTEROV:
    case WEFT_OPTIMIZER_RMSPROP:
        return 1;
    case WEFT_OPTIMIZER_ADAM:
    case WEFT_OPTIMIZER_ADAMW:
        return 2;
    }
    return 0;
}

static inline bool update_averages(const struct update_rule *rule)
{
    return rule->average_keep != 0.0f || rule->average_gain != 0.0f;
}

/* All arrays that an update keeps: the optimizer's, and the average last. */
static inline size_t update_states(const struct update_rule *rule)
{
    return optimizer_states(rule->optimizer) + update_averages(rule);
}

#endif
