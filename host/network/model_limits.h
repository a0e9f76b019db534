/* Checks before training that the result will fit into a model file. */
#ifndef WEFT_NETWORK_MODEL_LIMITS_H
#define WEFT_NETWORK_MODEL_LIMITS_H

#include "base/status.h"

/* Returns WEFT_ERROR_DATA if there are too many class names for the header of a model file, or if a
 * name is not UTF-8. The message begins with `subject`. */
WEFT_MUST_CHECK enum weft_status model_limits_check(const char *subject, size_t classes,
                                                    const char *const *class_names);

#endif
