/* The rate of a training, from what the record of the device knows. */
#ifndef WEFT_API_TRAINING_RATE_H
#define WEFT_API_TRAINING_RATE_H

#include "network/network.h"
#include "record/record.h"

/* Returns the rate in 10^9 operations per second at which a device trains `network` in batches of
 * `batch`, or NaN if the record, which may be NULL, does not know it. An epoch that weft_bench
 * measured decides; otherwise a step, or all matrix products of a step, that weft_tune measured. */
double training_rate(const struct record *record, const struct network *network, size_t batch);

/* Returns the same rate if a whole training step was timed on the device, or NaN. Such rates of two
 * devices can be compared. */
double training_rate_measured(const struct record *record, const struct network *network,
                              size_t batch);

#endif
