/* Judges predictions on the host by measures other than the loss. */
#ifndef WEFT_TRAIN_SCORE_H
#define WEFT_TRAIN_SCORE_H

#include "train/pass.h"

/* Returns the class of a row of outputs: the first largest z. A single output means class 1 if p
 * exceeds 1/2, and class 0 otherwise. */
size_t score_class(const float *z, const float *p, size_t outputs);

/* Returns R^2 of outputs z against targets y, both [samples][columns]. It is the mean over columns
 * of
 *     1 - sum (y - z)^2 / sum (y - mean y)^2.
 * A constant column counts 1 if z equals it and 0 otherwise, as in scikit-learn's r2_score. */
double score_r2(const float *y, const float *z, size_t samples, size_t columns);

/* Returns the same if squares [columns] are the sums of (y - z)^2. */
double score_r2_of_squares(const float *y, size_t samples, size_t columns, const double *squares);

/* Computes sum (y - z)^2 of each output, squares [outputs], over the samples first .. first + count
 * - 1 of `data`, whose targets are y [count][outputs]. The pass must hold the parameters. */
WEFT_MUST_CHECK enum weft_status score_squares_pass(struct pass *pass,
                                                    const struct device_data *data, size_t first,
                                                    size_t count, const float *y, double *squares);

#endif
