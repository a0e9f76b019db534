/* Checks the members of struct weft_options that control training. The members that define the
 * network are checked when a model is created. */
#ifndef WEFT_TRAIN_TRAINING_OPTIONS_H
#define WEFT_TRAIN_TRAINING_OPTIONS_H

#include "network/network.h"

/* Returns WEFT_ERROR_USAGE if options contradict each other. Each option must already be valid by
 * itself. */
WEFT_MUST_CHECK enum weft_status training_options_check(const struct weft_options *options);

/* Calls training_options_check, and also returns WEFT_ERROR_USAGE if the options cannot train
 * `network`. Options that define the network itself have no effect here. */
WEFT_MUST_CHECK enum weft_status training_options_fit(const struct weft_options *options,
                                                      const struct network *network);

/* Stores in `*settled` the options for training `network`. Values that the options leave to the
 * data are filled in for `samples` samples. Returns WEFT_ERROR_USAGE if options do not fit the
 * network, or if the resulting batches cannot train it. */
WEFT_MUST_CHECK enum weft_status training_options_settle(const struct weft_options *options,
                                                         const struct network *network,
                                                         size_t samples,
                                                         struct weft_options *settled);

#endif
