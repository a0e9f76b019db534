/* Defines what training minimizes and what error it reports: loss, penalty, and the variants of
 * both from docs/article.md. */
#ifndef WEFT_TRAIN_OBJECTIVE_H
#define WEFT_TRAIN_OBJECTIVE_H

#include "backend/backend.h"

struct objective {
    enum weft_reduction reduction;
    double l1, l2;
    bool article;   /* penalty, its gradient and the error follow the article */
    size_t classes; /* outputs of the network; the article's error is a mean over them */
};

/* Sums over all weights of a network. */
struct weight_sums {
    double abs, squares; /* sum |w|, sum w^2 */
};

/* Returns what training with these options minimizes. */
struct objective objective_make(const struct weft_options *options, const struct network *network);

/* Returns true unless the penalty is 0 for all weights. */
bool objective_has_penalty(const struct objective *objective);

/* Returns the loss rule for a batch of `samples` samples. */
struct loss_rule objective_loss_rule(const struct objective *objective, size_t samples);

/* Returns the update rule. The true gradient of the penalty is l1 sign(w) + l2 w; the article uses
 * (l1 + l2) w. */
struct update_rule objective_update_rule(const struct objective *objective, double learning_rate);

/* Returns the reported error of a batch of `samples` samples whose mean loss is `mean_loss`:
 *   mean:    mean_loss + l1 sum|w| + l2/2 sum w^2
 *   sum:     samples mean_loss + the same penalty
 *   article: ( samples mean_loss / C + l1/2 sum|w| + l2/2 sum w^2 ) / 2
 * A whole data set is judged as one batch of the mean training batch size. Its error can then be
 * compared with the error of an epoch. */
double objective_error(const struct objective *objective, double mean_loss, double samples,
                       struct weight_sums sums);

/* Returns the sums over the first `count` parameters, accumulated in double precision. */
struct weight_sums weight_sums_of(const float *weights, size_t count);

#endif
