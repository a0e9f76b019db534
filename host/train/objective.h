/* What a training minimizes, and how its progress is reported: loss, penalty, and the article's own
 * way with both. */
#ifndef WEFT_TRAIN_OBJECTIVE_H
#define WEFT_TRAIN_OBJECTIVE_H

#include "backend/backend.h"

struct objective {
    enum weft_reduction reduction;
    double l1, l2;
    bool article;   /* penalty, its gradient and the error as the tutorial has them */
    size_t classes; /* outputs of the network; the article's error is a mean over them */
};

/* Sums over all weights. */
struct weight_sums {
    double abs, squares; /* sum |w|, sum w^2 */
};

struct objective objective_make(const struct weft_options *options, const struct network *network);

/* True where the penalty is not 0 everywhere. */
bool objective_has_penalty(const struct objective *objective);

/* How a batch of `samples` is judged. */
struct loss_rule objective_loss_rule(const struct objective *objective, size_t samples);

/* The update: true gradients l1 sign(w) + l2 w; the article has (l1 + l2) w. */
struct update_rule objective_update_rule(const struct objective *objective, double learning_rate);

/* The reported error of a batch of `samples` whose losses average `mean_loss`:
 *   mean:    mean_loss + l1 sum|w| + l2/2 sum w^2
 *   sum:     samples mean_loss + the same penalty
 *   article: ( samples mean_loss / C + l1/2 sum|w| + l2/2 sum w^2 ) / 2
 * A whole part is judged as one batch of the training's mean batch size, so that its error can be
 * compared with that of an epoch. */
double objective_error(const struct objective *objective, double mean_loss, double samples,
                       struct weight_sums sums);

/* The sums of the first `count` parameters, in double. */
struct weight_sums weight_sums_of(const float *weights, size_t count);

#endif
