/* What a batch has to be before the network sees it: its features, changed and mixed where training
 * augments, and its dense targets. A part of step_judge.c. */
#ifndef WEFT_CHECK_BATCH_JUDGE_H
#define WEFT_CHECK_BATCH_JUDGE_H

#include "check/error_analysis.h"
#include "check/step_trial.h"

/* The raw images of the batch as augmentation changes them, [B][D], the caller's to free; NULL
 * where it does not. */
WEFT_MUST_CHECK enum weft_status batch_images_change(const struct step_trial *trial, float **raw);

/* What samples keep where they are mixed; 1 where they are not. */
double batch_share(const struct step_trial *trial);

struct judged_number {
    double want, bound;
};

/* Whether features are left out. */
bool batch_drops(const struct step_trial *trial);

/* Feature `i` of [B][D]: standardized, mixed, and what dropout leaves of it. */
struct judged_number batch_feature(const struct step_trial *trial, const float *raw, double share,
                                   struct precision in, size_t i);

/* Tells how right y and the weights of dense targets are. */
void batch_targets_judge(const struct step_trial *trial, const struct step_capture *capture,
                         struct precision in, const struct check_sink *sink);

#endif
