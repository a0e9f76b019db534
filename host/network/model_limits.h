/* What fits into a model file: asked before training, not after it. */
#ifndef WEFT_NETWORK_MODEL_LIMITS_H
#define WEFT_NETWORK_MODEL_LIMITS_H

#include "base/status.h"

/* WEFT_ERROR_DATA, the error beginning with `subject`, where there are too many class names for the
 * header of a model file, or one is not UTF-8. */
WEFT_MUST_CHECK enum weft_status model_limits_check(const char *subject, size_t classes,
                                                    const char *const *class_names);

#endif
