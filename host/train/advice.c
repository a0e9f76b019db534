/* Names the likeliest cause of a failed training first. See advice.h. */
#include "train/advice.h"

#include <stdio.h>

#include "options/optimizer_traits.h"

/* A penalty or weight decay so strong that one update removes a whole weight or more. */
struct pull {
    const char *name; /* NULL if there is none */
    double value;
};

static struct pull strong_pull(const struct weft_options *options)
{
    const double rate = options->learning_rate;
    const bool decays = (optimizer_traits(options->optimizer).uses & USES_WEIGHT_DECAY) != 0;
    if (decays && rate * options->weight_decay >= 1.0)
        return (struct pull){"weight decay", options->weight_decay};
    if (rate * options->l2 >= 1.0)
        return (struct pull){"l2", options->l2};
    if (rate * options->l1 >= 1.0)
        return (struct pull){"l1", options->l1};
    return (struct pull){NULL, 0.0};
}

void advice_after_divergence(const struct weft_options *options, bool updated,
                             char text[ADVICE_SIZE])
{
    const bool raw = options->scale == WEFT_SCALE_NONE;
    const struct pull pull = strong_pull(options);
    if (!updated)
        snprintf(text, ADVICE_SIZE, "%ssmaller initial weights", raw ? "scale standard or " : "");
    else if (pull.name != NULL)
        snprintf(text, ADVICE_SIZE, "a smaller %s (now %g)", pull.name, pull.value);
    else
        snprintf(text, ADVICE_SIZE, "a smaller learning rate (now %g)%s", options->learning_rate,
                 raw ? " or scale standard" : "");
}

void advice_after_nothing_learned(const struct weft_options *options, double share,
                                  char text[ADVICE_SIZE])
{
    const struct pull pull = strong_pull(options);
    const double rate = options->learning_rate;
    if (pull.name != NULL)
        snprintf(text, ADVICE_SIZE, "%s may be too large (now %g)", pull.name, pull.value);
    else if (rate > optimizer_traits(options->optimizer).large_rate)
        snprintf(text, ADVICE_SIZE, "the learning rate may be too large (now %g)", rate);
    else if (options->scale == WEFT_SCALE_NONE)
        snprintf(text, ADVICE_SIZE, "the features are not standardized (scale none)");
    else if (share >= 0.9)
        snprintf(text, ADVICE_SIZE,
                 "%.3g %% of the samples are of that class; class weights may help", 100.0 * share);
    else
        snprintf(text, ADVICE_SIZE,
                 "training may be too short, or the learning rate may be wrong (now %g)", rate);
}
