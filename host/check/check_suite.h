/* Everything that `weft check` holds a device to: kernels, products, small steps, and the steps of
 * the network in hand. */
#ifndef WEFT_CHECK_CHECK_SUITE_H
#define WEFT_CHECK_CHECK_SUITE_H

#include "check/step_samples.h"
#include "train/optimizer.h"

/* Steps of a network, each from where the one before ended. */
enum { CHECK_STEPS = 10 };

/* What is checked; everything borrowed. */
struct check_subject {
    const struct network *network;
    const float *parameters;   /* [value_count] */
    const struct scale *scale; /* NULL or 0 features: none */
    size_t batches[2];         /* sizes of training batches, the largest first; 0: none */
    size_t block;              /* samples in a block of a pass */
    struct objective objective;
    struct target_rule targets;
    struct optimizer optimizer;
    struct augmentation augmentation; /* of the steps' samples */
    double learning_rate;
    enum weft_gemm products;
    size_t steps;  /* of check_network_steps */
    bool thorough; /* more shapes, more values, nothing cut */
    uint64_t seed;
    const struct weft_dataset *dataset; /* whose samples the steps take; NULL: random ones */
};

/* Kernels at the shape classes that break drivers: one element, odd, whole work-groups, more than
 * one work-group, beyond any; ordinary and extreme values. */
WEFT_MUST_CHECK enum weft_status check_kernels(struct weft_device *device,
                                               const struct check_subject *subject,
                                               const struct check_sink *sink);

/* Every product of the network, in all its forms, from the start of its operands and from within:
 * random integers to the bit, and reals within bounds. Weft's own product kernels, too, where
 * others are in use. */
WEFT_MUST_CHECK enum weft_status check_products(struct weft_device *device,
                                                const struct check_subject *subject,
                                                const struct check_sink *sink);

/* Steps of a tiny network with every head, with and without biases and another order. */
WEFT_MUST_CHECK enum weft_status check_small_steps(struct weft_device *device,
                                                   const struct check_subject *subject,
                                                   const struct check_sink *sink);

/* Steps of small networks of many shapes, each stage a result. */
WEFT_MUST_CHECK enum weft_status check_small_networks(struct weft_device *device,
                                                      const struct check_subject *subject,
                                                      const struct check_sink *sink);

/* subject->steps steps of the network itself; each stage of each layer is one result, the worst of
 * all steps. */
WEFT_MUST_CHECK enum weft_status check_network_steps(struct weft_device *device,
                                                     const struct check_subject *subject,
                                                     const struct check_sink *sink);

/* Fills `batch` samples: of the data set those that follow the samples of the step before, round
 * and round; without one random samples, others in each step. */
void check_subject_samples(const struct check_subject *subject, size_t step, size_t batch,
                           struct step_samples *samples);

/* Samples in a check of a product whose other operand has `width` columns: `samples`, or fewer
 * where that would be too large; what is left after the last whole tile stays the same. */
size_t check_samples(size_t samples, size_t width);

#endif
