/* What is likely wrong with a training that diverged, or ended and is of no use.
 */
#ifndef WEFT_TRAIN_ADVICE_H
#define WEFT_TRAIN_ADVICE_H

#include "weft.h"

enum { ADVICE_SIZE = 128 };

/* "a smaller learning rate (now 3)": what to try after numbers grew beyond float32. `updated`: at
 * least one update came before. */
void advice_after_divergence(const struct weft_options *options, bool updated,
                             char text[ADVICE_SIZE]);

/* "the learning rate may be too large (now 3)": why a network says the same of every sample, or
 * worse. `share` of the samples are of the class that it says; 0 where there is none. */
void advice_after_nothing_learned(const struct weft_options *options, double share,
                                  char text[ADVICE_SIZE]);

#endif
