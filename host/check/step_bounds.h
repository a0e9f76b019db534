/* Bounds on how far a whole training step in float32 may be from the exact one. Errors are carried
 * from stage to stage, from the given numbers to the gradient.
 *
 * These bounds are wider than the bounds of single stages (step_judge.h), because every stage adds
 * to the errors of the previous ones. But they take nothing from the device as given, so any fault
 * of order or position shows.
 */
#ifndef WEFT_CHECK_STEP_BOUNDS_H
#define WEFT_CHECK_STEP_BOUNDS_H

#include "check/error_analysis.h"
#include "reference/reference.h"

/* A step that the reference has run. Everything is borrowed. */
struct exact_step {
    const struct network *network;
    size_t batch;             /* B */
    const double *x;          /* [B][D] exact */
    const int32_t *labels;    /* [B] */
    const double *parameters; /* [value_count] exact */
    const struct ref_rule *rule;
    const struct ref_step *step;
};

/* Bounds of |computed - exact|. The arrays are owned and have the shapes of struct ref_step. */
struct step_bounds {
    size_t layer_count;
    double **q, **z, **a, **dz;
    double *statistics;
    double *gradient;
    double loss;
};

/* Computes the bounds in O(B I O) for each layer. The only error is WEFT_ERROR_MEMORY. */
WEFT_MUST_CHECK enum weft_status step_bounds_init(struct step_bounds *bounds, struct precision in,
                                                  const struct exact_step *exact);
void step_bounds_reset(struct step_bounds *bounds);

/* Computes only the bound of the loss, at the cost of a forward pass. */
WEFT_MUST_CHECK enum weft_status step_loss_bound(struct precision in,
                                                 const struct exact_step *exact, double *bound);

#endif
