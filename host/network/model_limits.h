/* Checks before training that the result will fit into a model file. */
#ifndef WEFT_NETWORK_MODEL_LIMITS_H
#define WEFT_NETWORK_MODEL_LIMITS_H

#include "data/dataset.h"

/* Returns WEFT_ERROR_DATA if the class names and the schema of a data set are too large for the
 * header of a model file, or if a class name is not UTF-8. */
WEFT_MUST_CHECK enum weft_status model_limits_check(const struct weft_dataset *dataset);

#endif
