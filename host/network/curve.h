/* The curve of a training run: what each of its epochs measured. A model keeps the curve of its
 * last training run, without any times, so that equal runs have equal curves. */
#ifndef WEFT_NETWORK_CURVE_H
#define WEFT_NETWORK_CURVE_H

#include "base/status.h"

enum curve_value {
    CURVE_ERROR,
    CURVE_TRAIN_ACCURACY,
    CURVE_VALIDATION_ACCURACY,
    CURVE_VALIDATION_R2,
    CURVE_LEARNING_RATE,
    CURVE_VALUES
};

struct curve_point {
    uint32_t epoch;             /* from 1 */
    float values[CURVE_VALUES]; /* NaN if the epoch did not measure it */
};

/* All zero is an empty curve. */
struct curve {
    struct curve_point *points; /* [count] owned; their epochs ascend */
    size_t count, capacity;
};

/* Adds an epoch after the last one. */
WEFT_MUST_CHECK enum weft_status curve_add(struct curve *curve, const struct weft_epoch *epoch);

/* Makes room for one more point and returns it, or NULL after a failure with a status. */
WEFT_MUST_CHECK enum weft_status curve_grow(struct curve *curve, struct curve_point **point);

/* Removes the last `epochs` epochs, or all if there are fewer. */
void curve_take_back(struct curve *curve, size_t epochs);

/* Returns the index of the best epoch: the highest score on the validation set or, without one,
 * the lowest error. Returns `count` if no epoch has such a number. */
size_t curve_best(const struct curve *curve);

/* Describes point `index`, which exists. `seconds` and `monitored` are NaN. */
struct weft_epoch curve_epoch(const struct curve *curve, size_t index);

/* Frees and empties the curve. */
void curve_reset(struct curve *curve);

#endif
