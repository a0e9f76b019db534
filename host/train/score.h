/* How predictions are judged beside their loss, on the host. */
#ifndef WEFT_TRAIN_SCORE_H
#define WEFT_TRAIN_SCORE_H

#include "train/pass.h"

/* The class of a row of outputs: the first largest z; of a single output whether p exceeds 1/2. */
size_t score_class(const float *z, const float *p, size_t outputs);

/* R^2 of outputs z against targets y, both [samples][columns]: the mean over columns of
 *     1 - sum (y - z)^2 / sum (y - mean y)^2,
 * of a constant column 1 where z meets it and else 0, as scikit-learn's r2_score has it. */
double score_r2(const float *y, const float *z, size_t samples, size_t columns);

/* The same of the samples of `data`, whose targets are y [samples][outputs]. The pass has the
 * parameters. */
WEFT_MUST_CHECK enum weft_status score_r2_pass(struct pass *pass, const struct device_data *data,
                                               const float *y, size_t samples, double *r2);

#endif
