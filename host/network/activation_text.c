/* Names of activations, and lists of them. A file or a user writes one name for all hidden layers
 * or one for each. */
#include "network/activation_text.h"

#include <stdio.h>
#include <string.h>

#include "base/words.h"

const char *const activation_names[ACTIVATION_COUNT] = {
    [WEFT_ACTIVATION_IDENTITY] = "identity",
    [WEFT_ACTIVATION_SIGMOID] = "sigmoid",
    [WEFT_ACTIVATION_TANH] = "tanh",
    [WEFT_ACTIVATION_RELU] = "relu",
    [WEFT_ACTIVATION_LEAKY_RELU] = "leaky_relu",
    [WEFT_ACTIVATION_ELU] = "elu",
    [WEFT_ACTIVATION_GELU] = "gelu",
    [WEFT_ACTIVATION_SILU] = "silu",
    [WEFT_ACTIVATION_SOFTPLUS] = "softplus",
};

enum { WORD_SIZE = 64 };

/* The name at `*text`, up to a comma or the end, which is stepped to. */
static enum weft_status take_name(const char *subject, const char **text,
                                  enum weft_activation *activation)
{
    char word[WORD_SIZE];
    const size_t length = strcspn(*text, ",");
    snprintf(word, sizeof word, "%.*s", (int)(length < WORD_SIZE ? length : WORD_SIZE), *text);
    const size_t position = words_find(word, activation_names, ACTIVATION_COUNT);
    if (position == ACTIVATION_COUNT)
        return words_fail(WEFT_ERROR_USAGE, subject, word, activation_names, ACTIVATION_COUNT);
    *activation = (enum weft_activation)position;
    *text += length;
    return WEFT_OK;
}

enum weft_status activations_from_text(const char *subject, const char *text,
                                       enum weft_activation activations[WEFT_MAX_HIDDEN],
                                       size_t *count)
{
    enum weft_activation found[WEFT_MAX_HIDDEN];
    size_t number = 0;
    for (;; text++) { /* over a comma */
        if (number == WEFT_MAX_HIDDEN)
            return fail(WEFT_ERROR_USAGE, "%s: more than %d names", subject, WEFT_MAX_HIDDEN);
        TRY(take_name(subject, &text, &found[number++]));
        if (*text == '\0')
            break;
    }
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
