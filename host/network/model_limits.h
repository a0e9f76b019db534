/* Checks before training that the result will fit into a model file. */
#ifndef WEFT_NETWORK_MODEL_LIMITS_H
#define WEFT_NETWORK_MODEL_LIMITS_H

#include "data/dataset.h"

/* Returns WEFT_ERROR_DATA if there are too many class names for the header of a model file, or if a
 * name is not UTF-8. The message begins with `subject`. */
WEFT_MUST_CHECK enum weft_status model_limits_check(const char *subject, size_t classes,
                                                    const char *const *class_names);

/* Checks the class names and the schema of a data set together. Returns WEFT_ERROR_DATA if they are
 * too large for the header of a model file. */
WEFT_MUST_CHECK enum weft_status model_limits_check_dataset(const struct weft_dataset *dataset);

#endif
