/* What training may do to its samples: from options and data to the rule of a workspace. */
#ifndef WEFT_TRAIN_AUGMENT_H
#define WEFT_TRAIN_AUGMENT_H

#include "data/augmentation.h"
#include "data/dataset.h"

/* WEFT_ERROR_USAGE: samples that are no images, or smaller ones than the options need. */
WEFT_MUST_CHECK enum weft_status augmentation_fits(const struct weft_options *options,
                                                   const struct weft_dataset *train);

/* `train` NULL: no images, nothing but mixup. Otherwise fails as augmentation_fits does. */
WEFT_MUST_CHECK enum weft_status augmentation_make(const struct weft_options *options,
                                                   const struct weft_dataset *train,
                                                   struct augmentation *augmentation);

#endif
