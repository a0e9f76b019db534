/* Computes loss, penalty and reported error. The formulas are in objective.h. */
#include "train/objective.h"

#include <math.h>

struct objective objective_make(const struct weft_options *options, const struct network *network)
{
    return (struct objective){.reduction = options->reduction,
                              .l1 = options->l1,
                              .l2 = options->l2,
                              .article = options->article_quirks,
                              .classes = network_outputs(network)};
}

bool objective_has_penalty(const struct objective *objective)
{
    return objective->l1 != 0.0 || objective->l2 != 0.0;
}

struct loss_rule objective_loss_rule(const struct objective *objective, size_t samples)
{
    const bool mean = objective->reduction == WEFT_REDUCTION_MEAN;
    return (struct loss_rule){.delta_factor = mean ? 1.0f / (float)samples : 1.0f,
                              .true_class_only = objective->article};
}

struct update_rule objective_update_rule(const struct objective *objective, double learning_rate)
{
    const double l1 = objective->article ? 0.0 : objective->l1;
    const double l2 = objective->article ? objective->l1 + objective->l2 : objective->l2;
    return (struct update_rule){
        .learning_rate = (float)learning_rate, .l1 = (float)l1, .l2 = (float)l2};
}

double objective_error(const struct objective *objective, double mean_loss, double samples,
                       struct weight_sums sums)
{
    const double l1 = objective->l1, half_l2 = objective->l2 / 2.0;
    if (objective->article)
        return 0.5 * (samples * mean_loss / (double)objective->classes + l1 / 2.0 * sums.abs +
                      half_l2 * sums.squares);
    const double loss =
        objective->reduction == WEFT_REDUCTION_MEAN ? mean_loss : samples * mean_loss;
    return loss + l1 * sums.abs + half_l2 * sums.squares;
}

struct weight_sums weight_sums_of(const float *weights, size_t count)
{
    struct weight_sums sums = {0.0, 0.0};
    for (size_t i = 0; i < count; i++) {
        const double w = (double)weights[i];
        sums.abs += fabs(w);
        sums.squares += w * w;
    }
    return sums;
}
