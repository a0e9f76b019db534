/* A model on a device with the samples that it judges: model file -> the same reading and
 * standardizing -> forward -> answers; means over the members of an ensemble and mirror images. */
#ifndef WEFT_API_PREDICTOR_H
#define WEFT_API_PREDICTOR_H

#include "data/dataset.h"
#include "network/model.h"
#include "train/finite.h"
#include "train/pass.h"

/* What a model says of samples; either may be NULL. */
struct predictions {
    int32_t *classes; /* [N], of task multilabel [N][C]: 0 or 1 */
    float *values;    /* [N][C]: probabilities, of task regress the outputs */
};

struct predictor {
    struct weft_device *device;     /* borrowed */
    const struct weft_model *model; /* borrowed */
    struct named_samples samples;   /* as errors name them */
    struct data_source source;      /* borrowed arrays */
    struct pass pass;               /* owned, as the rest */
    struct device_data *data;
    float *z, *p; /* [PASS_BLOCK][outputs] */
    double loss;  /* sum over the samples so far; of means see mean_loss.h */
};

/* Tests the device and brings `count` samples there, with the labels or targets of `dataset`, which
 * may be NULL. `predictor` has its first three members, the rest is zero. End it with
 * predictor_close in either case. WEFT_ERROR_DATA: standardizing a sample overflows. */
WEFT_MUST_CHECK enum weft_status predictor_open(struct predictor *predictor, size_t count,
                                                const struct weft_dataset *dataset);
void predictor_close(struct predictor *predictor);

/* Fills `to` for all samples, and the predictor's loss. WEFT_ERROR_DATA: an output of one of them
 * is not finite, or the loss where there are labels or targets. */
WEFT_MUST_CHECK enum weft_status predictor_run(struct predictor *predictor,
                                               const struct predictions *to);

/* Numbers that `classes` has for each sample. */
size_t predictor_answers(const struct weft_model *model);

#endif
