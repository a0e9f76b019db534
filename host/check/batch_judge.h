/* The correct contents of a batch before the network reads it: its features, augmented and mixed
 * where training does so, and its dense targets. step_judge.c uses these functions. */
#ifndef WEFT_CHECK_BATCH_JUDGE_H
#define WEFT_CHECK_BATCH_JUDGE_H

#include "check/check_result.h"
#include "check/error_analysis.h"
#include "check/step_capture.h"
#include "check/step_trial.h"
#include "reference/reference.h"

/* Returns the images of a batch in the form that the reference takes. */
struct ref_images batch_images(const struct augmentation *augmentation,
                               const struct batch_draw *draw);

/* Sets *raw to the augmented images of the batch, [B][D], before standardization. The caller frees
 * them. Sets it to NULL if augmentation does not change images. */
WEFT_MUST_CHECK enum weft_status batch_images_change(const struct step_trial *trial, float **raw);

/* Returns the share that a sample keeps in mixup, or 1 without mixup. */
double batch_share(const struct step_trial *trial);

struct judged_number {
    double want, bound;
};

/* Returns whether dropout applies to the features. */
bool batch_drops(const struct step_trial *trial);

/* Returns feature `i` of [B][D] after standardization, mixup and dropout. */
struct judged_number batch_feature(const struct step_trial *trial, const float *raw, double share,
                                   struct precision in, size_t i);

/* Compares y and the weights of dense targets with the expected values and tells `sink` the
 * results. */
void batch_targets_judge(const struct step_trial *trial, const struct step_capture *capture,
                         struct precision in, const struct check_sink *sink);

#endif
