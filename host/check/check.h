/* Compares a device with the reference: one primitive, one matrix product or some steps at a time.
 *
 * Known-answer tests, `weft check` and the test suites all use these functions, with the bounds of
 * error_analysis.h. The returned status says whether a check could run. The result says whether the
 * device computed correctly.
 */
#ifndef WEFT_CHECK_CHECK_H
#define WEFT_CHECK_CHECK_H

#include "check/check_plan.h"
#include "check/check_result.h"

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

/* Compares a product of random reals with the reference, in m n k operations. */
WEFT_MUST_CHECK enum weft_status check_product(struct weft_device *device,
                                               const struct product_shape *shape, uint64_t seed,
                                               struct check_result *result);

/* Checks a product of random integers, small enough that float32 is exact in any order of
 * summation. It computes C r and A (B r) in double (Freivalds 1977), and both must be equal. This
 * covers every element in m n + m k + n k operations. */
WEFT_MUST_CHECK enum weft_status check_product_exact(struct weft_device *device,
                                                     const struct product_shape *shape,
                                                     uint64_t seed, struct check_result *result);

/* Runs two steps of a tiny network, judged stage by stage, with the samples behind and between
 * other samples. The network has two hidden layers, and the head, the biases and the hidden
 * activation of the plan's. Of the rest of the plan, only `objective.article`, `products`, `seed`
 * and what it is narrowed to count. `fault` receives the first wrong stage; if there is none, its
 * name is NULL. */
WEFT_MUST_CHECK enum weft_status check_tiny_steps(struct weft_device *device,
                                                  const struct check_plan *plan,
                                                  struct check_result *fault);

/* Runs the known-answer test. It covers every kernel of plan->primitives at one shape, every matrix
 * product of the plan, and steps of a tiny network. Unless the network is large, it also runs a
 * step of the network itself. If products or steps compute wrong results or do not run, the test
 * first tries the backend's other engines; device->info.note then says so. A plan that this device
 * has just passed is not tested again. WEFT_ERROR_WRONG_RESULT names the operation, the shape and
 * the worst element. `fault` (may be NULL) receives the last fault, even if it was repaired. */
WEFT_MUST_CHECK enum weft_status known_answer_test(struct weft_device *device,
                                                   const struct check_plan *plan,
                                                   struct check_result *fault);

#endif
