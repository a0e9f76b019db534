/* Turns the augmentation options into the augmentation rule of a workspace. */
#ifndef WEFT_TRAIN_AUGMENT_H
#define WEFT_TRAIN_AUGMENT_H

#include "data/augmentation.h"
#include "data/dataset.h"

/* Returns WEFT_ERROR_USAGE if the samples are not images, or are smaller than the options
 * require. */
WEFT_MUST_CHECK enum weft_status augmentation_fits(const struct weft_options *options,
                                                   const struct weft_dataset *train);

/* Makes the augmentation rule. If `train` is NULL, there are no images and only mixup applies.
 * Otherwise the function fails in the same cases as augmentation_fits. */
WEFT_MUST_CHECK enum weft_status augmentation_make(const struct weft_options *options,
                                                   const struct weft_dataset *train,
                                                   struct augmentation *augmentation);

#endif
