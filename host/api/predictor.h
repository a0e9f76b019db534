/* Holds a model on a device together with the samples to predict. The path is: same reading and
 * standardizing as in training -> forward -> predictions. It also averages over the members of an
 * ensemble and over mirror images. */
#ifndef WEFT_API_PREDICTOR_H
#define WEFT_API_PREDICTOR_H

#include "data/dataset.h"
#include "network/model.h"
#include "train/finite.h"
#include "train/pass.h"

/* The predictions for samples. Either pointer may be NULL. */
struct predictions {
    int32_t *classes; /* [N]; for task multilabel [N][C], each 0 or 1 */
    float *values;    /* [N][C] probabilities; for task regress outputs */
};

struct predictor {
    struct weft_device *device;     /* borrowed */
    const struct weft_model *model; /* borrowed */
    struct named_samples samples;   /* how error messages name them */
    struct data_source source;      /* borrows its arrays */
    struct pass pass;               /* owned, like all members below */
    struct device_data *data;
    float *z, *p; /* [PASS_BLOCK][outputs]; z of task regress in the units of the targets */
    double loss;  /* sum over the samples so far; mean_loss.h explains averages */
};

/* Tests the device and uploads `count` samples. They come with the labels or targets of `dataset`,
 * which may be NULL. On entry, `predictor` has its first three members, and the rest is zero. Call
 * predictor_close in either case. Returns WEFT_ERROR_DATA if standardizing a sample overflows. */
WEFT_MUST_CHECK enum weft_status predictor_open(struct predictor *predictor, size_t count,
                                                const struct weft_dataset *dataset);
void predictor_close(struct predictor *predictor);

/* Fills `to` for all samples, and computes the loss of the predictor. Returns WEFT_ERROR_DATA if an
 * output is not finite, or if there are labels or targets and the loss is not finite. */
WEFT_MUST_CHECK enum weft_status predictor_run(struct predictor *predictor,
                                               const struct predictions *to);

/* Returns how many numbers `classes` has per sample. */
size_t predictor_answers(const struct weft_model *model);

#endif
