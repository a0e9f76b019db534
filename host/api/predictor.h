/* A model on a device with the samples that it judges: model file -> the same reading and
 * standardizing -> forward -> answers; means over the members of an ensemble and mirror images. */
#ifndef WEFT_API_PREDICTOR_H
#define WEFT_API_PREDICTOR_H

#include "data/dataset.h"
#include "network/model.h"
#include "train/pass.h"

/* What a model says of samples; either may be NULL. */
struct predictions {
    int32_t *classes; /* [N], of task multilabel [N][C]: 0 or 1 */
    float *values;    /* [N][C]: probabilities, of task regress the outputs */
};

struct predictor {
    struct weft_device *device;     /* borrowed */
    const struct weft_model *model; /* borrowed */
    struct data_source source;      /* borrowed arrays */
    struct pass pass;               /* owned, as the rest */
    struct device_data *data;
    float *z, *p; /* [PASS_BLOCK][outputs] */
    double loss;  /* sum over the samples so far; of means see mean_loss.h */
};

/* Tests the device and brings the samples x [N][D] there, with the labels or targets of `dataset`,
 * which may be NULL. `predictor` has its first two members, the rest is zero. End it with
 * predictor_close in either case. */
WEFT_MUST_CHECK enum weft_status predictor_open(struct predictor *predictor, const float *x,
                                                size_t samples, const struct weft_dataset *dataset);
void predictor_close(struct predictor *predictor);

/* Fills `to` for all samples, and the predictor's loss. */
WEFT_MUST_CHECK enum weft_status predictor_run(struct predictor *predictor,
                                               const struct predictions *to);

/* Numbers that `classes` has for each sample. */
size_t predictor_answers(const struct weft_model *model);

#endif
