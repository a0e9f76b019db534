/* Scores a set of samples shard by shard, and adds the sums in slice order. So the scores do not
 * depend on the number of ranks. */
#ifndef WEFT_TRAIN_SLICE_SCORE_H
#define WEFT_TRAIN_SLICE_SCORE_H

#include "train/pass.h"
#include "train/slices.h"
#include "train/usefulness.h"

/* A set of samples on the device of this rank. */
struct sliced_set {
    const struct device_data *data;     /* borrowed */
    const struct weft_dataset *dataset; /* borrowed; all samples, for their labels and targets */
    size_t samples;                     /* N, of all ranks */
    bool training; /* the training set, of which a rank holds its own shards; every rank holds any
                      other set whole, and shard s has the samples s N / S .. (s + 1) N / S */
};

/* Computes the loss and the number of correct predictions. The pass must hold the parameters. All
 * ranks must call it. Without slices, it is the same as pass_score. */
WEFT_MUST_CHECK enum weft_status slice_score(const struct slices *slices, struct pass *pass,
                                             const struct sliced_set *set, bool true_class_only,
                                             struct pass_result *result);

/* Computes R^2 of the outputs, as score_r2 does. For task regress. All ranks must call it. */
WEFT_MUST_CHECK enum weft_status slice_r2(const struct slices *slices, struct pass *pass,
                                          const struct sliced_set *set, double *r2);

/* Computes macro F1; see f1_macro. The set is not the training set. All ranks must call it. */
WEFT_MUST_CHECK enum weft_status slice_macro_f1(const struct slices *slices, struct pass *pass,
                                                const struct sliced_set *set, double *f1);

/* Determines whether all samples have one prediction. The result is always false for task regress.
 * All ranks must call it. */
WEFT_MUST_CHECK enum weft_status slice_one_answer(const struct slices *slices, struct pass *pass,
                                                  const struct sliced_set *set,
                                                  struct one_answer *answer);

#endif
