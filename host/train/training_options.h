/* Checks the members of struct weft_options that control training. The members that define the
 * network are checked when a model is created. */
#ifndef WEFT_TRAIN_TRAINING_OPTIONS_H
#define WEFT_TRAIN_TRAINING_OPTIONS_H

#include "data/dataset.h"
#include "network/network.h"

/* Returns WEFT_ERROR_USAGE if options contradict each other. Each option must already be valid by
 * itself. */
WEFT_MUST_CHECK enum weft_status training_options_check(const struct weft_options *options);

/* What is trained on. */
struct training_data {
    const struct weft_dataset *train; /* borrowed; NULL: imagined samples */
    size_t samples;                   /* without `train` */
};

/* Returns the number of training samples. */
static inline size_t training_data_samples(struct training_data data)
{
    return data.train != NULL ? data.train->samples : data.samples;
}

/* Stores in `*settled` the options for training `network` on `data`. Values that the options leave
 * to the data are filled in. Returns WEFT_ERROR_USAGE if options do not fit the network or the
 * data, or if the resulting batches cannot train it. */
WEFT_MUST_CHECK enum weft_status training_options_settle(const struct weft_options *options,
                                                         const struct network *network,
                                                         struct training_data data,
                                                         struct weft_options *settled);

#endif
