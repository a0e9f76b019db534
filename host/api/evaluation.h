/* Makes a weft_evaluation from predictions and truth. It knows no device and no model. */
#ifndef WEFT_API_EVALUATION_H
#define WEFT_API_EVALUATION_H

#include "metrics/outcomes.h"

/* Computes all scores, and those of the groups. The loss becomes NaN and the note "". `options` has
 * all members of this version; its rule was already applied to the predictions. Release the result
 * with weft_evaluation_destroy.
 *
 * Returns WEFT_ERROR_USAGE for a group that is not below options->group_count. */
WEFT_MUST_CHECK enum weft_status evaluation_make(const struct outcomes *outcomes,
                                                 const struct weft_evaluate_options *options,
                                                 struct weft_evaluation **evaluation);

#endif
