/* Tells whether the targets of a small table are curved functions of its features.
 *
 * Strong weight decay makes a network nearly linear. That helps where the rest is noise, and costs
 * accuracy where it is not. The number of samples cannot tell these tables apart, but two cheap
 * regressions can (docs/recipes.md). */
#ifndef WEFT_TRAIN_CURVATURE_H
#define WEFT_TRAIN_CURVATURE_H

#include "data/dataset.h"

/* Sets `*curved` if strong weight decay would hide what the targets of `train` depend on. It is
 * false for data sets without targets, for images, and for large data sets, which need no strong
 * decay. */
WEFT_MUST_CHECK enum weft_status curvature_find(const struct weft_dataset *train, bool *curved);

#endif
