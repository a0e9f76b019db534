/* Holds a device against the reference: one primitive, one product, or one whole step at a time.
 *
 * Known-answer tests, `weft check` and the test suites all use these functions, so that one table
 * of bounds (check_cases.c) serves them all. They return a status for what could not be run at all,
 * and say in the result whether the device computed right.
 */
#ifndef WEFT_CHECK_CHECK_H
#define WEFT_CHECK_CHECK_H

#include "backend/primitive.h"

struct check_result {
    const char *name; /* "sigmoid_forward"; static */
    char shape[96];   /* "64x50" */
    bool ok;
    double worst;   /* error / bound of the worst element; infinite for a NaN */
    char array[16]; /* where the worst element is: "output 1", "guard 0", "input 2" */
    size_t index;   /* of the worst element in its array */
    double got, want, bound;
};

/* Inputs of a check. */
enum check_values {
    CHECK_ORDINARY, /* uniform in -3..3 */
    CHECK_EXTREME,  /* zeros of both signs, denormals, tiny, and logits up to 1e4 */
    CHECK_HUGE      /* up to the largest float: what the formula makes infinite has to be */
};

/* How many ways a primitive has; 1: just one. */
int check_primitive_variants(enum primitive primitive);

/* Runs one primitive (not a product) of rows x columns on `device` and compares every output with
 * the reference; guards after each array and inputs must come back untouched. gather_rows draws its
 * rows from as many samples, optimisers have as many weights. check_primitive_variants(primitive)
 * variants: sigmoid_cross_entropy counts all classes, `variant` 1 the true one alone; losses of
 * dense targets find a sample right by its largest output, `variant` 1 by each; of momentum_update
 * it is nesterov; variants of layers are the activations. */
WEFT_MUST_CHECK enum weft_status check_primitive(struct weft_device *device,
                                                 enum primitive primitive, size_t rows,
                                                 size_t columns, enum check_values values,
                                                 int variant, uint64_t seed,
                                                 struct check_result *result);

/* A product C [M][N] = A B in one of its forms, see backend/primitive.h. */
struct product_shape {
    enum product_form form;
    size_t m, n, k;
    size_t offset; /* elements before each operand in its array: products may take another way */
    enum weft_products products; /* who computes it */
    size_t like; /* samples of the product that it stands for, see backend/primitive.h; 0: none */
};

/* A product of random reals against the reference, in m n k operations; the bound of an element is
 * k u sum |a| |b|, u = 2^-24 (Higham, Accuracy and Stability of Numerical Algorithms, 3.1). */
WEFT_MUST_CHECK enum weft_status check_product(struct weft_device *device,
                                               const struct product_shape *shape, uint64_t seed,
                                               struct check_result *result);

/* A product of random integers, small enough that float32 is exact in any order of summing. C r is
 * compared with A (B r) in double (Freivalds 1977), where both must be the same number: every
 * element is touched in m n + m k + n k operations. */
WEFT_MUST_CHECK enum weft_status check_product_exact(struct weft_device *device,
                                                     const struct product_shape *shape,
                                                     uint64_t seed, struct check_result *result);

struct step_variant {
    enum weft_head head;
    enum weft_activation activation; /* of the hidden layers */
    bool bias, true_class_only;
    bool shuffled; /* samples gathered in another order; else a slice within the data */
    enum weft_products products;
};

/* One step (forward, backward, penalty, update) of a tiny network through the backend's own
 * operations, in training's own order: activations, deltas, gradients, loss and updated parameters
 * against the reference. */
WEFT_MUST_CHECK enum weft_status check_step(struct weft_device *device,
                                            const struct step_variant *variant, uint64_t seed,
                                            struct check_result *result);

/* What a training is about to run. */
struct known_answer_plan {
    const struct network *network; /* borrowed */
    size_t batches[2];             /* sizes of training batches, the largest first; 0: none */
    size_t block;                  /* samples in a block of a pass */
    bool true_class_only;
    bool dense; /* targets */
    enum weft_products products;
    struct check_result *fault; /* borrowed: what was wrong last; may be NULL */
};

/* The plan of a training on `samples` samples; `network` is borrowed. */
struct known_answer_plan known_answer_plan_make(const struct network *network,
                                                const struct weft_options *options, size_t samples);

/* The known-answer test: every kernel at one shape, every product shape of the plan (cut by
 * check_samples), steps of a tiny network and, unless it is large, one of the network itself.
 * Products and steps that are wrong or do not run are first repaired by the backend's other
 * engines; device->info.note then says so. A plan that this device has just passed is not tested
 * again. WEFT_ERROR_WRONG_RESULT names the operation, the shape and the worst element. */
WEFT_MUST_CHECK enum weft_status known_answer_test(struct weft_device *device,
                                                   const struct known_answer_plan *plan);

#endif
