/* Scores of outputs against numeric targets. */
#ifndef WEFT_METRICS_REGRESSION_SCORES_H
#define WEFT_METRICS_REGRESSION_SCORES_H

#include "metrics/ranking.h"

/* Computes the scores of output `c`. enum weft_metric has the formulas.
 *
 * order   [N] of ranking_by_error for this output */
struct weft_output_score regression_score(const struct outcomes *outcomes, size_t c,
                                          const struct ranked *order, struct sample_counts times);

/* Returns R^2 of output `c` alone. */
double regression_r2(const struct outcomes *outcomes, size_t c);

/* Returns the same if `squares` is sum (y - z)^2. The values need not be there. */
double regression_r2_of_squares(const struct outcomes *outcomes, size_t c, double squares);

#endif
