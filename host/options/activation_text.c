/* Names of activations, and lists of such names. A file or a user gives one name for all hidden
 * layers, or one name for each. */
#include "options/activation_text.h"

#include <stdio.h>
#include <string.h>

#include "base/words.h"

const struct value_rule activation_rule = {.option = "activation", .noun = "activation"};

static enum weft_status read_name(const struct value_rule *rule, const char *text, size_t place,
                                  void *values)
{
    unsigned position = 0;
    TRY(value_read_word(rule, text, activation_names, ACTIVATION_COUNT, &position));
    ((enum weft_activation *)values)[place] = (enum weft_activation)position;
    return WEFT_OK;
}

enum weft_status activations_from_text(const char *text,
                                       enum weft_activation activations[WEFT_MAX_HIDDEN],
                                       size_t *count)
{
    enum weft_activation found[WEFT_MAX_HIDDEN];
    size_t number = 0;
    TRY(value_read_list(&activation_rule, text, WEFT_MAX_HIDDEN, read_name, found, &number));
    memcpy(activations, found, number * sizeof *found);
    *count = number;
    return WEFT_OK;
}

void activations_to_text(const enum weft_activation *activations, size_t count,
                         char text[ACTIVATION_TEXT_SIZE])
{
    size_t used =
        (size_t)snprintf(text, ACTIVATION_TEXT_SIZE, "%s", activation_names[*activations]);
    bool same = true;
    for (size_t i = 1; i < count; i++)
        same = same && activations[i] == activations[0];
    for (size_t i = 1; i < count && !same && used < ACTIVATION_TEXT_SIZE; i++)
        used += (size_t)snprintf(text + used, ACTIVATION_TEXT_SIZE - used, ",%s",
                                 activation_names[activations[i]]);
}

bool activations_spread(const enum weft_activation *activations, size_t count, size_t layers,
                        enum weft_activation each[WEFT_MAX_HIDDEN])
{
    if (count != 1 && count != layers)
        return false;
    for (size_t i = 0; i < layers; i++)
        each[i] = activations[count == 1 ? 0 : i];
    return true;
}
