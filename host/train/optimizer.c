/* Turns options into the scalars of an update. The formulas are in kernels/update.cl. */
#include "train/optimizer.h"

#include <math.h>

struct optimizer optimizer_make(const struct weft_options *options)
{
    return (struct optimizer){
        .kind = options->optimizer,
        .momentum = options->momentum,
        .beta1 = options->beta1,
        .beta2 = options->beta2 > 0.0 ? options->beta2 : optimizer_traits(options->optimizer).beta2,
        .epsilon = options->epsilon,
        .weight_decay = options->weight_decay,
        .clip_norm = options->clip_norm,
        .ema = options->ema};
}

struct update_rule optimizer_rule(const struct optimizer *optimizer,
                                  const struct objective *objective, double learning_rate,
                                  uint64_t step)
{
    const double t = (double)step;
    const double beta1 = optimizer->beta1, beta2 = optimizer->beta2;
    const bool decays = (optimizer_traits(optimizer->kind).uses & USES_WEIGHT_DECAY) != 0;
    const double decay = decays ? optimizer->weight_decay : 0.0;
    struct update_rule rule = objective_update_rule(objective, learning_rate);
    rule.optimizer = optimizer->kind;
    rule.momentum = (float)optimizer->momentum;
    rule.beta1 = (float)beta1;
    rule.beta2 = (float)beta2;
    rule.gain1 = (float)(1.0 - beta1);
    rule.gain2 = (float)(1.0 - beta2);
    rule.epsilon = (float)optimizer->epsilon;
    rule.step = (float)(learning_rate / (1.0 - pow(beta1, t)));
    rule.root = (float)(1.0 / sqrt(1.0 - pow(beta2, t)));
    rule.decay_factor = (float)(1.0 - learning_rate * decay);
    rule.clip_norm = (float)optimizer->clip_norm;
    if (optimizer->ema > 0.0) /* the average was 0 before; it starts as the first weights */
        rule.average_gain = step == 1 ? 1.0f : (float)(1.0 - optimizer->ema);
    return rule;
}

size_t optimizer_state_count(const struct optimizer *optimizer)
{
    return optimizer_states(optimizer->kind) + (optimizer->ema > 0.0);
}
