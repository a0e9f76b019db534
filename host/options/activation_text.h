/* Activations as text: "relu", or "relu,tanh" if hidden layers differ. */
#ifndef WEFT_OPTIONS_ACTIVATION_TEXT_H
#define WEFT_OPTIONS_ACTIVATION_TEXT_H

#include "options/activation_traits.h"
#include "options/option_values.h"

enum { ACTIVATION_TEXT_SIZE = 16 * WEFT_MAX_HIDDEN };

extern const struct value_rule activation_rule; /* the rule for each name */

/* Reads a list of names separated by commas. Returns WEFT_ERROR_USAGE if a name is unknown, or if
 * there are more than WEFT_MAX_HIDDEN names. */
WEFT_MUST_CHECK enum weft_status activations_from_text(
    const char *text, enum weft_activation activations[WEFT_MAX_HIDDEN], size_t *count);

/* Writes a single name if all `count` activations are the same, else the list. If `count` is 0,
 * writes the name of activations[0]. */
void activations_to_text(const enum weft_activation *activations, size_t count,
                         char text[ACTIVATION_TEXT_SIZE]);

/* Stores an activation for each of `layers` hidden layers in `each`. `count` is 1 if one activation
 * applies to all layers, or equal to `layers`. Returns false for any other count. */
bool activations_spread(const enum weft_activation *activations, size_t count, size_t layers,
                        enum weft_activation each[WEFT_MAX_HIDDEN]);

#endif
