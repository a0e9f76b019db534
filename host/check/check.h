/* Compares a device with the reference: one primitive, one matrix product or one whole step at a
 * time.
 *
 * Known-answer tests, `weft check` and the test suites all use these functions, so one table of
 * bounds (check_cases.c) serves them all. The returned status says whether a check could run. The
 * result says whether the device computed correctly.
 */
#ifndef WEFT_CHECK_CHECK_H
#define WEFT_CHECK_CHECK_H

#include <math.h>

#include "backend/primitive.h"
#include "train/training_options.h"

struct check_result {
    const char *name; /* "sigmoid_forward"; static */
    char shape[96];   /* "64x50" */
    bool ok;
    double worst;   /* error / bound of the worst element; infinite for a NaN */
    char array[16]; /* where the worst element is: "output 1", "guard 0", "input 2" */
    size_t index;   /* index of the worst element in its array */
    double got, want, bound;
};

/* Returns a number as results store it and messages print it. A NaN loses its sign, so that it
 * prints as "nan" and never as "-nan". */
static inline double result_number(double value)
{
    return isnan(value) ? (double)NAN : value;
}

/* The input values of a check. */
enum check_values {
    CHECK_ORDINARY, /* uniform in -3..3 */
    CHECK_EXTREME,  /* zeros of both signs, denormals, tiny numbers, and logits up to 1e4 */
    CHECK_HUGE      /* up to the largest float; results must overflow where the formula does */
};

/* Returns the number of variants of a primitive, at least 1. */
int check_primitive_variants(enum primitive primitive);

/* Runs one primitive (not a matrix product) of rows x columns on `device` and compares every output
 * with the reference. Inputs, and guards after each array, must come back unchanged. gather_rows
 * draws its rows from `rows` samples. Optimizers have `rows` weights. The shape in the result ends
 * with the name of the variant.
 *
 * `variant` is below check_primitive_variants(primitive):
 *
 *   losses                         0: the largest output decides whether a sample is correct
 *                                  1: each output is judged separately
 *   sigmoid_cross_entropy          2: the loss counts only the true class
 *   parameters_update              the optimizer
 *   layer_forward, layer_backward  the activation */
WEFT_MUST_CHECK enum weft_status check_primitive(struct weft_device *device,
                                                 enum primitive primitive, size_t rows,
                                                 size_t columns, enum check_values values,
                                                 int variant, uint64_t seed,
                                                 struct check_result *result);

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

/* Compares a product of random reals with the reference, in m n k operations. The bound of an
 * element is k u sum |a| |b|, u = 2^-24 (Higham, Accuracy and Stability of Numerical Algorithms,
 * 3.1). */
WEFT_MUST_CHECK enum weft_status check_product(struct weft_device *device,
                                               const struct product_shape *shape, uint64_t seed,
                                               struct check_result *result);

/* Checks a product of random integers, small enough that float32 is exact in any order of
 * summation. It computes C r and A (B r) in double (Freivalds 1977), and both must be equal. This
 * covers every element in m n + m k + n k operations. */
WEFT_MUST_CHECK enum weft_status check_product_exact(struct weft_device *device,
                                                     const struct product_shape *shape,
                                                     uint64_t seed, struct check_result *result);

struct step_variant {
    enum weft_head head;
    enum weft_activation activation; /* for the hidden layers */
    bool bias, true_class_only;
    bool shuffled; /* gathers the samples in another order; otherwise uses a slice of the data */
    enum weft_gemm products;
};

/* Runs one step (forward, backward, penalty, update) of a tiny network through the backend's own
 * operations, in the order of training. It compares activations, deltas, gradients, loss and
 * updated parameters with the reference. */
WEFT_MUST_CHECK enum weft_status check_step(struct weft_device *device,
                                            const struct step_variant *variant, uint64_t seed,
                                            struct check_result *result);

/* What a training run is about to execute. */
struct known_answer_plan {
    const struct network *network; /* borrowed */
    size_t batches[2];             /* sizes of the training batches, the largest first; 0: none */
    size_t block;                  /* samples in a block of a forward pass */
    bool true_class_only;
    bool dense; /* whether the targets are dense */
    enum weft_gemm products;
    struct check_result *fault; /* borrowed, receives the last fault; may be NULL */
};

/* Returns the plan for training on `data`. The plan borrows `network`. */
struct known_answer_plan known_answer_plan_make(const struct network *network,
                                                const struct weft_options *options,
                                                struct training_data data);

/* Runs the known-answer test. It covers every kernel at one shape, every product shape of the plan
 * (limited by check_samples), and steps of a tiny network. Unless the network is large, it also
 * runs a step of the network itself. If products or steps compute wrong results or do not run, the
 * test first tries the backend's other engines; device->info.note then says so. A plan that this
 * device has just passed is not tested again. WEFT_ERROR_WRONG_RESULT names the operation, the
 * shape and the worst element. */
WEFT_MUST_CHECK enum weft_status known_answer_test(struct weft_device *device,
                                                   const struct known_answer_plan *plan);

#endif
