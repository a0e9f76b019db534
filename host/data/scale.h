/* Standardization: x' = (x - mean) / std per feature, with the statistics of the training part. */
#ifndef WEFT_DATA_SCALE_H
#define WEFT_DATA_SCALE_H

#include "data/dataset.h"

struct scale {
    size_t features; /* D; 0: no standardization, both arrays NULL */
    float *mean;     /* [D] owned */
    float *std;      /* [D] owned; sqrt(sum (x - mean)^2 / N), 1 for a constant feature */
};

/* The statistics of `dataset`, in double precision, two passes; `kind` standard or global. */
WEFT_MUST_CHECK enum weft_status scale_fit(const struct weft_dataset *dataset, enum weft_scale kind,
                                           struct scale *scale);

/* WEFT_ERROR_MODEL unless every mean is finite, and every std, and FLT_MIN or more: devices may
 * read less as 0. `path` is the file that they come from. */
WEFT_MUST_CHECK enum weft_status scale_check(const struct scale *scale, const char *path);

/* A scale of `features` features with mean 0 and std 1. */
WEFT_MUST_CHECK enum weft_status scale_init(struct scale *scale, size_t features);
void scale_reset(struct scale *scale); /* frees, back to "none" */

#endif
