/* Decides whose fault it is that numbers overflow float32 between a finite sample and its
 * prediction.
 *
 * Such numbers never become a prediction and never count as correct. A sample whose outputs are not
 * finite is an error of the data, and the message names the sample.
 */
#ifndef WEFT_TRAIN_FINITE_H
#define WEFT_TRAIN_FINITE_H

#include "data/dataset.h"
#include "train/pass.h"

/* Samples, and how error messages name them. All members are borrowed. */
struct named_samples {
    const char *name;        /* name of the data set */
    struct sample_rows rows; /* raw */
    size_t first;            /* the number that error messages give to sample 0 */
};

/* Size of a name like "validation set of data/x.idx", which error messages use for samples that
 * the training run does not learn from. */
enum { SET_NAME_SIZE = 1024 };
void set_name_make(const char *what, const struct weft_dataset *dataset, char name[SET_NAME_SIZE]);

/* Returns WEFT_ERROR_DATA, naming the sample and the output, unless z and p of the samples first ..
 * first + count - 1 are finite. Both z and p are [count][outputs]. */
WEFT_MUST_CHECK enum weft_status finite_outputs(const struct named_samples *samples, size_t first,
                                                size_t count, size_t outputs, const float *z,
                                                const float *p);

/* Returns WEFT_ERROR_DATA unless `loss`, the sum over these samples, is finite. The outputs of the
 * samples must be finite. */
WEFT_MUST_CHECK enum weft_status finite_loss(const struct named_samples *samples, size_t first,
                                             size_t count, size_t outputs, const float *z,
                                             double loss);

/* Checks outputs and loss of all `count` samples of `data`. The pass must hold the parameters. */
WEFT_MUST_CHECK enum weft_status finite_pass(struct pass *pass, const struct device_data *data,
                                             const struct named_samples *samples, size_t count);

#endif
