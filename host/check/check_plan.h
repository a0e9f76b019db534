/* What a device is checked for: a network, how it is trained, and on which samples. The
 * known-answer test and `weft check` take the same plan. */
#ifndef WEFT_CHECK_CHECK_PLAN_H
#define WEFT_CHECK_CHECK_PLAN_H

#include "backend/primitive.h"
#include "check/step_samples.h"
#include "train/optimizer.h"
#include "train/training_options.h"

/* Number of steps of a network in a check. Each starts where the previous one ended. */
enum { CHECK_STEPS = 10 };

/* The sizes of slices in two kinds of batches. */
enum { CHECK_BATCHES = 4 };

/* All pointers are borrowed. The known-answer test reads the first members only; narrowing, which a
 * repair repeats, also reads scale and augmentation. */
struct check_plan {
    const struct network *network;
    size_t batches[CHECK_BATCHES]; /* sizes of the training batches or of their slices, the largest
                                      first; 0: none */
    size_t slices;                 /* S of each batch; 0: batches run whole */
    size_t block;                  /* samples in a block of a forward pass */
    enum weft_gemm products;
    struct objective objective;
    struct target_rule targets;
    struct optimizer optimizer;
    /* What the run launches; see check_plan_narrow. */
    uint64_t primitives;   /* set of primitive_bit; 0: any primitive, and products in all layers */
    size_t product_layers; /* layers, counted from the input, whose steps run matrix products */
    bool passes_follow;    /* products of forward passes run other operations in their launches */

    const float *parameters;          /* [value_count] */
    const struct scale *scale;        /* NULL or 0 features: no scale */
    const float *weights;             /* [N] of the samples of `dataset`; NULL: all 1 */
    const float *class_weights;       /* [classes] for random samples; NULL: all 1 */
    struct augmentation augmentation; /* for the samples of the steps */
    double learning_rate;
    size_t steps;      /* number of steps in check_network_steps */
    bool by_operation; /* the steps run operation by operation, whatever else the device offers */
    bool placed;       /* the samples of each step lie behind or between other samples */
    bool thorough;     /* more shapes, more values, no size limits */
    uint64_t seed;
    const struct weft_dataset *dataset; /* source of the samples; NULL: random samples */
};

/* Returns the plan for training on `data`. The caller adds what depends on a model or on data:
 * parameters, scale, weights, augmentation and data set. */
struct check_plan check_plan_make(const struct network *network, const struct weft_options *options,
                                  struct training_data data);

/* Whether the run of the plan may launch the primitive. */
static inline bool check_plan_launches(const struct check_plan *plan, enum primitive primitive)
{
    return plan->primitives == 0 || (plan->primitives & primitive_bit(primitive)) != 0;
}

/* Devices may take other work-groups for matrices of CHECK_WIDE columns or more, and some drivers
 * compile a kernel anew for them. */
enum { CHECK_WIDE = 256 };

/* Devices may cut the sums of gradients over CHECK_LONG samples or more into slices. What follows
 * them in the same launch is then another part of the kernel. */
enum { CHECK_LONG = 256 };

/* Whether only samples of CHECK_WIDE features or more matter, because the network of the run has as
 * many. */
static inline bool check_plan_is_wide(const struct check_plan *plan)
{
    return plan->primitives != 0 && network_features(plan->network) >= CHECK_WIDE;
}

/* Narrows the plan to what its run launches on `device`: a training and the forward passes that
 * score it, or forward passes alone if plan->batches is 0. The known-answer test covers nothing
 * else then, because some drivers take a tenth of a second to compile a kernel. How samples are
 * stored depends on their values, so all ways to gather them remain. */
void check_plan_narrow(struct weft_device *device, struct check_plan *plan);

/* Fills `batch` samples. With a data set, they follow the samples of the previous step and wrap
 * around at the end. Without one, they are random and differ from step to step. */
void check_plan_samples(const struct check_plan *plan, size_t step, size_t batch,
                        struct step_samples *samples);

/* A matrix product C [M][N] = A B in one of its forms. See backend/primitive.h. */
struct product_shape {
    enum product_form form;
    size_t m, n, k;
    /* number of elements before each operand in its array; with an offset, an engine may use
     * another kernel */
    size_t offset;
    enum weft_gemm products; /* the engine */
    /* number of samples of the product that this one stands for (see backend/primitive.h), or 0 */
    size_t like;
};

/* Lists the matrix products of the plan: those of each training batch, with the engine of the
 * largest batch, then those of a forward pass, whose `like` is 0. Products that would be too large
 * get fewer samples. The caller frees *shapes. */
WEFT_MUST_CHECK enum weft_status check_plan_products(const struct check_plan *plan,
                                                     struct product_shape **shapes, size_t *count);

#endif
