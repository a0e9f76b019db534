/* Everything that `weft check` tests on a device: kernels, matrix products, small steps, and steps
 * of the given network. */
#ifndef WEFT_CHECK_CHECK_SUITE_H
#define WEFT_CHECK_CHECK_SUITE_H

#include "check/step_samples.h"
#include "train/optimizer.h"

/* Number of steps of a network. Each starts where the previous one ended. */
enum { CHECK_STEPS = 10 };

/* What to check. All members are borrowed. */
struct check_subject {
    const struct network *network;
    const float *parameters;   /* [value_count] */
    const struct scale *scale; /* NULL or 0 features: no scale */
    size_t batches[2];         /* sizes of the training batches, the largest first; 0: none */
    size_t block;              /* samples in a block of a forward pass */
    struct objective objective;
    struct target_rule targets;
    const float *weights;       /* [N] of the samples of `dataset`; NULL: all 1 */
    const float *class_weights; /* [classes] for random samples; NULL: all 1 */
    struct optimizer optimizer;
    struct augmentation augmentation; /* for the samples of the steps */
    double learning_rate;
    enum weft_gemm products;
    size_t steps;  /* number of steps in check_network_steps */
    bool thorough; /* more shapes, more values, no size limits */
    uint64_t seed;
    const struct weft_dataset *dataset; /* source of the samples; NULL: random samples */
};

/* Checks kernels at the shape classes that break drivers: one element, odd sizes, whole
 * work-groups, more than one work-group, and beyond any work-group. Values are ordinary and
 * extreme. */
WEFT_MUST_CHECK enum weft_status check_kernels(struct weft_device *device,
                                               const struct check_subject *subject,
                                               const struct check_sink *sink);

/* Checks every matrix product of the network in all its forms, with operands at the start of their
 * arrays and at an offset. Random integers must match to the bit, and reals within bounds. It
 * checks Weft's own product kernels even if another engine is in use. */
WEFT_MUST_CHECK enum weft_status check_products(struct weft_device *device,
                                                const struct check_subject *subject,
                                                const struct check_sink *sink);

/* Checks steps of a tiny network with every head, with and without biases, in order and
 * shuffled. */
WEFT_MUST_CHECK enum weft_status check_small_steps(struct weft_device *device,
                                                   const struct check_subject *subject,
                                                   const struct check_sink *sink);

/* Checks steps of small networks of many shapes. Each stage is a result. */
WEFT_MUST_CHECK enum weft_status check_small_networks(struct weft_device *device,
                                                      const struct check_subject *subject,
                                                      const struct check_sink *sink);

/* Runs subject->steps steps of the network itself. Each stage of each layer is one result, the
 * worst of all steps. */
WEFT_MUST_CHECK enum weft_status check_network_steps(struct weft_device *device,
                                                     const struct check_subject *subject,
                                                     const struct check_sink *sink);

/* Fills `batch` samples. With a data set, they follow the samples of the previous step and wrap
 * around at the end. Without one, they are random and differ from step to step. */
void check_subject_samples(const struct check_subject *subject, size_t step, size_t batch,
                           struct step_samples *samples);

/* Returns the number of samples for checking a product whose other operand has `width` columns.
 * This is `samples`, or fewer if that would be too large. The remainder after the last whole tile
 * stays the same. */
size_t check_samples(size_t samples, size_t width);

#endif
