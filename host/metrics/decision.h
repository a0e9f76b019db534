/* Decides classes from probabilities by a rule that the user chose. */
#ifndef WEFT_METRICS_DECISION_H
#define WEFT_METRICS_DECISION_H

#include "base/status.h"

/* The rule. 0 turns a part off. */
struct decision {
    double threshold; /* class 1 of two, or a label, is predicted above this probability */
    double reject;    /* a class is an answer above this probability */
};

/* Checks a rule. Returns WEFT_ERROR_USAGE if a number is not in (0, 1), if `threshold` is set for
 * regression or for more than two classes, or if `reject` is set for another task than classify. */
WEFT_MUST_CHECK enum weft_status decision_check(const struct decision *decision,
                                                enum weft_task task, size_t classes);

/* Replaces predictions by those of the threshold. p is [N][C], predicted [N] or, for task
 * multilabel, [N][C]. */
void decision_threshold(const struct decision *decision, enum weft_task task, size_t samples,
                        size_t classes, const float *p, int32_t *predicted);

/* Tells whether a predicted class of probability `p` is an answer. */
static inline bool decision_answers(const struct decision *decision, double p)
{
    return decision->reject == 0.0 || p > decision->reject;
}

#endif
