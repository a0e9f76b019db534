/* Standardization: x' = (x - mean) / std for each feature or target, with the statistics of the
 * training set. */
#ifndef WEFT_DATA_SCALE_H
#define WEFT_DATA_SCALE_H

#include "data/dataset.h"

struct scale {
    size_t features; /* D, or C for targets; 0 means no standardization, and both arrays are NULL */
    bool global;     /* all features share one mean and one std */
    bool safe;       /* scale_fit has shown that no sample of its data set overflows, if the moments
                        are true: those of a packed file are trusted, because computing them takes
                        a pass over the file */
    float *mean;     /* [D] owned */
    float *std;      /* [D] owned; sqrt(sum (x - mean)^2 / N), or 1 for a constant feature */
};

/* Computes the statistics of `dataset` in double precision with two passes. `kind` is
 * WEFT_SCALE_STANDARD or WEFT_SCALE_GLOBAL. */
WEFT_MUST_CHECK enum weft_status scale_fit(const struct weft_dataset *dataset, enum weft_scale kind,
                                           struct scale *scale);

/* Computes the statistics of the targets of `dataset` in the same way, for each output by
 * itself. */
WEFT_MUST_CHECK enum weft_status scale_fit_targets(const struct weft_dataset *dataset,
                                                   struct scale *scale);

/* Standardizes the targets of `dataset` into `targets` [N][C], in double precision. `name` is how
 * messages call the data set. Returns WEFT_ERROR_DATA if a target overflows float32. */
WEFT_MUST_CHECK enum weft_status scale_targets(const struct scale *scale, const char *name,
                                               const struct weft_dataset *dataset, float *targets);

/* Turns outputs z [samples][C] back into the units of the targets: z std + mean. A number that
 * overflows float32 becomes infinite. */
void scale_outputs_back(const struct scale *scale, float *z, size_t samples);

/* Checks that every mean and every std is finite. Every std must be at least FLT_MIN, because
 * devices may read smaller values as 0. Returns WEFT_ERROR_MODEL otherwise. `path` is the file that
 * holds the statistics, in the tensors `what`.mean and `what`.std. */
WEFT_MUST_CHECK enum weft_status scale_check(const struct scale *scale, const char *path,
                                             const char *what);

/* Checks that standardizing the samples x [N][D] of `name` does not overflow float32. Messages
 * number the samples from `first`. A scale with 0 features accepts everything. Returns
 * WEFT_ERROR_DATA with the sample and the feature otherwise. */
WEFT_MUST_CHECK enum weft_status scale_holds(const struct scale *scale, const char *name,
                                             const float *x, size_t samples, size_t first);

/* The same for samples wherever they lie. It reads them in blocks. */
WEFT_MUST_CHECK enum weft_status scale_holds_rows(const struct scale *scale, const char *name,
                                                  struct sample_rows rows, size_t samples,
                                                  size_t first);

/* Computes mean [D] and variance [D] of `samples` samples, as scale_fit does. */
WEFT_MUST_CHECK enum weft_status scale_moments(struct sample_rows rows, size_t samples,
                                               double *mean, double *variance);

/* Initializes a scale of `features` features with mean 0 and std 1. */
WEFT_MUST_CHECK enum weft_status scale_init(struct scale *scale, size_t features);
void scale_reset(struct scale *scale); /* frees the arrays; 0 features remain */

#endif
