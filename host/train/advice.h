/* Explains why a training run may have diverged, or why its model turned out useless. */
#ifndef WEFT_TRAIN_ADVICE_H
#define WEFT_TRAIN_ADVICE_H

#include "weft.h"

enum { ADVICE_SIZE = 128 };

/* Suggests what to try after numbers have overflowed float32, for example "a smaller learning rate
 * (now 3)". `updated` is true if at least one update ran before the overflow. */
void advice_after_divergence(const struct weft_options *options, bool updated,
                             char text[ADVICE_SIZE]);

/* Explains why a network predicts the same for every sample, or worse, for example "the learning
 * rate may be too large (now 3)". `share` is the fraction of the samples whose class is the
 * predicted one; it is 0 if no class applies. */
void advice_after_nothing_learned(const struct weft_options *options, double share,
                                  char text[ADVICE_SIZE]);

#endif
