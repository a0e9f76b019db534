/* Scores that depend only on the order of the samples by one number. */
#ifndef WEFT_METRICS_RANKING_H
#define WEFT_METRICS_RANKING_H

#include "metrics/outcomes.h"

/* A place in an order. */
struct ranked {
    uint32_t sample;
    bool positive; /* the sample belongs to the class */
    bool last;     /* the next sample has another number */
};

/* A number to sort by; scratch of the functions below. */
struct ranking_key {
    double number;
    uint32_t sample;
};

/* Sorts the samples by the probability of class `c`, the highest first, into order [N]. keys [N]
 * are scratch. N must be below 2^32. */
void ranking_by_class(const struct outcomes *outcomes, size_t c, struct ranking_key *keys,
                      struct ranked *order);

/* Sorts the samples by |y - z| of output `c`, in the same way. No sample is positive. */
void ranking_by_error(const struct outcomes *outcomes, size_t c, struct ranking_key *keys,
                      struct ranked *order);

struct ranking_scores {
    double roc_auc, average_precision;
};

/* Computes the scores of an order by class, as scikit-learn's roc_auc_score and
 * average_precision_score do:
 *
 *     roc_auc             (pairs of a positive above a negative + half the pairs that tie) / pairs
 *     average_precision   sum over the distinct numbers, from the highest, of (R_n - R_n-1) P_n,
 *                         where P_n and R_n are precision and recall if the samples down to this
 *                         number are predicted to be positive
 *
 * roc_auc is NaN without positives or without negatives, average_precision without positives. */
struct ranking_scores ranking_score(const struct ranked *order, size_t samples,
                                    struct sample_counts times);

#endif
