/* The members of struct weft_options that decide training; those that decide the network are
 * checked where a model is made. */
#ifndef WEFT_TRAIN_TRAINING_OPTIONS_H
#define WEFT_TRAIN_TRAINING_OPTIONS_H

#include "network/network.h"

/* WEFT_ERROR_USAGE where options contradict each other; each by itself is checked already. */
WEFT_MUST_CHECK enum weft_status training_options_check(const struct weft_options *options);

/* As training_options_check, and WEFT_ERROR_USAGE where they cannot train `network`. What they say
 * of the network itself was used when it was made. */
WEFT_MUST_CHECK enum weft_status training_options_fit(const struct weft_options *options,
                                                      const struct network *network);

/* `*settled` becomes `options`, fit for `network`, with what they leave to the data filled in for
 * `samples` of them. WEFT_ERROR_USAGE, too, where these come in batches that cannot train it. */
WEFT_MUST_CHECK enum weft_status training_options_settle(const struct weft_options *options,
                                                         const struct network *network,
                                                         size_t samples,
                                                         struct weft_options *settled);

#endif
