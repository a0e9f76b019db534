/* Numbers that have left float32 between a finite sample and the answer: whose fault they are.
 *
 * No answer is taken from them, and none counts as right: a sample whose outputs are not finite is
 * an error of the data, which names the sample.
 */
#ifndef WEFT_TRAIN_FINITE_H
#define WEFT_TRAIN_FINITE_H

#include "data/dataset.h"
#include "train/pass.h"

/* Samples as errors name them; borrowed. */
struct named_samples {
    const char *name; /* of the data set */
    const float *x;   /* [N][D] raw */
    size_t features;  /* D */
    size_t first;     /* the number that errors give to sample 0 of x */
};

/* "validation part of data/x.idx": what errors call samples that a training does not learn from. */
enum { PART_NAME_SIZE = 1024 };
void part_name_make(const char *what, const struct weft_dataset *dataset,
                    char name[PART_NAME_SIZE]);

/* WEFT_ERROR_DATA, with sample and output, unless z and p of the samples first .. first + count - 1
 * are finite: z, p [count][outputs]. */
WEFT_MUST_CHECK enum weft_status finite_outputs(const struct named_samples *samples, size_t first,
                                                size_t count, size_t outputs, const float *z,
                                                const float *p);

/* WEFT_ERROR_DATA unless `loss`, the sum over these samples, is finite; their outputs are. */
WEFT_MUST_CHECK enum weft_status finite_loss(const struct named_samples *samples, size_t first,
                                             size_t count, size_t outputs, const float *z,
                                             double loss);

/* Both, for all `count` samples of `data`; the pass has the parameters. */
WEFT_MUST_CHECK enum weft_status finite_pass(struct pass *pass, const struct device_data *data,
                                             const struct named_samples *samples, size_t count);

#endif
