/* Runs the forward pass over many samples in fixed, zero-padded blocks, for scores and predictions.
 *
 * All blocks have the same shape. The result for a sample therefore does not depend on the number
 * or the choice of the other samples.
 */
#ifndef WEFT_TRAIN_PASS_H
#define WEFT_TRAIN_PASS_H

#include "backend/backend.h"
#include "data/dataset.h"

/* Number of samples in a block. */
enum { PASS_BLOCK = 1024 };

/* A network on a device, ready for forward passes. */
struct pass {
    const struct backend *backend; /* static */
    const struct network *network; /* borrowed */
    struct workspace *workspace;   /* owned */
    struct batch_metrics *metrics; /* [blocks] owned */
    size_t blocks;                 /* number of blocks in the longest pass */
};

/* The sums of a pass over labeled samples. */
struct pass_sum {
    double loss;
    uint64_t correct;
};

/* The result of a pass over labeled samples. */
struct pass_result {
    double mean_loss; /* per sample */
    size_t correct;
};

/* Allocates the workspace for passes over up to `samples` samples. */
WEFT_MUST_CHECK enum weft_status pass_init(struct pass *pass, struct weft_device *device,
                                           const struct network *network, size_t samples,
                                           enum weft_gemm products);
void pass_reset(struct pass *pass);

/* Counts the memory that pass_init would allocate; without a device, only its own. */
WEFT_MUST_CHECK enum weft_status pass_count(struct weft_device *device,
                                            const struct network *network, size_t samples,
                                            enum weft_gemm products, struct memory_counts *counts);

/* Returns how a device takes the labeled samples of `dataset` for scores. */
struct data_source pass_source(const struct weft_dataset *dataset, const struct scale *scale);

/* Uploads the parameters [value_count], laid out as in a model. */
WEFT_MUST_CHECK enum weft_status pass_parameters(struct pass *pass, const float *parameters);

/* Computes the sum of the losses and the number of correct predictions over the samples first ..
 * first + samples - 1 of `data`. */
WEFT_MUST_CHECK enum weft_status pass_sum(struct pass *pass, const struct device_data *data,
                                          size_t first, size_t samples, bool true_class_only,
                                          struct pass_sum *sum);

/* Computes the loss and the number of correct predictions over all `samples` samples of `data`. */
WEFT_MUST_CHECK enum weft_status pass_score(struct pass *pass, const struct device_data *data,
                                            size_t samples, bool true_class_only,
                                            struct pass_result *result);

/* Computes the outputs of the samples first .. first + count - 1, with count <= PASS_BLOCK:
 * pre-activations `z` and probabilities `p`, both [count][outputs]. The sum of their losses is
 * optional and may be NULL. backend.h explains `squeeze`. */
WEFT_MUST_CHECK enum weft_status pass_outputs(struct pass *pass, const struct device_data *data,
                                              size_t first, size_t count, bool squeeze, float *z,
                                              float *p, double *loss);

/* Computes what a layer passes on for the samples first .. first + count - 1, with count <=
 * PASS_BLOCK: activations [count][O], or the pre-activations of the output layer. */
WEFT_MUST_CHECK enum weft_status pass_activations(struct pass *pass, const struct device_data *data,
                                                  size_t first, size_t count, size_t layer,
                                                  float *activations);

#endif
