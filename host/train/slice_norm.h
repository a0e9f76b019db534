/* Runs the slices of a batch together, layer by layer, because batch normalization needs the
 * statistics of the whole batch.
 *
 * A slice has its own mean and variance of q first. Those of all slices merge in slice order (Chan,
 * Golub and LeVeque, Algorithms for computing the sample variance, 1983), and every slice is
 * normalized with the result. Backward, the gradients of scale and shift are added in the order of
 * slice_tree.h before dq follows from them.
 */
#ifndef WEFT_TRAIN_SLICE_NORM_H
#define WEFT_TRAIN_SLICE_NORM_H

#include "train/slices.h"

/* Runs the forward and the backward pass of all current slices. */
WEFT_MUST_CHECK enum weft_status slice_norm_run(struct slices *slices,
                                                const struct training_batch *batch);

/* Merges the statistics all [S][2][O], mean and variance of each slice of a batch of `samples`,
 * into those of the batch, merged [2][O]. */
void slice_norm_merge(size_t samples, size_t slices, size_t outputs, const float *all,
                      float *merged);

#endif
