/* Activations as text: "relu", or "relu,tanh" where hidden layers differ. */
#ifndef WEFT_OPTIONS_ACTIVATION_TEXT_H
#define WEFT_OPTIONS_ACTIVATION_TEXT_H

#include "options/option_values.h"

enum { ACTIVATION_COUNT = WEFT_ACTIVATION_SOFTPLUS + 1 };
enum { ACTIVATION_TEXT_SIZE = 16 * WEFT_MAX_HIDDEN };

/* The names of all activations, in the order of enum weft_activation: "leaky_relu". */
extern const char *const activation_names[ACTIVATION_COUNT];

extern const struct value_rule activation_rule; /* of each name */

/* Reads a list of names with commas between them. WEFT_ERROR_USAGE for a name that is unknown or
 * more than WEFT_MAX_HIDDEN of them. */
WEFT_MUST_CHECK enum weft_status activations_from_text(
    const char *text, enum weft_activation activations[WEFT_MAX_HIDDEN], size_t *count);

/* One name where all `count` are the same (or where there are none, the first), else the list. */
void activations_to_text(const enum weft_activation *activations, size_t count,
                         char text[ACTIVATION_TEXT_SIZE]);

/* One for each of `layers` hidden layers, from `count` as options or a file have them: one for all,
 * or one for each. False where it is neither. */
bool activations_spread(const enum weft_activation *activations, size_t count, size_t layers,
                        enum weft_activation each[WEFT_MAX_HIDDEN]);

#endif
